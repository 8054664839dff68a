//! What is asked of many items and reviews at once.

use std::collections::HashMap;

use service::entity::innovation::InnovationStage;
use service::error::Result;
use service::item::{Approver, approvers_of, makers_of, pending_of};
use uuid::Uuid;

use super::Review;
use crate::graphql::item::Revision;
use crate::graphql::loaders::{Question, Source, by_id};

by_id!(
    /// A review that the viewer may read.
    ReviewById => Review, service::review::reviews_by_ids
);

by_id!(
    /// The revision of an item that waits for its review.
    PendingRevisionOf => Revision, pending_of
);

/// Those who approve of the newest revision of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ApproversOf(pub Uuid);

impl Question for ApproversOf {
    type Answer = Vec<Approver>;

    async fn load(source: Source, keys: Vec<Self>) -> Result<HashMap<Self, Vec<Approver>>> {
        let ids: Vec<Uuid> = keys.iter().map(|key| key.0).collect();
        let found = approvers_of(source.store.reader(), &ids).await?;
        Ok(found
            .into_iter()
            .map(|(id, approvers)| (Self(id), approvers))
            .collect())
    }
}

/// Who made the newest revision of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct MakerOf(pub Uuid);

impl Question for MakerOf {
    type Answer = Uuid;

    async fn load(source: Source, keys: Vec<Self>) -> Result<HashMap<Self, Uuid>> {
        let ids: Vec<Uuid> = keys.iter().map(|key| key.0).collect();
        let found = makers_of(source.store.reader(), &ids).await?;
        Ok(found
            .into_iter()
            .map(|(id, maker)| (Self(id), maker))
            .collect())
    }
}

/// The stage from which an innovation was parked last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ParkedFrom(pub Uuid);

impl Question for ParkedFrom {
    type Answer = InnovationStage;

    async fn load(source: Source, keys: Vec<Self>) -> Result<HashMap<Self, InnovationStage>> {
        let ids: Vec<Uuid> = keys.iter().map(|key| key.0).collect();
        let found = service::innovation::parked_from(source.store.reader(), &ids).await?;
        Ok(found
            .into_iter()
            .map(|(id, stage)| (Self(id), stage))
            .collect())
    }
}
