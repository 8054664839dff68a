//! What is asked of many pilots at once.

use std::collections::HashMap;

use service::error::Result;
use service::pilot::{by_ids, reported};
use uuid::Uuid;

use super::Pilot;
use crate::graphql::loaders::{Question, Source, by_id};

by_id!(
    /// A pilot that the viewer may read.
    PilotById => Pilot, by_ids
);

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
