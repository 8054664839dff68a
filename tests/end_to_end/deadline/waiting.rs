//! Questions that wait for an answer, and innovations for a decision.

use chrono::TimeDelta;
use serde_json::{Value, json};
use service::deadline::run_due;
use support::{App, on_both_databases};

use super::{ask, email_of, told, turn};

const ESCALATED: &str =
    "query($id: ID!) { discussion(id: $id) { escalatedAt firstAnsweredAt updatedAt revision } }";

on_both_databases! {
    async fn a_question_is_escalated_once_and_restarts_change_nothing(app: App) {
        let facilitator = app.person("Ada").await;
        let (asker, stranger) = (app.person("Ben").await, app.person("Cleo").await);
        let community = facilitator.create_community("Helpers", json!({})).await;
        asker.join(&community).await;
        let question = ask(&asker, &community, "How do I begin?").await;
        let before = asker.query(ESCALATED, json!({ "id": question })).await;
        let emails = [email_of(&facilitator).await, email_of(&asker).await, email_of(&stranger).await];
        turn(&app, TimeDelta::hours(47)).await;
        let asker = app.sign_in(&emails[1]).await;
        let early = asker.query(ESCALATED, json!({ "id": question })).await;
        assert_eq!(early["discussion"]["escalatedAt"], Value::Null);

        let app = app.restart().await;
        app.server().clock().advance(TimeDelta::hours(1));
        // As two processes at the same minute would.
        let store = app.server().store();
        let (one, other) = tokio::join!(run_due(store), run_due(store));
        assert!(one.is_ok() && other.is_ok());
        turn(&app, TimeDelta::hours(100)).await;

        // The sessions' tokens ended meanwhile.
        let [facilitator, asker, stranger] =
            [app.sign_in(&emails[0]).await, app.sign_in(&emails[1]).await, app.sign_in(&emails[2]).await];
        let seen = asker.query(ESCALATED, json!({ "id": question })).await;
        assert!(seen["discussion"]["escalatedAt"].is_string(), "{seen:#}");
        for field in ["updatedAt", "revision", "firstAnsweredAt"] {
            assert_eq!(seen["discussion"][field], before["discussion"][field], "{field}");
        }
        let unseen = stranger.query(ESCALATED, json!({ "id": question })).await;
        assert_eq!(unseen["discussion"]["escalatedAt"], Value::Null, "members only");
        assert_eq!(told(&app, &facilitator).await, [("ESCALATED", question)]);
        assert_eq!(told(&app, &asker).await, []);
    }

    async fn policy_and_kind_decide_what_is_due(app: App) {
        let facilitator = app.person("Ada").await;
        let community = facilitator.create_community("Ideas", json!({ "kind": "INNOVATION" })).await;
        let create = "mutation($input: CreateInnovationInput!) { createInnovation(input: $input) {
            innovation { id } userErrors { code field message } } }";
        let input = json!({ "communityId": community, "title": "Counting by walking", "idea": "Steps." });
        let idea = facilitator.mutate(create, json!({ "input": input })).await["innovation"]["id"].clone();
        let question = ask(&facilitator, &community, "How do I begin?").await;
        let email = email_of(&facilitator).await;
        turn(&app, TimeDelta::days(30)).await;
        let facilitator = app.sign_in(&email).await;
        assert_eq!(told(&app, &facilitator).await, [], "neither is due by this kind's clocks");
        let policy = "mutation($id: ID!, $input: CommunityPolicyInput!) { updateCommunityPolicy(id: $id, input: $input) {
            community { id } userErrors { code field message } } }";
        let input = json!({ "stageAgeLimitDays": 7, "firstAnswerTargetHours": 720 });
        facilitator.mutate(policy, json!({ "id": community, "input": input })).await;
        turn(&app, TimeDelta::zero()).await;
        // Nobody is told of both in an order that could be relied on.
        let told = told(&app, &facilitator).await;
        assert_eq!(told.len(), 2, "both are as old as these allow");
        assert!(told.contains(&("DUE", idea)) && told.contains(&("ESCALATED", question)));
    }

    async fn an_innovation_is_to_be_decided_in_time(app: App) {
        let facilitator = app.person("Ada").await;
        let (author, member) = (app.person("Ben").await, app.person("Cleo").await);
        let lab = facilitator.create_community("Lab", json!({ "kind": "INNOVATION" })).await;
        let helpers = facilitator.create_community("Helpers", json!({})).await;
        for person in [&author, &member] {
            person.join(&lab).await;
            person.join(&helpers).await;
        }
        let create = "mutation($input: CreateInnovationInput!) { createInnovation(input: $input) {
            innovation { id } userErrors { code field message } } }";
        let mut ideas = Vec::new();
        for community in [&lab, &helpers] {
            let input = json!({ "communityId": community, "title": "Counting by walking", "idea": "Steps." });
            ideas.push(author.mutate(create, json!({ "input": input })).await["innovation"]["id"].clone());
        }
        let emails = [email_of(&facilitator).await, email_of(&author).await, email_of(&member).await];
        let show = "query($id: ID!, $community: ID!) {
            innovation(id: $id) { stage createdAt undecidedSince decisionDueAt }
            community(id: $community) { workQueue { nodes { reason since dueAt node { id } } } }
        }";
        let variables = json!({ "id": ideas[0], "community": lab });
        let shown = author.query(show, variables.clone()).await["innovation"].clone();
        assert_eq!(shown["undecidedSince"], shown["createdAt"]);
        let time = |value: &Value| chrono::DateTime::parse_from_rfc3339(value.as_str().unwrap()).unwrap();
        assert_eq!(time(&shown["decisionDueAt"]) - time(&shown["undecidedSince"]), TimeDelta::days(60));
        let elsewhere = author.query(show, json!({ "id": ideas[1], "community": helpers })).await["innovation"].clone();
        assert!(elsewhere["undecidedSince"].is_string());
        assert_eq!(elsewhere["decisionDueAt"], Value::Null, "helpers have no such limit");

        turn(&app, TimeDelta::days(59)).await;
        let author = app.sign_in(&emails[1]).await;
        assert_eq!(told(&app, &author).await, []);
        turn(&app, TimeDelta::days(1)).await;
        turn(&app, TimeDelta::days(1)).await;
        let [facilitator, author, member] =
            [app.sign_in(&emails[0]).await, app.sign_in(&emails[1]).await, app.sign_in(&emails[2]).await];
        for (client, expected) in [(&facilitator, 1), (&author, 1), (&member, 0)] {
            let all = told(&app, client).await;
            assert_eq!(all, vec![("DUE", ideas[0].clone()); expected], "once, and who may decide");
        }
        let seen = author.query(show, variables.clone()).await;
        assert_eq!(seen["community"]["workQueue"]["nodes"], json!([{
            "reason": "UNDECIDED", "since": shown["undecidedSince"], "dueAt": shown["decisionDueAt"],
            "node": { "id": ideas[0] },
        }]));

        let advance = "mutation($id: ID!, $to: InnovationStage!) { advanceInnovation(id: $id, to: $to) {
            innovation { undecidedSince decisionDueAt } userErrors { code field message } } }";
        let moved = author.mutate(advance, json!({ "id": ideas[0], "to": "EXPLORING" })).await["innovation"].clone();
        assert!(time(&moved["undecidedSince"]) > time(&shown["decisionDueAt"]), "each stage has its time");
        assert_eq!(time(&moved["decisionDueAt"]) - time(&moved["undecidedSince"]), TimeDelta::days(60));
        let parked = author.mutate(advance, json!({ "id": ideas[0], "to": "PARKED" })).await["innovation"].clone();
        assert_eq!(parked, json!({ "undecidedSince": null, "decisionDueAt": null }), "what is parked may rest");
        turn(&app, TimeDelta::days(100)).await;
        let author = app.sign_in(&emails[1]).await;
        assert_eq!(told(&app, &author).await.len(), 1);
    }
}
