//! What is asked of many statements at once.

use std::collections::HashMap;

use service::defining_statement::{by_ids, endorsed_by_viewer};
use service::error::Result;
use uuid::Uuid;

use super::DefiningStatement;
use crate::graphql::loaders::{Question, Source, by_id};

by_id!(
    /// A statement that the viewer may see.
    StatementById => DefiningStatement, by_ids
);

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
