//! What is asked of many API tokens at once.

use std::collections::HashMap;

use service::auth::api_tokens_by_ids;
use service::error::Result;
use uuid::Uuid;

use super::ApiToken;
use crate::graphql::loaders::{Question, Source};

/// An API token of the viewer's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ApiTokenById(pub Uuid);

impl Question for ApiTokenById {
    type Answer = ApiToken;

    async fn load(source: Source, keys: Vec<Self>) -> Result<HashMap<Self, Self::Answer>> {
        let ids: Vec<Uuid> = keys.iter().map(|key| key.0).collect();
        let rows = api_tokens_by_ids(&source.store, &source.viewer, &ids).await?;
        Ok(rows
            .into_iter()
            .map(|(id, row)| (Self(id), row.into()))
            .collect())
    }
}
