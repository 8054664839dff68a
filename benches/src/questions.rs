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

const OBJECT: &str = "query($id: ID!) { resource(id: $id) { id title description body kind licence language tags status \
                      revision createdAt updatedAt community { id slug name } } }";
const NODE: &str = "id title description kind licence language status revision createdAt updatedAt \
                    community { id slug name } domains { id slug name } authors { id handle displayName } viewerCan";
const SEARCH: &str = "query($query: String!) { search(query: $query, first: 10) { totalCount edges { cursor score node { ... \
                      on Resource { id title kind language updatedAt community { id slug name } } } snippets { field \
                      html } } facets(fields: [RESOURCE_KIND, COMMUNITY, TAG], size: 10) { field buckets { value label \
                      count } } } }";

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
}

impl Question {
    /// Every question.
    pub(crate) const ALL: [Self; 5] = [
        Self::Object,
        Self::Page,
        Self::Deep,
        Self::Filtered,
        Self::Search,
    ];

    /// The name in tables.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Object => "object",
            Self::Page => "page",
            Self::Deep => "deep",
            Self::Filtered => "filtered",
            Self::Search => "search",
        }
    }

    /// The share of the floor's rate to reach.
    pub(crate) const fn goal(self) -> f64 {
        match self {
            Self::Object => 0.5,
            Self::Page | Self::Deep => 0.35,
            Self::Filtered => 0.4,
            Self::Search => 0.8,
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
        }
    }
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
