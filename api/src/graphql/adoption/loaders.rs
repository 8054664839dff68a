//! What is asked of many adoptions at once.

use std::collections::HashMap;

use service::adoption::by_ids;
use service::error::Result;
use uuid::Uuid;

use super::Adoption;
use crate::graphql::loaders::{Question, Source};

/// An adoption that the viewer may read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AdoptionById(pub Uuid);

impl Question for AdoptionById {
    type Answer = Adoption;

    async fn load(source: Source, keys: Vec<Self>) -> Result<HashMap<Self, Adoption>> {
        let ids: Vec<Uuid> = keys.iter().map(|key| key.0).collect();
        let rows = by_ids(&source.store, &source.viewer, &ids).await?;
        Ok(rows
            .into_iter()
            .map(|(id, row)| (Self(id), row.into()))
            .collect())
    }
}
