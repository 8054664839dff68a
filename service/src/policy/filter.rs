//! The reading rules as SQL conditions. The text of a condition depends on the kind of viewer only, so that prepared
//! statements are found again.

use entity::community::CommunityVisibility;
use entity::item::ItemVisibility;
use entity::membership::{MembershipRole, MembershipState};
use sea_orm::sea_query::{Condition, Expr, ExprTrait, Query, SelectStatement, SimpleExpr};
use uuid::Uuid;

use crate::viewer::Viewer;

fn names<const N: usize>(visibilities: [CommunityVisibility; N]) -> [&'static str; N] {
    visibilities.map(CommunityVisibility::as_str)
}

/// The viewer's memberships, as far as the credential reaches.
fn memberships(user: Uuid, only: Option<Uuid>) -> SelectStatement {
    let mut select = Query::select();
    select
        .expr(Expr::value(1))
        .from("membership")
        .and_where(Expr::col(("membership", "user_id")).eq(user));
    if let Some(only) = only {
        select.and_where(Expr::col(("membership", "community_id")).eq(only));
    }
    select
}

fn state_is(state: MembershipState) -> SimpleExpr {
    Expr::col(("membership", "state")).eq(state.as_str())
}

/// Conditions on `community` for those whose about the viewer may see.
#[must_use]
pub fn visible_communities(viewer: &Viewer) -> Condition {
    let visibility = || Expr::col(("community", "visibility"));
    let Some(user) = viewer.user_id() else {
        return Condition::all().add(visibility().eq(CommunityVisibility::Public.as_str()));
    };
    let mut known = memberships(user, viewer.only_community());
    known
        .and_where(Expr::col(("membership", "community_id")).equals(("community", "id")))
        .and_where(Expr::col(("membership", "state")).is_in([
            MembershipState::Active.as_str(),
            MembershipState::Invited.as_str(),
        ]));
    Condition::any()
        .add(visibility().is_in(names([
            CommunityVisibility::Public,
            CommunityVisibility::Internal,
            CommunityVisibility::Private,
        ])))
        .add(Expr::exists(known))
}

/// Conditions on `item` for those that the viewer may read.
#[must_use]
pub fn readable_items(viewer: &Viewer) -> Condition {
    let visibility = || Expr::col(("item", "visibility"));
    let published = || Expr::col(("item", "published")).eq(true);
    let for_readers = Condition::all()
        .add(published())
        .add(visibility().eq(ItemVisibility::Community.as_str()));
    let Some(user) = viewer.user_id() else {
        return for_readers.add(in_community(community_is([CommunityVisibility::Public])));
    };
    let only = viewer.only_community();
    let mut member = memberships(user, only);
    member
        .and_where(Expr::col(("membership", "community_id")).equals(("item", "community_id")))
        .and_where(state_is(MembershipState::Active));

    let role_in = |roles: &[MembershipRole]| {
        Expr::col(("membership", "role")).is_in(roles.iter().map(|role| role.as_str()))
    };
    let mut by_role = member.clone();
    by_role.cond_where(
        Condition::any()
            .add(
                Condition::all()
                    .add(visibility().eq(ItemVisibility::Members.as_str()))
                    .add(published()),
            )
            .add(
                Condition::all()
                    .add(visibility().is_in([
                        ItemVisibility::Community.as_str(),
                        ItemVisibility::Members.as_str(),
                    ]))
                    .add(role_in(&[
                        MembershipRole::Reviewer,
                        MembershipRole::Steward,
                        MembershipRole::Facilitator,
                    ])),
            )
            .add(
                Condition::all()
                    .add(visibility().eq(ItemVisibility::Stewards.as_str()))
                    .add(role_in(&[
                        MembershipRole::Steward,
                        MembershipRole::Facilitator,
                    ])),
            ),
    );
    let mut open_to_viewer = Condition::any().add(for_readers).add(Expr::exists(by_role));
    if let Some(author) = is_author(viewer, user) {
        open_to_viewer = open_to_viewer.add(author);
    }
    Condition::all()
        .add(
            Condition::any()
                .add(in_community(community_is([
                    CommunityVisibility::Public,
                    CommunityVisibility::Internal,
                ])))
                .add(Expr::exists(member)),
        )
        .add(open_to_viewer)
}

/// The viewer is an author of the item. A credential for one community makes an author only there, and only while an
/// active member.
fn is_author(viewer: &Viewer, user: Uuid) -> Option<SimpleExpr> {
    let only = viewer.only_community();
    if only.is_some_and(|only| viewer.role(only).is_none()) {
        return None;
    }
    let mut author = Query::select();
    author
        .expr(Expr::value(1))
        .from("item_author")
        .and_where(Expr::col(("item_author", "item_id")).equals(("item", "id")))
        .and_where(Expr::col(("item_author", "user_id")).eq(user));
    if let Some(only) = only {
        author.and_where(Expr::col(("item", "community_id")).eq(only));
    }
    Some(Expr::exists(author))
}

