//! Mail: confirming addresses over a real mail server, retries, and what is kept of what was sent.

use chrono::TimeDelta;
use serde_json::{Value, json};
use support::{Database, MailApp, PASSWORD, on_both_databases};

const VERIFY: &str = "mutation($token: String!) { verifyEmail(token: $token) { userErrors { code field message } } }";
const AGAIN: &str = "mutation { requestEmailVerification { userErrors { code field message } } }";
const CHANGE: &str = "mutation($email: String!, $password: String!) {
    requestEmailChange(email: $email, currentPassword: $password) { userErrors { code field message } }
}";
const VERIFIED: &str = "{ viewer { email emailVerified } }";

on_both_databases! {
    async fn a_new_address_is_confirmed_by_mail(app: MailApp) {
        let made = app.sign_up("ada@example.org", json!({})).await;
        assert_eq!(made["user"]["emailVerified"], false);
        let mail = app.mails().next_to("ada@example.org").await;
        assert_eq!(mail.from, "repertoire@example.org");
        assert_eq!(mail.header("From"), Some("Repertoire <repertoire@example.org>"));
        assert_eq!(mail.header("Subject"), Some("Confirm your e-mail address"));
        assert_eq!(mail.header("Auto-Submitted"), Some("auto-generated"));
        assert!(mail.header("Message-ID").is_some() && mail.header("Date").is_some());
        assert!(mail.body.contains("\nhttps://learn.example.org/verify-email#token=rpev_"), "{}", mail.body);

        let ada = app.anonymous().with_token(made["accessToken"].as_str().unwrap());
        app.anonymous().mutate(VERIFY, json!({ "token": mail.token() })).await;
        let seen = ada.query(VERIFIED, json!({})).await;
        assert_eq!(seen["viewer"], json!({ "email": "ada@example.org", "emailVerified": true }));
        app.anonymous().mutate(VERIFY, json!({ "token": mail.token() })).await;
        let wrong = app.anonymous().refused(VERIFY, json!({ "token": "rpev_nonsense" })).await;
        assert_eq!(wrong, ["INVALID_CREDENTIALS token"]);

        let show = "query($id: ID!) { user(id: $id) { displayName emailVerified } }";
        let id = &made["user"]["id"];
        for other in [app.confirmed("ben@example.org").await, app.administrator().await, app.anonymous()] {
            assert_eq!(other.query(show, json!({ "id": id })).await["user"]["emailVerified"], Value::Null);
        }
    }

    async fn another_mail_is_sent_on_request_in_ones_own_language(app: MailApp) {
        let made = app.sign_up("ada@example.org", json!({})).await;
        let ada = app.anonymous().with_token(made["accessToken"].as_str().unwrap());
        app.mails().next_to("ada@example.org").await;
        let update = "mutation { updateProfile(input: { locale: \"fr-CA\" }) { userErrors { code field message } } }";
        ada.mutate(update, json!({})).await;
        ada.mutate(AGAIN, json!({})).await;
        let mail = app.mails().next_to("ada@example.org").await;
        assert!(mail.body.contains("Confirmez qu’elle est bien la vôtre :"), "{}", mail.body);
        app.anonymous().mutate(VERIFY, json!({ "token": mail.token() })).await;
        assert_eq!(app.anonymous().failed(AGAIN, json!({})).await, ["UNAUTHENTICATED"]);
        let create = "mutation { createApiToken(input: { name: \"A\", scopes: [READ, WRITE] }) { secret userErrors { code field message } } }";
        let token = ada.mutate(create, json!({})).await;
        let program = app.anonymous().with_token(token["secret"].as_str().unwrap());
        assert_eq!(program.refused(AGAIN, json!({})).await, ["FORBIDDEN"]);
    }

    async fn an_address_is_changed_by_its_owner(app: MailApp) {
        let ada = app.confirmed("ada@example.org").await;
        app.confirmed("ben@example.org").await;
        let wrong = json!({ "email": "nowhere", "password": "a wrong passphrase" });
        let refused = ada.refused(CHANGE, wrong).await;
        assert_eq!(refused, ["INVALID email", "INVALID_CREDENTIALS currentPassword"]);
        ada.mutate(CHANGE, json!({ "email": "countess@example.org", "password": PASSWORD })).await;
        let mail = app.mails().next_to("countess@example.org").await;
        assert_eq!(ada.query(VERIFIED, json!({})).await["viewer"]["email"], "ada@example.org");
        app.anonymous().mutate(VERIFY, json!({ "token": mail.token() })).await;
        let seen = ada.query(VERIFIED, json!({})).await;
        assert_eq!(seen["viewer"], json!({ "email": "countess@example.org", "emailVerified": true }));
        let told = app.mails().next_to("ada@example.org").await;
        assert_eq!(told.header("Subject"), Some("Your e-mail address was changed"));

        ada.mutate(CHANGE, json!({ "email": "ben@example.org", "password": PASSWORD })).await;
        let mail = app.mails().next_to("ben@example.org").await;
        let taken = app.anonymous().refused(VERIFY, json!({ "token": mail.token() })).await;
        assert_eq!(taken, ["TAKEN token"]);
    }

    async fn a_mail_that_was_not_sent_is_sent_after_a_restart(app: MailApp) {
        app.mails().refuse_next("451 busy\r\n");
        app.sign_up("ada@example.org", json!({})).await;
        app.mails().refused().await;
        let app = app.restart().await;
        app.server().clock().advance(TimeDelta::minutes(15));
        let mail = app.mails().next_to("ada@example.org").await;
        app.anonymous().mutate(VERIFY, json!({ "token": mail.token() })).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn metrics_count_mails() {
    let app = MailApp::start(Database::Sqlite)
        .await
        .expect("SQLite is always to be had");
    app.confirmed("ada@example.org").await;
    let metrics = app
        .anonymous()
        .http()
        .get(format!("{}/metrics", app.server().url()));
    let text = metrics.send().await.unwrap().text().await.unwrap();
    assert!(text.contains("repertoire_mail_waiting "), "{text}");
}
