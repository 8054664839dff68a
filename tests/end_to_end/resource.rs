//! Resources: written, published, changed, archived, brought back, deleted.

use serde_json::{Value, json};
use support::{App, Client, on_both_databases};

const UPDATE: &str = "mutation($id: ID!, $input: UpdateResourceInput!, $expected: Int) {
    updateResource(id: $id, input: $input, expectedRevision: $expected) {
        resource { revision title description tags url status }
        position
        userErrors { code field message currentRevision }
    }
}";

const SHOW: &str = "query($id: ID!) { resource(id: $id) {
    title description body bodyHtml url kind licence status publishedAt visibility revision tags bylines
    authors { displayName }
    community { name }
    viewerCan
    revisions { totalCount nodes { number state title note content author { displayName } } }
} }";

async fn community_of(facilitator: &Client) -> Value {
    facilitator
        .create_community("Numeracy for All", json!({}))
        .await
}

async fn status_mutation(client: &Client, mutation: &str, id: &Value) -> Value {
    let text = format!(
        "mutation($id: ID!) {{ {mutation}(id: $id) {{ resource {{ status revision publishedAt }} position \
         userErrors {{ code field message blockedBy {{ code message }} }} }} }}"
    );
    client.mutate(&text, json!({ "id": id })).await
}

