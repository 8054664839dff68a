//! Who offers an item to another community, who sees that, and who decides: over plain data and in SQL.
//!
//! A broker belongs to both communities. Sharing opens nothing: the item is read by its own rules, whoever sees the share.

use entity::boundary_share::{BoundaryShareState, Model};
use entity::community::{self, CommunityStatus};
use sea_orm::sea_query::{Condition, Expr, ExprTrait, Query};

use super::Decision;
use super::community::{contribute, read_whole, writable};
use super::filter::{Reader, active_memberships, communities_readable_by, whole_communities};
use super::item::{ItemFacts, is_author, is_steward, write};
use super::work::KEEPERS;
use crate::viewer::Viewer;

/// Whether the other community took the item up, and so all who see that community whole see the share.
#[must_use]
pub const fn is_taken_up(state: BoundaryShareState) -> bool {
    matches!(
        state,
        BoundaryShareState::Accepted | BoundaryShareState::Adapted
    )
}

fn is_broker(viewer: &Viewer, share: &Model) -> bool {
    let broker = share.broker_id.as_slice();
    is_author(viewer, share.from_community_id, broker)
        || is_author(viewer, share.to_community_id, broker)
}

/// May the viewer see the share: who brokers it, those who look after one of the two communities, and once it is taken up
/// all who see the other community whole?
#[must_use]
pub fn read(viewer: &Viewer, share: &Model, to: &community::Model) -> bool {
    is_broker(viewer, share)
        || is_steward(viewer, share.from_community_id)
        || is_steward(viewer, share.to_community_id)
        || (is_taken_up(share.state) && read_whole(viewer, to))
}

/// May the viewer offer the item to others: a member of its community who may read it?
#[must_use]
pub fn offer(viewer: &Viewer, facts: ItemFacts<'_>) -> Decision {
    match write(viewer, facts) {
        Decision::Allow => Decision::when(
            viewer.role(facts.community.id).is_some(),
            "Only active members of its community may offer this to another one.",
        ),
        refused => refused,
    }
}

/// May the viewer offer something to this community?
#[must_use]
pub fn offer_to(viewer: &Viewer, to: &community::Model) -> Decision {
    writable(viewer, to, || {
        Decision::when(
            viewer.role(to.id).is_some(),
            "Only an active member of both communities brokers between them; ask one.",
        )
    })
}

/// May the viewer answer the offer?
#[must_use]
pub fn respond(viewer: &Viewer, share: &Model, to: &community::Model) -> Decision {
    if !read(viewer, share, to) {
        return Decision::Conceal;
    }
    writable(viewer, to, || {
        Decision::when(
            is_steward(viewer, to.id),
            "Only stewards and facilitators of the community that it is offered to may answer this.",
        )
    })
}

/// May the viewer take the share back?
#[must_use]
pub fn withdraw(
    viewer: &Viewer,
    share: &Model,
    from: &community::Model,
    to: &community::Model,
) -> Decision {
    if !read(viewer, share, to) {
        return Decision::Conceal;
    }
    if !(is_broker(viewer, share) || is_steward(viewer, share.from_community_id)) {
        return Decision::Deny(
            "Only who brokered this, and stewards and facilitators of the community that offered it, may take it back.",
        );
    }
    Decision::when(
        from.status == CommunityStatus::Active,
        "The community that offered this is archived: it can be read, but not written to.",
    )
}

/// May the viewer make something of their own community's of what is shared?
#[must_use]
pub fn adapt(viewer: &Viewer, share: &Model, to: &community::Model) -> Decision {
    if read(viewer, share, to) {
        contribute(viewer, to)
    } else {
        Decision::Conceal
    }
}

/// Conditions on `boundary_share` for those that the viewer may see, as [`read`] says.
#[must_use]
pub fn readable(viewer: &Viewer) -> Condition {
    match Reader::of(viewer) {
        Some(reader) => readable_by(&reader),
        None => taken_up(whole_communities(viewer)),
    }
}

/// The same for those that the reader may see.
#[must_use]
pub fn readable_by(reader: &Reader) -> Condition {
    let mut readable = Condition::any().add(taken_up(communities_readable_by(reader)));
    for side in SIDES {
        let mut keeper = active_memberships(reader, (TABLE, side));
        let roles = KEEPERS.iter().map(|role| role.as_str());
        keeper.and_where(Expr::col(("membership", "role")).is_in(roles));
        readable = readable.add(Expr::exists(keeper));
    }
    readable.add_option(reader.is_author_in(TABLE, "broker_id", &SIDES))
}

const TABLE: &str = "boundary_share";
const SIDES: [&str; 2] = ["from_community_id", "to_community_id"];

/// The share is taken up by such a community.
fn taken_up(by: Condition) -> Condition {
    let states = BoundaryShareState::ALL.iter().copied();
    let states = states.filter(|state| is_taken_up(*state));
    let to = Query::select()
        .expr(Expr::value(1))
        .from("community")
        .and_where(Expr::col(("community", "id")).equals((TABLE, "to_community_id")))
        .cond_where(by)
        .take();
    Condition::all()
        .add(Expr::col((TABLE, "state")).is_in(states.map(BoundaryShareState::as_str)))
        .add(Expr::exists(to))
}
