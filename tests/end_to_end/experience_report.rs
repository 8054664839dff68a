//! Experience reports: those who were there tell how it went, as far as they consent.

use chrono::TimeDelta;
use serde_json::{Value, json};
use service::deadline::run_due;
use support::{App, Client, on_both_databases};

use crate::pilot::{MOVE, PLAN, plan};

pub(crate) const TELL: &str = "mutation($input: ExperienceReportInput!) { addExperienceReport(input: $input) {
    report { id author { displayName } text textHtml mediaUrl rating wouldReuse consent anonymous viewerCan createdAt
        about { __typename id } }
    secret position userErrors { code field message blockedBy { code } } } }";

const NARROW: &str = "mutation($id: ID!, $consent: Consent!, $secret: String) {
    narrowConsent(id: $id, consent: $consent, secret: $secret) {
        report { id consent } secret position userErrors { code field message } } }";

const WITHDRAW: &str = "mutation($id: ID!, $secret: String) {
    withdrawExperienceReport(id: $id, secret: $secret) { deletedId userErrors { code field message } } }";

pub(crate) async fn tell(client: &Client, pilot: &Value, consent: &str, more: Value) -> Value {
    let mut input =
        json!({ "aboutId": pilot, "text": "The cards worked well.", "consent": consent });
    let fields = more.as_object().cloned().unwrap_or_default();
    input.as_object_mut().unwrap().extend(fields);
    client.mutate(TELL, json!({ "input": input })).await
}

/// Turns the clock to the next day, on which what was told anonymously is read; everybody signs in anew.
pub(crate) async fn next_day(app: &App) {
    app.server().clock().advance(TimeDelta::days(1));
    run_due(app.server().store()).await.unwrap();
}

pub(crate) async fn email_of(client: &Client) -> String {
    let found = client.query("{ viewer { email } }", json!({})).await;
    found["viewer"]["email"].as_str().unwrap().to_owned()
}

