//! Taking something back to one's own practice, and saying how it goes.

use serde_json::{Value, json};
use support::{App, Client, on_both_databases};

const ADOPTION: &str = "adoption { id setting adaptation revisionUsed state outcome story
        adopter { displayName } organization { name }
        subject { id ... on Item { title } }
        availableTransitions { lifecycle to blockedBy { code } } }
    position userErrors { code field message blockedBy { code } }";

async fn report(client: &Client, subject: &Value, more: Value) -> Value {
    let mut input = json!({ "subjectId": subject, "setting": "Grade 3", "state": "PLANNED" });
    let fields = input.as_object_mut().unwrap();
    fields.extend(more.as_object().unwrap().clone());
    let mutation = format!(
        "mutation($input: AdoptionInput!) {{ reportAdoption(input: $input) {{ {ADOPTION} }} }}"
    );
    client.payload(&mutation, json!({ "input": input })).await
}

async fn update(client: &Client, id: &Value, more: Value) -> Value {
    let mutation = format!(
        "mutation($id: ID!, $state: AdoptionState, $outcome: AdoptionOutcome, $story: String) {{
            updateAdoption(id: $id, state: $state, outcome: $outcome, story: $story) {{ {ADOPTION} }} }}"
    );
    let mut variables = json!({ "id": id });
    let fields = variables.as_object_mut().unwrap();
    fields.extend(more.as_object().unwrap().clone());
    client.payload(&mutation, variables).await
}

fn errors(payload: &Value) -> Vec<String> {
    assert_eq!(payload["adoption"], Value::Null, "{payload:#}");
    let errors = payload["userErrors"].as_array().unwrap();
    errors
        .iter()
        .map(|error| {
            let field = error["field"].as_array().unwrap();
            let path: Vec<&str> = field.iter().filter_map(Value::as_str).collect();
            format!("{} {}", error["code"].as_str().unwrap(), path.join("."))
        })
        .collect()
}

/// The states of the adoptions of an item, newest first.
async fn states(client: &Client, item: &Value) -> Vec<String> {
    let query = "query($id: ID!) { node(id: $id) {
        ... on Resource { adoptions { totalCount nodes { state } } }
        ... on Practice { adoptions { totalCount nodes { state } } }
        ... on Innovation { adoptions { totalCount nodes { state } } } } }";
    let found = client.query(query, json!({ "id": item })).await["node"]["adoptions"].clone();
    let nodes = found["nodes"].as_array().unwrap();
    assert_eq!(found["totalCount"], nodes.len());
    nodes
        .iter()
        .map(|node| node["state"].as_str().unwrap().to_owned())
        .collect()
}

