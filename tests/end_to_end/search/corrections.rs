//! Spelling: what is offered in place of a word finds something.

use serde_json::{Value, json};
use support::{App, on_both_databases};

use super::{caught_up, search, shelf};

fn offers(found: &Value) -> [&Value; 2] {
    [&found["correctedQuery"], &found["didYouMean"]]
}

on_both_databases! {
    async fn a_misspelled_word_is_corrected(app: App) {
        let (reader, _) = shelf(&app).await;
        let found = search(&reader, "fracttions", json!({})).await;
        assert!(offers(&found).contains(&&json!("fractions")), "{found:#}");
        assert_eq!(found["totalCount"], 2, "what was corrected was searched");
        let right = search(&reader, "fractions", json!({})).await;
        assert_eq!(right["correctedQuery"], Value::Null);
    }

    async fn only_what_the_filter_leaves_is_offered(app: App) {
        let (reader, community) = shelf(&app).await;
        let of_kind = |kind: &str| json!({ "filter": { "kinds": [kind] } });
        let resources = search(&reader, "fracttions", of_kind("RESOURCE")).await;
        assert_eq!((&resources["correctedQuery"], &resources["totalCount"]), (&json!("fractions"), &json!(2)));
        let communities = search(&reader, "fracttions", of_kind("COMMUNITY")).await;
        assert_eq!(offers(&communities), [&Value::Null; 2], "no community is about fractions");
        assert_eq!(communities["totalCount"], 0);
        let tagged = search(&reader, "fracttions tag:outdoors", json!({})).await;
        assert_eq!(offers(&tagged), [&Value::Null; 2], "a filter in the query is one too");

        let create = "mutation($input: CreateInnovationInput!) {
            createInnovation(input: $input) { innovation { id } userErrors { code field message } } }";
        let input = json!({ "communityId": community, "title": "Quokka lessons", "idea": "Teach outside." });
        let id = reader.mutate(create, json!({ "input": input })).await["innovation"]["id"].clone();
        let abandon = "mutation($id: ID!) { advanceInnovation(id: $id, to: ABANDONED, learning: \"Rain matters.\") {
            position userErrors { code field message } } }";
        reader.mutate(abandon, json!({ "id": id })).await;
        let reader = caught_up(&reader).await;
        let usual = search(&reader, "quoka", json!({})).await;
        assert_eq!(offers(&usual), [&Value::Null; 2], "what is set aside is left out of the hits");
        for filter in [json!({ "includeAbandoned": true }), json!({ "states": ["ABANDONED"] })] {
            let found = search(&reader, "quoka", json!({ "filter": filter })).await;
            assert_eq!(offers(&found), [&json!("quokka"); 2], "{filter}");
            assert_eq!(found["totalCount"], 1, "{filter}");
        }
    }
}
