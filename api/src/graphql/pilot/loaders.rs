//! What is asked of many pilots at once.

use std::collections::HashMap;

use service::error::Result;
use service::pilot::{by_ids, reported};
use uuid::Uuid;

use super::Pilot;
use crate::graphql::loaders::{Question, Source};

/// A pilot that the viewer may read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PilotById(pub Uuid);

impl Question for PilotById {
    type Answer = Pilot;

    async fn load(source: Source, keys: Vec<Self>) -> Result<HashMap<Self, Self::Answer>> {
        let ids: Vec<Uuid> = keys.iter().map(|key| key.0).collect();
        let rows = by_ids(&source.store, &source.viewer, &ids).await?;
        Ok(rows
            .into_iter()
            .map(|(id, row)| (Self(id), row.into()))
            .collect())
    }
}

/// Whether somebody told how a pilot went; no answer where nobody did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Reported(pub Uuid);

impl Question for Reported {
    type Answer = ();

    async fn load(source: Source, keys: Vec<Self>) -> Result<HashMap<Self, ()>> {
        let ids: Vec<Uuid> = keys.iter().map(|key| key.0).collect();
        let found = reported(&source.store, &ids).await?;
        Ok(found.into_iter().map(|id| (Self(id), ())).collect())
    }
}
