//! What people are known to know: by their own word, by that of peers, and by accepted answers.

use serde_json::{Value, json};
use support::{App, Client, on_both_databases};

const DECLARE: &str = "mutation($input: ExpertiseInput!) { declareExpertise(input: $input) {
    user { expertise { tag domain { name } source weight } } position userErrors { code field message } } }";
const ENDORSE: &str = "mutation($user: ID!, $input: ExpertiseInput!) { endorseExpertise(userId: $user, input: $input) {
    user { expertise { tag source weight } } position userErrors { code field message } } }";

async fn expertise(client: &Client, user: &Value) -> Value {
    let query = "query($id: ID!) { user(id: $id) { expertise { tag source weight } } }";
    client.query(query, json!({ "id": user })).await["user"]["expertise"].clone()
}

on_both_databases! {
    async fn expertise_is_declared_endorsed_and_demonstrated(app: App) {
        let ada = app.person("Ada").await;
        let ben = app.person("Ben").await;
        let stranger = app.person("Eve").await;
        let admin = app.administrator().await;
        let create_domain = "mutation { createDomain(input: { name: \"Numeracy\" }) { domain { id } userErrors { code } } }";
        let domain = admin.mutate(create_domain, json!({})).await["domain"]["id"].clone();
        let community = ada.create_community("Helpers", json!({ "visibility": "PRIVATE", "joinPolicy": "OPEN" })).await;
        ben.join(&community).await;
        let user = ben.my_id().await;

        let declared = ben.mutate(DECLARE, json!({ "input": { "domainId": domain } })).await;
        assert_eq!(
            declared["user"]["expertise"],
            json!([{ "tag": null, "domain": { "name": "Numeracy" }, "source": "SELF", "weight": 1.0 }])
        );
        let again = ben.mutate(DECLARE, json!({ "input": { "domainId": domain } })).await;
        assert_eq!(again["position"], declared["position"]);
        ada.mutate(ENDORSE, json!({ "user": user, "input": { "tag": "paper" } })).await;
        let input = json!({ "tag": "paper" });
        assert_eq!(ben.refused(ENDORSE, json!({ "user": user, "input": input })).await, ["FORBIDDEN userId"]);
        assert_eq!(stranger.refused(ENDORSE, json!({ "user": user, "input": input })).await, ["FORBIDDEN userId"]);
        for (input, wanted) in [
            (json!({}), "REQUIRED input"),
            (json!({ "tag": "a", "domainId": domain }), "INVALID input"),
            (json!({ "tag": "" }), "REQUIRED input.tag"),
            (json!({ "domainId": user }), "INVALID input.domainId"),
        ] {
            assert_eq!(ben.refused(DECLARE, json!({ "input": input })).await, [wanted]);
        }

        let ask = "mutation($input: CreateDiscussionInput!) { createDiscussion(input: $input) { discussion { id } userErrors { code } } }";
        let input = json!({ "communityId": community, "title": "How?", "body": "How?", "kind": "HELP_REQUEST", "tags": ["secret"] });
        let asked = ada.mutate(ask, json!({ "input": input })).await["discussion"]["id"].clone();
        let add = "mutation($input: AddPostInput!) { addPost(input: $input) { post { id } userErrors { code } } }";
        let post = ben.mutate(add, json!({ "input": { "discussionId": asked, "body": "So." } })).await["post"]["id"].clone();
        let accept = "mutation($id: ID!) { acceptPost(id: $id) { userErrors { code } } }";
        ada.mutate(accept, json!({ "id": post })).await;
        let shown = expertise(&ada, &user).await;
        assert_eq!(shown[0], json!({ "tag": "secret", "source": "DEMONSTRATED", "weight": 3.0 }));
        let to_others = expertise(&stranger, &user).await;
        assert_eq!(to_others.as_array().unwrap().len(), 2, "what a private discussion shows, its readers see");
        let retag = "mutation($id: ID!) { updateDiscussion(id: $id, input: { tags: [\"open\"] }) { userErrors { code } } }";
        ada.mutate(retag, json!({ "id": asked })).await;
        assert_eq!(expertise(&ada, &user).await[0]["tag"], "open");
        let reopen = "mutation($id: ID!) { reopenDiscussion(id: $id) { userErrors { code } } }";
        ada.mutate(reopen, json!({ "id": asked })).await;
        assert_eq!(expertise(&ada, &user).await, to_others, "it is taken back");
    }
}
