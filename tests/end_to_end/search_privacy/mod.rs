//! Nobody learns by searching what they may not see: whatever is asked, the answer is the same, scores and all, whether
//! there is something hidden or not.

mod narrowing;

use serde_json::{Value, json};
use support::{App, Client, on_both_databases};

/// Everything that a search answers, but for cursors, which name the moment.
const PROBE: &str = "query($query: String!, $orderBy: SearchOrder) {
    search(query: $query, orderBy: $orderBy, first: 50, filter: { includeAbandoned: true }) {
        totalCount didYouMean correctedQuery
        pageInfo { hasNextPage }
        facets(fields: [KIND, RESOURCE_KIND, COMMUNITY, COMMUNITY_KIND, DOMAIN, TAG, LANGUAGE, LICENCE, AUTHOR, STATUS,
            EDUCATIONAL_LEVEL, EVIDENCE_LEVEL, YEAR], size: 100) { field buckets { value label count } }
        edges { score snippets { field html }
            explanation { matches { field term how } factors { name value } }
            node { __typename ... on Item { id title } ... on Community { id name } ... on ValueStory { id title }
                ... on ExperienceReport { id text } } }
    }
}";
const SUGGEST: &str =
    "query($prefix: String!) { suggest(prefix: $prefix, first: 50) { text kind } }";
const RELATED: &str =
    "query($id: ID!) { related(id: $id, first: 50) { __typename ... on Item { id title } } }";

/// Words that are shared by what is seen and what is not, and words that are only in the latter.
const QUERIES: [&str; 16] = [
    "",
    "fractions",
    "fraction pizza",
    "pizza",
    "zymurgy",
    "zymurgi",
    "zymurgy fractions",
    "zymur*",
    "frac*",
    "\"secret recipe\"",
    "title:zymurgy",
    "tag:zymurgy",
    "tag:maths",
    "pizzza",
    "-zymurgy",
    "what do children do with fractions and pizza and zymurgy",
];

/// Rounds scores and their parts: sums of the same numbers may be added in another order.
fn round(answer: &mut Value) {
    match answer {
        Value::Number(number) if number.is_f64() => {
            let exact = number.as_f64().unwrap();
            *answer = json!((exact * 10_000.0).round() / 10_000.0);
        }
        Value::Array(list) => list.iter_mut().for_each(round),
        Value::Object(fields) => fields.values_mut().for_each(round),
        _ => {}
    }
}

async fn probe(client: &Client, known: &Value) -> Vec<Value> {
    let mut answers = Vec::new();
    for query in QUERIES {
        for order in ["RELEVANCE", "TITLE"] {
            answers.push(
                client
                    .query(PROBE, json!({ "query": query, "orderBy": order }))
                    .await,
            );
        }
    }
    for prefix in ["z", "zym", "fra", "secret", "p"] {
        answers.push(client.query(SUGGEST, json!({ "prefix": prefix })).await);
    }
    answers.push(client.query(RELATED, json!({ "id": known })).await);
    answers.iter_mut().for_each(round);
    answers
}

/// A client of the same person that waits for what was written last.
async fn caught_up(client: &Client) -> Client {
    let info = client.query("{ serverInfo { position } }", json!({})).await;
    client.at(&info["serverInfo"]["position"])
}

/// What several people are answered.
async fn probe_all(viewers: &[Client], known: &Value) -> Vec<Vec<Value>> {
    let mut answers = Vec::new();
    for viewer in viewers {
        answers.push(probe(&caught_up(viewer).await, known).await);
    }
    answers
}

/// Compares what somebody is answered with what they were answered before.
fn assert_same(after: &[Value], before: &[Value], who: &str) {
    assert_eq!(after.len(), before.len());
    for (after, before) in after.iter().zip(before) {
        assert_eq!(after, before, "{who}");
    }
}

/// How much is found of what is about zymurgy.
fn found(answers: &[Value]) -> &Value {
    let place = QUERIES.iter().position(|query| *query == "zymurgy");
    &answers[place.unwrap() * 2]["search"]["totalCount"]
}

