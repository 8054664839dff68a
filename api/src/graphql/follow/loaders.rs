//! What is asked of many things that can be followed at once.

use std::collections::HashMap;

use service::error::Result;
use service::follow::followed_by_viewer;
use uuid::Uuid;

use crate::graphql::loaders::{Question, Source};

/// Whether the viewer follows a thing; no answer where not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FollowedByViewer(pub Uuid);

impl Question for FollowedByViewer {
    type Answer = ();

    async fn load(source: Source, keys: Vec<Self>) -> Result<HashMap<Self, ()>> {
        let ids: Vec<Uuid> = keys.iter().map(|key| key.0).collect();
        let followed = followed_by_viewer(&source.store, &source.viewer, &ids).await?;
        Ok(followed.into_iter().map(|id| (Self(id), ())).collect())
    }
}
