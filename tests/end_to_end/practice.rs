//! Practices: published like resources, with the resources that they use.

use serde_json::json;
use support::{App, on_both_databases};

const CREATE: &str = "mutation($input: CreatePracticeInput!) {
    createPractice(input: $input) {
        practice { id status maturity resources { totalCount nodes { title } } }
        userErrors { code field message }
    }
}";

on_both_databases! {
    async fn a_practice_uses_resources_as_far_as_one_may_see_them(app: App) {
        let author = app.person("Ada").await;
        let reviewer = app.person("Ben").await;
        let community = author.create_community("Methods", json!({})).await;
        author.admit(&community, &reviewer, "REVIEWER").await;
        let open = author.create_resource(&community, "Open guide", json!({})).await;
        let members_only = author.create_resource(&community, "Members’ guide", json!({ "visibility": "MEMBERS" })).await;
        let created = author.mutate(CREATE, json!({ "input": {
            "communityId": community, "title": "Peer assessment", "kind": "METHOD",
            "resourceIds": [members_only, open],
        } })).await;
        let practice = &created["practice"];
        assert_eq!(practice["status"], "DRAFT");
        assert_eq!(practice["maturity"], "EMERGING");
        assert_eq!(practice["resources"]["totalCount"], 2);

        let published = author.publish_through(&practice["id"], &[&reviewer]).await;
        assert_eq!(published["item"]["status"], "PUBLISHED");

        let show = "query($id: ID!) { practice(id: $id) { resources { totalCount nodes { title } } } }";
        let seen = app.anonymous().query(show, json!({ "id": practice["id"] })).await;
        assert_eq!(seen["practice"]["resources"]["totalCount"], 1);
        assert_eq!(seen["practice"]["resources"]["nodes"][0]["title"], "Open guide");
    }

    async fn a_resource_that_one_may_not_see_cannot_be_used(app: App) {
        let owner = app.person("Ada").await;
        let secret = owner.create_community("Secret", json!({ "visibility": "PRIVATE" })).await;
        let hidden = owner.create_resource(&secret, "Hidden", json!({})).await;
        let other = app.person("Ben").await;
        let community = other.create_community("Open", json!({})).await;
        let refused = other.refused(CREATE, json!({ "input": {
            "communityId": community, "title": "Practice", "kind": "METHOD", "resourceIds": [hidden, "practice_1"],
        } })).await;
        assert_eq!(refused, ["INVALID input.resourceIds.1", "NOT_FOUND input.resourceIds.0"]);
    }
}
