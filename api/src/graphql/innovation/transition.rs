//! The steps of an innovation in the schema.

use service::entity::innovation::InnovationStage as Stage;
use service::transition::{count, page};

use super::InnovationStage;
use crate::graphql::transition::history;

history!(
    InnovationTransition, InnovationTransitionConnection, InnovationTransitionEdge,
    InnovationStage, stored: Stage,
    one: "One step of an innovation from stage to stage.",
    many: "steps of an innovation",
    from: "The stage before; null for the first step.",
    to: "The stage after.",
    read: page, count,
);
