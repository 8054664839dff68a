//! Invitations that run out.

use chrono::TimeDelta;
use serde_json::json;
use support::{App, on_both_databases};

use super::{email_of, turn};

on_both_databases! {
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
