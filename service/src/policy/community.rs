//! What a viewer may see and do in a community.

use entity::community::{self, CommunityStatus, CommunityVisibility, JoinPolicy};
use entity::membership::{self, MembershipRole, MembershipState};
use uuid::Uuid;

use super::platform::governs;
use super::{Action, Decision};
use crate::viewer::Viewer;

/// How much of a community a viewer sees, in rising order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Access {
    /// To this viewer it does not exist.
    None,
    /// What it is about, so that it can be found and joined.
    About,
    /// Everything that its members share with readers.
    Full,
}

const ARCHIVED: &str =
    "The community is archived: it can be read, but not written to. A facilitator can restore it.";

/// How much of the community the viewer sees.
#[must_use]
pub fn access(viewer: &Viewer, community: &community::Model) -> Access {
    let signed_in = viewer.user_id().is_some();
    let state = viewer
        .membership(community.id)
        .map(|membership| membership.state);
    match community.visibility {
        CommunityVisibility::Public => Access::Full,
        CommunityVisibility::Internal if signed_in => Access::Full,
        CommunityVisibility::Private | CommunityVisibility::Unlisted
            if state == Some(MembershipState::Active) =>
        {
            Access::Full
        }
        CommunityVisibility::Private if signed_in => Access::About,
        CommunityVisibility::Unlisted if state == Some(MembershipState::Invited) => Access::About,
        _ => Access::None,
    }
}

fn visible(
    viewer: &Viewer,
    community: &community::Model,
    then: impl FnOnce() -> Decision,
) -> Decision {
    if access(viewer, community) == Access::None {
        Decision::Conceal
    } else {
        then()
    }
}

pub(super) fn writable(
    viewer: &Viewer,
    community: &community::Model,
    then: impl FnOnce() -> Decision,
) -> Decision {
    visible(viewer, community, || {
        if community.status == CommunityStatus::Archived {
            Decision::Deny(ARCHIVED)
        } else {
            then()
        }
    })
}

pub(super) fn facilitates(viewer: &Viewer, community: &community::Model) -> bool {
    viewer.role(community.id) == Some(MembershipRole::Facilitator)
}

/// May the viewer change what the community says of itself?
#[must_use]
pub fn update(viewer: &Viewer, community: &community::Model) -> Decision {
    writable(viewer, community, || {
        Decision::when(
            facilitates(viewer, community),
            "Only facilitators of the community may change it.",
        )
    })
}

/// May the viewer archive the community, or bring it back?
#[must_use]
pub fn archive(viewer: &Viewer, community: &community::Model) -> Decision {
    visible(viewer, community, || {
        Decision::when(
            facilitates(viewer, community),
            "Only facilitators of the community may archive or restore it.",
        )
    })
}

/// May the viewer split the community, or merge it with another that they may merge too?
#[must_use]
pub fn evolve(viewer: &Viewer, community: &community::Model) -> Decision {
    writable(viewer, community, || {
        Decision::when(
            facilitates(viewer, community),
            "Only facilitators of the community may split it or merge it with another.",
        )
    })
}

/// May the viewer invite, admit, promote and remove members?
#[must_use]
pub fn manage_members(viewer: &Viewer, community: &community::Model) -> Decision {
    writable(viewer, community, || {
        Decision::when(
            facilitates(viewer, community),
            "Only facilitators of the community may manage its members.",
        )
    })
}

/// May the viewer name a facilitator where none is left, as an administrator?
#[must_use]
pub fn name_facilitator(viewer: &Viewer, facilitators: u64) -> bool {
    governs(viewer) && facilitators == 0
}

/// May the viewer join, or ask to join?
#[must_use]
pub fn join(viewer: &Viewer, community: &community::Model) -> Decision {
    writable(viewer, community, || {
        if viewer.user_id().is_none() {
            return Decision::Deny("Sign in to join the community.");
        }
        match viewer
            .membership(community.id)
            .map(|membership| membership.state)
        {
            Some(MembershipState::Banned) => Decision::Deny(
                "You were barred from this community; only a facilitator can lift that.",
            ),
            // An invitation is accepted by joining.
            Some(MembershipState::Invited) => Decision::Allow,
            _ if viewer
                .only_community()
                .is_some_and(|only| only != community.id) =>
            {
                Decision::Deny("This token is good for another community only.")
            }
            _ => Decision::when(
                community.join_policy != JoinPolicy::Invitation,
                "One becomes a member of this community by invitation only; ask a facilitator.",
            ),
        }
    })
}

/// May the viewer create items here?
#[must_use]
pub fn contribute(viewer: &Viewer, community: &community::Model) -> Decision {
    writable(viewer, community, || {
        Decision::when(
            viewer.role(community.id).is_some(),
            "Only active members of the community may contribute to it.",
        )
    })
}

/// May the viewer make activities here, and change them?
#[must_use]
pub fn manage_activities(viewer: &Viewer, community: &community::Model) -> Decision {
    writable(viewer, community, || {
        Decision::when(
            facilitates(viewer, community),
            "Only facilitators of the community may make activities.",
        )
    })
}

/// May the viewer see what only active members see: who comes, where to join, individual goals?
#[must_use]
pub fn read_as_member(viewer: &Viewer, community: Uuid) -> bool {
    viewer.role(community).is_some()
}

/// May the viewer propose and endorse statements of what defines the community?
#[must_use]
pub fn define(viewer: &Viewer, community: &community::Model) -> Decision {
    writable(viewer, community, || {
        Decision::when(
            viewer.role(community.id).is_some(),
            "Only active members of the community may propose and endorse what defines it.",
        )
    })
}

