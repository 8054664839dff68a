//! What is asked of many value stories at once.

use std::collections::HashMap;

use service::error::Result;
use service::value_story::{Steps, by_ids, steps_of};
use uuid::Uuid;

use super::ValueStory;
use crate::graphql::loaders::{Question, Source, by_id};

by_id!(
    /// A story that the viewer may read.
    ValueStoryById => ValueStory, by_ids
);

/// The steps of a story that the viewer was shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct StepsOf(pub Uuid);

impl Question for StepsOf {
    type Answer = Steps;

    async fn load(source: Source, keys: Vec<Self>) -> Result<HashMap<Self, Steps>> {
        let ids: Vec<Uuid> = keys.iter().map(|key| key.0).collect();
        let steps = steps_of(&source.store, &ids).await?;
        Ok(steps
            .into_iter()
            .map(|(id, steps)| (Self(id), steps))
            .collect())
    }
}
