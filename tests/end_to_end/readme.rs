//! The README and docs/MODEL.md tell the truth: their queries answer as printed, on the demonstration that the README's
//! first command loads.

use serde_json::{Value, json};
use support::{App, Client, Database};

pub(crate) const README: &str = include_str!("../../README.md");
pub(crate) const MODEL: &str = include_str!("../../docs/MODEL.md");

/// A query of a page with the answer that is printed under it.
pub(crate) struct Example {
    pub(crate) query: String,
    answer: Option<Value>,
}

impl Example {
    /// Whether it needs values that a page cannot print, such as ids.
    pub(crate) fn takes_variables(&self) -> bool {
        self.query.contains("($")
    }
}

/// The queries of a page, all of them.
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
    let written = page.lines().filter(|line| line.trim() == "```graphql");
    assert_eq!(examples.len(), written.count(), "a block is read otherwise");
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
    // The model's, but for those that tests/end_to_end/model.rs runs: as anybody where it prints an answer, else as the
    // one who signed in.
    let anybody = app.anonymous();
    let (_, plain): (Vec<_>, Vec<_>) = self::examples(MODEL)
        .into_iter()
        .partition(Example::takes_variables);
    for Example { query, answer } in plain {
        let asker = if answer.is_some() { &anybody } else { &client };
        let sent = asker.send(&query, json!({})).await;
        let (errors, data) = (sent.body.get("errors"), &sent.body["data"]);
        assert!(errors.is_none(), "{query}\n{:#}", sent.body);
        if let Some(answer) = answer {
            assert_eq!(data, &answer["data"], "{query}\nanswers\n{:#}", sent.body);
        } else {
            let mut fields = data.as_object().expect("there is data").values();
            assert!(fields.all(|field| !field.is_null()), "{query}\n{data:#}");
        }
    }
}
