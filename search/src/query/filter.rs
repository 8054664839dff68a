use std::ops::Bound;

use tantivy::Term;
use tantivy::query::{BooleanQuery, EmptyQuery, Occur, Query, RangeQuery, TermQuery, TermSetQuery};
use tantivy::schema::{Field, IndexRecordOption};
use uuid::Uuid;

use crate::document::DocumentKind;
use crate::schema::Fields;
use crate::text::fold;

/// What hits must have. All fields must hold, and of a list's values one; an empty list asks for nothing.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Filter {
    /// Kinds of documents.
    pub kinds: Vec<DocumentKind>,
    /// Kinds of resources, by their API names.
    pub resource_kinds: Vec<String>,
    /// Statuses or stages, by their API names.
    pub statuses: Vec<String>,
    /// Communities.
    pub community_ids: Vec<Uuid>,
    /// Kinds of communities, by their API names.
    pub community_kinds: Vec<String>,
    /// Domains, with everything narrower.
    pub domain_ids: Vec<Uuid>,
    /// Leaves out what is filed under narrower domains only.
    pub without_narrower_domains: bool,
    /// Tags; case and accents do not count.
    pub tags: Vec<String>,
    /// Languages; `fr` finds `fr-CA` too.
    pub languages: Vec<String>,
    /// Licences.
    pub licences: Vec<String>,
    /// Authors.
    pub author_ids: Vec<Uuid>,
    /// Years of publication.
    pub years: Vec<i32>,
    /// Updated then or later, in microseconds since 1970.
    pub updated_from: Option<i64>,
    /// Updated before then, in microseconds since 1970.
    pub updated_to: Option<i64>,
}

/// Above this many values one automaton over the dictionary is cheaper than a union of terms.
const TERM_UNION_LIMIT: usize = 32;

/// Documents that have any of these values.
pub(crate) fn any_of(field: Field, values: impl IntoIterator<Item = String>) -> Box<dyn Query> {
    let mut terms: Vec<Term> = values
        .into_iter()
        .map(|value| Term::from_field_text(field, &value))
        .collect();
    terms.sort_unstable();
    terms.dedup();
    if terms.len() > TERM_UNION_LIMIT {
        return Box::new(TermSetQuery::new(terms));
    }
    let mut queries: Vec<Box<dyn Query>> = terms
        .into_iter()
        .map(|term| Box::new(TermQuery::new(term, IndexRecordOption::Basic)) as Box<dyn Query>)
        .collect();
    match queries.len() {
        0 => Box::new(EmptyQuery),
        1 => queries.remove(0),
        _ => Box::new(BooleanQuery::union(queries)),
    }
}

/// Documents updated within the bounds, the first inclusive, the second exclusive.
pub(crate) fn updated_between(
    fields: &Fields,
    from: Option<i64>,
    to: Option<i64>,
) -> Option<Box<dyn Query>> {
    if from.is_none() && to.is_none() {
        return None;
    }
    let term = |micros| Term::from_field_i64(fields.updated_at, micros);
    Some(Box::new(RangeQuery::new(
        from.map_or(Bound::Unbounded, |micros| Bound::Included(term(micros))),
        to.map_or(Bound::Unbounded, |micros| Bound::Excluded(term(micros))),
    )))
}

/// The clauses of a filter, all of which must hold.
pub(crate) fn filter_clauses(fields: &Fields, filter: &Filter) -> Vec<(Occur, Box<dyn Query>)> {
    let ids = |values: &[Uuid]| values.iter().map(Uuid::to_string).collect::<Vec<_>>();
    let domain = if filter.without_narrower_domains {
        fields.own_domain
    } else {
        fields.domain
    };
    let lists = [
        (
            fields.kind,
            filter
                .kinds
                .iter()
                .map(|kind| kind.name().to_owned())
                .collect(),
        ),
        (fields.resource_kind, filter.resource_kinds.clone()),
        (fields.status, filter.statuses.clone()),
        (fields.community, ids(&filter.community_ids)),
        (fields.community_kind, filter.community_kinds.clone()),
        (domain, ids(&filter.domain_ids)),
        (
            fields.tag_key,
            filter.tags.iter().map(|tag| fold(tag)).collect(),
        ),
        (
            fields.language_key,
            filter
                .languages
                .iter()
                .map(|language| language.to_ascii_lowercase())
                .collect(),
        ),
        (fields.licence, filter.licences.clone()),
        (fields.author, ids(&filter.author_ids)),
        (
            fields.year,
            filter.years.iter().map(i32::to_string).collect(),
        ),
    ];
    lists
        .into_iter()
        .filter(|(_, values): &(Field, Vec<String>)| !values.is_empty())
        .map(|(field, values)| (Occur::Must, any_of(field, values)))
        .chain(
            updated_between(fields, filter.updated_from, filter.updated_to)
                .map(|query| (Occur::Must, query)),
        )
        .collect()
}
