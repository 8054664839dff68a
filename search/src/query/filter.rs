use std::ops::Bound;

use tantivy::Term;
use tantivy::query::{BooleanQuery, EmptyQuery, Occur, Query, RangeQuery, TermQuery, TermSetQuery};
use tantivy::schema::{Field, IndexRecordOption};
use uuid::Uuid;

use crate::document::DocumentKind;
use crate::schema::Fields;
use crate::search::FacetField;
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
    /// Leaves out what has one of these statuses or stages.
    pub without_statuses: Vec<String>,
    /// Evidence levels, by their API names.
    pub evidence_levels: Vec<String>,
    /// Educational levels, as given.
    pub educational_levels: Vec<String>,
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
    let terms = values.into_iter();
    any_term(terms.map(|value| Term::from_field_text(field, &value)))
}

/// Documents that have any of these terms.
pub(crate) fn any_term(terms: impl IntoIterator<Item = Term>) -> Box<dyn Query> {
    let mut terms: Vec<Term> = terms.into_iter().collect();
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
        (fields.evidence_level, filter.evidence_levels.clone()),
        (fields.educational_level, filter.educational_levels.clone()),
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
        .chain((!filter.without_statuses.is_empty()).then(|| {
            let left_out = any_of(fields.status, filter.without_statuses.iter().cloned());
            (Occur::MustNot, left_out)
        }))
        .collect()
}

impl Filter {
    /// The filter without what it asks of this facet's field, if it asks anything: how a front end counts the values
    /// that could be chosen instead.
    pub(crate) fn without(&self, field: FacetField) -> Option<Self> {
        let mut other = self.clone();
        let asked = match field {
            FacetField::Kind => take(&mut other.kinds),
            FacetField::ResourceKind => take(&mut other.resource_kinds),
            FacetField::Community => take(&mut other.community_ids),
            FacetField::CommunityKind => take(&mut other.community_kinds),
            FacetField::Domain => take(&mut other.domain_ids),
            FacetField::Tag => take(&mut other.tags),
            FacetField::Language => take(&mut other.languages),
            FacetField::Licence => take(&mut other.licences),
            FacetField::Status => take(&mut other.statuses),
            FacetField::Year => take(&mut other.years),
            FacetField::Author => take(&mut other.author_ids),
            FacetField::EducationalLevel => take(&mut other.educational_levels),
            FacetField::EvidenceLevel => take(&mut other.evidence_levels),
        };
        asked.then_some(other)
    }
}

/// Empties the list; whether there was anything in it.
fn take<T>(values: &mut Vec<T>) -> bool {
    !std::mem::take(values).is_empty()
}
