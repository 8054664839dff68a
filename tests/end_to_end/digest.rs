//! Notifications by mail: at once, each morning, or not at all.

use chrono::{Days, TimeDelta};
use serde_json::{Value, json};
use service::entity::change::EntityType;
use service::notification::NotificationReason;
use service::viewer::Viewer;
use service::{community, digest, notification, user};
use support::{App, Client, MailApp, on_both_databases};
use uuid::Uuid;

const FREQUENCY: &str = "mutation($frequency: NotificationEmail!) {
    setNotificationEmail(frequency: $frequency) { user { notificationEmail } userErrors { code field message } }
}";

async fn id_of(app: &App, handle: &str) -> Uuid {
    let found = user::by_handle(app.server().store(), &Viewer::anonymous(), handle).await;
    found.unwrap().expect("there is somebody").id
}

/// Tells one person of another, both by their handles.
async fn tell(app: &App, told: &str, about: &str) {
    let about = (EntityType::User, id_of(app, about).await);
    tell_of(app, told, about).await;
}

async fn tell_of(app: &App, told: &str, about: (EntityType, Uuid)) {
    let store = app.server().store();
    let told = id_of(app, told).await;
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

    async fn what_is_concealed_brings_no_mail_about(app: MailApp) {
        app.confirmed("ada@example.org").await;
        let ben = app.person("Ben").await;
        app.person("Cleo").await;
        let circle = ben.create_community("Circle", json!({ "slug": "circle" })).await;
        let found = community::by_slug(app.server().store(), &Viewer::anonymous(), "circle").await;
        let about = (EntityType::Community, found.unwrap().expect("it is public").id);
        tell_of(&app, "ada-lovelace", about).await;
        let conceal = "mutation($id: ID!) { updateCommunity(id: $id, input: { visibility: UNLISTED }) {
            community { id } userErrors { code field message } } }";
        ben.mutate(conceal, json!({ "id": circle })).await;

        // Past a morning at which there would have been a mail about it.
        let clock = app.server().clock();
        let day = clock.now().date_naive() + Days::new(2);
        let noon = day.and_hms_opt(12, 0, 0).unwrap().and_utc();
        clock.advance(noon - clock.now());
        tell(&app, "ada-lovelace", "ben").await;
        assert_eq!(queue_due(&app).await, 0, "that waits for the next morning");
        tell(&app, "ada-lovelace", "cleo").await;
        clock.advance(TimeDelta::days(1));
        queue_due(&app).await;
        let mail = app.mails().next_to("ada@example.org").await;
        for name in ["Ben", "Cleo"] {
            assert!(mail.body.contains(&format!("- News – {name}\n")), "{}", mail.body);
        }
        assert!(!mail.body.contains("Circle"), "{}", mail.body);
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
