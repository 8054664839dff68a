//! Which items go to another community.

use entity::community;
use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement};
use uuid::Uuid;

/// So many items are named by a statement that names them several times: SQLite binds at most 32,766 values.
const AT_ONCE: usize = 5_000;

/// Which items of a community come along.
#[derive(Clone, Copy, Debug)]
pub(super) enum Coming<'a> {
    /// All of them.
    All,
    /// These.
    These(&'a [Uuid]),
}

impl Coming<'_> {
    /// The same in parts, each for a statement that names its items up to six times.
    pub(super) fn parts(self) -> Vec<Self> {
        match self {
            Self::All => vec![self],
            Self::These(ids) => ids.chunks(AT_ONCE).map(Self::These).collect(),
        }
    }
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
