//! Accounts and the sessions of those who sign in to them.

use serde_json::{Value, json};
use support::{App, PASSWORD, on_both_databases};

use super::{REFRESH, SIGN_IN, SIGN_UP, WHO, assert_unauthenticated, sign_up, text, with};

const SIGN_OUT: &str = "mutation($token: String!) { signOut(refreshToken: $token) { userErrors { code field message } } }";

on_both_databases! {
    async fn a_new_person_is_signed_in_and_signs_in_again(app: App) {
        let made = sign_up(&app, "Ada@Example.org").await;
        assert_eq!(made["user"]["handle"], "ada-lovelace");
        assert_eq!(made["user"]["email"], "Ada@Example.org", "the payload shows what the new user may see");
        assert_eq!(made["user"]["platformRole"], "MEMBER");
        let viewer = with(&app, &made["accessToken"]).query("{ viewer { id email } }", json!({})).await;
        assert_eq!(viewer["viewer"]["id"], made["user"]["id"]);

        let again = json!({ "email": " ada@EXAMPLE.org", "password": PASSWORD });
        let signed_in = app.anonymous().mutate(SIGN_IN, json!({ "input": again })).await;
        assert_eq!(signed_in["user"]["id"], made["user"]["id"]);
        assert_ne!(signed_in["refreshToken"], made["refreshToken"]);
        assert_eq!(app.anonymous().query(WHO, json!({})).await["viewer"], Value::Null);
    }

    async fn an_account_is_refused_with_all_its_faults_at_once(app: App) {
        sign_up(&app, "ada@example.org").await;
        let input = json!({ "email": "ADA@example.org", "password": "short", "displayName": " ", "handle": "x" });
        let mut refused = app.anonymous().refused(SIGN_UP, json!({ "input": input })).await;
        refused.sort();
        assert_eq!(refused, [
            "INVALID input.handle",
            "REQUIRED input.displayName",
            "TAKEN input.email",
            "TOO_SHORT input.password",
        ]);
        let input = json!({ "email": "not an address", "password": "x".repeat(201), "displayName": "B" });
        let refused = app.anonymous().refused(SIGN_UP, json!({ "input": input })).await;
        assert_eq!(refused, ["INVALID input.email", "TOO_LONG input.password"]);
    }

    async fn an_unknown_address_and_a_wrong_password_answer_alike(app: App) {
        sign_up(&app, "ada@example.org").await;
        let mut answers = Vec::new();
        for (email, password) in [("ada@example.org", "a wrong passphrase"), ("nobody@example.org", PASSWORD), ("", "")] {
            let input = json!({ "input": { "email": email, "password": password } });
            let answer = app.anonymous().send(SIGN_IN, input).await;
            assert_eq!(answer.body["data"]["signIn"]["userErrors"][0]["code"], "INVALID_CREDENTIALS");
            answers.push(answer.body.to_string());
        }
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:#?}");
    }

    async fn a_refresh_token_is_good_once_and_its_reuse_ends_the_session(app: App) {
        let first = sign_up(&app, "ada@example.org").await;
        let second = app.anonymous().mutate(REFRESH, json!({ "token": first["refreshToken"] })).await;
        assert_ne!(second["refreshToken"], first["refreshToken"]);
        with(&app, &second["accessToken"]).query(WHO, json!({})).await;
        with(&app, &first["accessToken"]).query(WHO, json!({})).await;

        let stolen = app.anonymous().refused(REFRESH, json!({ "token": first["refreshToken"] })).await;
        assert_eq!(stolen, ["INVALID_CREDENTIALS refreshToken"]);
        let family = app.anonymous().refused(REFRESH, json!({ "token": second["refreshToken"] })).await;
        assert_eq!(family, ["INVALID_CREDENTIALS refreshToken"], "the whole family is revoked");
        assert_unauthenticated(&app, text(&second["accessToken"])).await;
        assert_unauthenticated(&app, text(&first["accessToken"])).await;
    }

    async fn signing_out_ends_one_session_at_once_and_no_other(app: App) {
        let one = sign_up(&app, "ada@example.org").await;
        let input = json!({ "input": { "email": "ada@example.org", "password": PASSWORD } });
        let other = app.anonymous().mutate(SIGN_IN, input).await;
        app.anonymous().mutate(SIGN_OUT, json!({ "token": one["refreshToken"] })).await;
        assert_unauthenticated(&app, text(&one["accessToken"])).await;
        let refused = app.anonymous().refused(REFRESH, json!({ "token": one["refreshToken"] })).await;
        assert_eq!(refused, ["INVALID_CREDENTIALS refreshToken"]);
        with(&app, &other["accessToken"]).query(WHO, json!({})).await;
        let nonsense = app.anonymous().refused(SIGN_OUT, json!({ "token": "nonsense" })).await;
        assert_eq!(nonsense, ["INVALID_CREDENTIALS refreshToken"]);
    }
}
