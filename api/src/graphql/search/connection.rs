//! The answer of a search.

use async_graphql::{Context, Object, Result, SimpleObject};
use futures_util::future::try_join_all;
use service::search::{self, Bucket, Facet, FacetRequest, FacetValue, Hit, SearchAnswer};

use super::{SearchExplanation, SearchFacetField, SearchResult};
use crate::graphql::connection::{PageInfo, count};
use crate::graphql::errors::IntoGraphql;
use crate::graphql::ids::{NodeType, encode};
use crate::graphql::request::{app, viewer};

/// A page of hits, with what is known of all matches.
#[derive(Clone, Debug)]
pub struct SearchConnection {
    query: search::SearchQuery,
    answer: SearchAnswer,
}

impl SearchConnection {
    /// The answer to a query.
    #[must_use]
    pub fn new(query: search::SearchQuery, answer: SearchAnswer) -> Self {
        Self { query, answer }
    }

    /// The hits of the page with what they found. A hit is of something that the viewer may see, so all can be loaded,
    /// but for what was deleted since the search began.
    async fn loaded(&self, context: &Context<'_>) -> Result<Vec<(&Hit, SearchResult)>> {
        let hits = self.answer.hits.iter();
        let found =
            try_join_all(hits.map(|hit| SearchResult::load(context, hit.kind, hit.id))).await?;
        let mut loaded = Vec::with_capacity(found.len());
        for (hit, found) in self.answer.hits.iter().zip(found) {
            if let Some(node) = found {
                loaded.push((hit, node));
            } else {
                tracing::warn!(id = %hit.id, "a hit of the search cannot be loaded");
            }
        }
        Ok(loaded)
    }

    /// The facets that were counted by the search itself; none when one of them was not.
    fn counted(&self, wanted: &[FacetRequest]) -> Option<Vec<Facet>> {
        let place = |wanted: &FacetRequest| {
            let mut counted = self.query.facets.iter();
            counted.position(|one| one.field == wanted.field && one.size == wanted.size)
        };
        let facets = wanted.iter().map(|wanted| {
            let facet = self.answer.facets.get(place(wanted)?)?;
            Some(facet.clone())
        });
        facets.collect()
    }
}

/// A page of hits, with what is known of all matches that you may see.
#[Object]
impl SearchConnection {
    /// The hits of this page.
    async fn edges(&self, context: &Context<'_>) -> Result<Vec<SearchEdge>> {
        let loaded = self.loaded(context).await?;
        Ok(loaded
            .into_iter()
            .map(|(hit, node)| SearchEdge::new(hit, node))
            .collect())
    }

    /// What was found, for when cursors, scores and snippets are not needed.
    async fn nodes(&self, context: &Context<'_>) -> Result<Vec<SearchResult>> {
        let loaded = self.loaded(context).await?;
        Ok(loaded.into_iter().map(|(_, node)| node).collect())
    }

    /// Where this page stands among the hits.
    async fn page_info(&self) -> PageInfo {
        let hits = &self.answer.hits;
        PageInfo {
            has_next_page: self.answer.has_next_page,
            has_previous_page: self.query.after.is_some(),
            start_cursor: hits.first().map(|hit| hit.cursor.clone()),
            end_cursor: hits.last().map(|hit| hit.cursor.clone()),
        }
    }

    /// Number of matches that you may see, exact.
    async fn total_count(&self) -> i32 {
        count(self.answer.total)
    }

