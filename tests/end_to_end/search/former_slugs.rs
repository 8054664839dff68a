//! What is named in a query by a slug that it had before.

use serde_json::{Value, json};
use support::{App, Client, on_both_databases};

use super::sorted;
use crate::statements::statements;

const MERGE: &str = "mutation($id: ID!, $into: ID!) { mergeDomains(id: $id, intoId: $into) {
    position userErrors { code field message } } }";
const RENAME: &str =
    "mutation($id: ID!, $slug: String!) { updateCommunity(id: $id, input: { slug: $slug }) {
    position userErrors { code field message } } }";

async fn domain(admin: &Client, name: &str) -> Value {
    let create = "mutation($name: String!) { createDomain(input: { name: $name }) {
        domain { id } userErrors { code field message } } }";
    admin.mutate(create, json!({ "name": name })).await["domain"]["id"].clone()
}

on_both_databases! {
    async fn it_is_found_as_before(app: App) {
        let (admin, ada) = (app.administrator().await, app.person("Ada").await);
        let (arithmetic, numeracy) = (domain(&admin, "Arithmetic").await, domain(&admin, "Numeracy").await);
        let shelf = ada.create_community("Shelf", json!({ "slug": "shelf" })).await;
        let attic = ada.create_community("Attic", json!({ "slug": "attic" })).await;
        ada.create_resource(&shelf, "Plus", json!({ "domainIds": [arithmetic] })).await;
        ada.create_resource(&shelf, "Rhyme", json!({})).await;
        ada.create_resource(&attic, "Minus", json!({ "domainIds": [numeracy] })).await;
        admin.mutate(MERGE, json!({ "id": arithmetic, "into": numeracy })).await;
        let renamed = ada.mutate(RENAME, json!({ "id": shelf, "slug": "library" })).await;
        let reader = app.person("Ben").await.at(&renamed["position"]);
        for (query, expected) in [
            ("domain:arithmetic kind:resource", &["Minus", "Plus"][..]),
            ("domain:numeracy kind:resource", &["Minus", "Plus"]),
            ("-domain:arithmetic kind:resource", &["Rhyme"]),
            ("in:shelf kind:resource", &["Plus", "Rhyme"]),
            ("in:library kind:resource", &["Plus", "Rhyme"]),
            ("in:shelf domain:arithmetic", &["Plus"]),
            ("-in:shelf kind:resource", &["Minus"]),
            ("rhyme OR domain:arithmetic kind:resource", &["Minus", "Plus", "Rhyme"]),
        ] {
            assert_eq!(sorted(&reader, query).await, expected, "{query}");
        }

        // Who has the slug now is meant by it.
        let other = ada.create_community("Another shelf", json!({ "slug": "shelf" })).await;
        let made = ada.create_resource_payload(&other, "Reason", json!({})).await;
        assert_eq!(sorted(&reader.at(&made["position"]), "in:shelf kind:resource").await, ["Reason"]);
    }

    async fn nobody_learns_by_it_what_they_may_not_know(app: App) {
        let (ada, eve) = (app.person("Ada").await, app.person("Eve").await);
        let vault = ada.create_community("Vault", json!({ "slug": "vault", "visibility": "UNLISTED" })).await;
        ada.create_resource(&vault, "Gold", json!({})).await;
        let renamed = ada.mutate(RENAME, json!({ "id": vault, "slug": "cellar" })).await;
        let position = &renamed["position"];
        assert_eq!(sorted(&ada.at(position), "in:vault kind:resource").await, ["Gold"]);
        let search = "query($query: String!) { search(query: $query) {
            totalCount didYouMean correctedQuery facets(fields: [COMMUNITY]) { buckets { value count } }
            edges { node { __typename } } } }";
        for client in [eve.at(position), app.anonymous().at(position)] {
            let of_vault = client.query(search, json!({ "query": "gold in:vault" })).await;
            let of_nothing = client.query(search, json!({ "query": "gold in:nowhere" })).await;
            assert_eq!(of_vault, of_nothing);
            assert_eq!(of_vault["search"]["totalCount"], 0);
        }
    }

    async fn all_of_a_query_are_looked_up_together(app: App) {
        let ada = app.person("Ada").await;
        let mut position = Value::Null;
        for number in 0..5 {
            let input = json!({ "slug": format!("old-{number}") });
            let community = ada.create_community(&format!("Group {number}"), input).await;
            let rename = json!({ "id": community, "slug": format!("new-{number}") });
            position = ada.mutate(RENAME, rename).await["position"].clone();
        }
        let names = ada.at(&position).search_titles("in:old-0 in:old-3 in:old-4").await;
        assert_eq!(names.len(), 3);
        let viewer = service::auth::authenticate(app.server().auth(), ada.token()).await.unwrap();
        let one = statements(&app, &viewer, "{ search(query: \"in:old-0\", first: 0) { totalCount } }").await;
        let four = "{ search(query: \"in:old-0 in:old-1 -in:old-2 in:old-4\", first: 0) { totalCount } }";
        assert_eq!(statements(&app, &viewer, four).await, one);
    }
}
