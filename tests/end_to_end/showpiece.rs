//! One query walks from a question to the practice that came of it, to those who took it home, and to what that was worth.

use serde_json::{Value, json};
use support::{App, Client, on_both_databases};

use crate::link::captured;
use crate::readme::{README, examples};
use crate::statements::statements;

/// The query that the README shows.
fn walk() -> String {
    examples(README)
        .into_iter()
        .map(|example| example.query)
        .rfind(|query| query.contains("lineage("))
        .expect("the README shows the walk")
}

/// What the walk meets, as lines, in no order.
fn met(answer: &Value) -> Vec<String> {
    let question = &answer["community"]["discussions"]["nodes"][0];
    let mut lines: Vec<String> = question["lineage"]
        .as_array()
        .unwrap()
        .iter()
        .map(|link| {
            let from = &link["from"];
            let names = ["title", "question", "setting"];
            let name = names.iter().find_map(|name| from[name].as_str()).unwrap();
            let (depth, relation) = (&link["depth"], link["relation"].as_str().unwrap());
            format!(
                "{depth} {relation} {} {name}",
                from["__typename"].as_str().unwrap()
            )
        })
        .collect();
    lines.sort();
    lines
}

async fn told(client: &Client, community: &Value, about: &[&Value]) {
    let tell = "mutation($input: ValueStoryInput!) { tellValueStory(input: $input) {
        valueStory { id } userErrors { code field message } } }";
    let steps = json!([
        { "cycle": "IMMEDIATE", "text": "I was not alone.", "referenceIds": [about[0]] },
        { "cycle": "APPLIED", "text": "I tried it on Monday.", "referenceIds": about },
    ]);
    let input = json!({ "communityId": community, "title": "Home again", "consent": "PUBLIC", "steps": steps });
    client.mutate(tell, json!({ "input": input })).await;
}

on_both_databases! {
    async fn one_query_walks_from_a_question_to_the_story(app: App) {
        let (author, helper) = (app.person("Ada").await, app.person("Ben").await);
        let community = author.create_community("Circle", json!({ "slug": "maintainers-circle", "kind": "HELPING" })).await;
        author.admit(&community, &helper, "REVIEWER").await;
        let (question, resource, practice) = captured(&author, &helper, &community).await;
        author.run_pilot(&resource, &helper, "WORKED").await;
        author.publish_through(&practice, &[&helper]).await;
        author.run_pilot(&practice, &helper, "WORKED_WITH_CHANGES").await;
        helper.adopt(&practice, "Elm", "CONFIRMED").await;
        author.adopt(&practice, "Oak", "CONFIRMED").await;
        told(&helper, &community, &[&question, &practice]).await;
        let mature = "mutation($id: ID!, $to: PracticeMaturity!) { setPracticeMaturity(id: $id, maturity: $to) {
            practice { maturity } userErrors { code field message } } }";
        for to in ["TRIALLED", "RECOMMENDED"] {
            author.mutate(mature, json!({ "id": practice, "to": to })).await;
        }

        let stranger = app.anonymous();
        let answer = stranger.query(&walk(), json!({})).await;
        let known = [
            "1 CAPTURED_FROM Resource Resource",
            "1 REFERENCES ValueStory Home again",
            "2 EVIDENCE_FOR Pilot Does it help?",
            "2 REFERENCES Practice Practice",
            "3 ADOPTED Adoption Elm",
            "3 ADOPTED Adoption Oak",
            "3 EVIDENCE_FOR Pilot Does it help?",
            // Each relation is told of once, however many ways lead to it.
            "3 REFERENCES ValueStory Home again",
        ];
        assert_eq!(met(&answer), known);
        let links = answer["community"]["discussions"]["nodes"][0]["lineage"].as_array().unwrap().clone();
        let of = |kind: &str| links.iter().map(|link| &link["from"]).find(|from| from["__typename"] == kind).unwrap().clone();
        assert_eq!(of("Resource")["evidenceLevel"], "PILOTED");
        assert_eq!((&of("Practice")["maturity"], &of("Practice")["evidenceLevel"]), (&json!("RECOMMENDED"), &json!("PILOTED")));

        let viewer = service::viewer::Viewer::anonymous();
        let few = statements(&app, &viewer, &walk()).await;
        for number in 0..6 {
            let adopter = app.person(&format!("Eve{number}")).await;
            adopter.join(&community).await;
            adopter.adopt(&practice, &format!("School {number}"), "IN_USE").await;
        }
        for number in 0..4 {
            author.plan_pilot(&resource, json!({ "question": format!("Again {number}?") })).await;
        }
        let many = statements(&app, &viewer, &walk()).await;
        // Lists that wait for different things share a statement or not, as these come.
        assert!(few.max(many) <= 25, "{few} statements for two adoptions, {many} for eight");
    }
}