on_both_databases! {
    async fn teachers_pilot_two_resources_and_tell_how_it_went(app: App) {
        let facilitator = app.person("Ada").await;
        let (author, participant, other) = (app.person("Ben").await, app.person("Cleo").await, app.person("Dan").await);
        let community = facilitator.create_community(
            "Kindergarten to grade 6: students with significant disabilities",
            json!({ "kind": "BEST_PRACTICE" }),
        ).await;
        for person in [&author, &participant, &other] {
            person.join(&community).await;
        }
        let mut pilots = Vec::new();
        for title in ["Talking switches in circle time", "Tactile story boxes"] {
            let resource = author.create_resource(&community, title, json!({ "publish": false })).await;
            author.publish_through(&resource, &[&facilitator]).await;
            let input = json!({
                "subjectId": resource, "setting": "Two inclusive classes, kindergarten to grade 6, ten weeks",
                "question": "Do pupils who do not speak take part more often?",
                "audience": "Pupils with significant disabilities",
                "sites": ["North school", "South school"], "measures": ["Turns taken in circle time"],
                "startsOn": "2026-09-07", "endsOn": "2026-11-13", "participantCount": 11,
            });
            let planned = facilitator.mutate(PLAN, json!({ "input": input })).await["pilot"]["id"].clone();
            facilitator.mutate(MOVE, json!({ "id": planned, "state": "RUNNING" })).await;
            pilots.push((resource, planned));
        }
        let (resource, pilot) = &pilots[0];
        let told = tell(&participant, pilot, "PUBLIC", json!({
            "text": "Two pupils asked for **turns** by themselves.", "mediaUrl": "https://example.org/video/circle-time",
            "rating": 4, "wouldReuse": true,
        })).await;
        assert_eq!(told["secret"], Value::Null);
        let report = &told["report"];
        for (field, expected) in [
            ("author", json!({ "displayName": "Cleo" })),
            ("textHtml", json!("<p>Two pupils asked for <strong>turns</strong> by themselves.</p>\n")),
            ("mediaUrl", json!("https://example.org/video/circle-time")),
            ("rating", json!(4)),
            ("wouldReuse", json!(true)),
            ("consent", json!("PUBLIC")),
            ("anonymous", json!(false)),
            ("viewerCan", json!(["READ", "NARROW", "DELETE"])),
            ("about", json!({ "__typename": "Pilot", "id": pilot })),
        ] {
            assert_eq!(report[field], expected, "{field}");
        }
        tell(&other, pilot, "MEMBERS", json!({ "text": "The switches were too slow at first." })).await;
        let concluded = facilitator.mutate(MOVE, json!({
            "id": pilot, "state": "CONCLUDED", "outcome": "WORKED_WITH_CHANGES",
            "findings": "It works with **shorter** messages on the switches.",
        })).await;
        assert_eq!(concluded["pilot"]["outcome"], "WORKED_WITH_CHANGES");
        assert_eq!(concluded["pilot"]["availableTransitions"], json!([]));
        let position = &concluded["position"];

        let page = "query($resource: ID!, $community: ID!) {
            resource(id: $resource) { title pilots { nodes {
                state outcome findings reports { totalCount nodes { text mediaUrl author { displayName } } } } } }
            community(id: $community) { pilots(state: CONCLUDED) { totalCount } running: pilots(state: RUNNING) { totalCount } }
        }";
        let variables = json!({ "resource": resource, "community": community });
        for (reader, count) in [(&app.anonymous(), 1), (&author, 2), (&other, 2)] {
            let seen = reader.query(page, variables.clone()).await;
            let pilot = &seen["resource"]["pilots"]["nodes"][0];
            assert_eq!(pilot["outcome"], "WORKED_WITH_CHANGES");
            assert_eq!(pilot["reports"]["totalCount"], count);
            assert_eq!(seen["community"], json!({ "pilots": { "totalCount": 1 }, "running": { "totalCount": 1 } }));
        }
        let search = "query($query: String!) { search(query: $query) { nodes { __typename
            ... on Resource { title } ... on ExperienceReport { text } } } }";
        let found = async |client: &Client, query: &str| {
            let found = client.at(position).query(search, json!({ "query": query })).await;
            found["search"]["nodes"].clone()
        };
        let nobody = app.anonymous();
        assert_eq!(found(&nobody, "\"shorter messages\"").await,
            json!([{ "__typename": "Resource", "title": "Talking switches in circle time" }]));
        assert_eq!(found(&nobody, "\"asked for turns\"").await,
            json!([{ "__typename": "ExperienceReport", "text": "Two pupils asked for **turns** by themselves." }]));
        assert_eq!(found(&nobody, "\"too slow at first\"").await, json!([]));
        assert_eq!(found(&author, "\"too slow at first\"").await[0]["__typename"], "ExperienceReport");
        let told = "{ notifications { nodes { reason about { __typename id } actor { displayName } } } }";
        let mut seen = facilitator.at(position).query(told, json!({})).await["notifications"]["nodes"].clone();
        seen.as_array_mut().unwrap().retain(|told| told["reason"] == "REPLIED");
        assert_eq!(seen, json!([
            { "reason": "REPLIED", "about": { "__typename": "Pilot", "id": pilot }, "actor": { "displayName": "Dan" } },
        ]));
    }

    async fn what_one_may_not_do_with_reports_is_said_and_writes_nothing(app: App) {
        let author = app.person("Ada").await;
        let (member, stranger) = (app.person("Ben").await, app.person("Eve").await);
        let community = author.create_community("Teachers", json!({ "visibility": "INTERNAL" })).await;
        member.join(&community).await;
        let resource = author.create_resource(&community, "Tactile cards", json!({})).await;
        let pilot = plan(&member, &resource).await;
        let position = async || author.query("{ serverInfo { position } }", json!({})).await;
        let named = tell(&stranger, &pilot, "MEMBERS", json!({})).await["report"]["id"].clone();
        let before = position().await;
        let wrong = json!({ "input": { "aboutId": pilot, "text": " ", "rating": 0, "mediaUrl": "x", "consent": "PUBLIC" } });
        assert_eq!(member.refused(TELL, wrong).await, [
            "REQUIRED input.text", "INVALID input.mediaUrl", "OUT_OF_RANGE input.rating",
        ]);
        let about = |id: &Value| json!({ "input": { "aboutId": id, "text": "Well.", "consent": "PUBLIC" } });
        assert_eq!(member.refused(TELL, about(&resource)).await, ["INVALID input.aboutId"]);
        let nowhere = json!("pilot_01h455vb4pex5vsknk084sn02q");
        assert_eq!(member.refused(TELL, about(&nowhere)).await, ["NOT_FOUND input.aboutId"]);
        assert_eq!(app.anonymous().failed(TELL, about(&pilot)).await, ["UNAUTHENTICATED"]);
        let consent = |consent: &str| json!({ "id": named, "consent": consent });
        assert_eq!(stranger.refused(NARROW, consent("PUBLIC")).await, ["INVALID_TRANSITION consent"]);
        assert_eq!(member.refused(NARROW, consent("PUBLIC")).await, ["FORBIDDEN id"], "nobody widens another's");
        assert_eq!(member.refused(NARROW, consent("AUTHORS")).await, ["FORBIDDEN id"]);
        assert_eq!(app.anonymous().failed(NARROW, consent("AUTHORS")).await, ["UNAUTHENTICATED"]);
        let guess = json!({ "id": named, "consent": "AUTHORS", "secret": "rpxr_guess" });
        assert_eq!(app.anonymous().refused(NARROW, guess).await, ["NOT_FOUND id"]);
        assert_eq!(member.refused(WITHDRAW, json!({ "id": named })).await, ["FORBIDDEN id"]);
        stranger.mutate(NARROW, consent("MEMBERS")).await;
        assert_eq!(position().await, before, "nothing was written");
        stranger.mutate(NARROW, consent("AUTHORS")).await;
        stranger.mutate(WITHDRAW, json!({ "id": named })).await;
        let cancel = json!({ "id": pilot, "state": "CANCELLED", "reason": "The school closed." });
        member.mutate(MOVE, cancel).await;
        assert_eq!(member.refused(TELL, about(&pilot)).await, ["INVALID_TRANSITION input.aboutId"]);
    }
}
