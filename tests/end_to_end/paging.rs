//! Connections: keyset cursors both ways, stable under inserts, bounded.

use serde_json::{Value, json};
use support::{App, Client, on_both_databases};

const LIST: &str =
    "query($first: Int, $after: String, $last: Int, $before: String, $orderBy: ResourceOrder) {
    resources(first: $first, after: $after, last: $last, before: $before, orderBy: $orderBy) {
        totalCount
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
        edges { cursor node { title } }
    }
}";

fn titles(page: &Value) -> Vec<String> {
    page["edges"]
        .as_array()
        .unwrap()
        .iter()
        .map(|edge| edge["node"]["title"].as_str().unwrap().to_owned())
        .collect()
}

async fn page(client: &Client, variables: Value) -> Value {
    client.query(LIST, variables).await["resources"].clone()
}

on_both_databases! {
    async fn pages_in_both_directions_make_the_whole_list_in_every_order(app: App) {
        let author = app.person("Ada").await;
        let community = author.create_community("Pages", json!({})).await;
        for number in 0..7 {
            // Equal titles: the id breaks ties.
            author.create_resource(&community, ["Été", "ete", "Zoo"][number % 3], json!({ "publish": number != 5 })).await;
        }
        for field in ["TITLE", "CREATED_AT", "UPDATED_AT", "PUBLISHED_AT"] {
            for direction in ["ASC", "DESC"] {
                let order = json!({ "field": field, "direction": direction });
                let whole = page(&author, json!({ "first": 100, "orderBy": order })).await;
                let whole: Vec<_> = whole["edges"].as_array().unwrap().iter().map(|edge| edge["cursor"].clone()).collect();
                assert_eq!(whole.len(), 7, "{field} {direction}");

                let mut forward = Vec::new();
                let mut after = Value::Null;
                loop {
                    let page = page(&author, json!({ "first": 3, "after": after, "orderBy": order })).await;
                    assert_eq!(page["totalCount"], 7);
                    forward.extend(page["edges"].as_array().unwrap().iter().map(|edge| edge["cursor"].clone()));
                    after = page["pageInfo"]["endCursor"].clone();
                    if page["pageInfo"]["hasNextPage"] == false {
                        break;
                    }
                }
                assert_eq!(forward, whole, "{field} {direction} forward");

                let mut backward = Vec::new();
                let mut before = Value::Null;
                loop {
                    let page = page(&author, json!({ "last": 3, "before": before, "orderBy": order })).await;
                    let mut cursors: Vec<_> = page["edges"].as_array().unwrap().iter().map(|edge| edge["cursor"].clone()).collect();
                    cursors.extend(backward);
                    backward = cursors;
                    before = page["pageInfo"]["startCursor"].clone();
                    if page["pageInfo"]["hasPreviousPage"] == false {
                        break;
                    }
                }
                assert_eq!(backward, whole, "{field} {direction} backward");
            }
        }
    }

    async fn a_page_is_stable_while_others_write(app: App) {
        let author = app.person("Ada").await;
        let community = author.create_community("Pages", json!({})).await;
        for title in ["b", "d", "f"] {
            author.create_resource(&community, title, json!({})).await;
        }
        let order = json!({ "field": "TITLE", "direction": "ASC" });
        let first = page(&author, json!({ "first": 2, "orderBy": order })).await;
        assert_eq!(titles(&first), ["b", "d"]);
        author.create_resource(&community, "a", json!({})).await;
        author.create_resource(&community, "e", json!({})).await;
        let after = &first["pageInfo"]["endCursor"];
        let second = page(&author, json!({ "first": 2, "after": after, "orderBy": order })).await;
        assert_eq!(titles(&second), ["e", "f"], "nothing twice, nothing left out");
    }

    async fn filters_nest_and_combine(app: App) {
        let author = app.person("Ada").await;
        let community = author.create_community("Filters", json!({})).await;
        author.create_resource(&community, "French video", json!({ "kind": "VIDEO", "language": "fr", "tags": ["Été"] })).await;
        author.create_resource(&community, "English video", json!({ "kind": "VIDEO", "language": "en" })).await;
        author.create_resource(&community, "French guide", json!({ "kind": "GUIDE", "language": "fr" })).await;
        let find = async |filter: Value| -> Vec<String> {
            let query = "query($filter: ResourceFilter) {
                resources(filter: $filter, orderBy: { field: TITLE, direction: ASC }) { totalCount nodes { title } }
            }";
            let found = author.query(query, json!({ "filter": filter })).await["resources"].clone();
            let titles: Vec<String> =
                found["nodes"].as_array().unwrap().iter().map(|node| node["title"].as_str().unwrap().to_owned()).collect();
            assert_eq!(found["totalCount"], titles.len());
            titles
        };
        assert_eq!(find(json!({ "kinds": ["VIDEO"], "languages": ["fr"] })).await, ["French video"]);
        assert_eq!(find(json!({ "or": [{ "kinds": ["GUIDE"] }, { "languages": ["en"] }] })).await, ["English video", "French guide"]);
        assert_eq!(find(json!({ "not": { "languages": ["fr"] } })).await, ["English video"]);
        assert_eq!(find(json!({ "tags": ["ete"] })).await, ["French video"]);
        assert_eq!(find(json!({ "updatedAt": { "to": "2000-01-01T00:00:00Z" } })).await, Vec::<String>::new());
        let mut deep = json!({ "kinds": ["VIDEO"] });
        for _ in 0..10 {
            deep = json!({ "not": deep });
        }
        let query = "query($filter: ResourceFilter) { resources(filter: $filter) { totalCount } }";
        assert_eq!(author.failed(query, json!({ "filter": deep })).await, ["BAD_USER_INPUT"]);
    }
}
