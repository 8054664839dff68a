//! What people follow, and who knows of it.

use serde_json::{Value, json};
use support::{App, Client, on_both_databases};

const FOLLOW: &str = "mutation($id: ID!) { follow(id: $id) { userErrors { code field message } } }";
const UNFOLLOW: &str =
    "mutation($id: ID!) { unfollow(id: $id) { userErrors { code field message } } }";

async fn followed(client: &Client) -> Vec<Value> {
    let query = "{ follows { totalCount nodes { id } edges { cursor } } }";
    let found = client.query(query, json!({})).await["follows"].clone();
    let nodes = found["nodes"].as_array().unwrap().clone();
    assert_eq!(found["totalCount"], nodes.len());
    nodes.into_iter().map(|node| node["id"].clone()).collect()
}

async fn create(client: &Client, what: &str, input: Value) -> Value {
    let mutation = format!(
        "mutation($input: Create{what}Input!) {{ create{what}(input: $input) {{
            {} {{ id }} userErrors {{ code field message }} }} }}",
        what.to_lowercase()
    );
    let payload = client.mutate(&mutation, json!({ "input": input })).await;
    payload[what.to_lowercase()]["id"].clone()
}

on_both_databases! {
    async fn everything_of_interest_can_be_followed(app: App) {
        let author = app.person("Ada").await;
        let reader = app.person("Ben").await;
        let admin = app.administrator().await;
        let community = author.create_community("Gardeners", json!({})).await;
        author.admit(&community, &reader, "REVIEWER").await;
        let with = |title: &str, more: Value| {
            let mut input = json!({ "communityId": community, "title": title });
            input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            input
        };
        let things = [
            community.clone(),
            author.my_id().await,
            create(&admin, "Domain", json!({ "name": "Gardens" })).await,
            author.create_resource(&community, "Seeds", json!({})).await,
            create(&author, "Practice", with("Sowing", json!({ "kind": "ROUTINE" }))).await,
            create(&author, "Innovation", with("Roof gardens", json!({ "idea": "Up there." }))).await,
            create(&author, "Discussion", with("Snails", json!({ "kind": "PROBLEM", "body": "What now?" }))).await,
            create(&author, "Activity", with("Spring walk", json!({
                "kind": "SITE_VISIT", "mode": "FACE_TO_FACE", "timeZone": "UTC",
                "startsAt": "2027-03-21T10:00:00Z", "endsAt": "2027-03-21T12:00:00Z",
            }))).await,
        ];
        author.publish_through(&things[4], &[&reader]).await;
        for id in &things {
            reader.mutate(FOLLOW, json!({ "id": id })).await;
            reader.mutate(FOLLOW, json!({ "id": id })).await;
        }
        let mut expected = things.to_vec();
        expected.reverse();
        assert_eq!(followed(&reader).await, expected, "the last followed comes first, and each once");
        assert_eq!(followed(&author).await, Vec::<Value>::new(), "nobody else follows");
        assert_eq!(followed(&app.anonymous()).await, Vec::<Value>::new());

        let show = "query($ids: [ID!]!) { nodes(ids: $ids) {
            ... on Community { viewerFollows } ... on User { viewerFollows } ... on Domain { viewerFollows }
            ... on Item { viewerFollows }
        } }";
        for (client, follows) in [(&reader, true), (&author, false), (&app.anonymous(), false)] {
            let nodes = client.query(show, json!({ "ids": things })).await["nodes"].clone();
            assert_eq!(nodes, json!(vec![json!({ "viewerFollows": follows }); things.len()]));
        }
        let page = "query($after: String) { follows(first: 3, after: $after) { nodes { id } pageInfo { hasNextPage endCursor } } }";
        let first = reader.query(page, json!({})).await["follows"].clone();
        let after = first["pageInfo"]["endCursor"].clone();
        let second = reader.query(page, json!({ "after": after })).await["follows"].clone();
        assert_eq!(second["nodes"][0]["id"], expected[3]);

        for id in &things[1..] {
            reader.mutate(UNFOLLOW, json!({ "id": id })).await;
            reader.mutate(UNFOLLOW, json!({ "id": id })).await;
        }
        assert_eq!(followed(&reader).await, [community]);
    }

    async fn what_one_does_not_see_is_not_followed(app: App) {
        let author = app.person("Ada").await;
        let stranger = app.person("Eve").await;
        let private = author.create_community("Among us", json!({ "visibility": "PRIVATE", "joinPolicy": "OPEN" })).await;
        let unlisted = author.create_community("Nowhere", json!({ "visibility": "UNLISTED" })).await;
        let draft = author.create_resource(&private, "Half a thought", json!({ "publish": false })).await;
        let seen = author.create_resource(&private, "A thought", json!({})).await;
        for (id, refusal) in [(&private, "FORBIDDEN id"), (&unlisted, "NOT_FOUND id"), (&draft, "NOT_FOUND id"), (&seen, "NOT_FOUND id")] {
            assert_eq!(stranger.refused(FOLLOW, json!({ "id": id })).await, [refusal]);
        }
        for id in ["user_01h455vb4pex5vsknk084sn02q", "resource_01h455vb4pex5vsknk084sn02q"] {
            assert_eq!(stranger.refused(FOLLOW, json!({ "id": id })).await, ["NOT_FOUND id"]);
            stranger.mutate(UNFOLLOW, json!({ "id": id })).await;
        }
        assert_eq!(stranger.refused(FOLLOW, json!({ "id": "revision_01h455vb4pex5vsknk084sn02q" })).await, ["INVALID id"]);
        assert_eq!(stranger.refused(FOLLOW, json!({ "id": stranger.my_id().await })).await, ["FORBIDDEN id"]);
        assert_eq!(app.anonymous().failed(FOLLOW, json!({ "id": private })).await, ["UNAUTHENTICATED"]);

        stranger.join(&private).await;
        stranger.mutate(FOLLOW, json!({ "id": private })).await;
        stranger.mutate(FOLLOW, json!({ "id": seen })).await;
        assert_eq!(stranger.refused(FOLLOW, json!({ "id": draft })).await, ["NOT_FOUND id"]);
        assert_eq!(followed(&stranger).await, [seen.clone(), private.clone()]);
        let leave = "mutation($id: ID!) { leaveCommunity(communityId: $id) { userErrors { code } } }";
        stranger.mutate(leave, json!({ "id": private })).await;
        assert_eq!(followed(&stranger).await, Vec::<Value>::new());
        let about = "query($id: ID!) { community(id: $id) { name viewerFollows } }";
        let shown = stranger.query(about, json!({ "id": private })).await;
        assert_eq!(shown["community"], json!({ "name": "Among us", "viewerFollows": false }));
    }
}
