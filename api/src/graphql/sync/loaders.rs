//! What is asked of the synchronization of many communities at once.

use std::collections::HashMap;

use service::error::Result;
use service::sync::policies_of;
use uuid::Uuid;

use super::SyncPolicy;
use crate::graphql::loaders::{Question, Source};

/// The systems that a community is synchronized with, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PoliciesOf(pub Uuid);

impl Question for PoliciesOf {
    type Answer = Vec<SyncPolicy>;

    async fn load(source: Source, keys: Vec<Self>) -> Result<HashMap<Self, Self::Answer>> {
        let ids: Vec<Uuid> = keys.iter().map(|key| key.0).collect();
        let found = policies_of(&source.store, &source.viewer, &ids).await?;
        Ok(found
            .into_iter()
            .map(|(id, rows)| (Self(id), rows.into_iter().map(SyncPolicy::from).collect()))
            .collect())
    }
}
