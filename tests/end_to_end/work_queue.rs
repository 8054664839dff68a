//! What awaits whom, and in which order.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use support::{App, Client, on_both_databases};

const QUEUE: &str = "query($id: ID!, $first: Int, $after: String) {
    community(id: $id) { workQueue(first: $first, after: $after) {
        totalCount
        nodes { reason since dueAt node { id ... on Item { title } } }
        pageInfo { hasNextPage endCursor }
    } }
}";

const EVERYWHERE: &str =
    "query($first: Int, $after: String) { workQueue(first: $first, after: $after) {
    totalCount
    nodes { reason since dueAt node { id ... on Item { title } } }
    pageInfo { hasNextPage endCursor }
} }";

/// A queue as `REASON title`, in its order; memberships as their reason alone.
fn lines(queue: &Value) -> Vec<String> {
    let nodes = queue["nodes"].as_array().unwrap();
    let line = |node: &Value| {
        let title = node["node"]["title"].as_str().unwrap_or_default();
        format!("{} {title}", node["reason"].as_str().unwrap())
            .trim_end()
            .to_owned()
    };
    nodes.iter().map(line).collect()
}

async fn queue(client: &Client, community: &Value) -> Value {
    let found = client
        .query(QUEUE, json!({ "id": community, "first": 100 }))
        .await;
    let queue = found["community"]["workQueue"].clone();
    assert_eq!(
        queue["totalCount"],
        queue["nodes"].as_array().unwrap().len(),
        "{queue:#}"
    );
    queue
}

async fn awaits(client: &Client, community: &Value) -> Vec<String> {
    lines(&queue(client, community).await)
}

async fn ask(client: &Client, community: &Value, title: &str, more: Value) -> Value {
    let mut input =
        json!({ "communityId": community, "title": title, "body": "How?", "kind": "HELP_REQUEST" });
    input
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    let create = "mutation($input: CreateDiscussionInput!) { createDiscussion(input: $input) {
        discussion { id } userErrors { code field message } } }";
    client.mutate(create, json!({ "input": input })).await["discussion"]["id"].clone()
}

async fn answer(client: &Client, question: &Value) {
    let post = "mutation($id: ID!) { addPost(input: { discussionId: $id, body: \"Like this.\" }) {
        post { id } userErrors { code field message } } }";
    client.mutate(post, json!({ "id": question })).await;
}

async fn idea(client: &Client, community: &Value, title: &str) -> Value {
    let create = "mutation($input: CreateInnovationInput!) { createInnovation(input: $input) {
        innovation { id } userErrors { code field message } } }";
    let input = json!({ "communityId": community, "title": title, "idea": "Steps." });
    client.mutate(create, json!({ "input": input })).await["innovation"]["id"].clone()
}

async fn advance(client: &Client, idea: &Value, to: &str) {
    let advance =
        "mutation($id: ID!, $to: InnovationStage!) { advanceInnovation(id: $id, to: $to) {
        position userErrors { code field message } } }";
    client
        .mutate(advance, json!({ "id": idea, "to": to }))
        .await;
}

async fn review(client: &Client, id: &Value, verdict: &str) {
    let review = "mutation($id: ID!, $verdict: ReviewVerdict!) {
        review(input: { id: $id, verdict: $verdict, revision: 1, comment: \"So it is.\" }) {
            position userErrors { code field message } } }";
    client
        .mutate(review, json!({ "id": id, "verdict": verdict }))
        .await;
}

async fn submit(client: &Client, id: &Value) {
    let submit = "mutation($id: ID!) { submitForReview(id: $id) { position userErrors { code field message } } }";
    client.mutate(submit, json!({ "id": id })).await;
}

async fn set_kind(client: &Client, community: &Value, kind: &str) {
    let set = "mutation($id: ID!, $kind: CommunityKind!) { setCommunityKind(id: $id, kind: $kind) {
        community { kind } userErrors { code field message } } }";
    client
        .mutate(set, json!({ "id": community, "kind": kind }))
        .await;
}

