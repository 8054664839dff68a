//! What is asked of many practices at once.

use std::collections::HashMap;

use service::error::Result;
use service::practice::superseded_by;
use uuid::Uuid;

use crate::graphql::loaders::{Question, Source};

/// The practice that took the place of another, as far as the viewer may read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SuccessorOf(pub Uuid);

impl Question for SuccessorOf {
    type Answer = Uuid;

    async fn load(source: Source, keys: Vec<Self>) -> Result<HashMap<Self, Uuid>> {
        let ids: Vec<Uuid> = keys.iter().map(|key| key.0).collect();
        let found = superseded_by(&source.store, &source.viewer, &ids).await?;
        Ok(found
            .into_iter()
            .map(|(old, new)| (Self(old), new))
            .collect())
    }
}
