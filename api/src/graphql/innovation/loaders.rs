//! What is asked of many innovations at once.

use std::collections::HashMap;

use service::error::Result;
use service::innovation::{Tried, pilots_of, promoted_to, supported_by_viewer};
use service::link::End;
use uuid::Uuid;

use crate::graphql::loaders::{Question, Source, by_id};

/// Whether the viewer supports an innovation; no answer where not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SupportedByViewer(pub Uuid);

impl Question for SupportedByViewer {
    type Answer = ();

    async fn load(source: Source, keys: Vec<Self>) -> Result<HashMap<Self, ()>> {
        let ids: Vec<Uuid> = keys.iter().map(|key| key.0).collect();
        let supported = supported_by_viewer(&source.store, &source.viewer, &ids).await?;
        Ok(supported.into_iter().map(|id| (Self(id), ())).collect())
    }
}

/// Whether an innovation was tried out; no answer where it has no pilots.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TriedOut(pub Uuid);

impl Question for TriedOut {
    type Answer = Tried;

    async fn load(source: Source, keys: Vec<Self>) -> Result<HashMap<Self, Tried>> {
        let ids: Vec<Uuid> = keys.iter().map(|key| key.0).collect();
        let found = pilots_of(source.store.reader(), &ids).await?;
        Ok(found
            .into_iter()
            .map(|(id, tried)| (Self(id), tried))
            .collect())
    }
}

by_id!(
    /// What was made of an innovation, as far as the viewer may read it.
    PromotedTo => Vec<End>, promoted_to
);
