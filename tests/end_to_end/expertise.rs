//! What people are known to know: by their own word, by that of peers, and by accepted answers.

use serde_json::{Value, json};
use support::{App, Client, on_both_databases};

const DECLARE: &str = "mutation($input: ExpertiseInput!) { declareExpertise(input: $input) {
    user { expertise { tag domain { name } source weight } } position userErrors { code field message } } }";
const ENDORSE: &str = "mutation($user: ID!, $input: ExpertiseInput!) { endorseExpertise(userId: $user, input: $input) {
    user { expertise { tag source weight } } position userErrors { code field message } } }";

const WITHDRAW: &str = "mutation($user: ID, $input: ExpertiseInput!) { withdrawExpertise(userId: $user, input: $input) {
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

    async fn helpers_are_those_who_may_read_the_question(app: App) {
        let (ada, ben, cleo) = (app.person("Ada").await, app.person("Ben").await, app.person("Cleo").await);
        let community = ada.create_community("Helpers", json!({ "joinPolicy": "OPEN" })).await;
        ben.join(&community).await;
        ada.admit(&community, &cleo, "STEWARD").await;
        for helper in [&ben, &cleo] {
            helper.mutate(DECLARE, json!({ "input": { "tag": "paper" } })).await;
        }
        let user = ben.my_id().await;
        ada.mutate(ENDORSE, json!({ "user": user, "input": { "tag": "paper" } })).await;
        let ask = "mutation($input: CreateDiscussionInput!) { createDiscussion(input: $input) {
            discussion { suggestedHelpers { displayName } } position userErrors { code field message } } }";
        let told = "{ notifications { nodes { reason } } }";
        for (visibility, expected) in [("STEWARDS", vec!["Cleo"]), ("COMMUNITY", vec!["Ben", "Cleo"])] {
            let input = json!({
                "communityId": community, "title": "How?", "body": "How?", "kind": "HELP_REQUEST", "tags": ["paper"],
                "visibility": visibility,
            });
            let asked = ada.mutate(ask, json!({ "input": input })).await;
            let names: Vec<&str> = asked["discussion"]["suggestedHelpers"].as_array().unwrap().iter()
                .map(|user| user["displayName"].as_str().unwrap())
                .collect();
            assert_eq!(names, expected, "{visibility}");
            for (helper, name) in [(&ben, "Ben"), (&cleo, "Cleo")] {
                let seen = helper.at(&asked["position"]).query(told, json!({})).await;
                let reason = json!({ "reason": "ASKED_TO_HELP" });
                let is_asked = seen["notifications"]["nodes"].as_array().unwrap().contains(&reason);
                assert_eq!(is_asked, expected.contains(&name), "{visibility} {name}");
            }
        }
    }

    async fn what_one_said_is_taken_back_by_oneself_alone(app: App) {
        let (ada, ben, cleo) = (app.person("Ada").await, app.person("Ben").await, app.person("Cleo").await);
        let community = ada.create_community("Helpers", json!({ "joinPolicy": "OPEN" })).await;
        ben.join(&community).await;
        cleo.join(&community).await;
        let user = ben.my_id().await;
        let paper = json!({ "tag": "Paper" });
        ben.mutate(DECLARE, json!({ "input": paper })).await;
        for peer in [&ada, &cleo] {
            peer.mutate(ENDORSE, json!({ "user": user, "input": paper })).await;
        }
        let said = |source: &str, weight: f64| json!({ "tag": "Paper", "source": source, "weight": weight });

        let unsaid = ben.mutate(WITHDRAW, json!({ "input": { "tag": "scissors" } })).await;
        assert_eq!(unsaid["user"]["expertise"], json!([said("ENDORSED", 2.0), said("SELF", 1.0)]));
        let back = ada.mutate(WITHDRAW, json!({ "user": user, "input": { "tag": "pâper" } })).await;
        assert_eq!(back["user"]["expertise"], json!([said("SELF", 1.0), said("ENDORSED", 1.0)]), "case and accents are folded");
        let again = ada.mutate(WITHDRAW, json!({ "user": user, "input": paper })).await;
        assert_eq!(again["position"], back["position"], "nothing was left to take back");
        let back = ben.mutate(WITHDRAW, json!({ "input": paper })).await;
        assert_eq!(back["user"]["expertise"], json!([said("ENDORSED", 1.0)]), "the word of a peer is the peer's");

        let nobody = "user_00000000000000000000000000";
        for (user, input, wanted) in [
            (json!(nobody), json!({ "tag": "paper" }), "NOT_FOUND userId"),
            (json!("x"), json!({ "tag": "paper" }), "INVALID userId"),
            (user, json!({}), "REQUIRED input"),
        ] {
            assert_eq!(ben.refused(WITHDRAW, json!({ "user": user, "input": input })).await, [wanted]);
        }
    }
}
