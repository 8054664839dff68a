//! What a person had in hand for others: what they kept has no steward any more, and nobody waits for them.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use entity::attendance::{self, AttendanceState};
use entity::change::Operation;
use entity::{community, item, occurrence};
use sea_orm::sea_query::Expr;
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

/// The items that somebody keeps, held until the commit in the order of their ids.
pub(super) async fn hold_kept(unit: &WriteUnit, user: Uuid) -> Result<Vec<item::Model>> {
    Ok(item::Entity::find()
        .filter(item::Column::StewardId.eq(user))
        .order_by_asc(item::Column::Id)
        .lock_exclusive()
        .all(unit.db())
        .await?)
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
    let said = attendance::Entity::find()
        .filter(attendance::Column::UserId.eq(user))
        .filter(attendance::Column::State.ne(AttendanceState::Attended))
        .all(unit.db())
        .await?;
    if said.is_empty() {
        return Ok(());
    }
    let activities: BTreeSet<Uuid> = said.iter().map(|row| row.activity_id).collect();
    // An occurrence may have been moved from the start by which it is known.
    let starts: HashMap<(Uuid, DateTime<Utc>), DateTime<Utc>> = occurrence::Entity::find()
        .filter(occurrence::Column::ActivityId.is_in(activities))
        .all(unit.db())
        .await?
        .into_iter()
        .map(|row| ((row.activity_id, row.recurrence_id), row.starts_at))
        .collect();
    let mut told: BTreeSet<Uuid> = BTreeSet::new();
    for row in said {
        let occurrence = (row.activity_id, row.recurrence_id);
        let start = starts.get(&occurrence).copied();
        if start.unwrap_or(row.recurrence_id) > unit.now() {
            attendance::Entity::delete_by_id((row.activity_id, row.recurrence_id, user))
                .exec(unit.db())
                .await?;
            told.insert(row.activity_id);
        }
    }
    if told.is_empty() {
        return Ok(());
    }
    let activities = item::Entity::find()
        .filter(item::Column::Id.is_in(told))
        .order_by_asc(item::Column::Id)
        .all(unit.db())
        .await?;
    let audience = audience::of_item_for_members;
    record(unit, &activities, "attendance", audience).await
}

/// Appends the change rows of items of which one field became something else.
async fn record(
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
