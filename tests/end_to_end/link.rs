//! Lineage: what came of what, stated by what people do, by what their items say, and by hand.

use serde_json::{Value, json};
use support::{App, Client, on_both_databases};

const LINK: &str = "mutation($from: ID!, $relation: LineageRelation!, $to: ID!) {
    linkItems(fromId: $from, relation: $relation, toId: $to) { item { id } position userErrors { code field message } }
}";

const UNLINK: &str = "mutation($from: ID!, $relation: LineageRelation!, $to: ID!) {
    unlinkItems(fromId: $from, relation: $relation, toId: $to) { item { id } position userErrors { code field message } }
}";

const LINEAGE: &str = "query($id: ID!, $direction: LineageDirection, $depth: Int, $first: Int) {
    lineage(id: $id, direction: $direction, depth: $depth, first: $first) {
        relation depth at
        from { id ... on Item { title } ... on DefiningStatement { text } }
        to { id ... on Item { title } }
    }
}";

fn title(node: &Value) -> &str {
    node["title"].as_str().or(node["text"].as_str()).unwrap()
}

/// The graph as lines: how far, where from, which relation, where to.
async fn graph(client: &Client, id: &Value, more: Value) -> Vec<String> {
    let mut variables = json!({ "id": id });
    for (name, value) in more.as_object().unwrap() {
        variables[name] = value.clone();
    }
    let answer = client.query(LINEAGE, variables).await;
    let links = answer["lineage"].as_array().unwrap().clone();
    let line = |link: &Value| {
        let relation = link["relation"].as_str().unwrap();
        let (from, to) = (title(&link["from"]), title(&link["to"]));
        format!("{} {from} {relation} {to}", link["depth"])
    };
    let mut lines: Vec<String> = links.iter().map(line).collect();
    lines.sort();
    lines
}

fn link(from: &Value, relation: &str, to: &Value) -> Value {
    json!({ "from": from, "relation": relation, "to": to })
}

pub(crate) async fn practice(
    author: &Client,
    community: &Value,
    title: &str,
    uses: &[&Value],
) -> Value {
    let create = "mutation($input: CreatePracticeInput!) { createPractice(input: $input) {
        practice { id } userErrors { code field message } } }";
    let input = json!({
        "communityId": community, "title": title, "kind": "METHOD", "resourceIds": uses,
    });
    author.mutate(create, json!({ "input": input })).await["practice"]["id"].clone()
}

/// A question that was answered and captured, and a practice that uses what was captured.
pub(crate) async fn captured(
    author: &Client,
    helper: &Client,
    community: &Value,
) -> (Value, Value, Value) {
    let ask = "mutation($input: CreateDiscussionInput!) { createDiscussion(input: $input) {
        discussion { id } userErrors { code field message } } }";
    let input = json!({ "communityId": community, "title": "Question", "body": "How?", "kind": "HELP_REQUEST" });
    let question = author.mutate(ask, json!({ "input": input })).await["discussion"]["id"].clone();
    let answer = "mutation($id: ID!) { addPost(input: { discussionId: $id, body: \"So.\" }) {
        post { id } userErrors { code field message } } }";
    let post = helper.mutate(answer, json!({ "id": question })).await["post"]["id"].clone();
    let accept = "mutation($id: ID!) { acceptPost(id: $id) { discussion { id } userErrors { code field message } } }";
    author.mutate(accept, json!({ "id": post })).await;
    let capture =
        "mutation($id: ID!) { captureDiscussion(id: $id, input: { title: \"Resource\" }) {
        resource { id } userErrors { code field message } } }";
    let resource =
        author.mutate(capture, json!({ "id": question })).await["resource"]["id"].clone();
    let publish = "mutation($id: ID!) { publishResource(id: $id) { resource { id } userErrors { code field message } } }";
    author.mutate(publish, json!({ "id": resource })).await;
    let used = practice(author, community, "Practice", &[&resource]).await;
    (question, resource, used)
}

