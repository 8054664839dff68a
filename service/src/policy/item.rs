//! What a viewer may see and do with an item of the shared repertoire.

use entity::community::{self, CommunityStatus};
use entity::item::{self, ItemType, ItemVisibility, PublicationStatus};
use entity::membership::{MembershipRole, MembershipState};
use entity::practice::PracticeMaturity;
use uuid::Uuid;

use super::community::{Access, access};
use super::{Action, Decision};
use crate::community::kind;
use crate::viewer::Viewer;

/// An item with what its policy depends on.
#[derive(Clone, Copy, Debug)]
pub struct ItemFacts<'a> {
    /// The community that it belongs to.
    pub community: &'a community::Model,
    /// The item.
    pub item: &'a item::Model,
    /// Its authors.
    pub authors: &'a [Uuid],
}

pub(super) const ARCHIVED_COMMUNITY: &str =
    "The community is archived: it can be read, but not written to. A facilitator can restore it.";

/// Is the viewer one of these authors, as far as the credential reaches?
#[must_use]
pub fn is_author(viewer: &Viewer, community: Uuid, authors: &[Uuid]) -> bool {
    viewer.user_id().is_some_and(|user| authors.contains(&user))
        && viewer
            .only_community()
            .is_none_or(|only| only == community && viewer.role(community).is_some())
}

/// May the viewer read the item?
#[must_use]
pub fn read(viewer: &Viewer, facts: ItemFacts<'_>) -> bool {
    if access(viewer, facts.community) != Access::Full {
        return false;
    }
    if is_author(viewer, facts.community.id, facts.authors) {
        return true;
    }
    let role = viewer.role(facts.community.id);
    let at_least = |least: MembershipRole| role.is_some_and(|role| role >= least);
    match facts.item.visibility {
        ItemVisibility::Community => facts.item.published || at_least(MembershipRole::Reviewer),
        ItemVisibility::Members => {
            (facts.item.published && role.is_some()) || at_least(MembershipRole::Reviewer)
        }
        ItemVisibility::Stewards => at_least(MembershipRole::Steward),
        ItemVisibility::Authors => false,
    }
}

pub(super) fn writable(
    viewer: &Viewer,
    facts: ItemFacts<'_>,
    then: impl FnOnce() -> Decision,
) -> Decision {
    if !read(viewer, facts) {
        Decision::Conceal
    } else if facts.community.status == CommunityStatus::Archived {
        Decision::Deny(ARCHIVED_COMMUNITY)
    } else {
        then()
    }
}

pub(super) fn is_writing_author(viewer: &Viewer, facts: ItemFacts<'_>) -> bool {
    let barred = viewer
        .membership(facts.community.id)
        .is_some_and(|membership| membership.state == MembershipState::Banned);
    !barred && is_author(viewer, facts.community.id, facts.authors)
}

pub(super) fn stewards(viewer: &Viewer, facts: ItemFacts<'_>) -> bool {
    is_steward(viewer, facts.community.id)
}

/// Is the viewer a steward or a facilitator of the community?
pub(super) fn is_steward(viewer: &Viewer, community: Uuid) -> bool {
    viewer
        .role(community)
        .is_some_and(|role| role >= MembershipRole::Steward)
}

/// May the viewer change the item's content? Activities are for facilitators.
#[must_use]
pub fn update(viewer: &Viewer, facts: ItemFacts<'_>) -> Decision {
    if facts.item.item_type == ItemType::Activity {
        return run_activity(viewer, facts);
    }
    writable(viewer, facts, || {
        Decision::when(
            is_writing_author(viewer, facts) || stewards(viewer, facts),
            "Only the authors, and stewards and facilitators of the community, may change this.",
        )
    })
}

/// May the viewer delete the item?
#[must_use]
pub fn delete(viewer: &Viewer, facts: ItemFacts<'_>) -> Decision {
    writable(viewer, facts, || {
        let facilitator = viewer.role(facts.community.id) == Some(MembershipRole::Facilitator);
        // What has no publication is there for all from its first day.
        let never_published = facts.item.published_at.is_none() && facts.item.status.is_some();
        if never_published {
            Decision::when(
                facilitator || is_writing_author(viewer, facts),
                "Only the authors, and facilitators of the community, may delete this.",
            )
        } else {
            Decision::when(
                facilitator,
                "What was once published only a facilitator of the community may delete; archive it instead.",
            )
        }
    })
}

