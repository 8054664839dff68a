//! What is asked of many organizations at once.

use std::collections::HashMap;
use std::sync::Arc;

use service::entity::organization;
use service::error::Result;
use uuid::Uuid;

use crate::graphql::loaders::{Question, Source};

/// An organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct OrganizationById(pub Uuid);

impl Question for OrganizationById {
    type Answer = Arc<organization::Model>;

    async fn load(source: Source, keys: Vec<Self>) -> Result<HashMap<Self, Self::Answer>> {
        let ids: Vec<Uuid> = keys.iter().map(|key| key.0).collect();
        let rows = service::organization::by_ids(&source.store, &source.viewer, &ids).await?;
        Ok(rows
            .into_iter()
            .map(|(id, row)| (Self(id), Arc::new(row)))
            .collect())
    }
}
