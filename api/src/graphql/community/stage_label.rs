//! The names under which a community shows the stages of innovations.

use async_graphql::{InputObject, SimpleObject};
use service::community::stage_label;
use service::entity::community;
use service::entity::innovation::InnovationStage as Stage;

use crate::graphql::innovation::InnovationStage;

/// The name under which a community shows a stage of innovations.
#[derive(Clone, Debug, SimpleObject)]
pub struct StageLabel {
    /// The stage.
    stage: InnovationStage,
    /// Its name here.
    label: String,
}

impl StageLabel {
    /// The names of all stages, in their order.
    #[must_use]
    pub fn all(row: &community::Model) -> Vec<Self> {
        let stages = Stage::ALL.iter();
        stages
            .map(|stage| Self {
                stage: (*stage).into(),
                label: stage_label(row, *stage).to_owned(),
            })
            .collect()
    }
}

/// A name for a stage of innovations.
#[derive(Clone, Debug, InputObject)]
pub struct StageLabelInput {
    /// The stage.
    pub stage: InnovationStage,
    /// Its name, one line of at most 60 characters.
    pub label: String,
}

impl StageLabelInput {
    /// Reads the input for the service.
    #[must_use]
    pub fn read(self) -> service::community::StageLabel {
        (self.stage.into(), self.label)
    }
}
