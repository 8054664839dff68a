//! The end of the day: anonymous reports that were held back come among the others, all at once.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use entity::change::Operation;
use entity::{community, held_report, item};
use futures_util::FutureExt;
use sea_orm::sea_query::{LockBehavior, LockType};
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::{record, told};
use crate::error::{Error, Result};
use crate::evidence;
use crate::item::gate::Opened;
use crate::item::insert::insert_many;
use crate::item::{ItemState, load_many};
use crate::store::{Store, WriteUnit};
use crate::viewer::Viewer;

/// Lets reports of past days be read, at most so many, and answers how many these were. They come in the order of their
/// ids, with change rows that name nobody.
pub async fn release(store: &Store, most: u64) -> Result<u64> {
    let released = store
        .write(None, move |unit| {
            async move { release_in(unit, most).await }.boxed()
        })
        .await?;
    Ok(released.value)
}

async fn release_in(unit: &mut WriteUnit, most: u64) -> Result<u64> {
    let due = held_report::Entity::find()
        .filter(held_report::Column::HeldUntil.lte(unit.now().date_naive()))
        .order_by_asc(held_report::Column::Id)
        .limit(most)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .all(unit.db())
        .await?;
    if due.is_empty() {
        return Ok(0);
    }
    let count = due.len() as u64;
    let subjects = subjects(unit, &due).await?;
    held_report::Entity::delete_many()
        .filter(held_report::Column::Id.is_in(due.iter().map(|row| row.id)))
        .exec(unit.db())
        .await?;
    let reports: Vec<_> = due.into_iter().map(told).collect();
    let rows = reports.iter().cloned();
    insert_many(unit, rows.map(IntoActiveModel::into_active_model).collect()).await?;
    for report in reports {
        let subject = subjects
            .get(&report.subject_id)
            .ok_or_else(|| Error::internal(format!("report {} has no subject", report.id)))?;
        record(unit, subject, &report, Operation::Created, None);
    }
    let told: Vec<Uuid> = subjects.into_keys().collect();
    evidence::recount(unit, &told).await?;
    Ok(count)
}

/// What the reports tell of, held as it is until the commit.
async fn subjects(unit: &WriteUnit, due: &[held_report::Model]) -> Result<HashMap<Uuid, Opened>> {
    let distinct = |ids: Vec<Uuid>| {
        let mut ids = ids;
        ids.sort_unstable();
        ids.dedup();
        ids
    };
    // Communities before items, as everywhere.
    let ids = distinct(due.iter().map(|row| row.community_id).collect());
    let communities: HashMap<Uuid, community::Model> = community::Entity::find()
        .filter(community::Column::Id.is_in(ids))
        .order_by_asc(community::Column::Id)
        .lock_shared()
        .all(unit.db())
        .await?
        .into_iter()
        .map(|row| (row.id, row))
        .collect();
    let ids = distinct(due.iter().map(|row| row.subject_id).collect());
    item::Entity::find()
        .filter(item::Column::Id.is_in(ids.iter().copied()))
        .order_by_asc(item::Column::Id)
        .lock_exclusive()
        .all(unit.db())
        .await?;
    let states: Vec<ItemState> = load_many(unit.db(), &ids).await?;
    let opened = states.into_iter().filter_map(|state| {
        let community = communities.get(&state.item.community_id)?.clone();
        let opened = Opened {
            viewer: Viewer::anonymous(),
            community,
            state,
        };
        Some((opened.state.item.id, opened))
    });
    Ok(opened.collect())
}

/// When the next reports are due.
pub async fn next_release(store: &Store) -> Result<Option<DateTime<Utc>>> {
    let first: Option<Option<NaiveDate>> = held_report::Entity::find()
        .select_only()
        .column_as(held_report::Column::HeldUntil.min(), "first")
        .into_tuple()
        .one(store.reader())
        .await?;
    Ok(first
        .flatten()
        .map(|day| day.and_time(NaiveTime::MIN).and_utc()))
}
