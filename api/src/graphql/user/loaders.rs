//! What is asked of many users at once.

use std::collections::HashMap;
use std::sync::Arc;

use service::entity::user;
use service::error::Result;
use service::user::suspension_reasons;
use uuid::Uuid;

use crate::graphql::loaders::{Question, Source, by_id};

/// A user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct UserById(pub Uuid);

impl Question for UserById {
    type Answer = Arc<user::Model>;

    const KEPT: bool = true;

    fn kept(source: &Source, key: &Self) -> Option<Option<Self::Answer>> {
        service::user::kept(&source.store, key.0).map(Some)
    }

    async fn load(source: Source, keys: Vec<Self>) -> Result<HashMap<Self, Self::Answer>> {
        let ids: Vec<Uuid> = keys.iter().map(|key| key.0).collect();
        let rows = service::user::by_ids(&source.store, &source.viewer, &ids).await?;
        Ok(rows.into_iter().map(|(id, row)| (Self(id), row)).collect())
    }
}

by_id!(
    /// Why a user was suspended last, for those who may know.
    SuspensionReason => String, suspension_reasons
);
