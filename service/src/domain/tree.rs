//! The tree of domains and its transitive closure, which is kept in the same transaction as the tree.

use entity::{domain, domain_ancestor};
use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{ActiveValue::Set, ConnectionTrait, DatabaseBackend, EntityTrait};
use uuid::Uuid;

use super::slugs::Owner;
use crate::error::{Error, FaultCode, Result};
use crate::store::WriteUnit;
use crate::validation::Faults;

/// Most broader domains above a domain, and most communities above a community.
pub(crate) const DEEPEST: i32 = 20;

/// Lets one writer at a time change the shape of a tree, until the commit: two moves that are harmless each could
/// together close a circle.
pub(crate) async fn hold_tree(unit: &WriteUnit, owner: Owner) -> Result<()> {
    if unit.db().get_database_backend() == DatabaseBackend::Postgres {
        let lock = match owner {
            Owner::Domain => "SELECT pg_advisory_xact_lock(7381, 1)",
            Owner::Community => "SELECT pg_advisory_xact_lock(7381, 2)",
        };
        unit.db().execute_unprepared(lock).await?;
    }
    Ok(())
}

/// A domain with everything narrower.
pub(super) fn subtree(id: Uuid) -> SelectStatement {
    Query::select()
        .column(("domain_ancestor", "domain_id"))
        .from("domain_ancestor")
        .and_where(Expr::col(("domain_ancestor", "ancestor_id")).eq(id))
        .take()
}

/// Everything narrower than a domain.
pub(super) fn narrower(id: Uuid) -> SelectStatement {
    subtree(id)
        .and_where(Expr::col(("domain_ancestor", "distance")).gt(0))
        .take()
}

/// A domain with everything broader.
pub(super) fn lineage(id: Uuid) -> SelectStatement {
    Query::select()
        .column(("domain_ancestor", "ancestor_id"))
        .from("domain_ancestor")
        .and_where(Expr::col(("domain_ancestor", "domain_id")).eq(id))
        .take()
}

/// Checks that a domain, or one still to be made, may stand under this parent; false where it may not.
pub(super) async fn check_parent(
    unit: &WriteUnit,
    faults: &mut Faults,
    path: &[&str],
    id: Option<Uuid>,
    parent: Uuid,
) -> Result<bool> {
    if domain::Entity::find_by_id(parent)
        .one(unit.db())
        .await?
        .is_none()
    {
        faults.absorb(Err::<(), _>(Error::not_found(path, "domain")))?;
        return Ok(false);
    }
    if let Some(id) = id
        && stands_under(unit, parent, id).await?
    {
        faults.add(
            FaultCode::Invalid,
            path,
            "A domain cannot stand under itself or under a narrower one of its own.",
        );
        return Ok(false);
    }
    let height = match id {
        Some(id) => levels_below(unit, id).await?,
        None => 0,
    };
    let fits = levels_above(unit, parent).await? + 1 + height <= DEEPEST;
    if !fits {
        faults.add(
            FaultCode::LimitReached,
            path,
            format!("A domain may have at most {DEEPEST} broader ones above it."),
        );
    }
    Ok(fits)
}

/// Whether a domain is another one or stands anywhere under it.
pub(super) async fn stands_under(unit: &WriteUnit, id: Uuid, above: Uuid) -> Result<bool> {
    let row = domain_ancestor::Entity::find_by_id((id, above));
    Ok(row.one(unit.db()).await?.is_some())
}

/// How many levels of broader domains a domain has.
pub(super) async fn levels_above(unit: &WriteUnit, id: Uuid) -> Result<i32> {
    farthest(unit, "domain_id", id).await
}

/// How many levels of narrower domains a domain has.
pub(super) async fn levels_below(unit: &WriteUnit, id: Uuid) -> Result<i32> {
    farthest(unit, "ancestor_id", id).await
}

