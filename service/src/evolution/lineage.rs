//! Which communities came of which, and which communities items came from.

use std::collections::HashMap;

use entity::community;
use entity::link::LinkRelation;
use sea_orm::sea_query::{Expr, ExprTrait, IntoIden, Order, Query};
use sea_orm::{ConnectionTrait, FromQueryResult, Iterable};
use uuid::Uuid;

use crate::error::Result;
use crate::policy::filter::visible_communities;
use crate::store::Store;
use crate::viewer::Viewer;

/// So many communities are named, the latest.
const MOST: usize = 50;

/// How communities are kin to something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kin {
    /// The one that a community split off.
    SplitFrom,
    /// Those that split off a community.
    SplitInto,
    /// The one that a community became part of.
    MergedInto,
    /// Those that became part of a community.
    MergedFrom,
    /// Those that an item came from.
    CameFrom,
}

impl Kin {
    /// The relation, the end that it is asked of, and the end where the community is.
    const fn link(self) -> (LinkRelation, &'static str, &'static str) {
        match self {
            Self::SplitFrom => (LinkRelation::SplitFrom, "from_id", "to_id"),
            Self::SplitInto => (LinkRelation::SplitFrom, "to_id", "from_id"),
            Self::MergedInto => (LinkRelation::MergedInto, "from_id", "to_id"),
            Self::MergedFrom => (LinkRelation::MergedInto, "to_id", "from_id"),
            Self::CameFrom => (LinkRelation::CameFrom, "from_id", "to_id"),
        }
    }
}

/// The communities that are kin to things that the viewer was shown, the latest first; those that the viewer may not know
/// of are left out.
#[crate::boxed]
pub async fn kin_of(
    store: &Store,
    viewer: &Viewer,
    kin: Kin,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, Vec<community::Model>>> {
    let (relation, asked, answered) = kin.link();
    let select = Query::select()
        .columns(
            community::Column::iter().map(|column| ("community".into_iden(), column.into_iden())),
        )
        .expr_as(Expr::col(("link", asked)), "asked")
        .from("link")
        .inner_join(
            "community",
            Expr::col(("community", "id")).equals(("link", answered)),
        )
        .and_where(Expr::col(("link", asked)).is_in(ids.iter().copied()))
        .and_where(Expr::col(("link", "relation")).eq(relation.as_str()))
        .cond_where(visible_communities(viewer))
        .order_by(("link", "at"), Order::Desc)
        .order_by(("link", answered), Order::Desc)
        .take();
    let mut found: HashMap<Uuid, Vec<community::Model>> = HashMap::new();
    for row in store.reader().query_all(&select).await? {
        let communities = found.entry(row.try_get("", "asked")?).or_default();
        if communities.len() < MOST {
            communities.push(community::Model::from_query_result(&row, "")?);
        }
    }
    Ok(found)
}
