//! One write after the other, and the search for some of them.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, ensure};
use serde_json::{Value, json};
use tokio::time::Instant;

use super::pool::Pool;
use crate::corpus::Corpus;

const CREATE: &str = "mutation($input: CreateResourceInput!) { createResource(input: $input) { resource { id } userErrors \
                      { message } } }";
const UPDATE: &str = "mutation($id: ID!, $input: UpdateResourceInput!) { updateResource(id: $id, input: $input) { resource \
                      { id } userErrors { message } } }";
const FIND: &str = "query($query: String!) { search(query: $query, first: 10) { nodes { ... on Resource { id } } } }";

/// A search that found nothing yet is repeated after so long, or after a twentieth of the time that has passed: looking
/// must not slow down what is looked for.
const PAUSE: Duration = Duration::from_millis(5);
const SHARE_OF_WAIT: u32 = 20;
/// What is not found by then is lost.
const PATIENCE: Duration = Duration::from_secs(20);

/// What the writes need.
pub(super) struct Bench {
    pub(super) writers: Pool,
    pub(super) readers: Pool,
    pub(super) corpus: Corpus,
    /// Texts of new resources begin with this number.
    pub(super) next_text: usize,
    /// Communities that everybody reads.
    pub(super) communities: Vec<String>,
    /// Ids and titles of resources that everybody reads.
    pub(super) existing: Vec<(String, String)>,
    pub(super) sample: usize,
}

/// What became of one write.
pub(super) struct Changed {
    /// How long it took since it was due.
    pub(super) written: anyhow::Result<Duration>,
    pub(super) answered: Instant,
    /// How long it took from there until it was found; none where it was not looked for.
    pub(super) found: Option<anyhow::Result<Duration>>,
}

/// A word that no text has, of consonants alone, so that no language takes an ending off it.
fn word(number: usize) -> String {
    const LETTERS: &[u8; 16] = b"bcdfghjklmnpqrvx";
    let digit = |place: usize| char::from(LETTERS[(number >> (4 * place)) & 15]);
    let digits: String = (0..6).map(digit).collect();
    format!("zq{digits}z")
}

impl Bench {
    /// Makes one change, and looks for it if it is one of the sample.
    pub(super) async fn change(self: Arc<Self>, number: usize, due: Instant) -> Changed {
        let word = word(number);
        let written = self.write(number, &word).await;
        let answered = Instant::now();
        let took = answered - due;
        let found = match &written {
            // Of both kinds of writes, which come by turns.
            Ok(id) if (number / 2).is_multiple_of(self.sample) => {
                Some(self.find(&word, id, answered).await)
            }
            _ => None,
        };
        Changed {
            written: written.map(|_| took),
            answered,
            found,
        }
    }

    /// Gives a resource a title with this word: by turns one that is there, and a new one. Answers its id.
    async fn write(&self, number: usize, word: &str) -> anyhow::Result<String> {
        let old = self.existing.get(number / 2);
        let (query, field, variables) = match old.filter(|_| number.is_multiple_of(2)) {
            Some((id, title)) => {
                let input = json!({ "title": format!("{title} {word}") });
                let variables = json!({ "id": id, "input": input });
                (UPDATE, "updateResource", variables)
            }
            None => (
                CREATE,
                "createResource",
                json!({ "input": self.new_resource(number, word)? }),
            ),
        };
        let data = self.writers.ask(query, variables).await?;
        let id = data[field]["resource"]["id"].as_str();
        id.map(str::to_owned)
            .with_context(|| format!("a write was refused: {data}"))
    }

    /// The input of a new resource.
    fn new_resource(&self, number: usize, word: &str) -> anyhow::Result<Value> {
        let text = self.corpus.text(self.next_text + number);
        let place = (number / 2) % self.communities.len().max(1);
        let community = self.communities.get(place);
        let community = community.context("there is a public community")?;
        Ok(json!({
            "communityId": community,
            "title": format!("{} {word}", text.title),
            "kind": text.kind,
            "description": text.description,
            "body": text.body,
            "language": text.language,
            "licence": text.licence,
            "tags": text.tags,
            "publish": true,
        }))
    }

    /// How long it takes from an instant until anybody who searches for the word finds the resource.
    async fn find(&self, word: &str, id: &str, since: Instant) -> anyhow::Result<Duration> {
        // In quotes no other word is taken for it.
        let query = format!("\"{word}\"");
        loop {
            let data = self.readers.ask(FIND, json!({ "query": query })).await?;
            let waited = since.elapsed();
            let nodes = data["search"]["nodes"].as_array();
            let nodes = nodes.context("a search answers nodes")?;
            if nodes.iter().any(|node| node["id"] == id) {
                return Ok(waited);
            }
            ensure!(
                waited < PATIENCE,
                "{word} is not found after {} s",
                waited.as_secs()
            );
            tokio::time::sleep(PAUSE.max(waited / SHARE_OF_WAIT)).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_differ_and_have_no_vowels() {
        let words: std::collections::HashSet<String> = (0..10_000).map(word).collect();
        assert_eq!(words.len(), 10_000);
        assert!(
            words
                .iter()
                .all(|word| !word.contains(['a', 'e', 'i', 'o', 'u', 'y']))
        );
    }
}