/// May the viewer take back a statement that `author` proposed?
#[must_use]
pub fn withdraw_statement(
    viewer: &Viewer,
    community: &community::Model,
    author: Option<Uuid>,
) -> Decision {
    writable(viewer, community, || {
        let own = author.is_some() && author == viewer.user_id();
        Decision::when(
            (own && viewer.role(community.id).is_some()) || facilitates(viewer, community),
            "Only who proposed the statement, while a member, and facilitators may withdraw it.",
        )
    })
}

/// May the viewer set the community's own goals, and say where they stand?
#[must_use]
pub fn manage_goals(viewer: &Viewer, community: &community::Model) -> Decision {
    writable(viewer, community, || {
        Decision::when(
            facilitates(viewer, community),
            "Only facilitators of the community may set its goals; your own goal you set with `individual`.",
        )
    })
}

/// May the viewer set a goal of their own here?
#[must_use]
pub fn set_own_goal(viewer: &Viewer, community: &community::Model) -> Decision {
    writable(viewer, community, || {
        Decision::when(
            viewer.role(community.id).is_some(),
            "Only active members of the community may set goals of their own in it.",
        )
    })
}

/// May the viewer say where a goal of the member `owner` stands? Others than members see no such goal.
#[must_use]
pub fn manage_individual_goal(
    viewer: &Viewer,
    community: &community::Model,
    owner: Uuid,
) -> Decision {
    writable(viewer, community, || {
        if viewer.role(community.id).is_none() {
            return Decision::Conceal;
        }
        Decision::when(
            viewer.user_id() == Some(owner),
            "Only the member whose goal it is may change it.",
        )
    })
}

/// May the viewer add a question to the learning agenda?
#[must_use]
pub fn ask_learning_question(viewer: &Viewer, community: &community::Model) -> Decision {
    writable(viewer, community, || {
        Decision::when(
            viewer.role(community.id).is_some(),
            "Only active members of the community may add to its learning agenda.",
        )
    })
}

/// May the viewer say where a question of the learning agenda stands?
#[must_use]
pub fn manage_learning_agenda(viewer: &Viewer, community: &community::Model) -> Decision {
    writable(viewer, community, || {
        Decision::when(
            facilitates(viewer, community),
            "Only facilitators of the community may say where its learning questions stand.",
        )
    })
}

/// Does the viewer see more of the community than what it is about: its statements, its goals, its learning agenda?
#[must_use]
pub fn read_whole(viewer: &Viewer, community: &community::Model) -> bool {
    access(viewer, community) == Access::Full
}

/// May the viewer see what its people search for and do not find? Its active members, who may add it.
#[must_use]
pub fn read_knowledge_gaps(viewer: &Viewer, community: Uuid) -> bool {
    viewer.role(community).is_some()
}

/// May the viewer see memberships that are not active?
#[must_use]
pub fn read_all_memberships(viewer: &Viewer, community: &community::Model) -> bool {
    facilitates(viewer, community)
}

/// May the viewer see this membership?
#[must_use]
pub fn read_membership(
    viewer: &Viewer,
    community: &community::Model,
    membership: &membership::Model,
) -> bool {
    let own = viewer.user_id() == Some(membership.user_id);
    if own && viewer.membership(community.id).is_some() {
        return true;
    }
    match access(viewer, community) {
        Access::Full => {
            membership.state == MembershipState::Active || facilitates(viewer, community)
        }
        Access::About | Access::None => false,
    }
}

/// How much a viewer is told of how somebody takes part in a community, in rising order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ParticipationAccess {
    /// Nothing.
    Nothing,
    /// How much, as far as that is no failing.
    Level,
    /// Everything, with the numbers and the history.
    Whole,
}

/// How much is the viewer told of how this person takes part? The person and facilitators are told everything.
#[must_use]
pub fn read_participation(viewer: &Viewer, community: Uuid, person: Uuid) -> ParticipationAccess {
    let own = viewer.user_id() == Some(person) && viewer.membership(community).is_some();
    match viewer.role(community) {
        Some(MembershipRole::Facilitator) => ParticipationAccess::Whole,
        _ if own => ParticipationAccess::Whole,
        Some(_) => ParticipationAccess::Level,
        None => ParticipationAccess::Nothing,
    }
}

/// Everything that the viewer may do with the community now.
#[must_use]
pub fn actions(viewer: &Viewer, community: &community::Model) -> Vec<Action> {
    let member = viewer.role(community.id).is_some();
    let contribute = contribute(viewer, community).allows();
    [
        (Action::Read, access(viewer, community) == Access::Full),
        (Action::Update, update(viewer, community).allows()),
        (
            Action::Archive,
            archive(viewer, community).allows() && community.status == CommunityStatus::Active,
        ),
        (
            Action::Restore,
            archive(viewer, community).allows() && community.status == CommunityStatus::Archived,
        ),
        (Action::Join, !member && join(viewer, community).allows()),
        (Action::Leave, member),
        (
            Action::ManageMembers,
            manage_members(viewer, community).allows(),
        ),
        (Action::CreateResource, contribute),
        (Action::CreatePractice, contribute),
        (Action::CreateInnovation, contribute),
        (Action::CreateCollection, contribute),
        (
            Action::CreateActivity,
            manage_activities(viewer, community).allows(),
        ),
        (Action::ProposeStatement, define(viewer, community).allows()),
        (
            Action::ManageGoals,
            manage_goals(viewer, community).allows(),
        ),
        (
            Action::AddLearningQuestion,
            ask_learning_question(viewer, community).allows(),
        ),
        (Action::CreateDiscussion, contribute),
    ]
    .into_iter()
    .filter_map(|(action, allowed)| allowed.then_some(action))
    .collect()
}