    /// Counts over all matches that you may see, before paging; in the order of `fields`. What the filter asks of a
    /// field does not narrow the counts of that field.
    async fn facets(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to count by.")] fields: Vec<SearchFacetField>,
        #[graphql(
            desc = "How many values of each, most frequent first; 10 if not given, at most 100."
        )]
        size: Option<i32>,
    ) -> Result<Vec<SearchFacet>> {
        let wanted = facet_requests(&fields, size);
        let facets = if let Some(facets) = self.counted(&wanted) {
            facets
        } else {
            let query = search::SearchQuery {
                facets: wanted,
                first: Some(0),
                after: None,
                snippets: false,
                explain: false,
                did_you_mean: false,
                ..self.query.clone()
            };
            let (app, viewer) = (app(context)?, viewer(context)?);
            let answer = search::search(&app.store, &app.index, &viewer, query).await;
            answer.graphql()?.facets
        };
        let facets = fields.into_iter().zip(facets);
        Ok(facets
            .map(|(field, facet)| SearchFacet::new(field, facet))
            .collect())
    }

    /// A better spelled query, when this one finds little.
    async fn did_you_mean(&self) -> Option<&str> {
        self.answer.did_you_mean.as_deref()
    }

    /// The query that was run, when words of the given one were corrected.
    async fn corrected_query(&self) -> Option<&str> {
        self.answer.corrected_query.as_deref()
    }
}

/// The facets that a field asks for.
pub(super) fn facet_requests(fields: &[SearchFacetField], size: Option<i32>) -> Vec<FacetRequest> {
    let request = |field: &SearchFacetField| FacetRequest {
        field: (*field).into(),
        size: size.map(i64::from),
    };
    fields.iter().map(request).collect()
}

/// A hit, with its place in the answer.
#[derive(Clone, Debug, SimpleObject)]
pub struct SearchEdge {
    /// Opaque place in the answer, for `after`.
    cursor: String,
    /// How well it matches; only comparable within one answer, and 0 in orders other than RELEVANCE. It is computed from
    /// what you may see and nothing else.
    score: f64,
    /// What was found.
    node: SearchResult,
    /// Pieces of its fields in which the words were found.
    snippets: Vec<Snippet>,
    /// Why this hit is here: each part of the score, and which query words matched in which field.
    explanation: SearchExplanation,
}

impl SearchEdge {
    fn new(hit: &Hit, node: SearchResult) -> Self {
        let snippets = hit.snippets.iter().map(|snippet| Snippet {
            field: snippet.field.clone(),
            html: snippet.html.clone(),
        });
        Self {
            cursor: hit.cursor.clone(),
            score: f64::from(hit.score),
            node,
            snippets: snippets.collect(),
            explanation: hit
                .explanation
                .as_ref()
                .map(SearchExplanation::from)
                .unwrap_or_default(),
        }
    }
}

/// A piece of a field in which words were found.
#[derive(Clone, Debug, SimpleObject)]
pub struct Snippet {
    /// The field, by its name in the schema.
    pub field: String,
    /// The piece, HTML-escaped, the matches in `<mark>`.
    pub html: String,
}

/// Counts of all matches by the values of a field.
#[derive(Clone, Debug, SimpleObject)]
pub struct SearchFacet {
    /// What was counted by.
    field: SearchFacetField,
    /// The most frequent values first.
    buckets: Vec<SearchBucket>,
}

impl SearchFacet {
    fn new(field: SearchFacetField, facet: Facet) -> Self {
        let buckets = facet.buckets.into_iter().map(SearchBucket::from).collect();
        Self { field, buckets }
    }
}

/// A value of a facet.
#[derive(Clone, Debug, SimpleObject)]
pub struct SearchBucket {
    /// The value, to be put into the filter, which then finds `count` things: an enum value, a tag, a language, a licence,
    /// a level, a year (into `years` as a number), or the ID of a community, a domain or a user. Those of STATUS go into
    /// `states`.
    pub value: String,
    /// A name of the value for people.
    pub label: String,
    /// How many matches have it, exactly.
    pub count: i32,
}

impl From<Bucket> for SearchBucket {
    fn from(bucket: Bucket) -> Self {
        let value = match bucket.value {
            FacetValue::Text(text) => text,
            FacetValue::Community(id) => encode(NodeType::Community, id).0,
            FacetValue::Domain(id) => encode(NodeType::Domain, id).0,
            FacetValue::User(id) => encode(NodeType::User, id).0,
        };
        Self {
            value,
            label: bucket.label,
            count: count(bucket.count),
        }
    }
}
