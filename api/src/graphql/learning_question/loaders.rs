//! What is asked of many learning questions at once.

use service::learning_question::{answers_of, by_ids};
use service::link::End;

use super::LearningQuestion;
use crate::graphql::loaders::by_id;

by_id!(
    /// A question of a learning agenda that the viewer may see.
    LearningQuestionById => LearningQuestion, by_ids
);

by_id!(
    /// What answers a question, as far as the viewer may see it.
    AnswersOf => Vec<End>, answers_of
);
