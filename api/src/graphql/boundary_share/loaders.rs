//! What is asked of many boundary shares at once.

use std::collections::HashMap;

use service::boundary_share::by_ids;
use service::error::Result;
use uuid::Uuid;

use super::BoundaryShare;
use crate::graphql::loaders::{Question, Source};

/// A share that the viewer may see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BoundaryShareById(pub Uuid);

impl Question for BoundaryShareById {
    type Answer = BoundaryShare;

    async fn load(source: Source, keys: Vec<Self>) -> Result<HashMap<Self, Self::Answer>> {
        let ids: Vec<Uuid> = keys.iter().map(|key| key.0).collect();
        let rows = by_ids(&source.store, &source.viewer, &ids).await?;
        Ok(rows
            .into_iter()
            .map(|(id, row)| (Self(id), row.into()))
            .collect())
    }
}