/// Does the viewer see the drafts of an item that they may read: what waits for its review too?
#[must_use]
pub fn read_drafts(viewer: &Viewer, facts: ItemFacts<'_>) -> bool {
    let as_draft = item::Model {
        published: false,
        ..facts.item.clone()
    };
    let facts = ItemFacts {
        item: &as_draft,
        ..facts
    };
    read(viewer, facts)
}

/// May the item be written to at all, by those who may read it? What they may do with it is for other questions.
#[must_use]
pub fn write(viewer: &Viewer, facts: ItemFacts<'_>) -> Decision {
    writable(viewer, facts, || Decision::Allow)
}

/// May the viewer hand the item in for review?
#[must_use]
pub fn submit(viewer: &Viewer, facts: ItemFacts<'_>) -> Decision {
    writable(viewer, facts, || {
        Decision::when(
            is_writing_author(viewer, facts) || stewards(viewer, facts),
            "Only the authors, and stewards and facilitators of the community, may hand this in for review.",
        )
    })
}

/// May the viewer review the item, as long as it is not their own work?
#[must_use]
pub fn review(viewer: &Viewer, facts: ItemFacts<'_>) -> Decision {
    writable(viewer, facts, || {
        let needed = kind::policy_of(facts.community).approvals(facts.item.item_type);
        let role = viewer.role(facts.community.id);
        Decision::when(
            role.is_some_and(|role| counts_as(role, needed.by)),
            if needed.by == MembershipRole::Steward {
                "Only stewards and facilitators of the community may review this."
            } else {
                "Only reviewers, stewards and facilitators of the community may review this."
            },
        )
    })
}

/// Does a review that was made in this role count where this one is needed?
#[must_use]
pub fn counts_as(role: MembershipRole, needed: MembershipRole) -> bool {
    role >= needed
}

/// The roles in which a review counts where this one is needed.
pub fn roles_that_count(needed: MembershipRole) -> impl Iterator<Item = MembershipRole> {
    let roles = MembershipRole::ALL.iter().copied();
    roles.filter(move |role| counts_as(*role, needed))
}

/// May the viewer name who keeps the item, and when it is reviewed next?
#[must_use]
pub fn set_steward(viewer: &Viewer, facts: ItemFacts<'_>) -> Decision {
    writable(viewer, facts, || {
        Decision::when(
            stewards(viewer, facts),
            "Only stewards and facilitators of the community may say who keeps this, and until when.",
        )
    })
}

/// Is the viewer shown what is likely the same as the item: its authors, and stewards?
#[must_use]
pub fn compare(viewer: &Viewer, facts: ItemFacts<'_>) -> bool {
    read(viewer, facts)
        && (is_author(viewer, facts.community.id, facts.authors) || stewards(viewer, facts))
}

/// May the viewer publish the item?
#[must_use]
pub fn publish(viewer: &Viewer, facts: ItemFacts<'_>) -> Decision {
    writable(viewer, facts, || {
        Decision::when(
            is_writing_author(viewer, facts),
            "Only the authors may publish this.",
        )
    })
}

/// May the viewer archive the item, or bring it back?
#[must_use]
pub fn archive(viewer: &Viewer, facts: ItemFacts<'_>) -> Decision {
    writable(viewer, facts, || {
        Decision::when(
            stewards(viewer, facts),
            "Only stewards and facilitators of the community may archive this or bring it back.",
        )
    })
}

/// May the viewer say that the practice has come to this maturity? Where it ends is for stewards to say.
#[must_use]
pub fn set_maturity(viewer: &Viewer, facts: ItemFacts<'_>, to: PracticeMaturity) -> Decision {
    writable(viewer, facts, || match to {
        PracticeMaturity::Superseded | PracticeMaturity::Retired => Decision::when(
            stewards(viewer, facts),
            "Only stewards and facilitators of the community may supersede or retire this.",
        ),
        _ => Decision::when(
            is_writing_author(viewer, facts) || stewards(viewer, facts),
            "Only the authors, and stewards and facilitators of the community, may say how mature this is.",
        ),
    })
}

