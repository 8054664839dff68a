//! Fields that are answered in place are answered as those that are resolved in the usual way: whatever is selected
//! gives the same text as within a fragment, where nothing is answered in place.

use serde_json::{Value, json};
use support::{App, Client, on_both_databases};

/// Where objects of a type stand in a query, in place of the `%`.
const PLACES: [(&str, &str); 12] = [
    (
        "Resource",
        "resources(first: 5) { edges { cursor node { % } } }",
    ),
    ("Resource", "resources(first: 5) { nodes { % } }"),
    ("Resource", "resource(id: RESOURCE) { % }"),
    ("Practice", "practices(first: 5) { nodes { % } }"),
    (
        "Innovation",
        "innovations(first: 5) { edges { node { % } } }",
    ),
    (
        "Activity",
        "community(id: COMMUNITY) { activities(first: 5) { nodes { % } } }",
    ),
    (
        "Discussion",
        "community(id: COMMUNITY) { discussions(first: 5) { nodes { % } } }",
    ),
    (
        "Membership",
        "community(id: COMMUNITY) { members(first: 5) { nodes { % } } }",
    ),
    ("Organization", "organizations(first: 5) { nodes { % } }"),
    (
        "Community",
        "resources(first: 5) { nodes { community { % } } }",
    ),
    ("Domain", "resources(first: 5) { nodes { domains { % } } }"),
    ("User", "resources(first: 5) { nodes { authors { % } } }"),
];

/// The fields of a type that are texts, numbers and the like, and take no arguments.
async fn leaves(client: &Client, name: &str) -> Vec<String> {
    let query = "query($name: String!) { __type(name: $name) { fields { name args { name }
        type { kind ofType { kind ofType { kind ofType { kind } } } } } } }";
    let found = client.query(query, json!({ "name": name })).await;
    let fields = found["__type"]["fields"].as_array().unwrap().clone();
    let is_leaf = |field: &&Value| {
        let mut kind = &field["type"];
        while !kind["ofType"].is_null() {
            kind = &kind["ofType"];
        }
        field["args"] == json!([]) && ["SCALAR", "ENUM"].contains(&kind["kind"].as_str().unwrap())
    };
    fields
        .iter()
        .filter(is_leaf)
        .map(|field| field["name"].as_str().unwrap().to_owned())
        .collect()
}

/// The answer as it stands on the wire.
async fn text(client: &Client, query: &str) -> String {
    let url = format!("{}/graphql", client.url());
    let mut request = client.http().post(url).json(&json!({ "query": query }));
    if let Some(token) = client.token() {
        request = request.bearer_auth(token);
    }
    request.send().await.unwrap().text().await.unwrap()
}

on_both_databases! {
    async fn what_is_answered_in_place_is_answered_as_ever(app: App) {
        let (author, admin) = (app.person("Ada").await, app.administrator().await);
        let domain = admin.mutate(
            "mutation { createDomain(input: { name: \"Reading\", description: \"Of texts.\" }) { domain { id } userErrors { code field message } } }",
            json!({}),
        ).await["domain"]["id"].clone();
        admin.mutate(
            "mutation { createOrganization(input: { name: \"School\", sector: EDUCATION, url: \"https://school.example\" }) { organization { id } userErrors { code field message } } }",
            json!({}),
        ).await;
        let community = author.create_community("Circle", json!({ "sector": "EDUCATION", "description": "We *read*.", "meetingMode": "ONLINE" })).await;
        let more = json!({
            "domainIds": [domain], "tags": ["one", "Two"], "language": "en", "licence": "CC-BY-4.0", "attribution": "Somebody",
            "bylines": ["A. Writer"], "body": "Some *text*.", "url": "https://example.org/a", "description": "In short.",
            "educationalLevels": ["primary"], "timeRequiredMinutes": 20,
        });
        author.create_resource(&community, "Bare", json!({})).await;
        let resource = author.create_resource(&community, "Whole", more).await;
        for (field, input) in [
            ("createPractice", format!("{{ communityId: {community}, title: \"Practice\", kind: METHOD, context: \"Here.\" }}")),
            ("createInnovation", format!("{{ communityId: {community}, title: \"Idea\", idea: \"Steps.\" }}")),
            ("createDiscussion", format!("{{ communityId: {community}, title: \"Why?\", body: \"How?\", kind: HELP_REQUEST }}")),
            ("createActivity", format!("{{ communityId: {community}, title: \"Meeting\", kind: MEETING, mode: ONLINE, timeZone: \"UTC\", \
                startsAt: \"2026-01-05T10:00:00Z\", endsAt: \"2026-01-05T11:00:00Z\", recurrence: \"FREQ=WEEKLY\" }}")),
        ] {
            author.mutate(&format!("mutation {{ {field}(input: {input}) {{ userErrors {{ code field message }} }} }}"), json!({})).await;
        }
        for (kind, place) in PLACES {
            let place = place.replace("COMMUNITY", &community.to_string()).replace("RESOURCE", &resource.to_string());
            let fields = leaves(&author, kind).await;
            assert!(fields.len() > 3, "{kind}: {fields:?}");
            let aliased: Vec<String> = fields.iter().rev().map(|field| format!("a_{field}: {field}")).collect();
            for selected in [fields.join(" "), format!("__typename {} again: __typename {0}", aliased.join(" "))] {
                for (client, sees_all) in [(&author, true), (&app.anonymous(), false)] {
                    let ask = |selected: &str| format!("{{ {} }}", place.replace('%', selected));
                    let plain = text(client, &ask(&selected)).await;
                    let usual = text(client, &ask(&format!("... on {kind} {{ {selected} }}"))).await;
                    assert!(!plain.contains("errors") && (!sees_all || plain.contains(&fields[0])), "{place}: {plain}");
                    assert_eq!(plain, usual, "{place}");
                    // By now the document is known to be valid.
                    assert_eq!(text(client, &ask(&selected)).await, plain, "{place}");
                    let directed = format!("{selected} never: __typename @skip(if: true)");
                    assert_eq!(text(client, &ask(&directed)).await, plain, "{place}");
                }
            }
        }
        // One that fails is null or takes its parent along, alike.
        for selected in [
            "title revisions(after: \"nonsense\") { nodes { number } } id",
            "title community { name id members(after: \"nonsense\") { totalCount } } community { slug name } id",
        ] {
            let plain = text(&author, &format!("{{ resources(first: 2) {{ nodes {{ {selected} }} }} serverInfo {{ version }} }}")).await;
            let usual = text(&author, &format!("{{ resources(first: 2) {{ nodes {{ ... on Resource {{ {selected} }} }} }} serverInfo {{ version }} }}")).await;
            let data = |text: &str| serde_json::from_str::<Value>(text).unwrap()["data"].to_string();
            let codes = |text: &str| text.matches("BAD_USER_INPUT").count();
            assert_eq!((data(&plain), codes(&plain)), (data(&usual), codes(&usual)));
            assert!(codes(&plain) > 0, "{plain}");
        }
    }
}
