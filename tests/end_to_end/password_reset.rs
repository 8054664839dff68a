//! A forgotten password.

use chrono::TimeDelta;
use serde_json::json;
use support::{App, Client, Database, MailApp, PASSWORD, on_both_databases};

const REQUEST: &str = "mutation($email: String!) {
    requestPasswordReset(email: $email) { userErrors { code field message } }
}";
const RESET: &str = "mutation($token: String!, $password: String!) {
    resetPassword(token: $token, password: $password) {
        user { email emailVerified } accessToken refreshToken userErrors { code field message }
    }
}";
const SIGN_IN: &str = "mutation($email: String!, $password: String!) {
    signIn(input: { email: $email, password: $password }) { accessToken userErrors { code field message } }
}";
const REFRESH: &str = "mutation($token: String!) {
    refreshSession(refreshToken: $token) { accessToken userErrors { code field message } }
}";
const NEW: &str = "a new and longer passphrase";

async fn who(client: &Client) -> u16 {
    client.send("{ viewer { id } }", json!({})).await.status
}

on_both_databases! {
    async fn a_new_password_is_chosen_by_mail_and_ends_every_session(app: MailApp) {
        let made = app.sign_up("ada@example.org", json!({})).await;
        app.mails().next_to("ada@example.org").await;
        let before = app.anonymous().with_token(made["accessToken"].as_str().unwrap());
        app.anonymous().mutate(REQUEST, json!({ "email": " ADA@example.org" })).await;
        let mail = app.mails().next_to("ada@example.org").await;
        assert_eq!(mail.header("Subject"), Some("Choose a new password"));
        assert!(mail.body.contains("\nhttps://learn.example.org/reset-password#token=rppr_"), "{}", mail.body);

        let weak = app.anonymous().refused(RESET, json!({ "token": mail.token(), "password": "short" })).await;
        assert_eq!(weak, ["TOO_SHORT password"]);
        let reset = app.anonymous().mutate(RESET, json!({ "token": mail.token(), "password": NEW })).await;
        assert_eq!(reset["user"], json!({ "email": "ada@example.org", "emailVerified": true }));
        assert_eq!(who(&before).await, 401);
        assert_eq!(who(&app.anonymous().with_token(reset["accessToken"].as_str().unwrap())).await, 200);
        let refused = app.anonymous().refused(REFRESH, json!({ "token": made["refreshToken"] })).await;
        assert_eq!(refused, ["INVALID_CREDENTIALS refreshToken"]);
        let old = json!({ "email": "ada@example.org", "password": PASSWORD });
        assert_eq!(app.anonymous().refused(SIGN_IN, old).await, ["INVALID_CREDENTIALS input"]);
        app.anonymous().mutate(SIGN_IN, json!({ "email": "ada@example.org", "password": NEW })).await;
        let told = app.mails().next_to("ada@example.org").await;
        assert_eq!(told.header("Subject"), Some("Your password was changed"));

        let again = app.anonymous().refused(RESET, json!({ "token": mail.token(), "password": NEW })).await;
        assert_eq!(again, ["INVALID_CREDENTIALS token"]);
    }

    async fn known_and_unknown_addresses_answer_alike(app: MailApp) {
        app.confirmed("ada@example.org").await;
        let mut answers = Vec::new();
        for email in ["ada@example.org", "nobody@example.org"] {
            answers.push(app.anonymous().send(REQUEST, json!({ "email": email })).await);
        }
        assert_eq!(answers[0].body, json!({ "data": { "requestPasswordReset": { "userErrors": [] } } }));
        assert_eq!(answers[0].body, answers[1].body);
        assert_eq!(answers[0].status, answers[1].status);
        app.mails().next_to("ada@example.org").await;
        let malformed = app.anonymous().refused(REQUEST, json!({ "email": "nobody" })).await;
        assert_eq!(malformed, ["INVALID email"]);
    }

    async fn a_link_works_for_an_hour(app: MailApp) {
        app.confirmed("ada@example.org").await;
        app.anonymous().mutate(REQUEST, json!({ "email": "ada@example.org" })).await;
        let mail = app.mails().next_to("ada@example.org").await;
        app.server().clock().advance(TimeDelta::minutes(61));
        let late = app.anonymous().refused(RESET, json!({ "token": mail.token(), "password": NEW })).await;
        assert_eq!(late, ["INVALID_CREDENTIALS token"]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_without_mail_says_so() {
    let app = App::start(Database::Sqlite)
        .await
        .expect("SQLite is always to be had");
    let refused = app
        .anonymous()
        .refused(REQUEST, json!({ "email": "ada@example.org" }))
        .await;
    assert_eq!(refused, ["FORBIDDEN"]);
    let info = app
        .anonymous()
        .query("{ serverInfo { sendsMail signUp } }", json!({}))
        .await;
    assert_eq!(
        info["serverInfo"],
        json!({ "sendsMail": false, "signUp": "OPEN" })
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_are_limited_by_the_callers_address() {
    let app = MailApp::start(Database::Sqlite)
        .await
        .expect("SQLite is always to be had");
    let mut limited = false;
    for number in 0..70 {
        let email = format!("{number}@example.org");
        let answer = app
            .anonymous()
            .send(REQUEST, json!({ "email": email }))
            .await;
        if answer.codes() == ["RATE_LIMITED"] {
            assert!(answer.headers.contains_key("retry-after"));
            limited = true;
            break;
        }
    }
    assert!(limited, "one address asks without end");
}
