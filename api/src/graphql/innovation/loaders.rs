//! What is asked of many innovations at once.

use std::collections::HashMap;

use service::error::Result;
use service::innovation::supported_by_viewer;
use uuid::Uuid;

use crate::graphql::loaders::{Question, Source};

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
