//! Who may do what: the only place that compares roles.
//!
//! [`community`] and [`item`] answer questions about one object, over plain data. [`filter`] says the same in SQL, with
//! [`reference`](mod@reference) for what a row names by type and id, and [`audience`] in tokens for the search engine and the change log; a property test holds the three together.

pub mod adoption;
pub mod audience;
pub mod boundary_share;
pub mod community;
pub mod discussion;
pub mod experience_report;
pub mod filter;
pub mod flag;
pub mod item;
pub mod operation;
pub mod pilot;
pub mod platform;
pub mod reference;
pub mod sync;
#[cfg(test)]
mod tests;
pub mod value_story;
pub mod webhook;
pub mod work;

use crate::error::{Blocker, BlockerCode, Error, Result};

/// What the viewer may do with an object now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// See all of it.
    Read,
    /// Change its content.
    Update,
    /// Remove it for good.
    Delete,
    /// Hand it in for review.
    Submit,
    /// Review it.
    Review,
    /// Put it into the repertoire.
    Publish,
    /// Take it out of what is offered.
    Archive,
    /// Bring it back from the archive.
    Restore,
    /// Move an innovation to another stage.
    Advance,
    /// Support an innovation.
    Support,
    /// Become a member, or ask to.
    Join,
    /// End one's membership.
    Leave,
    /// Invite, admit, promote and remove members.
    ManageMembers,
    /// Make a resource here.
    CreateResource,
    /// Make a practice here.
    CreatePractice,
    /// Make an innovation here.
    CreateInnovation,
    /// Make a collection here.
    CreateCollection,
    /// Make an activity here.
    CreateActivity,
    /// Say whether one comes to an activity.
    Attend,
    /// Propose and endorse statements of what defines the community.
    ProposeStatement,
    /// Set goals of the community, and say where they stand.
    ManageGoals,
    /// Add a question to the learning agenda.
    AddLearningQuestion,
    /// Begin a discussion here.
    CreateDiscussion,
    /// Post to a discussion, or answer a post.
    Reply,
    /// Accept a post as the answer.
    Accept,
    /// Hide a post, or show it again.
    Hide,
    /// Plan a pilot of an item.
    PlanPilot,
    /// Tell how it went with a pilot.
    Report,
    /// Narrow who may read a report.
    Narrow,
}

/// The answer of the policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Go ahead.
    Allow,
    /// The viewer sees the object but may not do this; the text says who may.
    Deny(&'static str),
    /// To this viewer the object does not exist.
    Conceal,
}

impl Decision {
    /// Whether the answer is yes.
    #[must_use]
    pub fn allows(self) -> bool {
        self == Self::Allow
    }

    /// Turns a no into the error for the argument at `field`; `what` names the kind of object in words.
    pub fn require(self, field: &[&str], what: &str) -> Result<()> {
        match self {
            Self::Allow => Ok(()),
            Self::Deny(message) => Err(Error::forbidden(field, message)),
            Self::Conceal => Err(Error::not_found(field, what)),
        }
    }

    /// The guard that holds a step back where the answer is no.
    #[must_use]
    pub fn blocker(self) -> Option<Blocker> {
        let message = match self {
            Self::Allow => return None,
            Self::Deny(message) => message,
            Self::Conceal => "You may not do this.",
        };
        Some(Blocker::new(BlockerCode::NotAllowed, message))
    }

    fn when(condition: bool, otherwise: &'static str) -> Self {
        if condition {
            Self::Allow
        } else {
            Self::Deny(otherwise)
        }
    }
}
