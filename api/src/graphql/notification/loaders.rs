//! What is asked of many notifications at once.

use std::collections::HashMap;

use service::error::Result;
use service::notification::by_ids;
use uuid::Uuid;

use super::Notification;
use crate::graphql::loaders::{Question, Source};

/// A notification of the viewer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct NotificationById(pub Uuid);

impl Question for NotificationById {
    type Answer = Notification;

    async fn load(source: Source, keys: Vec<Self>) -> Result<HashMap<Self, Notification>> {
        let ids: Vec<Uuid> = keys.iter().map(|key| key.0).collect();
        let rows = by_ids(&source.store, &source.viewer, &ids).await?;
        Ok(rows
            .into_iter()
            .map(|(id, row)| (Self(id), row.into()))
            .collect())
    }
}
