//! Facets: counts over all matches, with names for people.

use std::collections::HashMap;

use ::search::FacetField;
use entity::community;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::domain;
use crate::error::{Error, Result};
use crate::store::Store;

/// Buckets of a facet when no size is given.
const DEFAULT_SIZE: usize = 10;
/// The most buckets that a facet may have.
const MAX_SIZE: usize = 100;

/// A facet that is asked for.
#[derive(Clone, Copy, Debug)]
pub struct FacetRequest {
    /// What to count by.
    pub field: FacetField,
    /// How many buckets, most frequent first, from 1 to 100; 10 when not given.
    pub size: Option<i64>,
}

/// A facet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facet {
    /// What was counted by.
    pub field: FacetField,
    /// The most frequent values first.
    pub buckets: Vec<Bucket>,
}

/// A value of a facet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// The value, fit to be put back into the filter.
    pub value: FacetValue,
    /// Its name for people.
    pub label: String,
    /// How many matches have it, exactly.
    pub count: u64,
}

/// What a bucket stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FacetValue {
    /// A name in the schema, a tag, a language, a licence or a year.
    Text(String),
    /// A community.
    Community(Uuid),
    /// A domain.
    Domain(Uuid),
    /// A user.
    User(Uuid),
}

pub(super) fn to_engine(requests: &[FacetRequest]) -> Result<Vec<::search::FacetRequest>> {
    requests
        .iter()
        .map(|request| {
            let size = match request.size {
                None => DEFAULT_SIZE,
                Some(given) => usize::try_from(given)
                    .ok()
                    .filter(|size| (1..=MAX_SIZE).contains(size))
                    .ok_or_else(|| Error::BadArgument {
                        argument: "size",
                        message: format!("`size` must be from 1 to {MAX_SIZE}, and is {given}."),
                    })?,
            };
            Ok(::search::FacetRequest {
                field: request.field,
                size,
            })
        })
        .collect()
}

/// Names the buckets: a statement for communities, domains and users each, if there are any. What was deleted meanwhile
/// has no name and is left out.
pub(super) async fn labelled(store: &Store, facets: Vec<::search::Facet>) -> Result<Vec<Facet>> {
    let communities = community_names(store, &ids(&facets, FacetField::Community)).await?;
    let domains = ids(&facets, FacetField::Domain);
    let domains = if domains.is_empty() {
        HashMap::new()
    } else {
        domain::names(store, &domains).await?
    };
    let users = user_names(store, &ids(&facets, FacetField::Author)).await?;
    let name = |field: FacetField, value: String| -> Option<(FacetValue, String)> {
        let id = || Uuid::try_parse(&value).ok();
        Some(match field {
            FacetField::Community => {
                let id = id()?;
                (FacetValue::Community(id), communities.get(&id)?.clone())
            }
            FacetField::Domain => {
                let id = id()?;
                (FacetValue::Domain(id), domains.get(&id)?.clone())
            }
            FacetField::Author => {
                let id = id()?;
                (FacetValue::User(id), users.get(&id)?.clone())
            }
            FacetField::Kind
            | FacetField::ResourceKind
            | FacetField::CommunityKind
            | FacetField::EvidenceLevel
            | FacetField::Status => {
                let label = readable(&value);
                (FacetValue::Text(value), label)
            }
            FacetField::Tag
            | FacetField::Language
            | FacetField::Licence
            | FacetField::EducationalLevel
            | FacetField::Year => {
                let label = value.clone();
                (FacetValue::Text(value), label)
            }
        })
    };
    Ok(facets
        .into_iter()
        .map(|facet| Facet {
            field: facet.field,
            buckets: facet
                .buckets
                .into_iter()
                .filter_map(|bucket| {
                    let (value, label) = name(facet.field, bucket.value)?;
                    Some(Bucket {
                        value,
                        label,
                        count: bucket.count,
                    })
                })
                .collect(),
        })
        .collect())
}

fn ids(facets: &[::search::Facet], field: FacetField) -> Vec<Uuid> {
    facets
        .iter()
        .filter(|facet| facet.field == field)
        .flat_map(|facet| &facet.buckets)
        .filter_map(|bucket| Uuid::try_parse(&bucket.value).ok())
        .collect()
}

/// `LESSON_PLAN` as `Lesson plan`.
fn readable(name: &str) -> String {
    let mut label = name.to_ascii_lowercase().replace('_', " ");
    if let Some(first) = label.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    label
}

/// The names of communities of which the viewer was counted something, and so sees all or what they are about.
async fn community_names(store: &Store, ids: &[Uuid]) -> Result<HashMap<Uuid, String>> {
    let kept = &store.kept().communities;
    let (mut names, mut others) = (HashMap::new(), Vec::new());
    for id in ids {
        // The search has freshened what is kept.
        match kept.get(id) {
            Some(community) => {
                names.insert(*id, community.name.clone());
            }
            None => others.push(*id),
        }
    }
    if !others.is_empty() {
        let rows: Vec<(Uuid, String)> = community::Entity::find()
            .select_only()
            .columns([community::Column::Id, community::Column::Name])
            .filter(community::Column::Id.is_in(others))
            .into_tuple()
            .all(store.reader())
            .await?;
        names.extend(rows);
    }
    Ok(names)
}

async fn user_names(store: &Store, ids: &[Uuid]) -> Result<HashMap<Uuid, String>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    super::document::display_names(store.reader(), ids).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_schema_become_readable() {
        assert_eq!(readable("LESSON_PLAN"), "Lesson plan");
        assert_eq!(readable(""), "");
    }

    #[test]
    fn a_size_out_of_bounds_is_refused() {
        for size in [0, -1, 101, i64::MAX] {
            let request = FacetRequest {
                field: FacetField::Tag,
                size: Some(size),
            };
            let error = to_engine(&[request]).unwrap_err();
            assert!(error.to_string().contains(&size.to_string()), "{error}");
        }
    }
}
