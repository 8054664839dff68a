//! Facets: whatever value is chosen, it finds what it counts.

use chrono::TimeDelta;
use serde_json::{Value, json};
use support::{App, Client, on_both_databases};

use super::{caught_up, change, search, shelf};
use crate::experience_report::email_of;

/// Every facet, and the list of the filter that its values go into.
const LISTS: [(&str, &str); 13] = [
    ("KIND", "kinds"),
    ("RESOURCE_KIND", "resourceKinds"),
    ("COMMUNITY", "communityIds"),
    ("COMMUNITY_KIND", "communityKinds"),
    ("DOMAIN", "domainIds"),
    ("TAG", "tags"),
    ("LANGUAGE", "languages"),
    ("LICENCE", "licences"),
    ("AUTHOR", "authorIds"),
    ("STATUS", "states"),
    ("EDUCATIONAL_LEVEL", "educationalLevels"),
    ("EVIDENCE_LEVEL", "evidenceLevels"),
    ("YEAR", "years"),
];

const FACETS: &str = "query($filter: SearchFilter, $fields: [SearchFacetField!]!) {
    search(query: \"\", filter: $filter, first: 0) {
        facets(fields: $fields, size: 100) { field buckets { value count } } } }";
const COUNT: &str = "query($filter: SearchFilter) {
    search(query: \"\", filter: $filter, first: 0) { totalCount } }";

async fn domain(admin: &Client, input: Value) -> Value {
    let create = "mutation($input: CreateDomainInput!) { createDomain(input: $input) {
        domain { id } userErrors { code field message } } }";
    admin.mutate(create, json!({ "input": input })).await["domain"]["id"].clone()
}

/// Makes an item of a type, and answers its id.
async fn create(author: &Client, item: &str, input: Value) -> Value {
    let input_type = if item == "Collection" {
        "CollectionInput".to_owned()
    } else {
        format!("Create{item}Input")
    };
    let object = item.to_lowercase();
    let mutation = format!(
        "mutation($input: {input_type}!) {{ create{item}(input: $input) {{
            {object} {{ id }} userErrors {{ code field message }} }} }}"
    );
    author.mutate(&mutation, json!({ "input": input })).await[&object]["id"].clone()
}

/// Resources in the ways that facets tell apart; answers one of them that is published.
async fn resources(author: &Client, lab: &Value, letters: &Value, reading: &Value) -> Value {
    let guide = json!({
        "kind": "GUIDE", "domainIds": [letters], "tags": ["Écrire"], "language": "fr", "licence": "CC-BY-4.0",
        "educationalLevels": ["Primary"],
    });
    let guide = author.create_resource(lab, "Letters", guide).await;
    for (title, more) in [
        (
            "Reading",
            json!({
                "kind": "VIDEO", "domainIds": [reading], "tags": ["ecrire", "lire"], "language": "fr-CA",
                "educationalLevels": ["Primary", "Secondary"],
            }),
        ),
        (
            "Both",
            json!({
                "domainIds": [letters, reading], "tags": ["ECRIRE"], "language": "en", "licence": "CC0-1.0",
            }),
        ),
        ("To come", json!({ "publish": false })),
    ] {
        author.create_resource(lab, title, more).await;
    }
    let gone = author.create_resource(lab, "Long ago", json!({})).await;
    change(author, "archiveResource(id: $id)", &gone).await;
    guide
}

/// Innovations, activities and discussions in their states.
async fn in_states(author: &Client, other: &Client, lab: &Value) {
    for (title, steps) in [
        ("Idea", vec![]),
        ("Explored", vec!["EXPLORING"]),
        ("Set aside", vec!["EXPLORING", "PARKED"]),
        ("Given up", vec!["ABANDONED, learning: \"Rain.\""]),
    ] {
        let input = json!({ "communityId": lab, "title": title, "idea": "Teach outside." });
        let id = create(author, "Innovation", input).await;
        for step in steps {
            let call = format!("advanceInnovation(id: $id, to: {step})");
            change(author, &call, &id).await;
        }
    }
    for title in ["Circle", "Walk"] {
        let input = json!({
            "communityId": lab, "title": title, "kind": "MEETING", "mode": "FACE_TO_FACE", "place": "The blue room",
            "startsAt": "2026-01-14T00:00:00Z", "endsAt": "2026-01-14T01:30:00Z", "timeZone": "America/Toronto",
        });
        let id = create(author, "Activity", input).await;
        if title == "Walk" {
            let call = "setActivityState(id: $id, state: CANCELLED, reason: \"Snow.\")";
            change(author, call, &id).await;
        }
    }
    let add = "mutation($input: AddPostInput!) { addPost(input: $input) {
        post { id } userErrors { code field message } } }";
    for title in ["Goes on", "Answered", "Stale"] {
        let input =
            json!({ "communityId": lab, "title": title, "body": "How?", "kind": "HELP_REQUEST" });
        let id = create(author, "Discussion", input).await;
        if title == "Answered" {
            let input = json!({ "discussionId": id, "body": "So." });
            let post = other.mutate(add, json!({ "input": input })).await["post"]["id"].clone();
            change(author, "acceptPost(id: $id)", &post).await;
        }
        if title == "Stale" {
            change(author, "closeDiscussion(id: $id, reason: STALE)", &id).await;
        }
    }
}

