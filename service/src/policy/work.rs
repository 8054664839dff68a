//! Whom what waits awaits: those who may do something about it.

use entity::community::{self, CommunityStatus};
use entity::item::ItemType;
use entity::membership::MembershipRole;

use super::community::facilitates;
use super::item::{counts_as, is_steward};
use crate::community::kind::clock::Clock;
use crate::community::kind::{WorkReason, policy_of};
use crate::viewer::Viewer;

/// Those who look after what a community offers.
pub const KEEPERS: &[MembershipRole] = &[MembershipRole::Steward, MembershipRole::Facilitator];

/// Those who are told that the review of something that nobody keeps is due.
pub const TOLD_WITHOUT_STEWARD: &[MembershipRole] = &[MembershipRole::Facilitator];

/// Those who are told of what has waited too long, beside its authors where these can do something about it.
#[must_use]
pub const fn told_of_waiting(clock: Clock) -> &'static [MembershipRole] {
    match clock {
        Clock::FirstAnswer => &[MembershipRole::Facilitator],
        Clock::StageAge => KEEPERS,
    }
}

/// How much of what waits for a reason awaits somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Share {
    /// None of it.
    Nothing,
    /// What they are an author of.
    Own,
    /// What they are no author of.
    Others,
    /// All of it.
    Everything,
}

/// How much of what waits in a community for this reason awaits the viewer, as far as they may read it.
#[must_use]
pub fn awaits(viewer: &Viewer, community: &community::Model, reason: WorkReason) -> Share {
    let active = community.status == CommunityStatus::Active;
    if !active || viewer.role(community.id).is_none() {
        return Share::Nothing;
    }
    let when = |condition: bool| {
        if condition {
            Share::Everything
        } else {
            Share::Nothing
        }
    };
    match reason {
        WorkReason::Unanswered | WorkReason::MatchesExpertise | WorkReason::AwaitingReview => {
            Share::Others
        }
        WorkReason::Undecided | WorkReason::PilotWithoutReport
            if !is_steward(viewer, community.id) =>
        {
            Share::Own
        }
        WorkReason::ReviewOverdue
        | WorkReason::WithoutSteward
        | WorkReason::LikelyDuplicate
        | WorkReason::Undecided
        | WorkReason::NotAdopted
        | WorkReason::PilotWithoutReport
        | WorkReason::Flag => when(is_steward(viewer, community.id)),
        WorkReason::MembershipRequest => when(facilitates(viewer, community)),
    }
}

/// The types of items whose revisions the viewer may review in a community.
#[must_use]
pub fn reviews(viewer: &Viewer, community: &community::Model) -> Vec<ItemType> {
    let Some(role) = viewer.role(community.id) else {
        return Vec::new();
    };
    let policy = policy_of(community);
    [ItemType::Resource, ItemType::Practice, ItemType::Collection]
        .into_iter()
        .filter(|item_type| counts_as(role, policy.approvals(*item_type).by))
        .collect()
}
