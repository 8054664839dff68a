//! What is asked of the expertise of many users at once.

use std::collections::HashMap;

use service::error::Result;
use service::expertise::{Expertise, of_users};
use uuid::Uuid;

use crate::graphql::loaders::{Question, Source};

/// What a user is known to know, as far as the viewer may know of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ExpertiseOf(pub Uuid);

impl Question for ExpertiseOf {
    type Answer = Vec<Expertise>;

    async fn load(source: Source, keys: Vec<Self>) -> Result<HashMap<Self, Vec<Expertise>>> {
        let ids: Vec<Uuid> = keys.iter().map(|key| key.0).collect();
        let found = of_users(&source.store, &source.viewer, &ids).await?;
        Ok(found
            .into_iter()
            .map(|(id, expertise)| (Self(id), expertise))
            .collect())
    }
}
