//! What is asked of many statements at once.

use std::collections::HashMap;

use service::defining_statement::{by_ids, endorsed_by_viewer};
use service::error::Result;
use uuid::Uuid;

use super::DefiningStatement;
use crate::graphql::loaders::{Question, Source};

/// A statement that the viewer may see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct StatementById(pub Uuid);

impl Question for StatementById {
    type Answer = DefiningStatement;

    async fn load(source: Source, keys: Vec<Self>) -> Result<HashMap<Self, Self::Answer>> {
        let ids: Vec<Uuid> = keys.iter().map(|key| key.0).collect();
        let rows = by_ids(&source.store, &source.viewer, &ids).await?;
        Ok(rows
            .into_iter()
            .map(|(id, row)| (Self(id), row.into()))
            .collect())
    }
}

/// Whether the viewer endorsed a statement; no answer where not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct EndorsedByViewer(pub Uuid);

impl Question for EndorsedByViewer {
    type Answer = ();

    async fn load(source: Source, keys: Vec<Self>) -> Result<HashMap<Self, ()>> {
        let ids: Vec<Uuid> = keys.iter().map(|key| key.0).collect();
        let endorsed = endorsed_by_viewer(&source.store, &source.viewer, &ids).await?;
        Ok(endorsed.into_iter().map(|id| (Self(id), ())).collect())
    }
}
