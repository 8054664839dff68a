//! Profiles: who sees them, and who changes them.

use serde_json::{Value, json};
use support::{App, on_both_databases};

use super::text;

on_both_databases! {
    async fn private_fields_are_null_for_others(app: App) {
        let person = app.person("Ada").await;
        let other = app.person("Ben").await;
        let admin = app.administrator().await;
        let me = person.my_id().await;
        let show = "query($id: ID!) { user(id: $id) { displayName email platformRole status } }";
        for client in [&other, &app.anonymous()] {
            let seen = client.query(show, json!({ "id": me })).await["user"].clone();
            assert_eq!(seen, json!({ "displayName": "Ada", "email": null, "platformRole": null, "status": null }));
        }
        for client in [&person, &admin] {
            let seen = client.query(show, json!({ "id": me })).await["user"].clone();
            assert!(text(&seen["email"]).ends_with("@example.org"));
            assert_eq!((&seen["platformRole"], &seen["status"]), (&json!("MEMBER"), &json!("ACTIVE")));
        }
    }

    async fn a_profile_is_changed_by_its_owner(app: App) {
        let person = app.person("Ada").await;
        app.person("Ben").await;
        let update = "mutation($input: UpdateProfileInput!) { updateProfile(input: $input) {
            user { displayName handle bio practiceSettings locale timeZone avatarUrl } position
            userErrors { code field message }
        } }";
        let input = json!({
            "bio": "Counts.", "locale": "fr-ca", "timeZone": "Europe/Paris", "handle": "countess",
            "practiceSettings": [" Grade 3, Elm School ", "A library", "a LIBRARY"],
        });
        let changed = person.mutate(update, json!({ "input": input })).await;
        assert_eq!(changed["user"], json!({
            "displayName": "Ada", "handle": "countess", "bio": "Counts.", "locale": "fr-CA",
            "timeZone": "Europe/Paris", "avatarUrl": null, "practiceSettings": ["Grade 3, Elm School", "A library"],
        }));
        let shown = "{ user(handle: \"countess\") { practiceSettings } }";
        let shown = app.anonymous().at(&changed["position"]).query(shown, json!({})).await;
        assert_eq!(shown["user"]["practiceSettings"], changed["user"]["practiceSettings"], "everybody sees them");
        let emptied = person.mutate(update, json!({ "input": { "bio": null } })).await;
        assert_eq!(emptied["user"]["bio"], Value::Null);
        assert_eq!(emptied["user"]["timeZone"], "Europe/Paris");
        assert_eq!(emptied["user"]["practiceSettings"], changed["user"]["practiceSettings"], "absent is kept");
        let emptied = person.mutate(update, json!({ "input": { "practiceSettings": null } })).await;
        assert_eq!(emptied["user"]["practiceSettings"], json!([]));
        let wrong = json!({
            "handle": "ben", "locale": "?", "timeZone": "Mars/Base", "displayName": null,
            "practiceSettings": ["A library", " "],
        });
        let mut refused = person.refused(update, json!({ "input": wrong })).await;
        refused.sort();
        assert_eq!(refused, [
            "INVALID input.locale", "INVALID input.timeZone", "REQUIRED input.displayName",
            "REQUIRED input.practiceSettings.1", "TAKEN input.handle",
        ]);
        let nobody = app.anonymous().failed(update, json!({ "input": {} })).await;
        assert_eq!(nobody, ["UNAUTHENTICATED"]);
    }
}
