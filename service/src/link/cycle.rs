//! Relations that lead in a circle make no sense for most relations: nothing is part of its own part.

use entity::change_head;
use entity::link::LinkRelation;
use sea_orm::sea_query::{CommonTableExpression, Expr, ExprTrait, Query, UnionType, WithClause};
use sea_orm::{ConnectionTrait, EntityTrait, QuerySelect};
use uuid::Uuid;

use crate::error::{Error, FaultCode, Result};
use crate::store::WriteUnit;

const REACHED: &str = "reached";

/// Refuses a relation, about to be stated by this write, that would lead in a circle: from where it leads to back to
/// where it starts. `field` is the argument at fault.
///
/// Whoever asks holds the items already. From here to the commit nobody else states a relation, or two of them together
/// could close a circle that neither sees.
pub(crate) async fn refuse_circle(
    unit: &WriteUnit,
    relation: LinkRelation,
    from: Uuid,
    to: Uuid,
    field: &[&str],
) -> Result<()> {
    if from != to {
        change_head::Entity::find_by_id(1)
            .lock_exclusive()
            .one(unit.db())
            .await?;
    }
    if from == to || leads_to(unit, relation, to, from).await? {
        let message = format!(
            "This would lead in a circle: by {} the one leads to the other already.",
            relation.as_str()
        );
        return Err(Error::fault(FaultCode::Invalid, field, message));
    }
    Ok(())
}

/// Whether a relation leads from one thing to another, over however many others.
async fn leads_to(
    unit: &WriteUnit,
    relation: LinkRelation,
    start: Uuid,
    goal: Uuid,
) -> Result<bool> {
    let next = Query::select()
        .column(("link", "to_id"))
        .from(REACHED)
        .inner_join(
            "link",
            Expr::col(("link", "from_id")).equals((REACHED, "id")),
        )
        .and_where(Expr::col(("link", "relation")).eq(relation.as_str()))
        .take();
    let reached = Query::select()
        .expr_as(Expr::value(start), "id")
        .union(UnionType::Distinct, next)
        .take();
    let reached = CommonTableExpression::new()
        .query(reached)
        .columns(["id"])
        .table_name(REACHED)
        .to_owned();
    let select = Query::select()
        .column((REACHED, "id"))
        .from(REACHED)
        .and_where(Expr::col((REACHED, "id")).eq(goal))
        .limit(1)
        .with_cte(WithClause::new().recursive(true).cte(reached).to_owned())
        .take();
    Ok(unit.db().query_one(&select).await?.is_some())
}
