//! What is asked of many items at once.

use std::collections::HashMap;

use service::entity::evidence;
use service::error::Result;
use service::evidence::of_items;
use service::item::{Approver, approvers_of_shown};
use uuid::Uuid;

use crate::graphql::loaders::{Question, Source};

/// What shows that an item works, counted; no answer where nothing does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct EvidenceOf(pub Uuid);

impl Question for EvidenceOf {
    type Answer = evidence::Model;

    async fn load(source: Source, keys: Vec<Self>) -> Result<HashMap<Self, evidence::Model>> {
        let ids: Vec<Uuid> = keys.iter().map(|key| key.0).collect();
        let found = of_items(source.store.reader(), &ids).await?;
        Ok(found.into_iter().map(|(id, row)| (Self(id), row)).collect())
    }
}

/// Those who approve of the revision of an item that readers are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ApproversOfShown(pub Uuid);

impl Question for ApproversOfShown {
    type Answer = Vec<Approver>;

    async fn load(source: Source, keys: Vec<Self>) -> Result<HashMap<Self, Vec<Approver>>> {
        let ids: Vec<Uuid> = keys.iter().map(|key| key.0).collect();
        let found = approvers_of_shown(source.store.reader(), &ids).await?;
        Ok(found
            .into_iter()
            .map(|(id, approvers)| (Self(id), approvers))
            .collect())
    }
}