async fn farthest(unit: &WriteUnit, column: &'static str, id: Uuid) -> Result<i32> {
    let select = Query::select()
        .expr_as(Expr::col("distance").max(), "farthest")
        .from("domain_ancestor")
        .and_where(Expr::col(column).eq(id))
        .take();
    Ok(match unit.db().query_one(&select).await? {
        Some(row) => row.try_get::<Option<i32>>("", "farthest")?.unwrap_or(0),
        None => 0,
    })
}

/// Enters a new domain into the closure.
pub(crate) async fn enter(unit: &WriteUnit, id: Uuid, parent: Option<Uuid>) -> Result<()> {
    domain_ancestor::Entity::insert(domain_ancestor::ActiveModel {
        domain_id: Set(id),
        ancestor_id: Set(id),
        distance: Set(0),
    })
    .exec_without_returning(unit.db())
    .await?;
    attach(unit, id, parent).await
}

/// Moves a domain with everything narrower under another parent, or to the top.
pub(super) async fn move_under(unit: &WriteUnit, id: Uuid, parent: Option<Uuid>) -> Result<()> {
    let detach = Query::delete()
        .from_table("domain_ancestor")
        .and_where(Expr::col("domain_id").in_subquery(subtree(id)))
        .and_where(Expr::col("ancestor_id").not_in_subquery(subtree(id)))
        .take();
    unit.db().execute(&detach).await?;
    attach(unit, id, parent).await
}

/// Joins the subtree of a domain with everything at and above its parent.
async fn attach(unit: &WriteUnit, id: Uuid, parent: Option<Uuid>) -> Result<()> {
    match parent {
        Some(parent) => join(unit, id, parent, Joined::Itself).await,
        None => Ok(()),
    }
}

/// Takes everything narrower than a domain to another one, which does not stand under it; each stands as far below that
/// one as it did below this one.
pub(super) async fn hand_over(unit: &WriteUnit, id: Uuid, to: Uuid) -> Result<()> {
    let broader = lineage(id)
        .and_where(Expr::col(("domain_ancestor", "distance")).gt(0))
        .take();
    let detach = Query::delete()
        .from_table("domain_ancestor")
        .and_where(Expr::col("domain_id").in_subquery(narrower(id)))
        .and_where(Expr::col("ancestor_id").in_subquery(broader))
        .take();
    unit.db().execute(&detach).await?;
    join(unit, id, to, Joined::Narrower).await?;
    let leave = Query::delete()
        .from_table("domain_ancestor")
        .and_where(Expr::col("ancestor_id").eq(id))
        .and_where(Expr::col("domain_id").ne(id))
        .take();
    unit.db().execute(&leave).await?;
    Ok(())
}

/// What of a subtree comes to stand under a domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Joined {
    /// Its root, with everything below.
    Itself,
    /// What stands directly under its root, with everything below.
    Narrower,
}

/// Enters what stands under a domain as standing under another one, and under everything above that.
async fn join(unit: &WriteUnit, id: Uuid, to: Uuid, joined: Joined) -> Result<()> {
    let (least, further) = match joined {
        Joined::Itself => (0, 1),
        Joined::Narrower => (1, 0),
    };
    let pairs = Query::select()
        .column(("below", "domain_id"))
        .column(("above", "ancestor_id"))
        .expr(
            Expr::col(("below", "distance"))
                .add(Expr::col(("above", "distance")))
                .add(further),
        )
        .from_as("domain_ancestor", "below")
        .from_as("domain_ancestor", "above")
        .and_where(Expr::col(("below", "ancestor_id")).eq(id))
        .and_where(Expr::col(("below", "distance")).gte(least))
        .and_where(Expr::col(("above", "domain_id")).eq(to))
        .take();
    let mut insert = Query::insert();
    insert
        .into_table("domain_ancestor")
        .columns(["domain_id", "ancestor_id", "distance"])
        .select_from(pairs)
        .map_err(Error::internal)?;
    unit.db().execute(&insert).await?;
    Ok(())
}
