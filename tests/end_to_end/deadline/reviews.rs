//! What is published is looked over again in time.

use chrono::TimeDelta;
use serde_json::{Value, json};
use support::{App, on_both_databases};

use super::{email_of, told, turn};

on_both_databases! {
    async fn what_is_published_is_to_be_validated_again_each_year(app: App) {
        let facilitator = app.person("Ada").await;
        let (author, reviewer, second) = (app.person("Ben").await, app.person("Rita").await, app.person("Rob").await);
        let community = facilitator.create_community("Methods", json!({ "kind": "BEST_PRACTICE" })).await;
        author.join(&community).await;
        for person in [&reviewer, &second] {
            facilitator.admit(&community, person, "REVIEWER").await;
        }
        let create = "mutation($input: CreatePracticeInput!) { createPractice(input: $input) {
            practice { id reviewDueAt } userErrors { code field message } } }";
        let input = json!({ "communityId": community, "title": "Reading in pairs", "kind": "METHOD" });
        let made = author.mutate(create, json!({ "input": input })).await["practice"].clone();
        assert_eq!(made["reviewDueAt"], Value::Null, "a draft is due for nothing");
        author.publish_through(&made["id"], &[&reviewer, &second]).await;
        let show = "query($id: ID!) { practice(id: $id) { updatedAt reviewDueAt } }";
        let shown = author.query(show, json!({ "id": made["id"] })).await["practice"].clone();
        let time = |value: &Value| chrono::DateTime::parse_from_rfc3339(value.as_str().unwrap()).unwrap();
        assert_eq!(time(&shown["reviewDueAt"]) - time(&shown["updatedAt"]), TimeDelta::days(365));

        let email = email_of(&facilitator).await;
        let overdue = "query($id: ID!) { community(id: $id) {
            workQueue { nodes { reason dueAt node { id } } } health { key value sampleSize } } }";
        let figure = json!({ "key": "OVERDUE_SHARE", "value": 1.0, "sampleSize": 1 });
        for (days, reminded, late) in [(350, false, false), (1, true, false), (14, true, true)] {
            turn(&app, TimeDelta::days(days)).await;
            let facilitator = app.sign_in(&email).await;
            let expected = if reminded { vec![("DUE", made["id"].clone())] } else { Vec::new() };
            assert_eq!(told(&app, &facilitator).await, expected);
            let seen = facilitator.query(overdue, json!({ "id": community })).await["community"].clone();
            let entry = json!({ "reason": "REVIEW_OVERDUE", "dueAt": shown["reviewDueAt"], "node": { "id": made["id"] } });
            assert_eq!(seen["workQueue"]["nodes"].as_array().unwrap().contains(&entry), late, "{seen:#}");
            assert_eq!(seen["health"].as_array().unwrap().contains(&figure), late, "{seen:#}");
        }
    }
}
