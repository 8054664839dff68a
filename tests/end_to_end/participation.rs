//! How much members take part: the numbers, who is told what, and the window that slides.

use chrono::TimeDelta;
use serde_json::{Value, json};
use service::participation::slide;
use support::{App, Client, on_both_databases};

const MEMBERS: &str = "query($id: ID!, $level: ParticipationLevel) { community(id: $id) {
    members(participation: $level) { totalCount nodes {
        user { displayName }
        participation {
            level windowDays detailed contributions attendances reactions lastActiveAt
            history { day level }
        }
    } }
} }";

/// The answers by the names of the members.
async fn told(client: &Client, community: &Value, name: &str) -> Value {
    let found = client.query(MEMBERS, json!({ "id": community })).await;
    let nodes = found["community"]["members"]["nodes"].as_array().unwrap();
    let member = nodes
        .iter()
        .find(|node| node["user"]["displayName"] == name);
    member.unwrap_or_else(|| panic!("{name} is no member: {found:#}"))["participation"].clone()
}

/// Says something about oneself, so that the next request waits until it was counted.
async fn propose(client: &Client, community: &Value) -> Value {
    let mutation = "mutation($id: ID!) { proposeStatement(input: {
        communityId: $id, text: \"We walk.\", aspect: NORM }) {
        statement { id } position userErrors { code field message } } }";
    client.mutate(mutation, json!({ "id": community })).await
}

async fn endorse(client: &Client, statement: &Value) -> Value {
    let mutation = "mutation($id: ID!) { endorseStatement(id: $id) {
        position userErrors { code field message } } }";
    client.mutate(mutation, json!({ "id": statement })).await
}

async fn email(client: &Client) -> String {
    let found = client.query("{ viewer { email } }", json!({})).await;
    found["viewer"]["email"].as_str().unwrap().to_owned()
}

on_both_databases! {
    async fn what_a_member_does_counts_and_is_told_to_those_concerned(app: App) {
        let facilitator = app.person("Ada").await;
        let (member, other, stranger) = (app.person("Ben").await, app.person("Cleo").await, app.person("Dan").await);
        let community = facilitator.create_community("Walkers", json!({})).await;
        member.join(&community).await;
        other.join(&community).await;
        let statement = propose(&facilitator, &community).await["statement"]["id"].clone();
        endorse(&member, &statement).await;
        for _ in 0..3 {
            propose(&member, &community).await;
        }
        let last = member.create_resource_payload(&community, "Paths", json!({})).await["position"].clone();

        let whole = told(&member.at(&last), &community, "Ben").await;
        assert_eq!(
            (&whole["level"], &whole["contributions"], &whole["attendances"], &whole["reactions"], &whole["detailed"]),
            (&json!("ACTIVE"), &json!(4), &json!(0), &json!(1), &json!(true))
        );
        assert_eq!(whole["windowDays"], 90);
        assert!(whole["lastActiveAt"].is_string());
        assert_eq!(whole["history"].as_array().unwrap().last().unwrap()["level"], "ACTIVE");
        assert_eq!(told(&facilitator.at(&last), &community, "Ben").await, whole, "facilitators are told the same");

        let level_only = |level: &str| json!({
            "level": level, "windowDays": 90, "detailed": false,
            "contributions": 0, "attendances": 0, "reactions": 0, "lastActiveAt": null, "history": [],
        });
        assert_eq!(told(&other.at(&last), &community, "Ben").await, level_only("ACTIVE"));
        for outside in [&stranger, &app.anonymous(), &app.administrator().await] {
            assert_eq!(told(outside, &community, "Ben").await, level_only("PERIPHERAL"), "it says nothing outside");
        }
        let active = json!({ "id": community, "level": "ACTIVE" });
        let listed = facilitator.query(MEMBERS, active.clone()).await;
        assert_eq!(listed["community"]["members"]["nodes"][0]["user"]["displayName"], "Ben");
        assert_eq!(listed["community"]["members"]["totalCount"], 1);
        for client in [&other, &stranger, &app.anonymous()] {
            let listed = client.query(MEMBERS, active.clone()).await;
            assert_eq!(listed["community"]["members"]["totalCount"], 0, "a list by levels is for facilitators");
        }
    }

    async fn the_window_slides_and_silence_is_nobody_elses_concern(app: App) {
        let facilitator = app.person("Ada").await;
        let (member, other) = (app.person("Ben").await, app.person("Cleo").await);
        let (members_email, others_email) = (email(&member).await, email(&other).await);
        let community = facilitator.create_community("Walkers", json!({})).await;
        member.join(&community).await;
        other.join(&community).await;
        let last = propose(&member, &community).await["position"].clone();
        assert_eq!(told(&member.at(&last), &community, "Ben").await["level"], "OCCASIONAL");

        let clock = app.server().clock();
        for (days, own, others) in [(90, "PERIPHERAL", "PERIPHERAL"), (90, "INACTIVE", "PERIPHERAL")] {
            clock.advance(TimeDelta::days(days));
            let today = clock.now().date_naive();
            slide(app.server().store(), today).await.unwrap();
            slide(app.server().store(), today).await.unwrap();
            let (member, other) = (app.sign_in(&members_email).await, app.sign_in(&others_email).await);
            let seen = told(&member, &community, "Ben").await;
            assert_eq!((&seen["level"], &seen["contributions"]), (&json!(own), &json!(0)));
            assert_eq!(told(&other, &community, "Ben").await["level"], others);
        }
        let member = app.sign_in(&members_email).await;
        let seen = told(&member, &community, "Ben").await;
        let levels: Vec<_> = seen["history"].as_array().unwrap().iter().map(|change| change["level"].clone()).collect();
        assert_eq!(json!(levels), json!(["OCCASIONAL", "PERIPHERAL", "INACTIVE"]));
        let last = propose(&member, &community).await["position"].clone();
        assert_eq!(told(&member.at(&last), &community, "Ben").await["level"], "OCCASIONAL", "back at once");
    }
}
