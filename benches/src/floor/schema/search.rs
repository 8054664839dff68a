//! Hits with their facets, and completions.

use std::sync::Arc;

use async_graphql::{Enum, ID, InputObject, Object, SimpleObject, Union};

use super::Library;
use super::resource::Resource;
use crate::floor::plain_search::{PlainAnswer, PlainFacets, PlainHit};

#[derive(Clone, Copy, PartialEq, Eq, Enum)]
enum SearchFacetField {
    ResourceKind,
    Community,
    Tag,
}

#[derive(SimpleObject)]
struct SearchBucket {
    value: String,
    label: String,
    count: u64,
}

#[derive(SimpleObject)]
struct SearchFacet {
    field: SearchFacetField,
    buckets: Vec<SearchBucket>,
}

#[derive(SimpleObject)]
struct Snippet {
    field: &'static str,
    html: String,
}

#[derive(Union)]
pub(super) enum SearchResult {
    Resource(Resource),
}

#[derive(Clone, Copy, PartialEq, Eq, Enum)]
pub(super) enum SearchKind {
    Resource,
}

#[derive(InputObject)]
pub(super) struct SearchFilter {
    pub(super) community_ids: Option<Vec<ID>>,
}

#[derive(SimpleObject)]
pub(super) struct Suggestion {
    pub(super) text: String,
    pub(super) kind: Option<SearchKind>,
    pub(super) node: Option<SearchResult>,
}

#[derive(SimpleObject)]
struct SearchEdge {
    cursor: String,
    score: f32,
    node: SearchResult,
    snippets: Vec<Snippet>,
}

pub(super) struct SearchConnection {
    pub(super) library: Arc<Library>,
    pub(super) answer: PlainAnswer,
}

#[Object]
impl SearchConnection {
    async fn total_count(&self) -> usize {
        self.answer.total
    }

    async fn edges(&self) -> Vec<SearchEdge> {
        let edge = |(place, hit): (usize, &PlainHit)| SearchEdge {
            cursor: place.to_string(),
            score: hit.score,
            node: SearchResult::Resource(Resource(Arc::clone(&self.library), hit.number)),
            snippets: hit
                .snippets
                .iter()
                .map(|(field, html)| Snippet {
                    field,
                    html: html.clone(),
                })
                .collect(),
        };
        self.answer.hits.iter().enumerate().map(edge).collect()
    }

    async fn facets(&self, fields: Vec<SearchFacetField>, size: usize) -> Vec<SearchFacet> {
        let PlainFacets {
            kinds,
            communities,
            tags,
        } = &self.answer.facets;
        let facet = |field: SearchFacetField| {
            let counts = match field {
                SearchFacetField::ResourceKind => kinds,
                SearchFacetField::Community => communities,
                SearchFacetField::Tag => tags,
            };
            let bucket = |(value, count): &(String, u64)| {
                let community = value
                    .parse()
                    .ok()
                    .filter(|_| field == SearchFacetField::Community);
                let named =
                    community.map(|place: usize| &self.library.world.communities[place].named);
                let (value, label) = named.map_or((value, value), |named| (&named.id, &named.name));
                SearchBucket {
                    value: value.clone(),
                    label: label.clone(),
                    count: *count,
                }
            };
            SearchFacet {
                field,
                buckets: counts.iter().take(size).map(bucket).collect(),
            }
        };
        fields.into_iter().map(facet).collect()
    }
}
