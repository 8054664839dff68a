//! What is asked of many flags at once.

use std::collections::HashMap;

use service::error::Result;
use service::flag::{by_ids, raisers};
use uuid::Uuid;

use super::Flag;
use crate::graphql::loaders::{Question, Source};

/// A flag that the viewer may see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FlagById(pub Uuid);

impl Question for FlagById {
    type Answer = Flag;

    async fn load(source: Source, keys: Vec<Self>) -> Result<HashMap<Self, Flag>> {
        let ids: Vec<Uuid> = keys.iter().map(|key| key.0).collect();
        let rows = by_ids(&source.store, &source.viewer, &ids).await?;
        Ok(rows
            .into_iter()
            .map(|(id, row)| (Self(id), row.into()))
            .collect())
    }
}

/// Who raised a flag; no answer where the viewer is not told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RaiserOf(pub Uuid);

impl Question for RaiserOf {
    type Answer = Uuid;

    async fn load(source: Source, keys: Vec<Self>) -> Result<HashMap<Self, Uuid>> {
        let ids: Vec<Uuid> = keys.iter().map(|key| key.0).collect();
        let found = raisers(&source.store, &source.viewer, &ids).await?;
        Ok(found
            .into_iter()
            .map(|(id, user)| (Self(id), user))
            .collect())
    }
}
