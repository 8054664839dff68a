//! What is asked of many saved searches at once.

use std::collections::HashMap;

use service::error::Result;
use service::saved_search::by_ids;
use uuid::Uuid;

use super::SavedSearch;
use crate::graphql::loaders::{Question, Source};

/// A saved search of the viewer's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SavedSearchById(pub Uuid);

impl Question for SavedSearchById {
    type Answer = SavedSearch;

    async fn load(source: Source, keys: Vec<Self>) -> Result<HashMap<Self, SavedSearch>> {
        let ids: Vec<Uuid> = keys.iter().map(|key| key.0).collect();
        let rows = by_ids(&source.store, &source.viewer, &ids).await?;
        Ok(rows
            .into_iter()
            .map(|(id, row)| (Self(id), row.into()))
            .collect())
    }
}
