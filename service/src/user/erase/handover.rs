//! What a person had in hand for others: what they kept has no steward any more, and nobody waits for them.

use std::collections::{BTreeSet, HashMap};

use entity::attendance::{self, AttendanceState};
use entity::change::Operation;
use entity::{community, item};
use sea_orm::sea_query::{Condition, Expr, ExprTrait, Func, Query};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::change::row_changed;
use crate::error::{Error, Result};
use crate::item::authors_of;
use crate::policy::audience;
use crate::store::WriteUnit;

/// Items in one statement.
const CHUNK: usize = 500;

/// Who sees what is said of an item: [`audience::of_item`], say.
type Audience = fn(&community::Model, &item::Model, &[Uuid]) -> BTreeSet<String>;

/// Holds the items that somebody keeps and those that name them until the commit, in the order of their ids. Answers those
/// that they keep.
pub(super) async fn hold_items(unit: &WriteUnit, user: Uuid) -> Result<Vec<item::Model>> {
    let naming = Query::select()
        .column("item_id")
        .from("item_byline")
        .and_where(Expr::col("user_id").eq(user))
        .take();
    let kept_or_naming = Condition::any()
        .add(item::Column::StewardId.eq(user))
        .add(item::Column::Id.in_subquery(naming));
    let mut items = item::Entity::find()
        .filter(kept_or_naming)
        .order_by_asc(item::Column::Id)
        .lock_exclusive()
        .all(unit.db())
        .await?;
    items.retain(|item| item.steward_id == Some(user));
    Ok(items)
}

/// Leaves these items without a steward. Those that a community asks for one are found in its work queue, until
/// somebody else keeps them.
pub(super) async fn give_back(unit: &mut WriteUnit, kept: &[item::Model]) -> Result<()> {
    for items in kept.chunks(CHUNK) {
        item::Entity::update_many()
            .col_expr(item::Column::StewardId, Expr::value(Option::<Uuid>::None))
            .col_expr(item::Column::UpdatedAt, Expr::value(unit.now()))
            .filter(item::Column::Id.is_in(items.iter().map(|item| item.id)))
            .exec(unit.db())
            .await?;
        record(unit, items, "steward", audience::of_item).await?;
    }
    Ok(())
}

/// Takes back that somebody comes, or does not, to what has not begun. Where they were before stays.
pub(super) async fn stay_away(unit: &mut WriteUnit, user: Uuid) -> Result<()> {
    let ahead = Condition::all()
        .add(attendance::Column::UserId.eq(user))
        .add(attendance::Column::State.ne(AttendanceState::Attended))
        .add(begins().gt(unit.now()));
    let activities: Vec<Uuid> = attendance::Entity::find()
        .select_only()
        .column(attendance::Column::ActivityId)
        .distinct()
        .filter(ahead.clone())
        .order_by_asc(attendance::Column::ActivityId)
        .into_tuple()
        .all(unit.db())
        .await?;
    if activities.is_empty() {
        return Ok(());
    }
    attendance::Entity::delete_many()
        .filter(ahead)
        .exec(unit.db())
        .await?;
    for ids in activities.chunks(CHUNK) {
        let activities = item::Entity::find()
            .filter(item::Column::Id.is_in(ids.iter().copied()))
            .order_by_asc(item::Column::Id)
            .all(unit.db())
            .await?;
        let audience = audience::of_item_for_members;
        record(unit, &activities, "attendance", audience).await?;
    }
    Ok(())
}

/// When what an attendance is of begins: an occurrence may have been moved from the start by which it is known.
fn begins() -> Expr {
    let of_attendance =
        |column: &'static str| Expr::col(("occurrence", column)).equals(("attendance", column));
    let moved = Query::select()
        .column(("occurrence", "starts_at"))
        .from("occurrence")
        .and_where(of_attendance("activity_id"))
        .and_where(of_attendance("recurrence_id"))
        .take();
    Func::coalesce([
        Expr::from(moved),
        Expr::col(("attendance", "recurrence_id")),
    ])
    .into()
}

/// Appends the change rows of items of which one field became something else.
pub(super) async fn record(
    unit: &mut WriteUnit,
    items: &[item::Model],
    field: &str,
    audience: Audience,
) -> Result<()> {
    let homes: BTreeSet<Uuid> = items.iter().map(|item| item.community_id).collect();
    let homes: HashMap<Uuid, community::Model> = community::Entity::find()
        .filter(community::Column::Id.is_in(homes))
        .all(unit.db())
        .await?
        .into_iter()
        .map(|row| (row.id, row))
        .collect();
    let ids: Vec<Uuid> = items.iter().map(|item| item.id).collect();
    let authors = authors_of(unit.db(), &ids).await?;
    for item in items {
        let home = homes.get(&item.community_id);
        let home = home.ok_or_else(|| Error::internal("an item has no community"))?;
        let authors = authors.get(&item.id).map(Vec::as_slice).unwrap_or_default();
        let readers = audience(home, item, authors);
        let fields = vec![field.to_owned()];
        unit.record(row_changed(item, Operation::Updated, fields, readers));
    }
    Ok(())
}
