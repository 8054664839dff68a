//! The search page that docs/search.md describes: its operations run as they are printed.

use serde_json::{Value, json};
use support::{App, Client, on_both_databases};

const PAGE: &str = include_str!("../../docs/search.md");
/// Hits on a page there.
const PAGE_SIZE: usize = 20;

fn operations() -> Vec<&'static str> {
    let blocks = PAGE.split("\n```").skip(1).step_by(2);
    blocks
        .filter_map(|block| block.strip_prefix("graphql\n"))
        .collect()
}

on_both_databases! {
    async fn every_operation_of_the_search_page_answers(app: App) {
        let author = app.person("Ada").await;
        let community = author.create_community("Shelf", json!({})).await;
        let written = json!({ "body": "Peers give feedback on drafts.", "language": "en", "tags": ["writing"], "kind": "GUIDE", "educationalLevels": ["Primary"] });
        author.create_resource(&community, "Peer feedback", written.clone()).await;
        for number in 1..=PAGE_SIZE {
            author.create_resource(&community, &format!("Peer feedback {number}"), written.clone()).await;
        }
        let mut made = Value::Null;
        for (title, more) in [
            ("Feedback in pairs", json!({ "body": "Feedback by peers, in pairs.", "language": "en", "tags": ["speaking"], "kind": "VIDEO" })),
            ("Evaluer entre pairs", json!({ "body": "Les pairs évaluent.", "language": "fr", "tags": ["writing"], "kind": "GUIDE" })),
        ] {
            made = author.create_resource_payload(&community, title, more).await;
        }
        let reader = app.anonymous().at(&made["position"]);
        let operations = operations();
        assert!(operations.len() >= 8, "docs/search.md has lost its operations");
        let mut cursor = Value::Null;
        let mut seen: Vec<Value> = Vec::new();
        for operation in operations {
            let variables = json!({
                "query": "peer feedback", "filter": { "tags": ["writing"] }, "prefix": "pee",
                "after": cursor, "id": made["resource"]["id"], "community": community,
            });
            if operation.starts_with("mutation") {
                author.mutate(operation, variables).await;
                continue;
            }
            let asks = if operation.contains("savedSearches") { &author } else { &reader };
            let answer = asks.query(operation, variables).await;
            let search = &answer["search"];
            if operation.contains("query SearchPage") || operation.contains("query NextPage") {
                let hits = search["edges"].as_array().unwrap();
                assert!(hits.iter().all(|hit| hit["snippets"].to_string().contains("<mark>")), "{search:#}");
                let page = seen.len() / PAGE_SIZE;
                assert_eq!(hits.len(), [PAGE_SIZE, 1][page], "{search:#}");
                assert_eq!(search["pageInfo"]["hasNextPage"], page == 0);
                assert!(hits.iter().all(|hit| !seen.contains(&hit["node"]["id"])), "the next page brings others");
                seen.extend(hits.iter().map(|hit| hit["node"]["id"].clone()));
                cursor = search["pageInfo"]["endCursor"].clone();
            }
            if operation.contains("query SearchPage") {
                assert_eq!(search["totalCount"], PAGE_SIZE + 1, "{search:#}");
                let facets = search["facets"].as_array().unwrap();
                let tags = facets.iter().find(|facet| facet["field"] == "TAG").unwrap();
                let counted: Vec<_> = tags["buckets"].as_array().unwrap().iter().map(|bucket| &bucket["value"]).collect();
                assert_eq!(counted, ["writing", "speaking"], "the tags that could be chosen besides");
            }
            if operation.contains("query Complete") {
                assert_eq!(answer["suggest"][0]["text"], "Peer feedback");
            }
            if operation.contains("query Why") {
                let explanation = &search["edges"][0]["explanation"];
                assert!(!explanation["matches"].as_array().unwrap().is_empty(), "{search:#}");
                assert!(!explanation["factors"].as_array().unwrap().is_empty(), "{search:#}");
            }
            if operation.contains("savedSearches") {
                assert_eq!(answer["savedSearches"]["nodes"][0]["filter"]["tags"], json!(["writing"]));
            }
            if operation.contains("query Related") {
                assert!(answer["related"].is_array(), "{answer:#}");
            }
        }
        assert_eq!(seen.len(), PAGE_SIZE + 1, "docs/search.md has lost a page");
    }

    async fn parked_and_abandoned_innovations_are_found_when_asked_for(app: App) {
        let author = app.person("Ada").await;
        let community = author.create_community("Lab", json!({ "kind": "INNOVATION" })).await;
        let create = "mutation($input: CreateInnovationInput!) {
            createInnovation(input: $input) { innovation { id } userErrors { code field message } } }";
        let input = json!({ "communityId": community, "title": "Quokka lessons", "idea": "Teach outside." });
        let id = author.mutate(create, json!({ "input": input })).await["innovation"]["id"].clone();
        let abandon = "mutation($id: ID!) { advanceInnovation(id: $id, to: ABANDONED, learning: \"Rain matters.\") {
            position userErrors { code field message } } }";
        let position = author.mutate(abandon, json!({ "id": id })).await["position"].clone();
        let reader = app.anonymous().at(&position);
        let search = "query($filter: SearchFilter) { search(query: \"quokka\", filter: $filter) { totalCount
            facets(fields: [STATUS]) { buckets { value label } } } }";
        let usual = reader.query(search, json!({})).await;
        assert_eq!(usual["search"]["totalCount"], 0);
        let all = reader.query(search, json!({ "filter": { "includeAbandoned": true } })).await;
        let found = json!({ "totalCount": 1, "facets": [{ "buckets": [{ "value": "ABANDONED", "label": "Abandoned" }] }] });
        assert_eq!(all["search"], found);
        let named = reader.query(search, json!({ "filter": { "states": ["ABANDONED"] } })).await;
        assert_eq!(named["search"], found, "whoever names the stage need say no more");
    }

    async fn statuses_and_narrower_domains_narrow(app: App) {
        let admin = app.administrator().await;
        let create = "mutation($input: CreateDomainInput!) { createDomain(input: $input) { domain { id } userErrors { code field message } } }";
        let letters = admin.mutate(create, json!({ "input": { "name": "Letters" } })).await["domain"]["id"].clone();
        let reading = admin.mutate(create, json!({ "input": { "name": "Reading", "parentId": letters } })).await["domain"]["id"].clone();
        let author = app.person("Ada").await;
        let community = author.create_community("Shelf", json!({})).await;
        author.create_resource(&community, "Quokka letters", json!({ "domainIds": [letters] })).await;
        let made = author.create_resource_payload(&community, "Quokka reading", json!({ "domainIds": [reading], "educationalLevels": ["Primary"] })).await;
        let reader = app.anonymous().at(&made["position"]);
        let search = "query($filter: SearchFilter) { search(query: \"quokka\", filter: $filter) { totalCount
            facets(fields: [EDUCATIONAL_LEVEL, YEAR]) { buckets { value count } } } }";
        let count = async |filter: Value| reader.query(search, json!({ "filter": filter })).await["search"]["totalCount"].clone();
        assert_eq!(count(json!({ "domainIds": [letters] })).await, 2);
        assert_eq!(count(json!({ "domainIds": [letters], "includeNarrowerDomains": false })).await, 1);
        assert_eq!(count(json!({ "statuses": ["PUBLISHED"] })).await, 2);
        assert_eq!(count(json!({ "statuses": ["ARCHIVED"] })).await, 0);
        let facets = reader.query(search, json!({})).await["search"]["facets"].clone();
        assert_eq!(facets[0]["buckets"], json!([{ "value": "Primary", "count": 1 }]));
        assert_eq!(facets[1]["buckets"][0]["count"], 2);
    }

    async fn what_is_shown_to_work_is_found_by_its_evidence(app: App) {
        let author = app.person("Ada").await;
        let other = app.person("Ben").await;
        let community = author.create_community("Shelf", json!({})).await;
        other.join(&community).await;
        let known = json!({ "body": "Quokka.", "language": "en" });
        let tried = author.create_resource(&community, "Quokka one", known.clone()).await;
        let made = author.create_resource_payload(&community, "Quokka two", known).await;
        let search = "query($filter: SearchFilter) { search(query: \"quokka\", filter: $filter) {
            nodes { ... on Item { title } } facets(fields: [EVIDENCE_LEVEL]) { buckets { value label count } }
            edges { explanation { factors { name value } } } } }";
        let answer = async |position: &Value, filter: Value| {
            let variables = json!({ "filter": filter });
            app.anonymous().at(position).query(search, variables).await["search"].clone()
        };
        let before = answer(&made["position"], json!({})).await;
        assert_eq!(before["facets"][0]["buckets"], json!([{ "value": "NONE", "label": "None", "count": 2 }]));
        let adopted = other.adopt(&tried, "A class", "IN_USE").await;
        let after = answer(&adopted["position"], json!({})).await;
        let buckets = json!([
            { "value": "NONE", "label": "None", "count": 1 },
            { "value": "REPORTED", "label": "Reported", "count": 1 },
        ]);
        assert_eq!(after["facets"][0]["buckets"], buckets, "with the change of the level");
        assert_eq!(after["nodes"][0]["title"], "Quokka one", "{after:#}");
        let factors = |place: usize| after["edges"][place]["explanation"]["factors"].to_string();
        assert!(factors(0).contains("evidence") && !factors(1).contains("evidence"));
        let narrowed = answer(&adopted["position"], json!({ "evidenceLevels": ["REPORTED", "CONFIRMED"] })).await;
        assert_eq!(narrowed["nodes"], json!([{ "title": "Quokka one" }]));
        assert_eq!(narrowed["facets"][0]["buckets"], buckets, "its own field does not narrow it");
    }

    async fn what_three_people_miss_is_a_knowledge_gap(app: App) {
        let members = [app.person("Ada").await, app.person("Ben").await, app.person("Cleo").await];
        let stranger = app.person("Eve").await;
        let shelf = members[0].create_community("Shelf", json!({})).await;
        let other = members[0].create_community("Other shelf", json!({})).await;
        for member in &members[1..] {
            member.join(&shelf).await;
        }
        let search = "query($query: String!, $filter: SearchFilter) { search(query: $query, filter: $filter) { totalCount } }";
        let here = json!({ "communityIds": [shelf] });
        let info = stranger.query("{ serverInfo { position } }", json!({})).await;
        // What is asked of an index that is not there yet is not missed.
        let position = &info["serverInfo"]["position"];
        let members = members.map(|member| member.at(position));
        let stranger = stranger.at(position);
        let anybody = app.anonymous().at(position);
        let gaps = async |client: &Client| {
            let query = "query($ids: [ID!]!) { nodes(ids: $ids) {
                ... on Community { slug knowledgeGaps(first: 5) { query searches lastAt } } } }";
            client.query(query, json!({ "ids": [shelf, other] })).await["nodes"].clone()
        };
        let words = |nodes: &Value, place: usize| {
            let gaps = nodes[place]["knowledgeGaps"].as_array().unwrap();
            gaps.iter().map(|gap| format!("{} {}", gap["query"].as_str().unwrap(), gap["searches"])).collect::<Vec<_>>()
        };
        for member in &members[..2] {
            for query in ["Wombat  lessons", "platypus"] {
                member.query(search, json!({ "query": query, "filter": here })).await;
            }
        }
        // Two others look for the one without being members, and nobody for the other a third time.
        stranger.query(search, json!({ "query": "platypus" })).await;
        anybody.query(search, json!({ "query": "platypus", "filter": here })).await;
        assert_eq!(words(&gaps(&members[0]).await, 0), [""; 0], "two people are too few");
        members[2].query(search, json!({ "query": "wombat lessons" })).await;
        for member in &members {
            let found = gaps(member).await;
            assert_eq!(words(&found, 0), ["wombat lessons 3"]);
            assert_eq!(words(&found, 1), [""; 0], "of another community nothing is told");
            let last = found[0]["knowledgeGaps"][0]["lastAt"].as_str().unwrap();
            assert!(last.ends_with("T00:00:00Z"), "{last} is a day");
        }
        for client in [&stranger, &anybody] {
            assert_eq!(words(&gaps(client).await, 0), [""; 0], "it is for members");
        }
        // Something is found, and nobody opens it.
        members[0].create_resource(&shelf, "Quoll burrows", json!({})).await;
        let abandon = "mutation($query: String!, $filter: SearchFilter) { abandonSearch(query: $query, filter: $filter) {
            userErrors { code field message } } }";
        for member in &members {
            member.mutate(abandon, json!({ "query": "Quoll  burrows", "filter": here })).await;
            member.mutate(abandon, json!({ "query": "quoll", "filter": { "communityIds": [shelf], "tags": ["night"] } })).await;
        }
        stranger.mutate(abandon, json!({ "query": "quoll burrows" })).await;
        assert_eq!(anybody.failed(abandon, json!({ "query": "quoll burrows" })).await, ["UNAUTHENTICATED"]);
        let wrong = json!({ "query": "quoll", "filter": { "communityIds": ["x"] } });
        assert_eq!(members[0].refused(abandon, wrong).await, ["INVALID filter.communityIds.0"]);
        let query = "query($id: ID!) { community(id: $id) { knowledgeGaps { query searches abandoned } } }";
        let found = members[1].query(query, json!({ "id": shelf })).await["community"]["knowledgeGaps"].clone();
        assert_eq!(found, json!([
            { "query": "quoll burrows", "searches": 3, "abandoned": 3 },
            { "query": "wombat lessons", "searches": 3, "abandoned": 0 },
        ]));
    }
}