/// What the words of hidden things are: shared ones, and one that is in nothing else.
const WORDS: &str = "Fractions, pizza, zymurgy: the secret recipe. Die Kinder teilen Pizza.";

/// A resource that tells of zymurgy.
fn hidden(more: Value) -> Value {
    let mut resource = json!({
        "body": WORDS, "tags": ["zymurgy", "maths"], "language": "en", "licence": "CC0-1.0",
        "educationalLevels": ["Zymurgists"],
    });
    if let Value::Object(fields) = more {
        resource.as_object_mut().unwrap().extend(fields);
    }
    resource
}

/// What is there for everybody; answers one resource of it and a pilot of that.
async fn shelf(author: &Client, open: &Value) -> (Value, Value) {
    let known = json!({ "body": "Children share pizza and compare the slices.", "tags": ["maths"], "language": "en" });
    let known = author
        .create_resource(open, "Teaching fractions", known)
        .await;
    for (title, body) in [
        ("Slices of pizza", "More about pizza."),
        ("Walking lessons", "Walk and talk."),
    ] {
        let more = json!({ "body": body, "language": "en" });
        author.create_resource(open, title, more).await;
    }
    let pilot = author.plan_pilot(&known, json!({})).await;
    author.set_pilot_state(&pilot, "RUNNING", None).await;
    (known, pilot)
}

/// Tells a story of zymurgy, as far as somebody consents.
async fn tell_story(author: &Client, community: &Value, consent: &str) {
    let tell = "mutation($input: ValueStoryInput!) { tellValueStory(input: $input) {
        valueStory { id } userErrors { code field message } } }";
    let steps = json!([{ "cycle": "APPLIED", "text": WORDS }]);
    let input =
        json!({ "communityId": community, "title": "Zymurgy", "consent": consent, "steps": steps });
    author.mutate(tell, json!({ "input": input })).await;
}

/// Opens a discussion.
async fn discuss(author: &Client, community: &Value) -> Value {
    let discuss = "mutation($input: CreateDiscussionInput!) { createDiscussion(input: $input) {
        discussion { id } userErrors { code field message } } }";
    let input = json!({
        "communityId": community, "title": "Pizza at school", "body": "Who bakes?", "kind": "DISCUSSION", "language": "en",
    });
    author.mutate(discuss, json!({ "input": input })).await["discussion"]["id"].clone()
}

/// Posts of zymurgy to a discussion, and hides the post.
async fn post_and_hide(author: &Client, discussion: &Value) {
    let add = "mutation($input: AddPostInput!) { addPost(input: $input) {
        post { id } userErrors { code field message } } }";
    let input = json!({ "discussionId": discussion, "body": WORDS });
    let post = author.mutate(add, json!({ "input": input })).await["post"]["id"].clone();
    let hide = "mutation($id: ID!) { hidePost(id: $id, reason: \"Be kind.\") {
        post { hidden } userErrors { code field message } } }";
    author.mutate(hide, json!({ "id": post })).await;
}

const LEAVE: &str = "mutation($id: ID!) { leaveCommunity(communityId: $id) {
    membership { state } userErrors { code field message } } }";

