//! Full-text search: found a moment after it was written, by words as people type them.

mod corrections;
mod facets;
mod former_slugs;
mod signals;

use serde_json::{Value, json};
use support::{App, Client, on_both_databases};

const SEARCH: &str = "query($query: String!, $filter: SearchFilter, $orderBy: SearchOrder, $first: Int, $after: String) {
    search(query: $query, filter: $filter, orderBy: $orderBy, first: $first, after: $after) {
        totalCount didYouMean correctedQuery
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
        edges { cursor score snippets { field html }
            node { ... on Item { title } ... on Community { name } ... on Domain { name } } }
    }
}";

async fn search(client: &Client, query: &str, more: Value) -> Value {
    let mut variables = json!({ "query": query });
    variables
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    client.query(SEARCH, variables).await["search"].clone()
}

fn titles(found: &Value) -> Vec<String> {
    found["edges"]
        .as_array()
        .unwrap()
        .iter()
        .map(|edge| {
            edge["node"]["title"]
                .as_str()
                .or(edge["node"]["name"].as_str())
                .unwrap()
                .to_owned()
        })
        .collect()
}

async fn sorted(client: &Client, query: &str) -> Vec<String> {
    let mut titles = client.search_titles(query).await;
    titles.sort();
    titles
}

/// A client of the same person that waits for what another one wrote last.
async fn caught_up(client: &Client) -> Client {
    let position =
        client.query("{ serverInfo { position } }", json!({})).await["serverInfo"]["position"]
            .clone();
    client.at(&position)
}

/// Calls a mutation that takes `$id`.
async fn change(author: &Client, call: &str, id: &Value) {
    let mutation =
        format!("mutation($id: ID!) {{ {call} {{ userErrors {{ code field message }} }} }}");
    author.mutate(&mutation, json!({ "id": id })).await;
}

/// Resources that differ in what search looks at.
async fn shelf(app: &App) -> (Client, Value) {
    let author = app.person("Ada").await;
    let community = author
        .create_community("Shelf", json!({ "slug": "shelf", "kind": "INNOVATION" }))
        .await;
    for (title, more) in [
        (
            "Teaching fractions",
            json!({ "body": "Children *share* pizzas and compare the slices.", "language": "en", "tags": ["maths"], "kind": "GUIDE" }),
        ),
        (
            "Enseigner les fractions",
            json!({ "body": "Les élèves partagent des gâteaux.", "language": "fr", "tags": ["maths", "élèves"], "kind": "VIDEO" }),
        ),
        (
            "Walking lessons",
            json!({ "body": "Teach a lesson outside; walk and talk.", "language": "en", "tags": ["outdoors"], "licence": "CC-BY-4.0" }),
        ),
        (
            "Assessment <b>& feedback</b>",
            json!({ "body": "Peer feedback before the peer assessment of essays.", "language": "en", "description": "For <script>alert(1)</script> essays." }),
        ),
    ] {
        author.create_resource(&community, title, more).await;
    }
    (caught_up(&author).await, community)
}