/// May the viewer move the innovation to another stage?
#[must_use]
pub fn advance(viewer: &Viewer, facts: ItemFacts<'_>) -> Decision {
    writable(viewer, facts, || {
        Decision::when(
            is_writing_author(viewer, facts) || stewards(viewer, facts),
            "Only the authors, and stewards and facilitators of the community, may move this to another stage.",
        )
    })
}

/// May the viewer, who is signed in, say how good they find the item?
#[must_use]
pub fn rate(viewer: &Viewer, facts: ItemFacts<'_>) -> Decision {
    write(viewer, facts)
}

/// May the viewer support the innovation?
#[must_use]
pub fn support(viewer: &Viewer, facts: ItemFacts<'_>) -> Decision {
    writable(viewer, facts, || {
        Decision::when(
            viewer.role(facts.community.id).is_some(),
            "Only active members of the community may support this.",
        )
    })
}

/// May the viewer change the activity and its occurrences, and say that others were there?
#[must_use]
pub fn run_activity(viewer: &Viewer, facts: ItemFacts<'_>) -> Decision {
    writable(viewer, facts, || {
        Decision::when(
            viewer.role(facts.community.id) == Some(MembershipRole::Facilitator),
            "Only facilitators of the community may change its activities, and say who was there.",
        )
    })
}

/// May the viewer say whether they come to the activity?
#[must_use]
pub fn attend(viewer: &Viewer, facts: ItemFacts<'_>) -> Decision {
    writable(viewer, facts, || {
        Decision::when(
            viewer.role(facts.community.id).is_some(),
            "Only active members of the community may say whether they come.",
        )
    })
}

/// What is left of [`actions`] for somebody who made the newest revision, an author of the item or not: nobody reviews
/// their own work.
#[must_use]
pub fn of_maker(mut actions: Vec<Action>) -> Vec<Action> {
    actions.retain(|action| *action != Action::Review);
    actions
}

/// Everything that the viewer may do with the item now, where somebody else made its newest revision; else see
/// [`of_maker`].
#[must_use]
pub fn actions(viewer: &Viewer, facts: ItemFacts<'_>) -> Vec<Action> {
    use PublicationStatus::{Archived, ChangesRequested, Draft, InReview, Published};
    let innovation = facts.item.item_type == ItemType::Innovation;
    let activity = facts.item.item_type == ItemType::Activity;
    let status = facts.item.status;
    let archived = status == Some(Archived);
    // Those who do not see a pending revision may do nothing with it.
    let newest = if archived {
        status
    } else {
        facts.item.pending_status.or(status)
    };
    let needed = kind::policy_of(facts.community).approvals(facts.item.item_type);
    let own = is_author(viewer, facts.community.id, facts.authors);
    let discussion = facts.item.item_type == ItemType::Discussion;
    [
        (Action::Read, read(viewer, facts)),
        (Action::Update, !archived && update(viewer, facts).allows()),
        // An activity is cancelled, and what was made in it keeps its origin.
        (Action::Delete, !activity && delete(viewer, facts).allows()),
        (
            Action::Submit,
            matches!(newest, Some(Draft | ChangesRequested)) && submit(viewer, facts).allows(),
        ),
        (
            Action::Review,
            newest == Some(InReview) && !own && review(viewer, facts).allows(),
        ),
        (
            Action::Publish,
            matches!(newest, Some(Draft | InReview))
                && needed.needed == 0
                && publish(viewer, facts).allows(),
        ),
        (
            Action::Archive,
            status == Some(Published) && archive(viewer, facts).allows(),
        ),
        (Action::Restore, archived && archive(viewer, facts).allows()),
        (
            Action::Advance,
            innovation && advance(viewer, facts).allows(),
        ),
        (
            Action::Support,
            innovation && support(viewer, facts).allows(),
        ),
        (Action::Attend, activity && attend(viewer, facts).allows()),
        (
            Action::PlanPilot,
            super::pilot::TRIED_TYPES.contains(&facts.item.item_type)
                && super::pilot::plan(viewer, facts).allows(),
        ),
        (
            Action::Reply,
            discussion && super::discussion::reply(viewer, facts).allows(),
        ),
    ]
    .into_iter()
    .filter_map(|(action, allowed)| allowed.then_some(action))
    .collect()
}
