//! Filters as they are stored.

use ::search::DocumentKind;
use entity::saved_search::SavedFilter;

use crate::item::TimeRange;
use crate::search::SearchFilter;

impl From<SearchFilter> for SavedFilter {
    fn from(filter: SearchFilter) -> Self {
        let kinds = filter.kinds.into_iter();
        Self {
            kinds: kinds.map(|kind| kind.name().to_owned()).collect(),
            resource_kinds: filter.resource_kinds,
            statuses: filter.statuses,
            evidence_levels: filter.evidence_levels,
            include_abandoned: filter.include_abandoned,
            community_ids: filter.community_ids,
            community_kinds: filter.community_kinds,
            domain_ids: filter.domain_ids,
            without_narrower_domains: filter.without_narrower_domains,
            tags: filter.tags,
            languages: filter.languages,
            licences: filter.licences,
            author_ids: filter.author_ids,
            updated_from: filter.updated_at.from,
            updated_to: filter.updated_at.to,
            states: filter.states,
            educational_levels: filter.educational_levels,
            years: filter.years,
        }
    }
}

impl From<SavedFilter> for SearchFilter {
    fn from(saved: SavedFilter) -> Self {
        let kinds = saved.kinds.iter();
        Self {
            kinds: kinds
                .filter_map(|name| DocumentKind::from_name(name))
                .collect(),
            resource_kinds: saved.resource_kinds,
            statuses: saved.statuses,
            evidence_levels: saved.evidence_levels,
            include_abandoned: saved.include_abandoned,
            community_ids: saved.community_ids,
            community_kinds: saved.community_kinds,
            domain_ids: saved.domain_ids,
            without_narrower_domains: saved.without_narrower_domains,
            tags: saved.tags,
            languages: saved.languages,
            licences: saved.licences,
            author_ids: saved.author_ids,
            updated_at: TimeRange {
                from: saved.updated_from,
                to: saved.updated_to,
            },
            states: saved.states,
            educational_levels: saved.educational_levels,
            years: saved.years,
        }
    }
}
