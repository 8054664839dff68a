//! What is asked: the same words for both servers.

use anyhow::Context;
use serde::Serialize;
use serde_json::{Value, json};

use crate::dump::{Asker, DumpedResource, World};
use crate::numbers::Numbers;

/// Different requests of a question, taken in turn.
const REQUESTS: usize = 500;
/// Pages that start at the cursors near nine tenths of the list.
const DEEP: f64 = 0.9;
/// Resources of a page while going to a deep place.
const STRIDE: usize = 100;
/// Letters of the longest beginning of a word that is completed.
const MOST_LETTERS: usize = 6;

const OBJECT: &str = "query($id: ID!) { resource(id: $id) { id title description body kind licence language tags status \
                      revision createdAt updatedAt community { id slug name } } }";
const NODE: &str = "id title description kind licence language status revision createdAt updatedAt \
                    community { id slug name } domains { id slug name } authors { id handle displayName } viewerCan";
const SEARCH: &str = "query($query: String!) { search(query: $query, first: 10) { totalCount edges { cursor score node { ... \
                      on Resource { id title kind language updatedAt community { id slug name } } } snippets { field \
                      html } } facets(fields: [RESOURCE_KIND, COMMUNITY, TAG], size: 10) { field buckets { value label \
                      count } } } }";

const COMPLETIONS: &str = "query($prefix: String!) { suggest(prefix: $prefix, first: 10) { text kind node { ... on Resource \
                           { id } } } }";
const NARROWED: &str = "query($prefix: String!, $community: ID!) { suggest(prefix: $prefix, first: 10, filter: { \
                        communityIds: [$community] }) { text kind node { ... on Resource { id } } } }";

/// A kind of question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Question {
    /// One resource with its body, tags and community.
    Object,
    /// The first 20 resources with community, domains, authors and what the viewer may do.
    Page,
    /// The same after nine tenths of the list.
    Deep,
    /// The same of one community, with a tag.
    Filtered,
    /// The best 10 hits with total, snippets and three facets.
    Search,
    /// 10 completions of a word that is typed letter by letter.
    Completions,
    /// The same within one community.
    NarrowedCompletions,
}

/// What an answer has to reach.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Goal {
    /// A share of the floor's rate.
    OfTheFloor(f64),
    /// 99 of 100 answers within so many milliseconds.
    Within(f64),
}

impl Question {
    /// Every question.
    pub(crate) const ALL: [Self; 7] = [
        Self::Object,
        Self::Page,
        Self::Deep,
        Self::Filtered,
        Self::Search,
        Self::Completions,
        Self::NarrowedCompletions,
    ];

    /// The name in tables.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Object => "object",
            Self::Page => "page",
            Self::Deep => "deep",
            Self::Filtered => "filtered",
            Self::Search => "search",
            Self::Completions => "completions",
            Self::NarrowedCompletions => "narrowed completions",
        }
    }

    /// What it has to reach.
    pub(crate) const fn goal(self) -> Goal {
        match self {
            Self::Object => Goal::OfTheFloor(0.5),
            Self::Page | Self::Deep => Goal::OfTheFloor(0.35),
            Self::Filtered => Goal::OfTheFloor(0.4),
            Self::Search => Goal::OfTheFloor(0.8),
            Self::Completions | Self::NarrowedCompletions => Goal::Within(10.0),
        }
    }

    /// How a right answer begins.
    pub(crate) const fn begins(self) -> &'static str {
        match self {
            Self::Object => r#"{"data":{"resource":{"id":"#,
            Self::Page | Self::Deep | Self::Filtered => {
                r#"{"data":{"resources":{"edges":[{"cursor":"#
            }
            Self::Search => r#"{"data":{"search":{"totalCount":"#,
            // Each beginning is one of a title, so there is a completion.
            Self::Completions | Self::NarrowedCompletions => r#"{"data":{"suggest":[{"text":"#,
        }
    }

    /// The bodies of the requests. `cursors` are the server's own, for deep pages.
    pub(crate) fn bodies(
        self,
        world: &World,
        resources: &[DumpedResource],
        cursors: &[String],
    ) -> Vec<String> {
        let mut numbers = Numbers::new(99);
        let body = |query: &str, variables: Value| {
            json!({ "query": query, "variables": variables }).to_string()
        };
        match self {
            Self::Object => (0..REQUESTS)
                .filter_map(|_| Some(body(OBJECT, json!({ "id": numbers.pick(resources)?.id }))))
                .collect(),
            Self::Page => vec![body(&page("", ""), json!({}))],
            Self::Deep => {
                let query = page("($after: String!)", "after: $after");
                cursors
                    .iter()
                    .map(|cursor| body(&query, json!({ "after": cursor })))
                    .collect()
            }
            Self::Filtered => {
                let query = page(
                    "($community: ID!, $tag: String!)",
                    "filter: { communityIds: [$community], tags: [$tag] }",
                );
                (0..REQUESTS)
                    .filter_map(|_| {
                        let resource = numbers.pick(resources)?;
                        let community = &world.communities.get(resource.community)?.named.id;
                        Some(body(
                            &query,
                            json!({ "community": community, "tag": resource.tags.first()? }),
                        ))
                    })
                    .collect()
            }
            Self::Search => (0..REQUESTS)
                .filter_map(|_| {
                    let resource = numbers.pick(resources)?;
                    Some(body(
                        SEARCH,
                        json!({ "query": words(&mut numbers, resource) }),
                    ))
                })
                .collect(),
            Self::Completions => typed(&mut numbers, resources)
                .into_iter()
                .map(|(prefix, _)| body(COMPLETIONS, json!({ "prefix": prefix })))
                .collect(),
            Self::NarrowedCompletions => typed(&mut numbers, resources)
                .into_iter()
                .filter_map(|(prefix, resource)| {
                    let community = &world.communities.get(resource.community)?.named.id;
                    let variables = json!({ "prefix": prefix, "community": community });
                    Some(body(NARROWED, variables))
                })
                .collect(),
        }
    }
}

