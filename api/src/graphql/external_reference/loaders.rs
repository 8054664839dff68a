//! What is asked of the external references of many resources at once.

use std::collections::HashMap;

use service::error::Result;
use service::external_reference::of_resources;
use uuid::Uuid;

use super::ExternalReference;
use crate::graphql::loaders::{Question, Source};

/// What a resource is called in other systems, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ReferencesOf(pub Uuid);

impl Question for ReferencesOf {
    type Answer = Vec<ExternalReference>;

    async fn load(source: Source, keys: Vec<Self>) -> Result<HashMap<Self, Self::Answer>> {
        let ids: Vec<Uuid> = keys.iter().map(|key| key.0).collect();
        let found = of_resources(&source.store, &ids).await?.into_iter();
        Ok(found
            .map(|(id, rows)| {
                let references = rows.into_iter().map(ExternalReference::from);
                (Self(id), references.collect())
            })
            .collect())
    }
}