/// Something of every kind, in as many ways as facets tell apart; and its author, who sees all of it.
async fn world(app: &App) -> Client {
    let admin = app.administrator().await;
    let letters = domain(&admin, json!({ "name": "Letters" })).await;
    let reading = domain(&admin, json!({ "name": "Reading", "parentId": letters })).await;
    let (author, other) = (app.person("Ada").await, app.person("Ben").await);
    let lab = json!({ "kind": "INNOVATION", "domainIds": [letters] });
    let lab = author.create_community("Lab", lab).await;
    let old = author.create_community("Old lab", json!({})).await;
    change(&author, "archiveCommunity(id: $id)", &old).await;
    other.join(&lab).await;
    let guide = resources(&author, &lab, &letters, &reading).await;
    in_states(&author, &other, &lab).await;
    let method = json!({ "communityId": lab, "title": "Method", "kind": "METHOD" });
    create(&author, "Practice", method).await;
    let course = json!({ "communityId": lab, "title": "Course", "publish": true });
    create(&author, "Collection", course).await;
    let tell = "mutation($input: ValueStoryInput!) { tellValueStory(input: $input) {
        valueStory { id } userErrors { code field message } } }";
    let steps = json!([{ "cycle": "APPLIED", "text": "I tried it on Monday." }]);
    let story = json!({ "communityId": lab, "title": "Home", "consent": "PUBLIC", "steps": steps });
    other.mutate(tell, json!({ "input": story })).await;
    let pilot = author.plan_pilot(&guide, json!({})).await;
    author.set_pilot_state(&pilot, "RUNNING", None).await;
    other.tell(&pilot, "MEMBERS", json!({})).await;
    other.adopt(&guide, "A class", "IN_USE").await;
    let email = email_of(&author).await;
    app.server().clock().advance(TimeDelta::days(366));
    let author = app.sign_in(&email).await;
    author
        .create_resource(&lab, "A year later", json!({ "language": "en" }))
        .await;
    caught_up(&author).await
}

