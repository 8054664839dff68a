//! The steps of a pilot in the schema.

use service::entity::pilot::PilotState as State;
use service::transition::{count, page};

use super::PilotState;
use crate::graphql::transition::history;

history!(
    PilotTransition, PilotTransitionConnection, PilotTransitionEdge,
    PilotState, stored: State,
    one: "One step of a pilot from state to state.",
    many: "steps of a pilot",
    from: "The state before; null for the first step.",
    to: "The state after.",
    read: page, count,
);
