//! Who flags something, who sees a flag, and who decides: over plain data and in SQL.

use entity::community;
use entity::membership::MembershipRole;
use sea_orm::sea_query::{Condition, Expr, ExprTrait, Query, SelectStatement};
use uuid::Uuid;

use super::Decision;
use super::community::writable;
use super::filter::{Reader, active_memberships};
use super::item::{is_author, is_steward};
use crate::viewer::Viewer;

/// May the viewer flag something of the community, which they may read or not?
#[must_use]
pub fn raise(viewer: &Viewer, community: &community::Model, readable: bool) -> Decision {
    if readable {
        writable(viewer, community, || Decision::Allow)
    } else {
        Decision::Conceal
    }
}

/// Does the viewer decide flags of the community?
#[must_use]
pub fn decides(viewer: &Viewer, community: Uuid) -> bool {
    is_steward(viewer, community)
}

/// May the viewer see a flag of the community that somebody raised: their own, and as one who decides?
#[must_use]
pub fn read(viewer: &Viewer, community: Uuid, raised_by: Option<Uuid>) -> bool {
    is_author(viewer, community, raised_by.as_slice()) || decides(viewer, community)
}

/// May the viewer decide a flag of the community that somebody raised?
#[must_use]
pub fn decide(viewer: &Viewer, community: &community::Model, raised_by: Option<Uuid>) -> Decision {
    if !read(viewer, community.id, raised_by) {
        return Decision::Conceal;
    }
    writable(viewer, community, || {
        Decision::when(
            decides(viewer, community.id),
            "Only stewards and facilitators of the community may decide flags.",
        )
    })
}

/// Conditions on `flag` for those that the reader may see, as [`read`] says.
#[must_use]
pub fn readable_by(reader: &Reader) -> Condition {
    let mut deciding = active_memberships(reader, ("flag", "community_id"));
    deciding.and_where(Expr::col(("membership", "role")).is_in([
        MembershipRole::Steward.as_str(),
        MembershipRole::Facilitator.as_str(),
    ]));
    Condition::any()
        .add(Expr::exists(deciding))
        .add_option(reader.is_author("flag", "raised_by"))
}

/// Conditions on a `flag` that the reader may see, for those of which the reader is told who raised them: one's own, and
/// those about what is there and is not one's own work.
#[must_use]
pub fn raiser_shown_to(reader: &Reader) -> Condition {
    let target = |table: &'static str, column: &'static str| {
        Query::select()
            .expr(Expr::value(1))
            .from(table)
            .and_where(Expr::col((table, column)).equals(("flag", "target_id")))
            .take()
    };
    let of_author = |mut select: SelectStatement, table: &'static str, column: &'static str| {
        select
            .and_where(Expr::col((table, column)).eq(reader.user()))
            .take()
    };
    let mut shown = Condition::any().add(Expr::col(("flag", "raised_by")).eq(reader.user()));
    let own_item = of_author(target("item_author", "item_id"), "item_author", "user_id");
    shown = shown.add(
        Condition::all()
            .add(Expr::exists(target("item", "id")))
            .add(Expr::exists(own_item).not()),
    );
    for (table, author) in [
        ("post", "author_id"),
        ("defining_statement", "author_id"),
        ("value_story", "author_id"),
        ("adoption", "adopter_id"),
    ] {
        shown = shown.add(
            Condition::all()
                .add(Expr::exists(target(table, "id")))
                .add(Expr::exists(of_author(target(table, "id"), table, author)).not()),
        );
    }
    // Of an anonymous report nobody is known not to be its author.
    let mut named = target("experience_report", "id");
    named.and_where(Expr::col(("experience_report", "author_id")).is_not_null());
    let own = of_author(
        target("experience_report", "id"),
        "experience_report",
        "author_id",
    );
    shown.add(
        Condition::all()
            .add(Expr::exists(named))
            .add(Expr::exists(own).not()),
    )
}