/// Conditions on an `item` that the viewer may read, for those of which the viewer sees drafts too: one's own, and as
/// a reviewer or above. None where the viewer sees no drafts at all.
#[must_use]
pub fn drafts_readable(viewer: &Viewer) -> Option<Condition> {
    let user = viewer.user_id()?;
    let mut reviewer = memberships(user, viewer.only_community());
    reviewer
        .and_where(Expr::col(("membership", "community_id")).equals(("item", "community_id")))
        .and_where(state_is(MembershipState::Active))
        .and_where(Expr::col(("membership", "role")).ne(MembershipRole::Member.as_str()));
    Some(
        Condition::any()
            .add(Expr::exists(reviewer))
            .add_option(is_author(viewer, user)),
    )
}

fn community_is<const N: usize>(visibilities: [CommunityVisibility; N]) -> SimpleExpr {
    Expr::col(("community", "visibility")).is_in(names(visibilities))
}

fn in_community(condition: SimpleExpr) -> SimpleExpr {
    Expr::exists(
        Query::select()
            .expr(Expr::value(1))
            .from("community")
            .and_where(Expr::col(("community", "id")).equals(("item", "community_id")))
            .and_where(condition)
            .take(),
    )
}

/// Conditions on a table of what belongs to a community as a whole, for what those see who see all of the community.
#[must_use]
pub fn of_whole_communities(viewer: &Viewer, table: &'static str) -> Condition {
    let open = |condition: SimpleExpr| {
        Expr::exists(
            Query::select()
                .expr(Expr::value(1))
                .from("community")
                .and_where(Expr::col(("community", "id")).equals((table, "community_id")))
                .and_where(condition)
                .take(),
        )
    };
    if viewer.user_id().is_none() {
        return Condition::all().add(open(community_is([CommunityVisibility::Public])));
    }
    Condition::any()
        .add(open(community_is([
            CommunityVisibility::Public,
            CommunityVisibility::Internal,
        ])))
        .add_option(of_own_communities(viewer, table))
}

/// The condition on such a table for what belongs to communities of which the viewer is an active member; none for
/// nobody in particular.
#[must_use]
pub fn of_own_communities(viewer: &Viewer, table: &'static str) -> Option<SimpleExpr> {
    let mut member = memberships(viewer.user_id()?, viewer.only_community());
    member
        .and_where(Expr::col(("membership", "community_id")).equals((table, "community_id")))
        .and_where(state_is(MembershipState::Active));
    Some(Expr::exists(member))
}

/// Conditions on `membership` for those that the viewer may see, as [`super::community::read_membership`] says, except
/// one's own of a community that no longer exists to the viewer: a membership is shown with its community.
#[must_use]
pub fn readable_memberships(viewer: &Viewer) -> Condition {
    let state = || Expr::col(("membership", "state")).eq(MembershipState::Active.as_str());
    let of_community = |condition: SimpleExpr| {
        Expr::exists(
            Query::select()
                .expr(Expr::value(1))
                .from("community")
                .and_where(Expr::col(("community", "id")).equals(("membership", "community_id")))
                .and_where(condition)
                .take(),
        )
    };
    let Some(user) = viewer.user_id() else {
        return Condition::all()
            .add(state())
            .add(of_community(community_is([CommunityVisibility::Public])));
    };
    let only = viewer.only_community();
    let of_visible = Query::select()
        .expr(Expr::value(1))
        .from("community")
        .and_where(Expr::col(("community", "id")).equals(("membership", "community_id")))
        .cond_where(visible_communities(viewer))
        .take();
    let mut own = Condition::all()
        .add(Expr::col(("membership", "user_id")).eq(user))
        .add(Expr::exists(of_visible));
    if let Some(only) = only {
        own = own.add(Expr::col(("membership", "community_id")).eq(only));
    }
    let mut member = Query::select();
    member
        .expr(Expr::value(1))
        .from_as("membership", "viewer")
        .and_where(Expr::col(("viewer", "user_id")).eq(user))
        .and_where(Expr::col(("viewer", "state")).eq(MembershipState::Active.as_str()))
        .and_where(Expr::col(("viewer", "community_id")).equals(("membership", "community_id")));
    if let Some(only) = only {
        member.and_where(Expr::col(("viewer", "community_id")).eq(only));
    }
    let mut facilitator = member.clone();
    facilitator.and_where(Expr::col(("viewer", "role")).eq(MembershipRole::Facilitator.as_str()));
    Condition::any()
        .add(own)
        .add(
            Condition::all().add(state()).add(
                Condition::any()
                    .add(of_community(community_is([
                        CommunityVisibility::Public,
                        CommunityVisibility::Internal,
                    ])))
                    .add(Expr::exists(member)),
            ),
        )
        .add(Expr::exists(facilitator))
}
