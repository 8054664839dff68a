//! What becomes due as time goes by, with the clock turned.

use api::graphql::ids::encode;
use api::graphql::node::node_type;
use chrono::TimeDelta;
use serde_json::{Value, json};
use service::deadline::run_due;
use service::notification::{self, NotificationReason};
use service::paging::PageRequest;
use support::{App, Client, on_both_databases};

const ASK: &str = "mutation($input: CreateDiscussionInput!) { createDiscussion(input: $input) {
    discussion { id escalatedAt } userErrors { code field message } } }";

const ESCALATED: &str =
    "query($id: ID!) { discussion(id: $id) { escalatedAt firstAnsweredAt updatedAt revision } }";

async fn ask(client: &Client, community: &Value, title: &str) -> Value {
    let input =
        json!({ "communityId": community, "title": title, "body": "How?", "kind": "HELP_REQUEST" });
    let made = client.mutate(ASK, json!({ "input": input })).await;
    assert_eq!(made["discussion"]["escalatedAt"], Value::Null);
    made["discussion"]["id"].clone()
}

/// Turns the clock and does what is due. The server does so too, now and then, so what a run of its own finds is not said.
async fn turn(app: &App, by: TimeDelta) {
    app.server().clock().advance(by);
    run_due(app.server().store()).await.unwrap();
}

async fn email_of(client: &Client) -> String {
    let found = client.query("{ viewer { email } }", json!({})).await;
    found["viewer"]["email"].as_str().unwrap().to_owned()
}

/// What somebody is told of by clocks: the reason and what it is about.
async fn told(app: &App, client: &Client) -> Vec<(&'static str, Value)> {
    let viewer = service::auth::authenticate(app.server().auth(), client.token())
        .await
        .unwrap();
    let request = PageRequest {
        first: Some(100),
        ..PageRequest::default()
    };
    let page = notification::page(app.server().store(), &viewer, false, &request)
        .await
        .unwrap();
    let rows = page.rows.into_iter().map(|(_, row)| row);
    let by_clocks = rows.filter(|row| {
        matches!(
            row.reason,
            NotificationReason::Escalated | NotificationReason::Due
        )
    });
    by_clocks
        .map(|row| {
            assert_eq!(row.actor_id, None, "nobody did it");
            let id = encode(node_type(row.about_type), row.about_id);
            (row.reason.as_str(), json!(id.to_string()))
        })
        .collect()
}

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

    async fn an_invitation_runs_out(app: App) {
        let facilitator = app.person("Ada").await;
        let guest = app.person("Ben").await;
        let community = facilitator.create_community("Circle", json!({ "joinPolicy": "INVITATION" })).await;
        let invite = "mutation($community: ID!, $user: ID!) { inviteMember(communityId: $community, userId: $user) {
            membership { id state } userErrors { code field message } } }";
        let variables = json!({ "community": community, "user": guest.my_id().await });
        let invited = facilitator.mutate(invite, variables.clone()).await["membership"]["id"].clone();
        let email = email_of(&facilitator).await;
        let query = "query($id: ID!) { node(id: $id) { ... on Membership { state } } }";
        for (days, state) in [(29, "INVITED"), (1, "EXPIRED")] {
            turn(&app, TimeDelta::days(days)).await;
            let facilitator = app.sign_in(&email).await;
            let seen = facilitator.query(query, json!({ "id": invited })).await;
            assert_eq!(seen["node"]["state"], state);
        }
        let facilitator = app.sign_in(&email).await;
        let anew = facilitator.mutate(invite, variables).await;
        assert_eq!(anew["membership"], json!({ "id": invited, "state": "INVITED" }));
    }
}
