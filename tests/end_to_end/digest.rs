//! Notifications by mail: at once, each morning, or not at all.

use chrono::TimeDelta;
use serde_json::{Value, json};
use service::entity::change::EntityType;
use service::notification::NotificationReason;
use service::viewer::Viewer;
use service::{digest, notification, user};
use support::{App, Client, MailApp, on_both_databases};

const FREQUENCY: &str = "mutation($frequency: NotificationEmail!) {
    setNotificationEmail(frequency: $frequency) { user { notificationEmail } userErrors { code field message } }
}";

/// Tells one person of another, both by their handles.
async fn tell(app: &App, told: &str, about: &str) {
    let store = app.server().store();
    let id = async |handle: &str| {
        let found = user::by_handle(store, &Viewer::anonymous(), handle).await;
        found.unwrap().expect("there is somebody").id
    };
    let (told, about) = (id(told).await, (EntityType::User, id(about).await));
    let followed = NotificationReason::Followed;
    store
        .write(None, move |unit| {
            Box::pin(async move { notification::raise(unit, followed, about, &[told]).await })
        })
        .await
        .unwrap();
}

async fn queue_due(app: &App) -> u64 {
    digest::queue_due(app.server().auth()).await.unwrap()
}

async fn frequency(client: &Client) -> Value {
    let seen = client
        .query("{ viewer { notificationEmail } }", json!({}))
        .await;
    seen["viewer"]["notificationEmail"].clone()
}

on_both_databases! {
    async fn who_wants_mail_at_once_gets_it_and_unsubscribes_by_one_click(app: MailApp) {
        let ada = app.confirmed("ada@example.org").await;
        let ben = app.person("Ben").await;
        assert_eq!(frequency(&ada).await, "DAILY");
        ada.mutate(FREQUENCY, json!({ "frequency": "AT_ONCE" })).await;
        tell(&app, "ada-lovelace", "ben").await;
        queue_due(&app).await;
        let mail = app.mails().next_to("ada@example.org").await;
        assert!(mail.body.contains("- News – Ben\n"), "{}", mail.body);
        assert_eq!(mail.header("Auto-Submitted"), Some("auto-generated"));
        assert_eq!(mail.header("List-Unsubscribe-Post"), Some("List-Unsubscribe=One-Click"));
        let link = mail.header("List-Unsubscribe").unwrap().trim_matches(['<', '>']);
        let path = link.strip_prefix("https://learn.example.org").expect("the address of the server");
        assert!(mail.body.contains(link), "{}", mail.body);

        let url = format!("{}{path}", app.server().url());
        let http = app.anonymous().http().clone();
        let page = http.get(&url).send().await.unwrap();
        assert_eq!(page.status(), 200);
        assert!(page.headers()["content-security-policy"].to_str().unwrap().starts_with("default-src 'none'"));
        assert!(page.text().await.unwrap().contains("<form method=\"post\">"));
        assert_eq!(frequency(&ada).await, "AT_ONCE", "to look is not to ask");
        for _ in 0..2 {
            let one_click = http.post(&url)
                .header("content-type", "application/x-www-form-urlencoded")
                .body("List-Unsubscribe=One-Click");
            assert_eq!(one_click.send().await.unwrap().status(), 200);
            assert_eq!(frequency(&ada).await, "NONE");
        }
        let base = format!("{}/unsubscribe", app.server().url());
        let session = ada.token().unwrap();
        for wrong in [base.clone(), format!("{base}?token="), format!("{base}?token={session}"), format!("{url}x")] {
            assert_eq!(http.get(&wrong).send().await.unwrap().status(), 404, "{wrong}");
            assert_eq!(http.post(&wrong).send().await.unwrap().status(), 404, "{wrong}");
        }
        let show = "query($id: ID!) { user(id: $id) { notificationEmail } }";
        let seen = ben.query(show, json!({ "id": ada.my_id().await })).await;
        assert_eq!(seen["user"]["notificationEmail"], Value::Null);
    }

    async fn others_get_one_mail_in_the_morning(app: MailApp) {
        app.confirmed("ada@example.org").await;
        app.person("Ben").await;
        tell(&app, "ada-lovelace", "ben").await;
        app.server().clock().advance(TimeDelta::days(1));
        queue_due(&app).await;
        let mail = app.mails().next_to("ada@example.org").await;
        assert!(mail.body.contains("- News – Ben\n"), "{}", mail.body);
        assert_eq!(queue_due(&app).await, 0);
    }
}
