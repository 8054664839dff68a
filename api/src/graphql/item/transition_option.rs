//! The steps that lead on from where something stands.

use async_graphql::{Enum, SimpleObject};
use service::error::{Blocker as Guard, BlockerCode};
use service::policy::Decision;

use crate::graphql::errors::Blocker;

/// Which of the lives of an object a step belongs to. More values may be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum Lifecycle {
    /// The publication status of an item.
    Status,
    /// The maturity of a practice.
    Maturity,
    /// The stage of an innovation or a community.
    Stage,
    /// The state of anything else.
    State,
}

/// A step that leads on from where something stands.
#[derive(Clone, Debug, SimpleObject)]
pub struct TransitionOption {
    /// Which of its lives the step belongs to.
    pub lifecycle: Lifecycle,
    /// What it would become.
    pub to: String,
    /// Empty when the transition is open now.
    pub blocked_by: Vec<Blocker>,
}

impl TransitionOption {
    /// A step with what holds it back.
    #[must_use]
    pub fn new(lifecycle: Lifecycle, to: &str, blocked_by: Vec<Guard>) -> Self {
        Self {
            lifecycle,
            to: to.to_owned(),
            blocked_by: blocked_by.into_iter().map(Into::into).collect(),
        }
    }

    /// A step that only the policy can hold back.
    #[must_use]
    pub fn decided(lifecycle: Lifecycle, to: &str, decision: Decision) -> Self {
        let blocked_by = match decision {
            Decision::Allow => Vec::new(),
            Decision::Deny(message) => vec![Guard {
                code: BlockerCode::NotAllowed,
                message: message.to_owned(),
            }],
            Decision::Conceal => vec![Guard {
                code: BlockerCode::NotAllowed,
                message: "You may not do this.".to_owned(),
            }],
        };
        Self {
            lifecycle,
            to: to.to_owned(),
            blocked_by: blocked_by.into_iter().map(Into::into).collect(),
        }
    }
}
