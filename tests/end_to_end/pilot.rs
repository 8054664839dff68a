//! Pilots: something is tried out, and what was found is written down.

use serde_json::{Value, json};
use support::{App, Client, on_both_databases};

pub(crate) const PLAN: &str = "mutation($input: PlanPilotInput!) {
    planPilot(input: $input) {
        pilot { id state question setting audience sites measures startsOn endsOn participantCount viewerCan
            plannedBy { displayName } community { name } subject { __typename id }
            availableTransitions { lifecycle to blockedBy { code } } }
        position
        userErrors { code field message }
    }
}";

pub(crate) const MOVE: &str =
    "mutation($id: ID!, $state: PilotState!, $outcome: PilotOutcome, $findings: String,
    $reason: String) {
    setPilotState(id: $id, state: $state, outcome: $outcome, findings: $findings, reason: $reason) {
        pilot { state outcome findingsHtml availableTransitions { to blockedBy { code } }
            transitions { nodes { from to reason actor { displayName } at } totalCount } }
        position
        userErrors { code field message blockedBy { code message } }
    }
}";

pub(crate) async fn plan(planner: &Client, subject: &Value) -> Value {
    let input =
        json!({ "subjectId": subject, "question": "Does it help?", "setting": "Two classes" });
    planner.mutate(PLAN, json!({ "input": input })).await["pilot"]["id"].clone()
}