on_both_databases! {
    async fn what_members_share_is_taken_back_to_other_settings(app: App) {
        let author = app.person("Ada").await;
        let adopter = app.person("Ben").await;
        let reader = app.person("Cleo").await;
        let community = author.create_community("Givers", json!({})).await;
        let item = author.create_resource(&community, "Story dice", json!({})).await;
        let admin = app.administrator().await;
        let make = "mutation($input: CreateOrganizationInput!) { createOrganization(input: $input) {
            organization { id } userErrors { code field message } } }";
        let school = json!({ "name": "Elm School", "sector": "EDUCATION" });
        let school = admin.mutate(make, json!({ "input": school })).await["organization"]["id"].clone();

        let more = json!({ "organizationId": school, "adaptation": "Bigger dice." });
        let reported = report(&adopter, &item, more).await;
        assert_eq!(reported["userErrors"], json!([]));
        let adoption = &reported["adoption"];
        assert_eq!(adoption["subject"], json!({ "id": item, "title": "Story dice" }));
        assert_eq!(adoption["adopter"]["displayName"], "Ben");
        assert_eq!(adoption["organization"]["name"], "Elm School");
        assert_eq!((&adoption["setting"], &adoption["revisionUsed"]), (&json!("Grade 3"), &json!(1)));
        let way = |to: &str| json!({ "lifecycle": "STATE", "to": to, "blockedBy": [] });
        assert_eq!(adoption["availableTransitions"], json!([way("IN_USE"), way("STOPPED")]));
        let id = &adoption["id"];

        assert_eq!(states(&app.anonymous(), &item).await, ["PLANNED"]);
        assert_eq!(errors(&update(&reader, id, json!({ "state": "IN_USE" })).await), ["FORBIDDEN id"]);
        let early = update(&adopter, id, json!({ "outcome": "IMPROVED" })).await;
        assert_eq!(errors(&early), ["INVALID outcome"], "what is only planned has no outcome");
        let used = update(&adopter, id, json!({ "state": "IN_USE", "story": "They roll." })).await;
        assert_eq!((&used["adoption"]["state"], &used["adoption"]["story"]), (&json!("IN_USE"), &json!("They roll.")));
        let again = update(&adopter, id, json!({ "state": "IN_USE" })).await;
        assert_eq!(again["position"], used["position"], "the same again appends nothing");
        let cleared = update(&adopter, id, json!({ "story": "", "state": "CONFIRMED", "outcome": "IMPROVED" })).await;
        assert_eq!((&cleared["adoption"]["story"], &cleared["adoption"]["outcome"]), (&Value::Null, &json!("IMPROVED")));
        assert_eq!(cleared["adoption"]["availableTransitions"], json!([]));
        let back = update(&adopter, id, json!({ "state": "PLANNED" })).await;
        assert_eq!(errors(&back), ["INVALID_TRANSITION state"]);
        assert_eq!(back["userErrors"][0]["blockedBy"][0]["code"], "NOT_FROM_HERE");

        let show = "query($id: ID!) { node(id: $id) { ... on Adoption { state availableTransitions { to } subject { id } } } }";
        let seen = app.anonymous().query(show, json!({ "id": id })).await["node"].clone();
        assert_eq!((&seen["state"], &seen["subject"]["id"]), (&json!("CONFIRMED"), &item));
        report(&reader, &item, json!({ "state": "STOPPED" })).await;
        assert_eq!(states(&reader, &item).await, ["STOPPED", "CONFIRMED"], "newest first");

        let withdraw = "mutation($id: ID!) { withdrawAdoption(id: $id) { deletedId userErrors { code field message } } }";
        assert_eq!(reader.refused(withdraw, json!({ "id": id })).await, ["FORBIDDEN id"]);
        assert_eq!(adopter.mutate(withdraw, json!({ "id": id })).await["deletedId"], *id);
        assert_eq!(app.anonymous().query(show, json!({ "id": id })).await["node"], Value::Null);
        assert_eq!(states(&reader, &item).await, ["STOPPED"]);
    }

    async fn an_adoption_is_read_as_far_as_what_was_adopted(app: App) {
        let author = app.person("Ada").await;
        let member = app.person("Ben").await;
        let stranger = app.person("Eve").await;
        let community = author.create_community("Among us", json!({ "visibility": "PRIVATE", "kind": "INNOVATION" })).await;
        author.admit(&community, &member, "MEMBER").await;
        let create = "mutation($input: CreateInnovationInput!) { createInnovation(input: $input) {
            innovation { id } userErrors { code field message } } }";
        let input = json!({ "communityId": community, "title": "Walking lessons", "idea": "Outside." });
        let idea = author.mutate(create, json!({ "input": input })).await["innovation"]["id"].clone();
        let draft = author.create_resource(&community, "Draft", json!({ "publish": false })).await;

        let adopted = report(&member, &idea, json!({ "state": "IN_USE" })).await["adoption"].clone();
        assert_eq!(errors(&report(&member, &draft, json!({})).await), ["NOT_FOUND input.subjectId"], "a draft that one may not see");
        for nowhere in [&idea, &draft] {
            assert_eq!(errors(&report(&stranger, nowhere, json!({})).await), ["NOT_FOUND input.subjectId"]);
        }
        assert_eq!(errors(&report(&member, &community, json!({})).await), ["INVALID input.subjectId"]);
        assert_eq!(states(&author, &idea).await, ["IN_USE"]);

        let show = "query($id: ID!) { node(id: $id) { ... on Adoption { state subject { id } } } }";
        for client in [&stranger, &app.anonymous()] {
            assert_eq!(client.query(show, json!({ "id": adopted["id"] })).await["node"], Value::Null);
        }
        assert_eq!(errors(&update(&stranger, &adopted["id"], json!({ "state": "STOPPED" })).await), ["NOT_FOUND id"]);
        let leave = "mutation($id: ID!) { leaveCommunity(communityId: $id) { userErrors { code } } }";
        member.mutate(leave, json!({ "id": community })).await;
        let own = member.query(show, json!({ "id": adopted["id"] })).await["node"].clone();
        assert_eq!(own, json!({ "state": "IN_USE", "subject": null }), "one's own words stay one's own");
        let nobody = app.anonymous().failed(
            "mutation($input: AdoptionInput!) { reportAdoption(input: $input) { userErrors { code } } }",
            json!({ "input": { "subjectId": idea, "setting": "Here", "state": "PLANNED" } }),
        ).await;
        assert_eq!(nobody, ["UNAUTHENTICATED"]);
        let read = member.query("query($id: ID!) { node(id: $id) { ... on Adoption { availableTransitions { to blockedBy { code } } } } }", json!({ "id": adopted["id"] })).await;
        assert_eq!(read["node"]["availableTransitions"][0], json!({ "to": "CONFIRMED", "blockedBy": [] }));
    }

    async fn reporting_an_adoption_is_taking_part_and_it_moves_with_its_subject(app: App) {
        let author = app.person("Ada").await;
        let adopter = app.person("Ben").await;
        let community = author.create_community("Givers", json!({})).await;
        adopter.join(&community).await;
        let item = author.create_resource(&community, "Story dice", json!({})).await;
        let reported = report(&adopter, &item, json!({ "state": "IN_USE" })).await;
        let took_part = "query($id: ID!) { community(id: $id) { viewerMembership { participation { contributions } } } }";
        let part = adopter.at(&reported["position"]).query(took_part, json!({ "id": community })).await;
        assert_eq!(part["community"]["viewerMembership"]["participation"]["contributions"], 1);
        let other = author.create_community("Takers", json!({})).await;
        let merge = "mutation($from: ID!, $into: ID!) { mergeCommunities(id: $from, intoId: $into, reason: \"One is enough.\") {
            userErrors { code field message } } }";
        author.mutate(merge, json!({ "from": community, "into": other })).await;
        assert_eq!(states(&adopter, &item).await, ["IN_USE"]);
        let used = update(&adopter, &reported["adoption"]["id"], json!({ "state": "CONFIRMED" })).await;
        assert_eq!(used["adoption"]["state"], "CONFIRMED", "{used:#}");
    }
}
