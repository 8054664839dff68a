//! What is asked of many goals at once.

use service::goal::{by_ids, evidence_of};
use service::link::End;

use super::Goal;
use crate::graphql::loaders::by_id;

by_id!(
    /// A goal that the viewer may see.
    GoalById => Goal, by_ids
);

by_id!(
    /// What shows that a goal was met, as far as the viewer may see it.
    EvidenceOf => Vec<End>, evidence_of
);