/// Words of titles as they are typed, letter by letter, each beginning with the resource whose title has it.
fn typed<'a>(
    numbers: &mut Numbers,
    resources: &'a [DumpedResource],
) -> Vec<(String, &'a DumpedResource)> {
    let mut typed = Vec::with_capacity(REQUESTS + MOST_LETTERS);
    // Not every title has such a word.
    for _ in 0..REQUESTS {
        let Some(resource) = numbers.pick(resources) else {
            break;
        };
        let words = resource.title.split_whitespace();
        let words: Vec<&str> = words
            .filter(|word| word.chars().all(char::is_alphabetic))
            .collect();
        let Some(word) = numbers.pick(&words) else {
            continue;
        };
        let letters = word.chars().count().min(MOST_LETTERS);
        typed.extend((1..=letters).map(|many| {
            let prefix: String = word.chars().take(many).collect();
            (prefix, resource)
        }));
        if typed.len() >= REQUESTS {
            break;
        }
    }
    typed
}

fn page(variables: &str, arguments: &str) -> String {
    format!(
        "query{variables} {{ resources(first: 20 {arguments}) {{ edges {{ cursor node {{ {NODE} }} }} pageInfo {{ \
         hasNextPage endCursor }} }} }}"
    )
}

/// One to four words of a resource, as somebody would look for it.
fn words(numbers: &mut Numbers, resource: &DumpedResource) -> String {
    let long = |word: &&str| word.chars().count() > 3 && word.chars().all(char::is_alphabetic);
    let title = resource.title.split_whitespace();
    let words: Vec<&str> = title
        .chain(resource.body.split_whitespace().take(60))
        .filter(long)
        .collect();
    let count = 1 + numbers.below(4);
    let chosen: Vec<&str> = (0..count)
        .filter_map(|_| numbers.pick(&words).copied())
        .collect();
    chosen.join(" ")
}

/// The cursors of the page that begins at nine tenths of a list, found by going there.
pub(crate) async fn deep_cursors(
    client: &mut crate::client::Client,
    resources: usize,
) -> anyhow::Result<Vec<String>> {
    const QUERY: &str = "query($after: String) { resources(first: 100, after: $after) { edges { cursor } pageInfo { \
                         hasNextPage endCursor } } }";
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a place in a list, about"
    )]
    let wanted = (resources as f64 * DEEP) as usize;
    let mut after = Value::Null;
    let mut passed = 0;
    loop {
        let data = client.ask(QUERY, json!({ "after": after })).await?;
        let page = &data["resources"];
        passed += STRIDE;
        if passed >= wanted || page["pageInfo"]["hasNextPage"] != true {
            let edges = page["edges"].as_array().context("a page has edges")?;
            // Far enough from the end for whole pages.
            let cursors = edges
                .iter()
                .take(STRIDE / 2)
                .filter_map(|edge| edge["cursor"].as_str());
            return Ok(cursors.map(str::to_owned).collect());
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
}

/// Whether both servers list equally many resources for this viewer is told by their totals; the floor's is known.
pub(crate) async fn check_total(
    client: &mut crate::client::Client,
    asker: Asker,
    known: usize,
) -> anyhow::Result<()> {
    let data = client
        .ask(
            "{ resources(filter: { statuses: [PUBLISHED] }) { totalCount } }",
            json!({}),
        )
        .await?;
    let total = data["resources"]["totalCount"].as_u64().unwrap_or_default();
    anyhow::ensure!(
        total == known as u64,
        "{} sees {total} resources on the server and {known} on the floor: they would answer different questions",
        asker.name()
    );
    Ok(())
}