on_both_databases! {
    async fn every_value_of_every_facet_finds_what_it_counts(app: App) {
        let reader = world(&app).await;
        let fields = LISTS.map(|(field, _)| field);
        let facets = "{ __type(name: \"SearchFacetField\") { enumValues { name } } }";
        let facets = reader.query(facets, json!({})).await["__type"]["enumValues"].clone();
        for facet in facets.as_array().unwrap() {
            assert!(fields.contains(&facet["name"].as_str().unwrap()), "{facet} goes into no list");
        }
        for base in [
            json!({}),
            json!({ "includeAbandoned": true }),
            json!({ "includeNarrowerDomains": false }),
            json!({ "includeAbandoned": true, "kinds": ["RESOURCE", "INNOVATION", "ACTIVITY", "DISCUSSION", "VALUE_STORY"] }),
            json!({ "states": ["PARKED", "OPEN", "PUBLISHED"] }),
            json!({ "tags": ["écrire"], "languages": ["fr"] }),
        ] {
            let variables = json!({ "filter": base, "fields": fields });
            let found = reader.query(FACETS, variables).await["search"]["facets"].clone();
            for ((field, list), facet) in LISTS.iter().zip(found.as_array().unwrap()) {
                assert_eq!(facet["field"], *field);
                let buckets = facet["buckets"].as_array().unwrap();
                assert!(!buckets.is_empty() || base != json!({}), "{field}");
                for bucket in buckets {
                    let value = if *field == "YEAR" {
                        json!(bucket["value"].as_str().unwrap().parse::<i32>().unwrap())
                    } else {
                        bucket["value"].clone()
                    };
                    let mut filter = base.clone();
                    filter[*list] = json!([value]);
                    let count = reader.query(COUNT, json!({ "filter": filter })).await;
                    assert_eq!(count["search"]["totalCount"], bucket["count"], "{field} {bucket} of {base}");
                }
            }
            if base == json!({ "includeAbandoned": true }) {
                let values = |place: usize| {
                    let buckets = found[place]["buckets"].as_array().unwrap().iter();
                    let mut values: Vec<_> = buckets.map(|bucket| bucket["value"].as_str().unwrap()).collect();
                    values.sort_unstable();
                    values
                };
                assert_eq!(values(9), [
                    "ABANDONED", "ACTIVE", "ARCHIVED", "CANCELLED", "CLOSED", "DRAFT", "EXPLORING", "IDEA", "OPEN",
                    "PARKED", "PLANNED", "PUBLISHED", "RESOLVED",
                ]);
                assert_eq!(values(12).len(), 2, "two years");
                assert_eq!(found[5]["buckets"][0]["count"], 3, "a tag is one however it is written");
            }
        }
    }

    async fn what_is_set_aside_is_found_by_its_state(app: App) {
        let reader = world(&app).await;
        let found = async |filter: Value| {
            let titles = "query($filter: SearchFilter) { search(query: \"\", filter: $filter, orderBy: TITLE) {
                nodes { ... on Item { title } } } }";
            let found = reader.query(titles, json!({ "filter": filter })).await["search"]["nodes"].clone();
            let nodes = found.as_array().unwrap().iter();
            nodes.map(|node| node["title"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(found(json!({ "states": ["PARKED", "ABANDONED"] })).await, ["Given up", "Set aside"]);
        assert_eq!(found(json!({ "states": ["PARKED"], "includeAbandoned": false })).await, ["Set aside"]);
        assert_eq!(found(json!({ "states": ["IDEA", "RESOLVED", "CANCELLED"] })).await, ["Answered", "Idea", "Walk"]);
        assert_eq!(found(json!({ "states": ["DRAFT", "OPEN"], "statuses": ["DRAFT"], "kinds": ["PRACTICE"] })).await, ["Method"]);
        assert_eq!(found(json!({ "states": ["OPEN"], "statuses": ["DRAFT"] })).await, [""; 0], "lists are ANDed");
        assert_eq!(found(json!({ "educationalLevels": ["Secondary"] })).await, ["Reading"]);
        assert_eq!(found(json!({ "years": [1999] })).await, [""; 0]);
    }

    async fn a_saved_search_keeps_states_levels_and_years(app: App) {
        let reader = app.person("Ada").await;
        let save = "mutation($filter: SearchFilter) { saveSearch(name: \"Mine\", query: \"a\", filter: $filter) {
            savedSearch { filter { states educationalLevels years statuses } } userErrors { code field message } } }";
        let abandon = "mutation($filter: SearchFilter) { abandonSearch(query: \"a\", filter: $filter) {
            userErrors { code field message } } }";
        let lists = json!({ "states": ["PARKED", "OPEN"], "educationalLevels": ["Primary"], "years": [2026] });
        let mut kept = lists.clone();
        kept["statuses"] = Value::Null;
        let saved = reader.mutate(save, json!({ "filter": lists })).await;
        assert_eq!(saved["savedSearch"]["filter"], kept);
        for mutation in [save, abandon] {
            let wrong = json!({ "filter": { "years": [2026, 20_260] } });
            assert_eq!(reader.refused(mutation, wrong).await, ["OUT_OF_RANGE filter.years.1"]);
        }
    }

    async fn facets_count_all_matches_and_have_names(app: App) {
        let admin = app.administrator().await;
        let letters = domain(&admin, json!({ "name": "Letters" })).await;
        let reading = domain(&admin, json!({ "name": "Reading", "parentId": letters })).await;
        let (author, _) = shelf(&app).await;
        let community = author.create_community("Readers", json!({})).await;
        author.create_resource(&community, "Fractions of books", json!({ "domainIds": [reading], "tags": ["maths"], "kind": "GUIDE", "language": "en" })).await;
        author.create_resource(&community, "Fractions of letters", json!({ "domainIds": [letters], "kind": "VIDEO", "licence": "CC-BY-4.0", "language": "en" })).await;
        let reader = caught_up(&author).await;

        let facets = "query($fields: [SearchFacetField!]!, $size: Int) { search(query: \"fractions\", first: 1) {
            totalCount facets(fields: $fields, size: $size) { field buckets { value label count } } } }";
        let found = reader.query(facets, json!({ "fields": ["DOMAIN", "TAG"] })).await["search"].clone();
        assert_eq!(found["totalCount"], 4);
        let of = |facet: usize| -> Vec<(String, u64)> {
            found["facets"][facet]["buckets"].as_array().unwrap().iter()
                .map(|bucket| (bucket["label"].as_str().unwrap().to_owned(), bucket["count"].as_u64().unwrap()))
                .collect()
        };
        assert_eq!(of(0), [("Letters".to_owned(), 2), ("Reading".to_owned(), 1)], "broader domains count what narrower ones hold");
        assert_eq!(of(1)[0], ("maths".to_owned(), 3));
        let one = reader.query(facets, json!({ "fields": ["COMMUNITY"], "size": 1 })).await;
        assert_eq!(one["search"]["facets"][0]["buckets"].as_array().unwrap().len(), 1);
        for size in [0, -1, 1_000] {
            assert_eq!(reader.failed(facets, json!({ "fields": ["TAG"], "size": size })).await, ["BAD_USER_INPUT"], "{size}");
        }
        let both = json!({ "filter": { "tags": ["maths"], "resourceKinds": ["GUIDE"] } });
        assert_eq!(search(&reader, "", both).await["totalCount"], 2, "fields are ANDed");
        let either = json!({ "filter": { "resourceKinds": ["GUIDE", "VIDEO"] } });
        assert_eq!(search(&reader, "", either).await["totalCount"], 4, "values are ORed");
        let never = json!({ "filter": { "updatedAt": { "to": "2001-01-01T00:00:00Z" } } });
        assert_eq!(search(&reader, "", never).await["totalCount"], 0);
    }
}