on_both_databases! {
    async fn a_draft_is_published_and_shown_with_what_it_holds(app: App) {
        let author = app.person("Ada").await;
        let community = community_of(&author).await;
        let id = author.create_resource(&community, "Counting games", json!({
            "publish": false,
            "description": "Games for the first year.",
            "body": "# Play\n\n**Count** <script>alert(1)</script> aloud.",
            "url": "https://example.org/games",
            "licence": "CC-BY-4.0",
            "tags": ["Numeracy", "games", "numeracy"],
            "bylines": ["An outside author"],
            "language": "en-ca",
        })).await;

        let draft = author.query(SHOW, json!({ "id": id })).await["resource"].clone();
        assert_eq!(draft["status"], "DRAFT");
        assert_eq!(draft["publishedAt"], Value::Null);
        assert_eq!(draft["tags"], json!(["Numeracy", "games"]));
        assert!(draft["viewerCan"].as_array().unwrap().contains(&json!("PUBLISH")), "{draft:#}");
        let html = draft["bodyHtml"].as_str().unwrap();
        assert!(html.contains("<strong>Count</strong>") && !html.contains("script"), "{html}");

        let published = status_mutation(&author, "publishResource", &id).await;
        assert_eq!(published["resource"]["status"], "PUBLISHED");
        assert_eq!(published["resource"]["revision"], 1, "publishing makes no revision");

        let again = status_mutation(&author, "publishResource", &id).await;
        assert_eq!(again["position"], published["position"], "publishing twice appends nothing");
    }

    async fn an_update_tells_absent_from_null_and_makes_one_revision(app: App) {
        let author = app.person("Ada").await;
        let community = community_of(&author).await;
        let id = author.create_resource(&community, "Fractions", json!({
            "description": "Halves and quarters.", "url": "https://example.org/f", "tags": ["maths"],
        })).await;

        let variables = json!({ "id": id, "input": { "title": "Fractions first", "url": null, "note": "A better title." } });
        let changed = author.mutate(UPDATE, variables.clone()).await;
        assert_eq!(changed["resource"]["revision"], 2);
        assert_eq!(changed["resource"]["title"], "Fractions first");
        assert_eq!(changed["resource"]["url"], Value::Null, "null empties");
        assert_eq!(changed["resource"]["description"], "Halves and quarters.", "absent keeps");

        let same = author.mutate(UPDATE, variables).await;
        assert_eq!(same["resource"]["revision"], 2, "the same update again is no revision");
        assert_eq!(same["position"], changed["position"], "and no change row");

        let shown = author.query(SHOW, json!({ "id": id })).await["resource"].clone();
        assert_eq!(shown["revisions"]["totalCount"], 2);
        let newest = &shown["revisions"]["nodes"][0];
        assert_eq!(newest["number"], 2);
        assert_eq!(newest["note"], "A better title.");
        assert_eq!(newest["author"]["displayName"], "Ada");
        assert_eq!(newest["content"]["title"], "Fractions first");
        assert_eq!(newest["content"]["authorIds"][0], author.my_id().await);
    }

    async fn a_stale_revision_is_a_conflict(app: App) {
        let author = app.person("Ada").await;
        let community = community_of(&author).await;
        let id = author.create_resource(&community, "Shapes", json!({})).await;
        author.mutate(UPDATE, json!({ "id": id, "input": { "title": "Shapes 2" }, "expected": 1 })).await;

        let answer = author.send(UPDATE, json!({ "id": id, "input": { "title": "Shapes 3" }, "expected": 1 })).await;
        let error = &answer.body["data"]["updateResource"]["userErrors"][0];
        assert_eq!(error["code"], "CONFLICT");
        assert_eq!(error["currentRevision"], 2);
        let shown = author.query(SHOW, json!({ "id": id })).await;
        assert_eq!(shown["resource"]["title"], "Shapes 2", "nothing was written");
    }

    async fn all_faults_of_an_input_come_at_once(app: App) {
        let author = app.person("Ada").await;
        let community = community_of(&author).await;
        let mutation = "mutation($input: CreateResourceInput!) {
            createResource(input: $input) { resource { id } userErrors { code field message } }
        }";
        let refused = author.refused(mutation, json!({ "input": {
            "communityId": community, "title": " ", "kind": "ARTICLE", "url": "javascript:alert(1)",
            "language": "x", "tags": ["ok", ""], "domainIds": ["nonsense"], "timeRequiredMinutes": -1,
        } })).await;
        for expected in [
            "REQUIRED input.title", "INVALID input.url", "INVALID input.language", "REQUIRED input.tags.1",
            "INVALID input.domainIds.0", "OUT_OF_RANGE input.timeRequiredMinutes",
        ] {
            assert!(refused.iter().any(|error| error == expected), "{expected} is missing in {refused:?}");
        }
        assert_eq!(author.query("{ resources { totalCount } }", json!({})).await["resources"]["totalCount"], 0);
    }

    async fn archived_comes_back_and_deleted_does_not(app: App) {
        let facilitator = app.person("Ada").await;
        let community = community_of(&facilitator).await;
        let id = facilitator.create_resource(&community, "Old news", json!({})).await;
        let archived = status_mutation(&facilitator, "archiveResource", &id).await;
        assert_eq!(archived["resource"]["status"], "ARCHIVED");

        let restore = "mutation($id: ID!) { restoreItem(id: $id) {
            item { id ... on Resource { status } } userErrors { code field message }
        } }";
        let restored = facilitator.mutate(restore, json!({ "id": id })).await;
        assert_eq!(restored["item"]["status"], "PUBLISHED");

        let delete = "mutation($id: ID!) { deleteResource(id: $id) { deletedId userErrors { code field message } } }";
        let deleted = facilitator.mutate(delete, json!({ "id": id })).await;
        assert_eq!(deleted["deletedId"], id);
        assert_eq!(facilitator.query(SHOW, json!({ "id": id })).await["resource"], Value::Null);
        assert_eq!(facilitator.refused(delete, json!({ "id": id })).await, ["NOT_FOUND id"]);
    }

    async fn a_member_may_not_change_what_others_wrote(app: App) {
        let author = app.person("Ada").await;
        let member = app.person("Ben").await;
        let community = community_of(&author).await;
        member.join(&community).await;
        let id = author.create_resource(&community, "Hers", json!({})).await;
        let draft = author.create_resource(&community, "Her draft", json!({ "publish": false })).await;
        assert_eq!(member.refused(UPDATE, json!({ "id": id, "input": { "title": "His" } })).await, ["FORBIDDEN id"]);

        let never = "resource_01h455vb4pex5vsknk084sn02q";
        let concealed = member.send(UPDATE, json!({ "id": draft, "input": { "title": "His" } })).await;
        let absent = member.send(UPDATE, json!({ "id": never, "input": { "title": "His" } })).await;
        assert_eq!(concealed.body, absent.body, "a concealed draft answers as what never was");
    }

    async fn whoever_reads_a_resource_rates_it_once(app: App) {
        let author = app.person("Ada").await;
        let (member, stranger) = (app.person("Ben").await, app.person("Eve").await);
        let community = author.create_community("Guides", json!({})).await;
        member.join(&community).await;
        let id = author.create_resource(&community, "Story dice", json!({})).await;
        let hidden = author.create_resource(&community, "For us", json!({ "visibility": "MEMBERS" })).await;
        let rate = "mutation($id: ID!, $rating: Int!, $comment: String) { rateResource(id: $id, rating: $rating, comment: $comment) {
            resource { averageRating ratingCount viewerRating } position userErrors { code field message } } }";
        let rated = stranger.mutate(rate, json!({ "id": id, "rating": 5 })).await;
        assert_eq!(rated["resource"], json!({ "averageRating": 5.0, "ratingCount": 1, "viewerRating": 5 }));
        member.mutate(rate, json!({ "id": id, "rating": 1 })).await;
        let better = member.mutate(rate, json!({ "id": id, "rating": 2, "comment": "Too heavy." })).await;
        assert_eq!(better["resource"], json!({ "averageRating": 3.5, "ratingCount": 2, "viewerRating": 2 }), "rating again replaces");
        let again = member.mutate(rate, json!({ "id": id, "rating": 2, "comment": "Too heavy." })).await;
        assert_eq!(again["position"], better["position"]);
        for rating in [0, 6, -3] {
            assert_eq!(member.refused(rate, json!({ "id": id, "rating": rating })).await, ["OUT_OF_RANGE rating"]);
        }
        assert_eq!(stranger.refused(rate, json!({ "id": hidden, "rating": 3 })).await, ["NOT_FOUND id"]);
        let show = "query($id: ID!) { resource(id: $id) { averageRating ratingCount viewerRating
            ratings(first: 1) { totalCount pageInfo { hasNextPage } nodes { value comment author { displayName } } } } }";
        let seen = app.anonymous().query(show, json!({ "id": id })).await["resource"].clone();
        assert_eq!(seen, json!({
            "averageRating": 3.5, "ratingCount": 2, "viewerRating": null,
            "ratings": { "totalCount": 2, "pageInfo": { "hasNextPage": true },
                "nodes": [{ "value": 2, "comment": "Too heavy.", "author": { "displayName": "Ben" } }] },
        }));
        let unrated = member.query(show, json!({ "id": hidden })).await["resource"].clone();
        assert_eq!((&unrated["averageRating"], &unrated["ratingCount"]), (&Value::Null, &json!(0)));
        let nobody = app.anonymous().failed(rate, json!({ "id": id, "rating": 3 })).await;
        assert_eq!(nobody, ["UNAUTHENTICATED"]);
    }
}
