//! The tree of domains and its transitive closure, which is kept in the same transaction as the tree.

use entity::{domain, domain_ancestor};
use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseBackend, EntityTrait, QueryFilter,
};
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
fn subtree(id: Uuid) -> SelectStatement {
    Query::select()
        .column(("domain_ancestor", "domain_id"))
        .from("domain_ancestor")
        .and_where(Expr::col(("domain_ancestor", "ancestor_id")).eq(id))
        .take()
}

/// Checks that a domain, or one still to be made, may stand under this parent.
pub(super) async fn check_parent(
    unit: &WriteUnit,
    faults: &mut Faults,
    path: &[&str],
    id: Option<Uuid>,
    parent: Uuid,
) -> Result<()> {
    if domain::Entity::find_by_id(parent)
        .one(unit.db())
        .await?
        .is_none()
    {
        faults.absorb(Err::<(), _>(Error::not_found(path, "domain")))?;
        return Ok(());
    }
    let above = domain_ancestor::Entity::find()
        .filter(domain_ancestor::Column::DomainId.eq(parent))
        .all(unit.db())
        .await?;
    if id.is_some_and(|id| above.iter().any(|row| row.ancestor_id == id)) {
        faults.add(
            FaultCode::Invalid,
            path,
            "A domain cannot stand under itself or under a narrower one of its own.",
        );
        return Ok(());
    }
    let height = match id {
        Some(id) => {
            let select = Query::select()
                .expr_as(Expr::col("distance").max(), "height")
                .from("domain_ancestor")
                .and_where(Expr::col("ancestor_id").eq(id))
                .take();
            match unit.db().query_one(&select).await? {
                Some(row) => row.try_get::<Option<i32>>("", "height")?.unwrap_or(0),
                None => 0,
            }
        }
        None => 0,
    };
    let depth = above.iter().map(|row| row.distance).max().unwrap_or(0);
    if depth + 1 + height > DEEPEST {
        faults.add(
            FaultCode::LimitReached,
            path,
            format!("A domain may have at most {DEEPEST} broader ones above it."),
        );
    }
    Ok(())
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
    let Some(parent) = parent else {
        return Ok(());
    };
    let pairs = Query::select()
        .column(("below", "domain_id"))
        .column(("above", "ancestor_id"))
        .expr(
            Expr::col(("below", "distance"))
                .add(Expr::col(("above", "distance")))
                .add(1),
        )
        .from_as("domain_ancestor", "below")
        .from_as("domain_ancestor", "above")
        .and_where(Expr::col(("below", "ancestor_id")).eq(id))
        .and_where(Expr::col(("above", "domain_id")).eq(parent))
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
