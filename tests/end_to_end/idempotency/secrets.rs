//! What must not be kept: what is shown once, and who reports anonymously.

use serde_json::{Value, json};
use support::{App, PASSWORD, on_both_databases};

use super::{KEY, NEW_TOKEN, OTHER_KEY, OUTCOME, kept};
use crate::experience_report::{TELL, next_day, tell};
use crate::pilot::plan;

on_both_databases! {
    async fn what_is_shown_once_is_neither_kept_nor_shown_again(app: App) {
        let ada = app.person("Ada").await;
        let community = ada.create_community("Teachers", json!({})).await;
        let input = json!({ "name": "Sync", "scopes": ["READ"] });
        let keyed = ada.keyed(KEY);
        let made = keyed.mutate(NEW_TOKEN, json!({ "input": input })).await;
        let token = made["secret"].as_str().unwrap().to_owned();
        let again = keyed.mutate(NEW_TOKEN, json!({ "input": input })).await;
        assert_eq!(again, json!({ "apiToken": made["apiToken"], "secret": null, "userErrors": [] }));
        let tokens = ada.query("{ viewer { apiTokens { totalCount } } }", json!({})).await;
        assert_eq!(tokens["viewer"]["apiTokens"]["totalCount"], 1);

        let invite = "mutation($id: ID!) { inviteUser(email: \"cleo@example.org\", communityId: $id) {
            expiresAt invitationToken userErrors { code field message } } }";
        let invited = ada.keyed(OTHER_KEY).mutate(invite, json!({ "id": community })).await;
        let invitation = invited["invitationToken"].as_str().unwrap().to_owned();
        let again = ada.keyed(OTHER_KEY).mutate(invite, json!({ "id": community })).await;
        assert_eq!(again, json!({ "expiresAt": invited["expiresAt"], "invitationToken": null, "userErrors": [] }));

        // Who is not signed in is known by all that they send, password included.
        let sign_up = "mutation($input: SignUpInput!) { signUp(input: $input) {
            user { displayName } accessToken accessTokenExpiresAt refreshToken userErrors { code field message } } }";
        let person = |email: &str, password: &str| json!({ "input": { "email": email, "password": password, "displayName": "Dana" } });
        let nobody = app.anonymous().keyed(KEY);
        let first = nobody.mutate(sign_up, person("dana@example.org", PASSWORD)).await;
        let again = nobody.mutate(sign_up, person("dana@example.org", PASSWORD)).await;
        for shown in ["accessToken", "accessTokenExpiresAt", "refreshToken"] {
            assert!(first[shown].is_string(), "{shown}");
            assert_eq!(again[shown], Value::Null, "{shown}");
        }
        let other = nobody.refused(sign_up, person("dana@example.org", "another long passphrase")).await;
        assert_eq!(other, ["TAKEN input.email"], "somebody else's request is not this one");
        nobody.mutate(sign_up, person("eve@example.org", PASSWORD)).await;

        let refresh = "mutation($token: String!) { refreshSession(refreshToken: $token) {
            accessToken refreshToken userErrors { code field message } } }";
        let held = json!({ "token": first["refreshToken"] });
        let next = nobody.mutate(refresh, held.clone()).await;
        assert_eq!(nobody.mutate(refresh, held.clone()).await, json!({ "accessToken": null, "refreshToken": null, "userErrors": [] }));
        nobody.mutate(refresh, json!({ "token": next["refreshToken"] })).await;
        // A second use revokes the session, which is a write, and is refused all the same.
        let stolen = app.anonymous().keyed(OTHER_KEY);
        for _ in 0..2 {
            assert_eq!(stolen.refused(refresh, held.clone()).await, ["INVALID_CREDENTIALS refreshToken"]);
        }

        let rows = kept(&app).await.join("\n");
        let refresh_token = first["refreshToken"].as_str().unwrap();
        for secret in [token.as_str(), &invitation, refresh_token, PASSWORD, KEY, "dana", "Dana"] {
            assert!(!rows.contains(secret), "{secret} is kept");
        }
    }

    async fn nothing_is_kept_of_who_reports_anonymously(app: App) {
        let ada = app.person("Ada").await;
        let community = ada.create_community("Teachers", json!({})).await;
        let resource = ada.create_resource(&community, "Tactile cards", json!({})).await;
        let pilot = plan(&ada, &resource).await;
        let move_on = json!({ "id": pilot, "state": "RUNNING" });
        ada.repeating().mutate(crate::pilot::MOVE, move_on).await;
        let keyed = ada.keyed(KEY);
        let named = tell(&keyed, &pilot, "PUBLIC", json!({})).await;
        assert_eq!(tell(&keyed, &pilot, "PUBLIC", json!({})).await, named);
        let keyed = ada.keyed(OTHER_KEY);
        let input = json!({ "aboutId": pilot, "text": "A confession.", "consent": "PUBLIC", "anonymous": true });
        let told = keyed.mutate(TELL, json!({ "input": input })).await;
        assert!(told["secret"].is_string());
        let again = keyed.mutate(TELL, json!({ "input": input })).await;
        assert_eq!((&again["report"], &again["secret"]), (&Value::Null, &Value::Null));
        let outcome = ada.query(OUTCOME, json!({ "key": OTHER_KEY })).await;
        assert_eq!(outcome["idempotentOutcome"]["nodeIds"], json!([]));
        next_day(&app).await;
        let reports = "query($id: ID!) { pilot(id: $id) { reports { totalCount } } }";
        let reports = app.anonymous().query(reports, json!({ "id": pilot })).await;
        assert_eq!(reports["pilot"]["reports"]["totalCount"], 2);
    }
}
