//! What is asked of many learning questions at once.

use std::collections::HashMap;

use service::error::Result;
use service::learning_question::{answers_of, by_ids};
use service::link::End;
use uuid::Uuid;

use super::LearningQuestion;
use crate::graphql::loaders::{Question, Source};

/// A question of a learning agenda that the viewer may see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LearningQuestionById(pub Uuid);

impl Question for LearningQuestionById {
    type Answer = LearningQuestion;

    async fn load(source: Source, keys: Vec<Self>) -> Result<HashMap<Self, Self::Answer>> {
        let ids: Vec<Uuid> = keys.iter().map(|key| key.0).collect();
        let rows = by_ids(&source.store, &source.viewer, &ids).await?;
        Ok(rows
            .into_iter()
            .map(|(id, row)| (Self(id), row.into()))
            .collect())
    }
}

/// What answers a question, as far as the viewer may see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AnswersOf(pub Uuid);

impl Question for AnswersOf {
    type Answer = Vec<End>;

    async fn load(source: Source, keys: Vec<Self>) -> Result<HashMap<Self, Self::Answer>> {
        let ids: Vec<Uuid> = keys.iter().map(|key| key.0).collect();
        let found = answers_of(&source.store, &source.viewer, &ids).await?;
        Ok(found
            .into_iter()
            .map(|(id, answers)| (Self(id), answers))
            .collect())
    }
}