on_both_databases! {
    async fn what_was_written_is_found_and_what_was_deleted_is_gone_at_once(app: App) {
        let author = app.person("Ada").await;
        let community = author.create_community("Moments", json!({})).await;
        let made = author.create_resource_payload(&community, "Quokka census", json!({})).await;
        let position = &made["position"];
        for client in [author.at(position), app.anonymous().at(position)] {
            assert_eq!(client.search_titles("quokka").await, ["Quokka census"]);
        }
        let update = "mutation($id: ID!) { updateResource(id: $id, input: { title: \"Numbat census\" }) {
            position userErrors { code field message } } }";
        let id = &made["resource"]["id"];
        let updated = author.mutate(update, json!({ "id": id })).await;
        let now = app.anonymous().at(&updated["position"]);
        assert_eq!(now.search_titles("numbat").await, ["Numbat census"]);
        assert_eq!(now.search_titles("quokka").await, Vec::<String>::new());

        let delete = "mutation($id: ID!) { deleteResource(id: $id) { deletedId userErrors { code field message } } }";
        author.mutate(delete, json!({ "id": id })).await;
        // No position: whatever the index still holds, it is not shown.
        let found = search(&app.anonymous(), "numbat", json!({})).await;
        assert_eq!((&found["totalCount"], &found["edges"]), (&json!(0), &json!([])));
    }

    async fn what_is_narrowed_is_gone_at_once_for_those_it_is_not_for(app: App) {
        let author = app.person("Ada").await;
        let open = author.create_community("Quokkas", json!({})).await;
        let item = author.create_resource(&open, "Quokka census", json!({ "tags": ["quokka"] })).await;
        let other = author.create_community("Numbats", json!({})).await;
        author.create_resource(&other, "Numbat census", json!({})).await;
        let here = caught_up(&app.anonymous()).await;
        assert_eq!(here.search_titles("census").await.len(), 2);

        let narrow = "mutation($id: ID!) { updateResource(id: $id, input: { visibility: MEMBERS }) {
            resource { visibility } userErrors { code field message } } }";
        author.mutate(narrow, json!({ "id": item })).await;
        let close = "mutation($id: ID!) { updateCommunity(id: $id, input: { visibility: UNLISTED }) {
            community { visibility } userErrors { code field message } } }";
        author.mutate(close, json!({ "id": other })).await;
        let query = "{ search(query: \"census\") { totalCount nodes { __typename } facets(fields: [KIND, COMMUNITY, TAG]) { buckets { count } } }
            names: search(query: \"numbat\") { totalCount } suggest(prefix: \"numb\") { text } }";
        let empty = json!({ "buckets": [] });
        assert_eq!(app.anonymous().query(query, json!({})).await, json!({
            "search": { "totalCount": 0, "nodes": [], "facets": [empty, empty, empty] },
            "names": { "totalCount": 0 },
            "suggest": [],
        }));
        assert_eq!(caught_up(&author).await.search_titles("census").await.len(), 2, "the author goes on finding them");
    }

    async fn words_are_found_in_whatever_form_they_are_typed(app: App) {
        let (reader, _) = shelf(&app).await;
        assert_eq!(sorted(&reader, "teach fraction").await, ["Teaching fractions"]);
        assert_eq!(sorted(&reader, "fractions").await, ["Enseigner les fractions", "Teaching fractions"]);
        assert_eq!(reader.search_titles("lesson walked").await, ["Walking lessons"]);
        assert_eq!(reader.search_titles("ELEVE").await, ["Enseigner les fractions"], "accents, case and number");
        assert_eq!(reader.search_titles("gâteau").await, ["Enseigner les fractions"]);
        assert_eq!(reader.search_titles("ENSEIGNÉ").await, ["Enseigner les fractions"], "French verbs are stemmed");
        assert_eq!(reader.search_titles("\"compare the slices\"").await, ["Teaching fractions"]);
        assert_eq!(reader.search_titles("\"slices the compare\"").await, Vec::<String>::new(), "a phrase has an order");
        assert_eq!(reader.search_titles("outs*").await, ["Walking lessons"]);
        assert_eq!(reader.search_titles("fractions -pizzas").await, ["Enseigner les fractions"]);
        assert_eq!(sorted(&reader, "pizzas OR outside").await, ["Teaching fractions", "Walking lessons"]);
        assert_eq!(reader.search_titles("title:walking").await, ["Walking lessons"]);
        assert_eq!(reader.search_titles("title:pizzas").await, Vec::<String>::new());
        assert_eq!(sorted(&reader, "tag:maths").await, ["Enseigner les fractions", "Teaching fractions"]);
        assert_eq!(reader.search_titles("kind:video").await, ["Enseigner les fractions"]);
        assert_eq!(reader.search_titles("kind:community").await, ["Shelf"]);
        assert_eq!(reader.search_titles("lang:fr").await, ["Enseigner les fractions"]);
        assert_eq!(reader.search_titles("in:shelf author:ada walk").await, ["Walking lessons"]);
        assert_eq!(reader.search_titles("before:2001-01-01 kind:resource").await, Vec::<String>::new());
        assert_eq!(sorted(&reader, "after:2001-01-01 kind:resource").await.len(), 4);
        assert_eq!(reader.search_titles("").await.len(), 5, "nothing typed matches everything");
    }

    async fn a_broken_query_is_understood_and_never_an_error(app: App) {
        let (reader, _) = shelf(&app).await;
        let nested = format!("{}fractions", "(".repeat(2_000));
        let long = "fractions ".repeat(3_000);
        for query in [
            "\"fractions", "fractions\"", "(fractions", "fractions))", "fractions AND", "OR fractions", "fractions OR",
            "title: fractions", "- fractions", "fractions *", "fractions \\", "fractions ]}", "before:never fractions",
            "\u{202e}fractions\u{feff}", "fractions\u{0}", "fractions ^2 ~3", "+fractions", "nofield:x OR fractions",
            &nested, &long,
        ] {
            let answer = reader.send(SEARCH, json!({ "query": query })).await;
            assert!(answer.body.get("errors").is_none(), "{query:.40}: {:#}", answer.body);
            assert!(answer.body["data"]["search"]["totalCount"].is_u64(), "{query:.40}");
        }
        for query in ["\"fractions", "(fractions", "fractions))", "fractions AND", "OR fractions"] {
            let found = search(&reader, query, json!({})).await;
            assert_eq!(found["totalCount"], 2, "{query}");
        }
        for query in ["- *", "a:(^", "***", "\"\"", "-", ":", "AND OR NOT", "*a", "in:", "-in:shelf"] {
            let answer = reader.send(SEARCH, json!({ "query": query })).await;
            assert!(answer.body.get("errors").is_none(), "{query}: {:#}", answer.body);
        }
    }

    async fn snippets_mark_matches_and_escape_everything_else(app: App) {
        let (reader, _) = shelf(&app).await;
        let found = search(&reader, "essays feedback", json!({})).await;
        assert_eq!(titles(&found), ["Assessment <b>& feedback</b>"]);
        let snippets = found["edges"][0]["snippets"].as_array().unwrap();
        assert!(!snippets.is_empty());
        for snippet in snippets {
            let html = snippet["html"].as_str().unwrap();
            assert!(html.contains("<mark>"), "{html}");
            let rest = html.replace("<mark>", "").replace("</mark>", "");
            assert!(!rest.contains('<') && !rest.contains('>'), "{html}");
        }
        let description = snippets.iter().find(|snippet| snippet["field"] == "description").expect("its description matches");
        assert!(description["html"].as_str().unwrap().contains("<mark>essays</mark>"), "{description}");
    }

    async fn a_beginning_is_completed_by_titles_and_tags(app: App) {
        let (reader, community) = shelf(&app).await;
        let suggest = "query($prefix: String!, $filter: SearchFilter, $first: Int) {
            suggest(prefix: $prefix, filter: $filter, first: $first) { text kind node { ... on Item { title } ... on Community { id } } } }";
        let found = reader.query(suggest, json!({ "prefix": "walk" })).await["suggest"].clone();
        assert_eq!(found[0]["text"], "Walking lessons");
        assert_eq!((&found[0]["kind"], &found[0]["node"]), (&json!("RESOURCE"), &json!({ "title": "Walking lessons" })));
        let found = reader.query(suggest, json!({ "prefix": "SHE" })).await["suggest"].clone();
        assert_eq!(found, json!([{ "text": "Shelf", "kind": "COMMUNITY", "node": { "id": community } }]));
        let found = reader.query(suggest, json!({ "prefix": "outd" })).await["suggest"].clone();
        assert_eq!(found, json!([{ "text": "outdoors", "kind": null, "node": null }]));
        let found = reader.query(suggest, json!({ "prefix": "frac", "first": 1 })).await["suggest"].clone();
        assert_eq!(found.as_array().unwrap().len(), 1);
        for prefix in ["", " ", "\u{0}", "\"", "zzz", &"f".repeat(5_000)] {
            reader.query(suggest, json!({ "prefix": prefix })).await;
        }
        assert_eq!(reader.failed(suggest, json!({ "prefix": "w", "first": 101 })).await.len(), 1);
    }

    async fn pages_of_hits_make_the_whole_in_every_order(app: App) {
        let author = app.person("Ada").await;
        let community = author.create_community("Pages", json!({})).await;
        for title in ["Bees", "ants", "Éels", "dogs", "Cats", "frogs", "goats"] {
            author.create_resource(&community, title, json!({ "body": "An animal." })).await;
        }
        let reader = caught_up(&author).await;
        for order in ["RELEVANCE", "NEWEST", "OLDEST", "TITLE"] {
            let whole = titles(&search(&reader, "animal", json!({ "orderBy": order, "first": 100 })).await);
            assert_eq!(whole.len(), 7, "{order}");
            match order {
                "NEWEST" => assert_eq!(whole, ["goats", "frogs", "Cats", "dogs", "Éels", "ants", "Bees"]),
                "OLDEST" => assert_eq!(whole, ["Bees", "ants", "Éels", "dogs", "Cats", "frogs", "goats"]),
                "TITLE" => assert_eq!(whole, ["ants", "Bees", "Cats", "dogs", "Éels", "frogs", "goats"]),
                _ => {}
            }
            let mut paged = Vec::new();
            let mut after = Value::Null;
            loop {
                let page = search(&reader, "animal", json!({ "orderBy": order, "first": 3, "after": after })).await;
                assert_eq!(page["totalCount"], 7);
                paged.extend(titles(&page));
                after = page["pageInfo"]["endCursor"].clone();
                if page["pageInfo"]["hasNextPage"] == false {
                    break;
                }
            }
            assert_eq!(paged, whole, "{order}");
        }
    }

    async fn page_sizes_and_cursors_out_of_bounds_are_refused(app: App) {
        let (reader, _) = shelf(&app).await;
        let none = search(&reader, "fractions", json!({ "first": 0 })).await;
        assert_eq!((&none["totalCount"], &none["edges"]), (&json!(2), &json!([])));
        for wrong in [
            json!({ "first": 101 }), json!({ "first": -1 }), json!({ "first": 100_000 }), json!({ "after": "nonsense" }),
            json!({ "after": "" }), json!({ "filter": { "communityIds": ["resource_01h455vb4pex5vsknk084sn02q"] } }),
            json!({ "filter": { "domainIds": ["nonsense"] } }), json!({ "filter": { "updatedAt": { "from": "yesterday" } } }),
            json!({ "filter": { "tags": vec!["x"; 1_000] } }), json!({ "filter": { "educationalLevels": vec!["x"; 101] } }),
            json!({ "filter": { "years": [2026, 20_260] } }), json!({ "filter": { "years": [0] } }),
        ] {
            let mut variables = json!({ "query": "fractions" });
            variables.as_object_mut().unwrap().extend(wrong.as_object().unwrap().clone());
            let codes = reader.failed(SEARCH, variables).await;
            assert!(["BAD_USER_INPUT", "QUERY_TOO_COMPLEX"].contains(&codes[0].as_str()), "{wrong}: {codes:?}");
        }
        let cursor = search(&reader, "fractions", json!({ "first": 1 })).await["pageInfo"]["endCursor"].clone();
        let other_order = json!({ "query": "fractions", "after": cursor, "orderBy": "TITLE" });
        assert_eq!(reader.failed(SEARCH, other_order).await, ["BAD_USER_INPUT"]);
        // One field's failure does not erase what another one answered.
        let two = "{ search(query: \"x\", after: \"nonsense\") { totalCount } serverInfo { version } }";
        let answer = reader.send(two, json!({})).await;
        assert_eq!(answer.body["data"]["search"], Value::Null);
        assert!(answer.body["data"]["serverInfo"]["version"].is_string());
    }

    async fn the_index_outlives_a_restart_and_its_loss_is_mended(app: App) {
        let (reader, _) = shelf(&app).await;
        assert_eq!(reader.search_titles("walking").await, ["Walking lessons"]);
        let app = app.restart().await;
        // Opened at its checkpoint: nothing need be indexed again.
        assert_eq!(app.anonymous().search_titles("walking").await, ["Walking lessons"]);

        let app = app.restart_after(|config| {
            std::fs::remove_dir_all(config.index_directory()).expect("the index directory is removed");
        }).await;
        let info = "{ serverInfo { position indexPosition version } resources { totalCount } }";
        let info = app.anonymous().query(info, json!({})).await;
        assert_eq!(info["resources"]["totalCount"], 4, "the API answers meanwhile");
        let reader = caught_up(&app.anonymous()).await;
        assert_eq!(reader.search_titles("walking").await, ["Walking lessons"]);
        assert_eq!(reader.search_titles("").await.len(), 5);
        let info = reader.query("{ serverInfo { position indexPosition } }", json!({})).await["serverInfo"].clone();
        assert_eq!(info["position"], info["indexPosition"]);
    }
}