on_both_databases! {
    async fn a_question_awaits_those_who_can_answer_it(app: App) {
        let facilitator = app.person("Ada").await;
        let (asker, expert, stranger) = (app.person("Ben").await, app.person("Cleo").await, app.person("Dan").await);
        let community = facilitator.create_community("Helpers", json!({})).await;
        for person in [&asker, &expert] {
            person.join(&community).await;
        }
        let declare = "mutation { declareExpertise(input: { tag: \"Fractions\" }) { user { id } userErrors { code field message } } }";
        expert.mutate(declare, json!({})).await;
        let fractions = ask(&asker, &community, "Halves", json!({ "tags": ["fractions"] })).await;
        ask(&asker, &community, "Lines", json!({})).await;
        ask(&asker, &community, "Just talk", json!({ "kind": "DISCUSSION" })).await;
        ask(&asker, &community, "Stewards' own", json!({ "visibility": "STEWARDS" })).await;

        assert_eq!(awaits(&asker, &community).await, [""; 0], "one's own awaits others");
        assert_eq!(
            awaits(&facilitator, &community).await,
            ["UNANSWERED Halves", "UNANSWERED Lines", "UNANSWERED Stewards' own"]
        );
        let seen = queue(&expert, &community).await;
        assert_eq!(lines(&seen), ["UNANSWERED Halves", "UNANSWERED Lines", "MATCHES_EXPERTISE Halves"]);
        let time = |value: &Value| value.as_str().unwrap().parse::<DateTime<Utc>>().unwrap();
        let first = &seen["nodes"][0];
        assert_eq!(time(&first["dueAt"]), time(&first["since"]) + TimeDelta::hours(48));
        for nobody in [&stranger, &app.anonymous()] {
            assert_eq!(awaits(nobody, &community).await, [""; 0]);
            let found = nobody.query(EVERYWHERE, json!({})).await;
            assert_eq!(found["workQueue"]["totalCount"], 0);
        }
        answer(&facilitator, &fractions).await;
        assert_eq!(awaits(&expert, &community).await, ["UNANSWERED Lines"]);
    }

    async fn a_revision_awaits_those_who_may_review_it_and_have_not(app: App) {
        let facilitator = app.person("Ada").await;
        let (author, one, other) = (app.person("Ben").await, app.person("Cleo").await, app.person("Dan").await);
        let community = facilitator.create_community("Methods", json!({ "kind": "BEST_PRACTICE" })).await;
        for person in [&author, &one, &other] {
            facilitator.admit(&community, person, "REVIEWER").await;
        }
        let create = "mutation($input: CreatePracticeInput!) { createPractice(input: $input) {
            practice { id } userErrors { code field message } } }";
        let input = json!({ "communityId": community, "title": "Walking lessons", "kind": "METHOD", "body": "Walk." });
        let practice = author.mutate(create, json!({ "input": input })).await["practice"]["id"].clone();
        assert_eq!(awaits(&one, &community).await, [""; 0], "a draft waits for nobody");
        submit(&author, &practice).await;
        assert_eq!(awaits(&author, &community).await, [""; 0], "nobody reviews their own work");
        assert_eq!(awaits(&one, &community).await, ["AWAITING_REVIEW Walking lessons"]);
        review(&one, &practice, "COMMENT").await;
        assert_eq!(awaits(&one, &community).await.len(), 1, "a remark decides nothing");
        review(&one, &practice, "APPROVE").await;
        assert_eq!(awaits(&one, &community).await, [""; 0], "it waits for another now");
        assert_eq!(awaits(&other, &community).await, ["AWAITING_REVIEW Walking lessons"]);
        review(&other, &practice, "REQUEST_CHANGES").await;
        assert_eq!(awaits(&facilitator, &community).await, [""; 0], "it waits for its author");
    }

    async fn what_is_published_awaits_its_keepers(app: App) {
        let facilitator = app.person("Ada").await;
        let (author, steward) = (app.person("Ben").await, app.person("Cleo").await);
        let community = facilitator.create_community("Shelf", json!({})).await;
        author.join(&community).await;
        facilitator.admit(&community, &steward, "STEWARD").await;
        let overdue = author.create_resource(&community, "Old guide", json!({})).await;
        author.create_resource(&community, "New guide", json!({ "body": "Count the steps of the stairs." })).await;
        let set = "mutation($id: ID!, $due: DateTime) { setSteward(id: $id, reviewDueAt: $due) {
            position userErrors { code field message } } }";
        steward.mutate(set, json!({ "id": overdue, "due": "2020-01-01T00:00:00Z" })).await;
        assert_eq!(awaits(&steward, &community).await, ["REVIEW_OVERDUE Old guide"], "this kind asks for no steward");
        set_kind(&facilitator, &community, "KNOWLEDGE_STEWARDING").await;
        assert_eq!(
            awaits(&steward, &community).await,
            ["REVIEW_OVERDUE Old guide", "WITHOUT_STEWARD Old guide", "WITHOUT_STEWARD New guide"]
        );
        assert_eq!(awaits(&author, &community).await, [""; 0]);
        let keep = "mutation($id: ID!, $user: ID!) { setSteward(id: $id, userId: $user) {
            position userErrors { code field message } } }";
        steward.mutate(keep, json!({ "id": overdue, "user": steward.my_id().await })).await;
        let renew = "mutation($id: ID!) { renewReview(id: $id) { position userErrors { code field message } } }";
        steward.mutate(renew, json!({ "id": overdue })).await;
        assert_eq!(awaits(&steward, &community).await, ["WITHOUT_STEWARD New guide"]);
    }

    async fn what_is_likely_the_same_awaits_stewards(app: App) {
        let facilitator = app.person("Ada").await;
        let author = app.person("Ben").await;
        let community = facilitator.create_community("Shelf", json!({})).await;
        author.join(&community).await;
        author.create_resource(&community, "Counting games for all", json!({})).await;
        author.create_resource(&community, "Counting songs", json!({})).await;
        let newer = author.create_resource(&community, "Counting games, for ALL!", json!({})).await;
        let (store, index) = (app.server().store(), app.server().index());
        service::review::find_duplicates(store, index).await.unwrap();
        let expected = ["LIKELY_DUPLICATE Counting games, for ALL!"];
        assert_eq!(awaits(&facilitator, &community).await, expected);
        assert_eq!(awaits(&author, &community).await, [""; 0]);
        let update = "mutation($id: ID!) { updateResource(id: $id, input: { title: \"Stairs\" }) {
            position userErrors { code field message } } }";
        author.mutate(update, json!({ "id": newer })).await;
        service::review::find_duplicates(store, index).await.unwrap();
        assert_eq!(awaits(&facilitator, &community).await, [""; 0], "it is like nothing now");
    }

    async fn an_innovation_awaits_a_decision(app: App) {
        let facilitator = app.person("Ada").await;
        let (author, member) = (app.person("Ben").await, app.person("Cleo").await);
        let community = facilitator.create_community("Ideas", json!({ "kind": "INNOVATION" })).await;
        for person in [&author, &member] {
            person.join(&community).await;
        }
        let walking = idea(&author, &community, "Walking").await;
        let singing = idea(&author, &community, "Singing").await;
        for who in [&facilitator, &author] {
            assert_eq!(awaits(who, &community).await, ["UNDECIDED Walking", "UNDECIDED Singing"]);
        }
        assert_eq!(awaits(&member, &community).await, [""; 0]);
        advance(&author, &walking, "EXPLORING").await;
        advance(&author, &singing, "PARKED").await;
        assert_eq!(awaits(&facilitator, &community).await, [""; 0], "both were decided about");
    }

    async fn requests_await_facilitators(app: App) {
        let facilitator = app.person("Ada").await;
        let (steward, guest) = (app.person("Ben").await, app.person("Cleo").await);
        let community = facilitator.create_community("Circle", json!({ "joinPolicy": "APPROVAL", "visibility": "PRIVATE" })).await;
        facilitator.admit(&community, &steward, "STEWARD").await;
        guest.join(&community).await;
        assert_eq!(awaits(&facilitator, &community).await, ["MEMBERSHIP_REQUEST"]);
        for other in [&steward, &guest] {
            assert_eq!(awaits(other, &community).await, [""; 0]);
        }
        let archive = "mutation($id: ID!) { archiveCommunity(id: $id) { community { status } userErrors { code field message } } }";
        facilitator.mutate(archive, json!({ "id": community })).await;
        assert_eq!(awaits(&facilitator, &community).await, [""; 0], "nothing is done in an archived community");
    }

    async fn flags_await_stewards_until_they_are_decided(app: App) {
        let facilitator = app.person("Ada").await;
        let (author, steward, reader) = (app.person("Ben").await, app.person("Cleo").await, app.person("Dan").await);
        let community = facilitator.create_community("Shelf", json!({ "visibility": "PUBLIC" })).await;
        author.join(&community).await;
        facilitator.admit(&community, &steward, "STEWARD").await;
        let guide = author.create_resource(&community, "Guide", json!({})).await;
        let raise = "mutation($id: ID!) { flag(id: $id, reason: OUTDATED) {
            flag { id } userErrors { code field message } } }";
        let raised = reader.mutate(raise, json!({ "id": guide })).await["flag"]["id"].clone();
        let seen = queue(&steward, &community).await;
        assert_eq!((&seen["nodes"][0]["reason"], &seen["nodes"][0]["node"]["id"]), (&json!("FLAG"), &raised));
        assert_eq!(awaits(&facilitator, &community).await, ["FLAG"]);
        for other in [&author, &reader] {
            assert_eq!(awaits(other, &community).await, [""; 0]);
        }
        let resolve = "mutation($id: ID!) { resolveFlag(id: $id, upheld: false) {
            flag { state } userErrors { code field message } } }";
        steward.mutate(resolve, json!({ "id": raised })).await;
        assert_eq!(awaits(&steward, &community).await, [""; 0]);
    }

    async fn pages_join_to_the_whole_in_one_community_and_in_all(app: App) {
        let facilitator = app.person("Ada").await;
        let author = app.person("Ben").await;
        let mut whole = BTreeSet::new();
        let mut communities = Vec::new();
        for (number, kind) in ["HELPING", "INNOVATION", "INNOVATION"].into_iter().enumerate() {
            let community = facilitator.create_community(&format!("Number {number}"), json!({ "kind": kind })).await;
            author.join(&community).await;
            for title in ["one", "two", "three"] {
                ask(&author, &community, &format!("Question {number} {title}"), json!({})).await;
                idea(&author, &community, &format!("Idea {number} {title}")).await;
            }
            let lines = awaits(&facilitator, &community).await;
            assert_eq!(lines.len(), 6);
            whole.extend(lines.clone());
            let mut paged = Vec::new();
            let mut after = Value::Null;
            loop {
                let found = facilitator.query(QUEUE, json!({ "id": community, "first": 4, "after": after })).await;
                let page = &found["community"]["workQueue"];
                paged.extend(self::lines(page));
                after = page["pageInfo"]["endCursor"].clone();
                if page["pageInfo"]["hasNextPage"] == false {
                    break;
                }
            }
            assert_eq!(paged, lines);
            communities.push(community);
        }
        let mut paged = Vec::new();
        let mut after = Value::Null;
        loop {
            let found = facilitator.query(EVERYWHERE, json!({ "first": 5, "after": after })).await;
            let page = &found["workQueue"];
            assert!(page["totalCount"] == 18 || page["totalCount"] == 19);
            paged.extend(lines(page));
            after = page["pageInfo"]["endCursor"].clone();
            if page["pageInfo"]["hasNextPage"] == false {
                break;
            }
            // What is done meanwhile neither drops nor repeats another.
            if paged.len() == 5 {
                idea(&author, &communities[2], "Later").await;
            }
        }
        assert_eq!(paged.len(), 19);
        assert_eq!(paged.iter().collect::<BTreeSet<_>>().len(), 19);
        // What is first in its community comes first of all: questions here, ideas there.
        let first: Vec<&str> = paged[..9].iter().map(|line| line.split(' ').next().unwrap()).collect();
        assert_eq!(first.iter().filter(|reason| **reason == "UNANSWERED").count(), 3);
        let refused = facilitator.failed(EVERYWHERE, json!({ "after": "nonsense" })).await;
        assert_eq!(refused, ["BAD_USER_INPUT"]);
    }
}
