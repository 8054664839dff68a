//! What is asked of many resources at once.

use std::collections::HashMap;

use service::error::Result;
use service::resource::rated_by_viewer;
use uuid::Uuid;

use crate::graphql::loaders::{Question, Source};

/// What the viewer rated a resource; no answer where they did not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RatedByViewer(pub Uuid);

impl Question for RatedByViewer {
    type Answer = i32;

    async fn load(source: Source, keys: Vec<Self>) -> Result<HashMap<Self, i32>> {
        let ids: Vec<Uuid> = keys.iter().map(|key| key.0).collect();
        let rated = rated_by_viewer(&source.store, &source.viewer, &ids).await?;
        Ok(rated
            .into_iter()
            .map(|(id, rating)| (Self(id), rating))
            .collect())
    }
}
