//! Which items go to another community.

use entity::community;
use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement};
use uuid::Uuid;

/// Which items of a community come along.
#[derive(Clone, Copy, Debug)]
pub(super) enum Coming<'a> {
    /// All of them.
    All,
    /// These.
    These(&'a [Uuid]),
}

/// The ids of the items that come.
pub(super) fn ids(from: &community::Model, coming: Coming<'_>) -> SelectStatement {
    let mut select = Query::select();
    select
        .column(("item", "id"))
        .from("item")
        .and_where(Expr::col(("item", "community_id")).eq(from.id));
    if let Coming::These(ids) = coming {
        select.and_where(Expr::col(("item", "id")).is_in(ids.iter().copied()));
    }
    select
}
