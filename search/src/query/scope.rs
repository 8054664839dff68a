use std::collections::HashSet;

use tantivy::query::{AllQuery, BooleanQuery, ConstScoreQuery, Occur, Query};
use uuid::Uuid;

use super::exclusion::Exclusion;
use super::filter::{any_of, any_term};
use super::hidden::HiddenQuery;
use crate::schema::Fields;

/// Above this many ids the documents are asked for theirs.
const MANY_IDS: usize = 16;

/// On whose behalf a question is asked. The default sees nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Viewer {
    /// Tokens that the viewer holds: a document is seen by whoever holds one of its own.
    pub audience: Vec<String>,
    /// Documents that the viewer may no longer see, whatever the index says.
    pub excluded_ids: Vec<Uuid>,
    /// Communities whose documents, and which themselves, the viewer may no longer see, whatever the index says.
    pub excluded_communities: Vec<Uuid>,
}

/// Adds a viewer's clause to queries. Nothing else makes a [`ScopedQuery`].
pub(crate) struct Scope<'a> {
    fields: &'a Fields,
    viewer: &'a Viewer,
}

/// A query that only matches what its viewer may see: the only kind that a snapshot runs.
pub(crate) struct ScopedQuery(BooleanQuery);

impl ScopedQuery {
    pub(crate) fn as_query(&self) -> &dyn Query {
        &self.0
    }
}

impl<'a> Scope<'a> {
    pub(crate) fn new(fields: &'a Fields, viewer: &'a Viewer) -> Self {
        Self { fields, viewer }
    }

    /// What the viewer may see of the documents that match `text` (all of them without one) and the `clauses`, which
    /// must or must not hold, and decide without scoring.
    pub(crate) fn restrict(
        &self,
        text: Option<Box<dyn Query>>,
        clauses: Vec<(Occur, Box<dyn Query>)>,
    ) -> ScopedQuery {
        let mut all = Vec::with_capacity(clauses.len() + 4);
        all.push((
            Occur::Must,
            text.unwrap_or_else(|| Box::new(ConstScoreQuery::new(Box::new(AllQuery), 1.0))),
        ));
        let audience = any_of(self.fields.audience, self.viewer.audience.iter().cloned());
        all.push((Occur::Must, silent(audience)));
        for (occur, query) in clauses {
            all.push((
                occur,
                if occur == Occur::Must {
                    silent(query)
                } else {
                    Box::new(Exclusion(query))
                },
            ));
        }
        let Viewer {
            excluded_ids,
            excluded_communities,
            ..
        } = self.viewer;
        let hidden: HashSet<Uuid> = excluded_ids
            .iter()
            .chain(excluded_communities)
            .copied()
            .collect();
        if hidden.len() > MANY_IDS {
            all.push((Occur::MustNot, Box::new(HiddenQuery::new(hidden))));
        } else if !hidden.is_empty() {
            let ids = hidden.into_iter().map(|id| self.fields.id_term(id));
            all.push((Occur::MustNot, any_term(ids)));
        }
        if !excluded_communities.is_empty() {
            let communities = excluded_communities.iter().map(Uuid::to_string);
            all.push((Occur::MustNot, any_of(self.fields.community, communities)));
        }
        ScopedQuery(BooleanQuery::new(all))
    }
}

/// Lets the query decide, but not score.
fn silent(query: Box<dyn Query>) -> Box<dyn Query> {
    Box::new(ConstScoreQuery::new(query, 0.0))
}
