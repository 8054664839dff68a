//! The README and docs/MODEL.md tell the truth: their queries answer as printed, on the demonstration that the README's
//! first command loads.

use serde_json::{Value, json};
use support::{App, Client, Database};

pub(crate) const README: &str = include_str!("../../README.md");
const MODEL: &str = include_str!("../../docs/MODEL.md");

/// A query of a page with the answer that is printed under it.
pub(crate) struct Example {
    pub(crate) query: String,
    answer: Option<Value>,
}

pub(crate) fn examples(page: &str) -> Vec<Example> {
    let mut examples: Vec<Example> = Vec::new();
    for block in page.split("\n```").skip(1).step_by(2) {
        if let Some(query) = block.strip_prefix("graphql\n") {
            examples.push(Example {
                query: query.to_owned(),
                answer: None,
            });
        } else if let (Some(answer), Some(example)) =
            (block.strip_prefix("json\n"), examples.last_mut())
        {
            example.answer =
                Some(serde_json::from_str(answer).expect("the printed answer is JSON"));
        }
    }
    examples
}

/// The first command of the README, in this process; then each query in turn.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_query_answers_as_printed() {
    let app = App::start_with(Database::Sqlite, |config| config.demo = true)
        .await
        .expect("SQLite is always there");
    let examples = examples(README);
    assert!(examples.len() >= 4, "the README has lost its examples");
    let mut client: Client = app.anonymous();
    for Example { query, answer } in examples {
        let sent = client.send(&query, json!({})).await;
        assert!(
            sent.body.get("errors").is_none(),
            "{query}\n{:#}",
            sent.body
        );
        if let Some(answer) = answer {
            // To print a new answer into the README, take it from this message.
            assert_eq!(
                sent.body["data"], answer["data"],
                "{query}\nanswers\n{:#}",
                sent.body
            );
        }
        if query.contains("signIn") {
            let tokens = client
                .query(&query.replace("user {", "accessToken user {"), json!({}))
                .await;
            client = client.with_token(tokens["signIn"]["accessToken"].as_str().expect("a token"));
        }
    }
    // The model's, as far as it prints their answers.
    let anybody = app.anonymous();
    for Example { query, answer } in self::examples(MODEL) {
        if let Some(answer) = answer {
            let sent = anybody.send(&query, json!({})).await;
            assert_eq!(
                sent.body["data"], answer["data"],
                "{query}\nanswers\n{:#}",
                sent.body
            );
        }
    }
}
