//! Who has long work done for them, and who may see how far it is.
//!
//! What an operation reads and writes is decided thing by thing, by the rules of these things.

use entity::community;
use entity::membership::{self, MembershipRole, MembershipState};
use sea_orm::sea_query::{Condition, Expr, ExprTrait};

use super::platform::governs;
use super::{Decision, community as of_community};
use crate::viewer::{Scope, Viewer};

/// Conditions on `operation` for those that the viewer may see and cancel: their own. A token needs the scope SYNC, and one
/// for a single community reaches those that were begun by such a one. None where there can be none.
#[must_use]
pub fn own(viewer: &Viewer) -> Option<Condition> {
    let user = viewer.user_id().filter(|_| viewer.has_scope(Scope::Sync))?;
    let only = viewer.only_community();
    Some(
        Condition::all()
            .add(Expr::col(("operation", "user_id")).eq(user))
            .add_option(only.map(|only| Expr::col(("operation", "only_community")).eq(only))),
    )
}

/// May the viewer import into the community: as whoever may contribute to it?
#[must_use]
pub fn import(viewer: &Viewer, community: &community::Model) -> Decision {
    of_community::contribute(viewer, community)
}

/// May the viewer bring an export back as it was, with ids, authors and history? Such a file says who wrote what, so it is
/// not for everybody.
#[must_use]
pub fn restore(viewer: &Viewer) -> Decision {
    Decision::when(
        governs(viewer),
        "Only administrators may bring back an export with its ids, authors and history; without `restore` it is imported as yours.",
    )
}

/// May the viewer, who may bring exports back, add to this community? An administrator reads nothing private by that
/// role, so what was here before is for its facilitators. `brought_back` are communities that an operation of theirs made.
#[must_use]
pub fn restore_into(viewer: &Viewer, community: uuid::Uuid, brought_back: bool) -> Decision {
    Decision::when(
        brought_back || viewer.role(community) == Some(MembershipRole::Facilitator),
        "The community was here before: only its facilitators may bring back what belongs to it.",
    )
}

/// May the viewer write down what they may see of the community, and fetch what they wrote down before?
#[must_use]
pub fn export(viewer: &Viewer, community: &community::Model) -> Decision {
    if of_community::read_whole(viewer, community) {
        Decision::Allow
    } else if of_community::access(viewer, community) == of_community::Access::None {
        Decision::Conceal
    } else {
        Decision::Deny("You see only what this community is about, so there is nothing to export.")
    }
}

/// Does a membership give less sight than it did before one of its steps, which led from this state or role?
#[must_use]
pub fn gives_less(now: &membership::Model, before: &str) -> bool {
    if now.state == MembershipState::Active {
        MembershipRole::parse(before).is_some_and(|role| role > now.role)
    } else {
        before == MembershipState::Active.as_str()
    }
}
