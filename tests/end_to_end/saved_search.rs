//! Searches that people save, and what these tell them of.

use serde_json::{Value, json};
use support::{App, Client, on_both_databases};

use crate::statements::statements;

const SAVE: &str = "mutation($name: String!, $query: String!, $filter: SearchFilter, $alerts: Boolean) {
    saveSearch(name: $name, query: $query, filter: $filter, alerts: $alerts) {
        savedSearch { id name query alerts createdAt
            filter { kinds tags languages communityIds evidenceLevels includeNarrowerDomains includeAbandoned
                updatedAt { from to } } }
        position userErrors { code field message } } }";
const DELETE: &str = "mutation($id: ID!) { deleteSavedSearch(id: $id) {
    deletedId position userErrors { code field message } } }";
const LIST: &str = "query($first: Int, $after: String) { savedSearches(first: $first, after: $after) {
    totalCount nodes { id name } edges { cursor node { name } } pageInfo { hasNextPage endCursor } } }";

/// The titles of what somebody's searches have told them of, and whose act it was.
async fn told(client: &Client, position: &Value) -> Vec<(String, String)> {
    let query = "{ notifications(unreadOnly: true) { nodes {
        reason actor { displayName } about { ... on Item { title } } } } }";
    let found = client.at(position).query(query, json!({})).await;
    let text = |value: &Value| value.as_str().unwrap_or("?").to_owned();
    let nodes = found["notifications"]["nodes"].as_array().unwrap();
    nodes
        .iter()
        .filter(|node| node["reason"] == "SEARCH_ALERT")
        .map(|node| {
            (
                text(&node["about"]["title"]),
                text(&node["actor"]["displayName"]),
            )
        })
        .collect()
}

