//! What is asked of many communities at once.

use std::collections::HashMap;
use std::sync::Arc;

use service::entity::community;
use service::error::Result;
use uuid::Uuid;

use crate::graphql::loaders::{Question, Source};

/// A community of which the viewer may see at least what it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CommunityById(pub Uuid);

impl Question for CommunityById {
    type Answer = Arc<community::Model>;

    async fn load(source: Source, keys: Vec<Self>) -> Result<HashMap<Self, Self::Answer>> {
        let ids: Vec<Uuid> = keys.iter().map(|key| key.0).collect();
        let rows = service::community::by_ids(&source.store, &source.viewer, &ids).await?;
        Ok(rows
            .into_iter()
            .map(|(id, row)| (Self(id), Arc::new(row)))
            .collect())
    }
}
