//! The steps of a boundary share in the schema.

use service::entity::boundary_share::BoundaryShareState as State;
use service::transition::{count, page};

use super::BoundaryShareState;
use crate::graphql::transition::history;

history!(
    BoundaryShareTransition, BoundaryShareTransitionConnection, BoundaryShareTransitionEdge,
    BoundaryShareState, stored: State,
    one: "One step of a boundary share from state to state.",
    many: "steps of a boundary share",
    from: "The state before; null for the first step.",
    to: "The state after.",
    read: page, count,
);