on_both_databases! {
    async fn the_graph_leads_from_a_question_to_the_practice_and_back(app: App) {
        let (author, helper) = (app.person("Ada").await, app.person("Ben").await);
        let community = author.create_community("Methods", json!({})).await;
        author.admit(&community, &helper, "REVIEWER").await;
        let (question, resource, practice) = captured(&author, &helper, &community).await;
        author.publish_through(&practice, &[&helper]).await;
        let about = "mutation($input: CreateDiscussionInput!) { createDiscussion(input: $input) {
            discussion { id } userErrors { code field message } } }";
        let input = json!({
            "communityId": community, "title": "Talk", "body": "Is it good?", "kind": "DISCUSSION", "aboutId": practice,
        });
        let talk = author.mutate(about, json!({ "input": input })).await["discussion"]["id"].clone();

        let whole = [
            "1 Resource CAPTURED_FROM Question",
            "2 Practice REFERENCES Resource",
            "3 Talk REFERENCES Practice",
        ];
        assert_eq!(graph(&author, &question, json!({ "direction": "DESCENDANTS" })).await, whole);
        assert_eq!(graph(&author, &question, json!({ "depth": 2 })).await, whole[..2]);
        assert_eq!(graph(&author, &question, json!({ "first": 1 })).await, whole[..1]);
        assert_eq!(graph(&author, &question, json!({ "direction": "ORIGINS" })).await, [""; 0]);
        let around = ["1 Practice REFERENCES Resource", "1 Talk REFERENCES Practice", "2 Resource CAPTURED_FROM Question"];
        assert_eq!(graph(&author, &practice, json!({})).await, around);
        assert_eq!(graph(&app.anonymous(), &practice, json!({ "direction": "BOTH" })).await, around);

        let fields = "query($id: ID!) { practice(id: $id) { lineage(direction: ORIGINS) { depth relation to { id } }
            resources(first: 1) { nodes { lineage(depth: 1) { relation } } } } }";
        let practice_row = author.query(fields, json!({ "id": practice })).await["practice"].clone();
        assert_eq!(practice_row["lineage"], json!([
            { "depth": 1, "relation": "REFERENCES", "to": { "id": resource } },
            { "depth": 2, "relation": "CAPTURED_FROM", "to": { "id": question } },
        ]));
        assert_eq!(practice_row["resources"]["nodes"][0]["lineage"].as_array().unwrap().len(), 2);

        let update = "mutation($id: ID!, $about: ID) { updateDiscussion(id: $id, input: { aboutId: $about }) {
            discussion { id } userErrors { code field message } } }";
        author.mutate(update, json!({ "id": talk, "about": resource })).await;
        assert_eq!(graph(&author, &practice, json!({ "direction": "DESCENDANTS" })).await, [""; 0]);
        assert_eq!(
            graph(&author, &resource, json!({ "direction": "DESCENDANTS" })).await,
            ["1 Practice REFERENCES Resource", "1 Talk REFERENCES Resource"]
        );
        author.mutate(update, json!({ "id": talk, "about": null })).await;
        assert_eq!(graph(&author, &talk, json!({})).await, [""; 0], "what it was about is no origin any more");

        for wrong in [json!({ "depth": 0 }), json!({ "depth": 11 }), json!({ "first": 501 }), json!({ "first": -1 })] {
            let mut variables = wrong.clone();
            variables["id"] = practice.clone();
            assert_eq!(author.failed(LINEAGE, variables).await, ["BAD_USER_INPUT"], "{wrong}");
        }
        assert_eq!(author.failed(LINEAGE, json!({ "id": "practice_1" })).await, ["BAD_USER_INPUT"]);
        let me = author.my_id().await;
        assert_eq!(graph(&author, &me, json!({})).await, [""; 0]);
    }

    async fn what_is_concealed_ends_its_branch(app: App) {
        let (author, other) = (app.person("Ada").await, app.person("Ben").await);
        let open = author.create_community("Open", json!({})).await;
        let closed = author.create_community("Closed", json!({ "visibility": "UNLISTED" })).await;
        let root = author.create_resource(&open, "Root", json!({})).await;
        let hidden = author.create_resource(&closed, "Hidden", json!({})).await;
        let behind = author.create_resource(&open, "Behind", json!({})).await;
        let draft = author.create_resource(&open, "Draft", json!({ "publish": false })).await;
        for (from, to) in [(&root, &hidden), (&hidden, &behind), (&root, &draft)] {
            author.mutate(LINK, link(from, "REQUIRES", to)).await;
        }
        let whole = ["1 Root REQUIRES Draft", "1 Root REQUIRES Hidden", "2 Hidden REQUIRES Behind"];
        assert_eq!(graph(&author, &root, json!({})).await, whole);
        for stranger in [&other, &app.anonymous()] {
            assert_eq!(graph(stranger, &root, json!({})).await, [""; 0]);
            assert_eq!(graph(stranger, &behind, json!({})).await, [""; 0]);
            assert_eq!(graph(stranger, &hidden, json!({})).await, [""; 0], "as if it did not exist");
        }
        author.mutate(LINK, link(&root, "REFERENCES", &behind)).await;
        assert_eq!(graph(&other, &root, json!({})).await, ["1 Root REFERENCES Behind"], "another way leads there");
    }

    async fn relations_are_stated_by_who_may_change_the_one_and_read_the_other(app: App) {
        let (author, other) = (app.person("Ada").await, app.person("Ben").await);
        let community = author.create_community("Methods", json!({})).await;
        let closed = author.create_community("Closed", json!({ "visibility": "UNLISTED" })).await;
        let lesson = author.create_resource(&community, "Lesson", json!({ "language": "en" })).await;
        let course = author.create_resource(&community, "Course", json!({ "language": "en" })).await;
        let lecon = author.create_resource(&community, "Leçon", json!({ "language": "fr" })).await;
        let hidden = author.create_resource(&closed, "Hidden", json!({})).await;
        let elsewhere = other.create_community("Elsewhere", json!({})).await;
        let own = other.create_resource(&elsewhere, "Own", json!({})).await;
        let method = practice(&author, &community, "Method", &[&lesson]).await;

        for (from, relation, to, refused) in [
            (&lesson, "PART_OF", &own, vec!["FORBIDDEN fromId"]),
            (&hidden, "PART_OF", &own, vec!["NOT_FOUND fromId"]),
            (&own, "PART_OF", &hidden, vec!["NOT_FOUND toId"]),
            (&hidden, "ADOPTED", &own, vec!["INVALID relation", "NOT_FOUND fromId"]),
            (&own, "PART_OF", &own, vec!["INVALID toId"]),
            (&own, "ANSWERS", &lesson, vec!["INVALID toId"]),
            (&own, "TRANSLATION_OF", &method, vec!["NOT_FOUND toId"]),
            (&json!("resource_1"), "PART_OF", &community, vec!["INVALID fromId", "INVALID toId"]),
        ] {
            let variables = link(from, relation, to);
            assert_eq!(other.refused(LINK, variables.clone()).await, refused, "{variables}");
        }
        assert_eq!(author.refused(LINK, link(&lesson, "TRANSLATION_OF", &course)).await, ["INVALID toId"], "one language");
        assert_eq!(author.refused(LINK, link(&method, "TRANSLATION_OF", &course)).await, ["INVALID toId"], "two types");

        author.mutate(LINK, link(&lesson, "PART_OF", &course)).await;
        author.mutate(LINK, link(&lecon, "TRANSLATION_OF", &lesson)).await;
        other.mutate(LINK, link(&own, "EVIDENCE_FOR", &lesson)).await;
        assert_eq!(author.refused(LINK, link(&course, "PART_OF", &lesson)).await, ["INVALID toId"], "no circle");
        assert_eq!(author.refused(UNLINK, link(&method, "REFERENCES", &lesson)).await, ["INVALID toId"], "its content says so");
        assert_eq!(author.refused(UNLINK, link(&own, "EVIDENCE_FOR", &lesson)).await, ["FORBIDDEN fromId"]);
        assert_eq!(graph(&author, &lesson, json!({})).await, [
            "1 Lesson PART_OF Course",
            "1 Leçon TRANSLATION_OF Lesson",
            "1 Method REFERENCES Lesson",
            "1 Own EVIDENCE_FOR Lesson",
        ]);
        let taken_back = other.mutate(UNLINK, link(&own, "EVIDENCE_FOR", &lesson)).await;
        let again = other.mutate(UNLINK, link(&own, "EVIDENCE_FOR", &lesson)).await;
        assert_eq!(again["position"], taken_back["position"], "nothing changes");
        assert_eq!(graph(&other, &own, json!({})).await, [""; 0]);
    }
}