on_both_databases! {
    async fn a_pilot_is_planned_run_and_listed_where_it_belongs(app: App) {
        let author = app.person("Ada").await;
        let planner = app.person("Ben").await;
        let community = author.create_community("Teachers", json!({})).await;
        planner.join(&community).await;
        let resource = author.create_resource(&community, "Tactile cards", json!({})).await;
        let input = json!({
            "subjectId": resource, "question": "Do the cards help?", "setting": "Two classes, ten weeks",
            "audience": "Pupils with low vision", "sites": ["North school", "South school"],
            "measures": ["Words read a minute"], "startsOn": "2026-09-07", "endsOn": "2026-11-13",
            "participantCount": 24,
        });
        let planned = planner.mutate(PLAN, json!({ "input": input })).await["pilot"].clone();
        for (field, expected) in [
            ("state", json!("PLANNED")),
            ("sites", json!(["North school", "South school"])),
            ("measures", json!(["Words read a minute"])),
            ("startsOn", json!("2026-09-07")),
            ("participantCount", json!(24)),
            ("plannedBy", json!({ "displayName": "Ben" })),
            ("community", json!({ "name": "Teachers" })),
            ("subject", json!({ "__typename": "Resource", "id": resource })),
            ("availableTransitions", json!([
                { "lifecycle": "STATE", "to": "RUNNING", "blockedBy": [] },
                { "lifecycle": "STATE", "to": "CANCELLED", "blockedBy": [] },
            ])),
        ] {
            assert_eq!(planned[field], expected, "{field}");
        }
        let id = &planned["id"];
        let update = "mutation($id: ID!, $input: UpdatePilotInput!) { updatePilot(id: $id, input: $input) {
            pilot { question audience endsOn participantCount } position userErrors { code field message } } }";
        let input = json!({ "audience": null, "endsOn": "2026-12-18", "participantCount": 25 });
        let updated = planner.mutate(update, json!({ "id": id, "input": input })).await;
        assert_eq!(updated["pilot"], json!({ "question": "Do the cards help?", "audience": null,
            "endsOn": "2026-12-18", "participantCount": 25 }));
        let again = planner.mutate(update, json!({ "id": id, "input": input })).await;
        assert_eq!(again["position"], updated["position"], "the same again appends nothing");
        let running = planner.mutate(MOVE, json!({ "id": id, "state": "RUNNING" })).await;
        assert_eq!(running["pilot"]["availableTransitions"], json!([
            { "to": "CONCLUDED", "blockedBy": [{ "code": "REPORT_MISSING" }] },
            { "to": "CANCELLED", "blockedBy": [] },
        ]));
        let stood = planner.mutate(MOVE, json!({ "id": id, "state": "RUNNING" })).await;
        assert_eq!(stood["position"], running["position"]);
        let lists = "query($community: ID!, $resource: ID!, $pilot: ID!) {
            community(id: $community) {
                running: pilots(state: RUNNING) { nodes { id } totalCount }
                planned: pilots(state: PLANNED) { nodes { id } totalCount }
            }
            resource(id: $resource) { pilots(first: 1) { edges { cursor node { id } } totalCount } viewerCan }
            pilot(id: $pilot) { id } node(id: $pilot) { __typename }
        }";
        let variables = json!({ "community": community, "resource": resource, "pilot": id });
        let shown = app.anonymous().query(lists, variables).await;
        assert_eq!(shown["community"]["running"], json!({ "nodes": [{ "id": id }], "totalCount": 1 }));
        assert_eq!(shown["community"]["planned"], json!({ "nodes": [], "totalCount": 0 }));
        assert_eq!(shown["resource"]["pilots"]["edges"][0]["node"]["id"], *id);
        assert_eq!(shown["node"]["__typename"], "Pilot");
        let cancelled = author
            .mutate(MOVE, json!({ "id": id, "state": "CANCELLED", "reason": "The school closed." }))
            .await;
        let steps = &cancelled["pilot"]["transitions"];
        assert_eq!(steps["totalCount"], 3);
        assert_eq!(steps["nodes"][2]["actor"]["displayName"], "Ada");
        assert_eq!(steps["nodes"][2]["reason"], "The school closed.");
        let late = json!({ "id": id, "input": { "question": "Did they?" } });
        assert_eq!(planner.refused(update, late).await, ["INVALID_TRANSITION id"]);
    }

    async fn all_that_is_wrong_with_a_plan_is_said_at_once(app: App) {
        let author = app.person("Ada").await;
        let stranger = app.person("Eve").await;
        let community = author.create_community("Teachers", json!({ "visibility": "PRIVATE" })).await;
        let resource = author.create_resource(&community, "Tactile cards", json!({})).await;
        let before = author.query("{ serverInfo { position } }", json!({})).await;
        let input = json!({
            "subjectId": resource, "question": " ", "setting": "", "sites": ["ok", ""], "participantCount": -1,
            "startsOn": "2026-11-13", "endsOn": "2026-09-07",
        });
        assert_eq!(author.refused(PLAN, json!({ "input": input })).await, [
            "REQUIRED input.question", "REQUIRED input.setting", "REQUIRED input.sites.1",
            "OUT_OF_RANGE input.participantCount", "INVALID input.endsOn",
        ]);
        let input = |id: &Value| json!({ "input": { "subjectId": id, "question": "Well?", "setting": "Here",
            "startsOn": "tomorrow" } });
        assert_eq!(author.refused(PLAN, input(&resource)).await, ["INVALID input.startsOn"]);
        assert_eq!(author.refused(PLAN, input(&community)).await, [
            "INVALID input.subjectId", "INVALID input.startsOn",
        ]);
        let input = json!({ "input": { "subjectId": resource, "question": "Well?", "setting": "Here" } });
        assert_eq!(stranger.refused(PLAN, input.clone()).await, ["NOT_FOUND input.subjectId"]);
        assert_eq!(app.anonymous().failed(PLAN, input).await, ["UNAUTHENTICATED"]);
        assert_eq!(author.query("{ serverInfo { position } }", json!({})).await, before, "nothing was written");
    }

    async fn a_pilot_is_seen_and_run_by_whom_it_concerns(app: App) {
        let author = app.person("Ada").await;
        let planner = app.person("Ben").await;
        let member = app.person("Cleo").await;
        let stranger = app.person("Eve").await;
        let community = author.create_community("Teachers", json!({ "visibility": "INTERNAL" })).await;
        for person in [&planner, &member] {
            person.join(&community).await;
        }
        let resource = author.create_resource(&community, "Tactile cards", json!({})).await;
        let id = plan(&planner, &resource).await;
        let read = "query($id: ID!) { pilot(id: $id) { state viewerCan availableTransitions { blockedBy { code } } }
            node(id: $id) { id } }";
        let seen = stranger.query(read, json!({ "id": id })).await;
        assert_eq!(seen["pilot"]["viewerCan"], json!(["READ", "REPORT"]));
        assert_eq!(seen["pilot"]["availableTransitions"][0]["blockedBy"][0]["code"], "NOT_ALLOWED");
        for person in [&member, &stranger] {
            assert_eq!(person.refused(MOVE, json!({ "id": id, "state": "RUNNING" })).await, ["FORBIDDEN id"]);
        }
        let none = app.anonymous().query(read, json!({ "id": id })).await;
        assert_eq!(none, json!({ "pilot": null, "node": null }));
        author.mutate(
            "mutation($id: ID!) { updateResource(id: $id, input: { visibility: MEMBERS }) {
                userErrors { code field message } } }",
            json!({ "id": resource }),
        ).await;
        assert_eq!(stranger.query(read, json!({ "id": id })).await, none);
        assert_eq!(
            stranger.refused(MOVE, json!({ "id": id, "state": "RUNNING" })).await,
            ["NOT_FOUND id"],
            "as if it were not there"
        );
        let nowhere = json!("pilot_01h455vb4pex5vsknk084sn02q");
        assert_eq!(planner.refused(MOVE, json!({ "id": nowhere, "state": "RUNNING" })).await, ["NOT_FOUND id"]);
        author.mutate(MOVE, json!({ "id": id, "state": "RUNNING" })).await;
    }
}
