//! A server that is killed while it writes.

use serde_json::{Value, json};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use super::support::{PATIENCE, Served, create_community, run, send, sign_up, text};

/// Writes one resource after another until the server is gone; answers the titles of those that were acknowledged.
async fn write_until_gone(
    url: String,
    token: String,
    community: String,
    writer: usize,
    done: UnboundedSender<()>,
) -> Vec<String> {
    let query = "mutation($input: CreateResourceInput!) { createResource(input: $input) { resource { title } userErrors { code } } }";
    let mut acknowledged = Vec::new();
    for number in 0..100_000 {
        let title = format!("Stream {writer} number {number}");
        let input =
            json!({ "communityId": community, "title": title, "kind": "ARTICLE", "publish": true });
        let Ok(answer) = send(&url, Some(&token), None, query, json!({ "input": input })).await
        else {
            break;
        };
        assert_eq!(
            answer["data"]["createResource"]["resource"]["title"], title,
            "{answer:#}"
        );
        acknowledged.push(title);
        let _ = done.send(());
    }
    acknowledged
}

/// All titles that pages of a list or of a search hold.
async fn all_titles(server: &Served, position: &str, query: &str, field: &str) -> Vec<String> {
    let mut titles = Vec::new();
    let mut after = Value::Null;
    loop {
        let answer = server
            .send(None, Some(position), query, json!({ "after": after }))
            .await;
        let page = &answer["data"][field];
        let nodes = page["nodes"]
            .as_array()
            .unwrap_or_else(|| panic!("{answer:#}"));
        titles.extend(
            nodes
                .iter()
                .map(|node| node["title"].as_str().unwrap().to_owned()),
        );
        if page["pageInfo"]["hasNextPage"] == false {
            titles.sort();
            return titles;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_was_acknowledged_before_kill_9_is_there_and_searchable() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let mut written = Vec::new();
    let mut access: Option<(String, String)> = None;
    for round in 0..3 {
        let mut server = Served::start(&data, &[]);
        let (token, community) = if let Some(known) = &access {
            known.clone()
        } else {
            let token = sign_up(&server).await;
            let community = create_community(&server, &token).await;
            access.insert((token, community)).clone()
        };
        let (done, mut count) = unbounded_channel();
        let writers: Vec<_> = (0..3)
            .map(|writer| {
                let writing = write_until_gone(
                    server.url.clone(),
                    token.clone(),
                    community.clone(),
                    round * 10 + writer,
                    done.clone(),
                );
                tokio::spawn(writing)
            })
            .collect();
        drop(done);
        // Each round is cut at another place, and always while writes are under way.
        for _ in 0..20 + round * 7 {
            count.recv().await.expect("the writers go on writing");
        }
        server.child.kill().unwrap();
        server.end();
        for writer in writers {
            written.extend(writer.await.unwrap());
        }
    }
    let server = Served::start(&data, &[]);
    let info = server
        .send(None, None, "{ serverInfo { position } }", json!({}))
        .await;
    let position = info["data"]["serverInfo"]["position"]
        .as_str()
        .unwrap()
        .to_owned();
    let list = "query($after: String) { resources(first: 100, after: $after) { nodes { title } pageInfo { hasNextPage endCursor } } }";
    let listed = all_titles(&server, &position, list, "resources").await;
    let search = "query($after: String) { search(query: \"stream\", orderBy: TITLE, first: 100, after: $after) {
        nodes { ... on Item { title } } pageInfo { hasNextPage endCursor } } }";
    let found = all_titles(&server, &position, search, "search").await;
    assert_eq!(found, listed, "the index agrees with the database");
    for title in &written {
        assert!(
            listed.binary_search(title).is_ok(),
            "{title} was acknowledged and is lost"
        );
    }
    // Of each writer and round at most the one that was under way is there unacknowledged.
    assert!(
        listed.len() <= written.len() + 9,
        "{} of {}",
        listed.len(),
        written.len()
    );
    let healthy = run(&data, &["doctor", "--deep"], "");
    assert!(healthy.status.success(), "{}", text(&healthy.stdout));
}

const KEYED: &str = "mutation($input: CreateResourceInput!) { createResource(input: $input) {
    resource { id title } position userErrors { code } } }";

/// A resource that somebody wants to be there once, with the key that it is asked for by, and what was answered.
struct Wanted {
    title: String,
    key: String,
    answered: Option<Value>,
}

async fn send_keyed(
    url: &str,
    token: &str,
    community: &str,
    wanted: &Wanted,
) -> reqwest::Result<Value> {
    let input = json!({ "communityId": community, "title": wanted.title, "kind": "ARTICLE", "publish": true });
    let client = service::outgoing::client().timeout(PATIENCE).build()?;
    client
        .post(format!("{url}/graphql"))
        .bearer_auth(token)
        .header("idempotency-key", &wanted.key)
        .json(&json!({ "query": KEYED, "variables": { "input": input } }))
        .send()
        .await?
        .json()
        .await
}

/// Asks for one resource after another until the server is gone.
async fn want_until_gone(
    url: String,
    token: String,
    community: String,
    writer: usize,
    done: UnboundedSender<()>,
) -> Vec<Wanted> {
    let mut all = Vec::new();
    for number in 0..100_000 {
        let mut wanted = Wanted {
            title: format!("Once {writer} number {number}"),
            key: uuid::Uuid::new_v4().to_string(),
            answered: None,
        };
        wanted.answered = send_keyed(&url, &token, &community, &wanted).await.ok();
        let goes_on = wanted.answered.is_some();
        all.push(wanted);
        if !goes_on {
            break;
        }
        let _ = done.send(());
    }
    all
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_is_sent_again_after_kill_9_is_there_once() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let mut server = Served::start(&data, &[]);
    let token = sign_up(&server).await;
    let community = create_community(&server, &token).await;
    let mut titles = Vec::new();
    for round in 0..4 {
        let (done, mut count) = unbounded_channel();
        let writers: Vec<_> = (0..3)
            .map(|writer| {
                tokio::spawn(want_until_gone(
                    server.url.clone(),
                    token.clone(),
                    community.clone(),
                    round * 10 + writer,
                    done.clone(),
                ))
            })
            .collect();
        drop(done);
        for _ in 0..15 + round * 6 {
            count.recv().await.expect("the writers go on writing");
        }
        server.child.kill().unwrap();
        server.end();
        server = Served::start(&data, &[]);
        for writer in writers {
            for wanted in writer.await.unwrap() {
                let again = send_keyed(&server.url, &token, &community, &wanted)
                    .await
                    .unwrap();
                let payload = &again["data"]["createResource"];
                assert_eq!(payload["resource"]["title"], wanted.title, "{again:#}");
                if let Some(answered) = wanted.answered {
                    assert_eq!(again, answered);
                }
                titles.push(wanted.title);
            }
        }
    }
    titles.sort();
    let info = server
        .send(None, None, "{ serverInfo { position } }", json!({}))
        .await;
    let position = info["data"]["serverInfo"]["position"].as_str().unwrap();
    let list = "query($after: String) { resources(first: 100, after: $after) { nodes { title } pageInfo { hasNextPage endCursor } } }";
    assert_eq!(
        all_titles(&server, position, list, "resources").await,
        titles
    );
}
