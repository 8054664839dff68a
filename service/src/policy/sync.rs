//! Who may synchronize the resources of a community with another system.

use entity::community;
use entity::membership::{MembershipRole, MembershipState};
use sea_orm::sea_query::{Condition, Expr, ExprTrait, SimpleExpr};
use uuid::Uuid;

use super::Decision;
use super::community::{contribute, facilitates, writable};
use super::filter::{Reader, active_memberships, is_author, items_readable_by, memberships, name};
use super::item::is_steward;
use crate::viewer::Viewer;

/// May the viewer write resources as another system lists them? What may be done with each is asked of each.
#[must_use]
pub fn sync(viewer: &Viewer, community: &community::Model) -> Decision {
    contribute(viewer, community)
}

/// Conditions on `item` for those that the viewer may change: what [`super::item::update`] says of everything but
/// activities, in a community that is open for writing.
#[must_use]
pub fn changeable(viewer: &Viewer) -> Condition {
    let Some(reader) = Reader::of(viewer) else {
        return Condition::all().add(SimpleExpr::Constant(false.into()));
    };
    let here = ("item", "community_id");
    let mut steward = active_memberships(&reader, here);
    steward.and_where(Expr::col(("membership", "role")).is_in([
        name(MembershipRole::Steward.as_str()),
        name(MembershipRole::Facilitator.as_str()),
    ]));
    let mut barred = memberships(&reader);
    barred
        .and_where(Expr::col(("membership", "community_id")).equals(here))
        .and_where(Expr::col(("membership", "state")).eq(name(MembershipState::Banned.as_str())));
    let author = is_author(&reader)
        .map(|author| Condition::all().add(author).add(Expr::exists(barred).not()));
    Condition::all().add(items_readable_by(&reader)).add(
        Condition::any()
            .add(Expr::exists(steward))
            .add_option(author),
    )
}

/// May the viewer archive what another system no longer lists?
#[must_use]
pub fn finish(viewer: &Viewer, community: &community::Model) -> Decision {
    writable(viewer, community, || {
        Decision::when(
            is_steward(viewer, community.id),
            "Only stewards and facilitators of the community may archive what another system no longer lists.",
        )
    })
}

/// May the viewer say what happens to resources that were edited both here and in another system?
#[must_use]
pub fn set_policy(viewer: &Viewer, community: &community::Model) -> Decision {
    writable(viewer, community, || {
        Decision::when(
            facilitates(viewer, community),
            "Only facilitators of the community may say what happens to conflicts with another system.",
        )
    })
}

/// May the viewer see with which systems the community is synchronized, and what happens to conflicts?
#[must_use]
pub fn read_policies(viewer: &Viewer, community: Uuid) -> bool {
    viewer.role(community) == Some(MembershipRole::Facilitator)
}
