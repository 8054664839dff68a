//! The notifications that follow from the change log.
//!
//! Each rule picks rows of the log and says by joins who is to be told of them; however many these are, it is one
//! statement. Rows of the log that came together tell one person once, by the last of them that was not their own act.

mod addressed;
mod asked;
mod followed;
mod offered;

use entity::change::{self, EntityType, Operation};
use entity::notification::NotificationReason;
use entity::{follow, notification};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use sea_orm::sea_query::{
    Expr, ExprTrait, IntoColumnRef, Query, SelectStatement, SimpleExpr, UnionType,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::raise::{ABOUT, ABOUT_TYPE, ACTOR, RAISED_AT, USER, tell};
use crate::error::Result;
use crate::projection::Projection;
use crate::store::WriteUnit;

const POSITION: &str = "position";

/// Makes notifications of what happens from the day on which its migration ran.
#[derive(Clone, Copy, Debug)]
pub struct Notifications;

impl Projection for Notifications {
    fn name(&self) -> &'static str {
        "notifications"
    }

    fn apply<'a>(
        &'a self,
        unit: &'a mut WriteUnit,
        rows: &'a [change::Model],
    ) -> BoxFuture<'a, Result<()>> {
        async move {
            forget_deleted(unit, rows).await?;
            followed::tell_followers(unit, rows).await?;
            addressed::tell_mentioned(unit, rows).await?;
            addressed::tell_answered(unit, rows).await?;
            addressed::tell_reported(unit, rows).await?;
            addressed::tell_invited(unit, rows).await?;
            asked::ask_helpers(unit, rows).await?;
            asked::ask_reviewers(unit, rows).await?;
            offered::tell_offered(unit, rows).await?;
            offered::tell_broker(unit, rows).await
        }
        .boxed()
    }
}

/// Nobody follows what is gone, or is told of it.
async fn forget_deleted(unit: &WriteUnit, rows: &[change::Model]) -> Result<()> {
    let deleted: Vec<Uuid> = rows
        .iter()
        .filter(|row| row.operation == Operation::Deleted)
        .map(|row| row.entity_id)
        .collect();
    if deleted.is_empty() {
        return Ok(());
    }
    follow::Entity::delete_many()
        .filter(follow::Column::TargetId.is_in(deleted.iter().copied()))
        .exec(unit.db())
        .await?;
    notification::Entity::delete_many()
        .filter(notification::Column::AboutId.is_in(deleted))
        .exec(unit.db())
        .await?;
    Ok(())
}

/// The positions of those of the rows that a rule is about.
fn positions(rows: &[change::Model], is_meant: impl Fn(&change::Model) -> bool) -> Vec<i64> {
    let meant = rows.iter().filter(|row| is_meant(row));
    meant.map(|row| row.position).collect()
}

/// Whether the change was of one of these fields.
fn changes_any(row: &change::Model, names: &[&str]) -> bool {
    let mut fields = row.fields.0.iter();
    fields.any(|field| names.contains(&field.as_str()))
}

fn of_change(column: &'static str) -> SimpleExpr {
    Expr::col(("change", column))
}

/// What a notification is about: the thing itself that was changed.
fn changed_thing() -> (SimpleExpr, SimpleExpr) {
    (of_change("entity_type"), of_change("entity_id"))
}

/// One way from rows of the log to people who are to be told of something. It is to be completed by the joins that bring
/// in the column that names them.
fn way(
    positions: &[i64],
    user: impl IntoColumnRef,
    (about_type, about): (SimpleExpr, SimpleExpr),
) -> SelectStatement {
    Query::select()
        .expr_as(of_change(POSITION), POSITION)
        .expr_as(Expr::col(user), USER)
        .expr_as(about_type, ABOUT_TYPE)
        .expr_as(about, ABOUT)
        .from("change")
        .and_where(of_change(POSITION).is_in(positions.iter().copied()))
        .take()
}

/// Tells all to whom these ways lead.
async fn tell_by(
    unit: &WriteUnit,
    reason: NotificationReason,
    ways: impl IntoIterator<Item = SelectStatement>,
) -> Result<()> {
    let mut ways = ways.into_iter();
    let Some(mut all) = ways.next() else {
        return Ok(());
    };
    all.unions(ways.map(|way| (UnionType::All, way)));
    let found = |name: &'static str| ("found", name);
    let at_found = || of_change(POSITION).equals(found(POSITION));
    let latest = Query::select()
        .columns([found(USER), found(ABOUT_TYPE), found(ABOUT)])
        .expr_as(Expr::col(found(POSITION)).max(), POSITION)
        .from_subquery(all, "found")
        .inner_join("change", at_found())
        .and_where(
            of_change(ACTOR)
                .is_null()
                .or(of_change(ACTOR).not_equals(found(USER))),
        )
        .group_by_columns([found(USER), found(ABOUT_TYPE), found(ABOUT)])
        .take();
    let told = Query::select()
        .columns([found(USER), found(ABOUT_TYPE), found(ABOUT)])
        .column(("change", ACTOR))
        .expr_as(of_change("at"), RAISED_AT)
        .from_subquery(latest, "found")
        .inner_join("change", at_found())
        .take();
    tell(unit, reason, told).await
}

/// Whether a change is about an item.
fn is_item(row: &change::Model) -> bool {
    matches!(
        row.entity_type,
        EntityType::Resource
            | EntityType::Practice
            | EntityType::Innovation
            | EntityType::Activity
            | EntityType::Discussion
            | EntityType::Collection
    )
}
