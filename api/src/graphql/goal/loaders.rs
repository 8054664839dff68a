//! What is asked of many goals at once.

use std::collections::HashMap;

use service::error::Result;
use service::goal::{by_ids, evidence_of};
use service::link::End;
use uuid::Uuid;

use super::Goal;
use crate::graphql::loaders::{Question, Source};

/// A goal that the viewer may see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct GoalById(pub Uuid);

impl Question for GoalById {
    type Answer = Goal;

    async fn load(source: Source, keys: Vec<Self>) -> Result<HashMap<Self, Self::Answer>> {
        let ids: Vec<Uuid> = keys.iter().map(|key| key.0).collect();
        let rows = by_ids(&source.store, &source.viewer, &ids).await?;
        Ok(rows
            .into_iter()
            .map(|(id, row)| (Self(id), row.into()))
            .collect())
    }
}

/// What shows that a goal was met, as far as the viewer may see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct EvidenceOf(pub Uuid);

impl Question for EvidenceOf {
    type Answer = Vec<End>;

    async fn load(source: Source, keys: Vec<Self>) -> Result<HashMap<Self, Self::Answer>> {
        let ids: Vec<Uuid> = keys.iter().map(|key| key.0).collect();
        let found = evidence_of(&source.store, &source.viewer, &ids).await?;
        Ok(found
            .into_iter()
            .map(|(id, evidence)| (Self(id), evidence))
            .collect())
    }
}