on_both_databases! {
    async fn a_saved_search_tells_its_owner_of_what_is_new(app: App) {
        let author = app.person("Ada").await;
        let reader = app.person("Ben").await;
        let shelf = author.create_community("Shelf", json!({})).await;
        let cellar = author.create_community("Cellar", json!({ "visibility": "PRIVATE" })).await;
        author.create_resource(&shelf, "Quokkas at school", json!({})).await;
        let filter = json!({ "tags": ["Animals"], "kinds": ["RESOURCE"], "languages": ["en"] });
        let variables = json!({ "name": "Quokkas", "query": "quokkas", "filter": filter, "alerts": true });
        let saved = reader.mutate(SAVE, variables.clone()).await["savedSearch"].clone();
        assert_eq!((&saved["name"], &saved["query"], &saved["alerts"]), (&json!("Quokkas"), &json!("quokkas"), &json!(true)));
        let expected = json!({ "kinds": ["RESOURCE"], "tags": ["Animals"], "languages": ["en"], "communityIds": null,
            "evidenceLevels": null, "includeNarrowerDomains": null, "includeAbandoned": null, "updatedAt": null });
        assert_eq!(saved["filter"], expected);
        let again = reader.mutate(SAVE, variables).await["savedSearch"].clone();
        assert_eq!(again["id"], saved["id"], "the same again is the same");

        let tagged = json!({ "tags": ["animals"], "language": "en" });
        author.create_resource(&shelf, "Quokkas without a tag", json!({ "language": "en" })).await;
        author.create_resource(&cellar, "Quokkas in private", tagged.clone()).await;
        let mut draft = tagged.clone();
        draft["publish"] = json!(false);
        let drafted = author.create_resource(&shelf, "A quokka to come", draft).await;
        let made = author.create_resource_payload(&shelf, "The quokka", tagged).await;
        let the = |title: &str| (title.to_owned(), "Ada".to_owned());
        assert_eq!(told(&reader, &made["position"]).await, [the("The quokka")]);
        assert_eq!(told(&author, &made["position"]).await, []);

        let publish = "mutation($id: ID!) { publishResource(id: $id) { position userErrors { code field message } } }";
        let published = author.mutate(publish, json!({ "id": drafted })).await;
        assert_eq!(told(&reader, &published["position"]).await, [the("A quokka to come"), the("The quokka")]);

        let narrow = "mutation($id: ID!) { updateResource(id: $id, input: { visibility: MEMBERS }) {
            position userErrors { code field message } } }";
        let narrowed = author.mutate(narrow, json!({ "id": drafted })).await;
        assert_eq!(told(&reader, &narrowed["position"]).await, [the("The quokka")], "nor of what they no longer see");

        let deleted = reader.mutate(DELETE, json!({ "id": saved["id"] })).await;
        assert_eq!(deleted["deletedId"], saved["id"]);
        let later = author.create_resource_payload(&shelf, "A late quokka", json!({ "tags": ["animals"], "language": "en" })).await;
        assert_eq!(told(&reader, &later["position"]).await, [the("The quokka")]);
    }

    async fn it_goes_on_telling_when_what_it_names_gets_another_slug(app: App) {
        let (admin, author, reader) = (app.administrator().await, app.person("Ada").await, app.person("Ben").await);
        let create = "mutation($name: String!) { createDomain(input: { name: $name }) { domain { id } userErrors { code } } }";
        let mut domains = Vec::new();
        for name in ["Arithmetic", "Numeracy"] {
            domains.push(admin.mutate(create, json!({ "name": name })).await["domain"]["id"].clone());
        }
        let shelf = author.create_community("Shelf", json!({ "slug": "shelf" })).await;
        let cellar = author.create_community("Cellar", json!({ "slug": "cellar", "visibility": "UNLISTED" })).await;
        for query in ["domain:arithmetic", "quokka in:shelf", "in:cellar OR wombat"] {
            reader.mutate(SAVE, json!({ "name": query, "query": query, "alerts": true })).await;
        }
        let merge = "mutation($id: ID!, $into: ID!) { mergeDomains(id: $id, intoId: $into) { userErrors { code } } }";
        admin.mutate(merge, json!({ "id": domains[0], "into": domains[1] })).await;
        let rename = "mutation($id: ID!, $slug: String!) { updateCommunity(id: $id, input: { slug: $slug }) { userErrors { code } } }";
        author.mutate(rename, json!({ "id": shelf, "slug": "library" })).await;
        author.mutate(rename, json!({ "id": cellar, "slug": "vault" })).await;
        author.create_resource(&shelf, "Times tables", json!({ "domainIds": [domains[1]] })).await;
        author.create_resource(&cellar, "Gold", json!({})).await;
        let made = author.create_resource_payload(&shelf, "The quokka", json!({})).await;
        let the = |title: &str| (title.to_owned(), "Ada".to_owned());
        assert_eq!(told(&reader, &made["position"]).await, [the("The quokka"), the("Times tables")]);
    }

    async fn saved_searches_are_private_and_paged(app: App) {
        let reader = app.person("Ben").await;
        let other = app.person("Eve").await;
        let save = async |number: usize| {
            let variables = json!({ "name": format!("Search {number}"), "query": "walking" });
            reader.mutate(SAVE, variables).await["savedSearch"]["id"].clone()
        };
        let first = save(0).await;
        let viewer = service::auth::authenticate(app.server().auth(), reader.token()).await.unwrap();
        let few = statements(&app, &viewer, LIST).await;
        for number in 1..5 {
            save(number).await;
        }
        assert_eq!(statements(&app, &viewer, LIST).await, few);
        let page = reader.query(LIST, json!({ "first": 3 })).await["savedSearches"].clone();
        assert_eq!(page["totalCount"], 5);
        let next = json!({ "first": 3, "after": page["pageInfo"]["endCursor"] });
        let next = reader.query(LIST, next).await["savedSearches"].clone();
        let pages = [&page, &next].map(|page| page["nodes"].as_array().unwrap().clone()).concat();
        let names: Vec<_> = pages.iter().map(|node| node["name"].as_str().unwrap()).collect();
        assert_eq!(names, ["Search 4", "Search 3", "Search 2", "Search 1", "Search 0"]);

        let node = "query($id: ID!) { node(id: $id) { __typename ... on SavedSearch { name } } }";
        let id = json!({ "id": first });
        assert_eq!(reader.query(node, id.clone()).await["node"], json!({ "__typename": "SavedSearch", "name": "Search 0" }));
        for client in [&other, &app.anonymous()] {
            assert_eq!(client.query(node, id.clone()).await["node"], Value::Null);
            assert_eq!(client.query(LIST, json!({})).await["savedSearches"]["totalCount"], 0);
        }
        assert_eq!(other.refused(DELETE, id.clone()).await, ["NOT_FOUND id"]);
        assert_eq!(app.anonymous().failed(DELETE, id).await, ["UNAUTHENTICATED"]);
        let wrong = json!({ "name": "", "query": "a", "filter": { "communityIds": ["x"], "updatedAt": { "from": "now" } } });
        let mut refused = reader.refused(SAVE, wrong).await;
        refused.sort_unstable();
        assert_eq!(refused, ["INVALID filter.communityIds.0", "INVALID filter.updatedAt.from", "REQUIRED name"]);
        let nothing = json!({ "name": "All", "query": " " });
        assert_eq!(reader.refused(SAVE, nothing).await, ["REQUIRED query"]);
    }
}