on_both_databases! {
    async fn what_is_hidden_from_strangers_changes_no_answer(app: App) {
        let author = app.person("Ada").await;
        let open = author.create_community("Shelf", json!({})).await;
        let closed = json!({ "visibility": "PRIVATE", "joinPolicy": "APPROVAL" });
        let closed = author.create_community("Closed shelf", closed).await;
        let unlisted = author.create_community("Cellar", json!({ "visibility": "UNLISTED" })).await;
        let (stranger, pending, invited) = (app.person("Ben").await, app.person("Cleo").await, app.person("Dan").await);
        let (former, barred) = (app.person("Eve").await, app.person("Finn").await);
        pending.join(&closed).await;
        let invite = "mutation($community: ID!, $user: ID!) { inviteMember(communityId: $community, userId: $user) {
            membership { id state } userErrors { code field message } } }";
        for community in [&closed, &unlisted] {
            let variables = json!({ "community": community, "user": invited.my_id().await });
            let membership = author.mutate(invite, variables).await["membership"].clone();
            assert_eq!(membership["state"], "INVITED");
        }
        for community in [&open, &closed, &unlisted] {
            author.admit(community, &former, "STEWARD").await;
            former.mutate(LEAVE, json!({ "id": community })).await;
        }
        let variables = json!({ "community": closed, "user": barred.my_id().await });
        let membership = author.mutate(invite, variables).await["membership"]["id"].clone();
        barred.join(&closed).await;
        let ban = "mutation($id: ID!) { banMember(id: $id, reason: \"Sold things.\") {
            membership { state } userErrors { code field message } } }";
        author.mutate(ban, json!({ "id": membership })).await;
        let (known, pilot) = shelf(&author, &open).await;
        let names = ["nobody", "stranger", "pending", "invited", "former", "barred"];
        let viewers = [app.anonymous(), stranger, pending, invited, former, barred];
        let before = probe_all(&viewers, &known).await;
        let authors = probe(&caught_up(&author).await, &known).await;

        for community in [&closed, &unlisted] {
            for title in ["Zymurgy and fractions", "Pizza", "Teaching zymurgy"] {
                author.create_resource(community, title, hidden(json!({}))).await;
            }
        }
        let narrower = hidden(json!({ "visibility": "MEMBERS", "language": "de" }));
        author.create_resource(&open, "Zymurgie und Brüche", narrower).await;
        author.create_resource(&open, "Zymurgy draft", hidden(json!({ "publish": false }))).await;
        tell_story(&author, &open, "MEMBERS").await;
        author.tell(&pilot, "MEMBERS", json!({ "text": WORDS })).await;

        let after = probe_all(&viewers, &known).await;
        for ((after, before), name) in after.iter().zip(&before).zip(names) {
            assert_same(after, before, name);
        }
        let after = probe(&caught_up(&author).await, &known).await;
        assert_ne!(after, authors, "whoever may see it finds it");
        assert_eq!(found(&after), 10);
    }

    async fn what_is_hidden_from_members_changes_no_answer(app: App) {
        let author = app.person("Ada").await;
        let (member, steward) = (app.person("Ben").await, app.person("Cleo").await);
        let open = author.create_community("Shelf", json!({})).await;
        author.admit(&open, &member, "MEMBER").await;
        author.admit(&open, &steward, "STEWARD").await;
        let (known, pilot) = shelf(&author, &open).await;
        let discussion = discuss(&author, &open).await;
        let names = ["member", "steward"];
        let viewers = [member, steward];
        let before = probe_all(&viewers, &known).await;

        author.create_resource(&open, "Zymurgy diary", hidden(json!({ "visibility": "AUTHORS" }))).await;
        tell_story(&author, &open, "AUTHORS").await;
        author.tell(&pilot, "AUTHORS", json!({ "text": WORDS })).await;
        post_and_hide(&author, &discussion).await;
        let after = probe_all(&viewers, &known).await;
        for ((after, before), name) in after.iter().zip(&before).zip(names) {
            assert_same(after, before, name);
        }
        let authors = probe(&caught_up(&author).await, &known).await;
        assert_eq!(found(&authors), 3, "the post that is hidden is found by nobody");

        author.create_resource(&open, "Zymurgy for stewards", hidden(json!({ "visibility": "STEWARDS" }))).await;
        author.create_resource(&open, "Zymurgy draft", hidden(json!({ "publish": false }))).await;
        let after = probe_all(&viewers, &known).await;
        assert_same(&after[0], &before[0], "member");
        assert_eq!(found(&after[1]), 2, "a steward sees what is for stewards, and drafts");

        // What is open to members is theirs to find, and still not a stranger's.
        author.create_resource(&open, "Zymurgy for members", hidden(json!({ "visibility": "MEMBERS" }))).await;
        let after = probe_all(&viewers, &known).await;
        assert_eq!((found(&after[0]), found(&after[1])), (&json!(1), &json!(3)));
        let nobody = probe(&caught_up(&app.anonymous()).await, &known).await;
        assert_eq!(found(&nobody), 0);
    }
}
