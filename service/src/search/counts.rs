//! How often a community is searched, and how often in vain: sums of a day, which say nothing of who searched or for what.
//!
//! Searches are counted in memory and written now and then, so that a search writes nothing. What a process that was
//! killed had not written yet is not counted.

use std::collections::HashMap;
use std::sync::Mutex;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use entity::{community, search_count};
use futures_util::FutureExt;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, Query};
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, Iterable, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::SearchIndex;
use super::index::lock;
use crate::error::Result;
use crate::store::{Store, WriteUnit};

/// So many communities and days wait to be written at most; searches of others are not counted until then.
const MOST_WAITING: usize = 20_000;
/// So many are written in one transaction.
const BATCH: usize = 500;
/// For so many days sums are kept: as long as the longest window of the figures that rest on them.
pub(crate) const COUNTED_DAYS: i64 = 1_095;

/// How often something was searched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Searches {
    /// In all.
    pub(crate) all: u64,
    /// Those that found nothing.
    pub(crate) in_vain: u64,
}

/// What was counted and is not written yet, by community and day.
#[derive(Debug, Default)]
pub(super) struct SearchCounts {
    waiting: Mutex<HashMap<(Uuid, NaiveDate), Searches>>,
}

impl Searches {
    fn add(&mut self, other: Self) {
        self.all += other.all;
        self.in_vain += other.in_vain;
    }
}

impl SearchCounts {
    /// Counts a search of these communities.
    pub(super) fn count(&self, communities: &[Uuid], day: NaiveDate, found_nothing: bool) {
        let one = Searches {
            all: 1,
            in_vain: u64::from(found_nothing),
        };
        self.add(communities.iter().map(|id| ((*id, day), one)));
    }

    fn add(&self, counted: impl IntoIterator<Item = ((Uuid, NaiveDate), Searches)>) {
        let mut waiting = lock(&self.waiting);
        for (key, searches) in counted {
            if waiting.len() < MOST_WAITING || waiting.contains_key(&key) {
                waiting.entry(key).or_default().add(searches);
            }
        }
    }

    fn take(&self) -> Vec<((Uuid, NaiveDate), Searches)> {
        lock(&self.waiting).drain().collect()
    }
}

/// Writes what was counted, and answers for how many communities and days. What could not be written is counted on.
#[crate::boxed]
pub async fn write_counts(store: &Store, index: &SearchIndex) -> Result<u64> {
    let counted = index.counts().take();
    let mut written = 0;
    let mut batches = counted.chunks(BATCH);
    while let Some(batch) = batches.next() {
        let rows = batch.to_vec();
        let writing = store.write(None, move |unit| {
            async move { write(unit, &rows).await }.boxed()
        });
        if let Err(error) = writing.await {
            let rest = batch.iter().chain(batches.flatten());
            index.counts().add(rest.copied());
            return Err(error);
        }
        written += batch.len() as u64;
    }
    Ok(written)
}

async fn write(unit: &WriteUnit, counted: &[((Uuid, NaiveDate), Searches)]) -> Result<()> {
    use search_count::Column;
    let there: Vec<Uuid> = community::Entity::find()
        .select_only()
        .column(community::Column::Id)
        .filter(community::Column::Id.is_in(counted.iter().map(|((id, _), _)| *id)))
        .into_tuple()
        .all(unit.db())
        .await?;
    let rows = counted.iter().filter(|((id, _), _)| there.contains(id));
    let rows: Vec<_> = rows
        .map(|((community_id, day), searches)| {
            search_count::Model {
                community_id: *community_id,
                day: *day,
                searches: number(searches.all),
                found_nothing: number(searches.in_vain),
            }
            .into_active_model()
        })
        .collect();
    if rows.is_empty() {
        return Ok(());
    }
    let sum = |name: &str| Expr::cust(format!("search_count.{name} + excluded.{name}"));
    let added = OnConflict::columns(search_count::PrimaryKey::iter())
        .value(Column::Searches, sum("searches"))
        .value(Column::FoundNothing, sum("found_nothing"))
        .to_owned();
    search_count::Entity::insert_many(rows)
        .on_conflict(added)
        .exec_without_returning(unit.db())
        .await?;
    Ok(())
}

/// How often a community was searched since that day, as far as it is written.
pub(crate) async fn searches(
    store: &Store,
    community: Uuid,
    from: DateTime<Utc>,
) -> Result<Searches> {
    let sum = |column| Expr::cust(format!("COALESCE(CAST(SUM({column}) AS BIGINT), 0)"));
    let select = Query::select()
        .expr_as(sum("searches"), "searches")
        .expr_as(sum("found_nothing"), "in_vain")
        .from("search_count")
        .and_where(Expr::col("community_id").eq(community))
        .and_where(Expr::col("day").gte(from.date_naive()))
        .take();
    let rows = store.rows(select).await?;
    let Some(row) = rows.first() else {
        return Ok(Searches::default());
    };
    let number = |name: &str| -> Result<u64> { Ok(row.get::<i64>(name)?.unsigned_abs()) };
    Ok(Searches {
        all: number("searches")?,
        in_vain: number("in_vain")?,
    })
}

/// Forgets the sums of days that are too long ago, and answers how many rows that were.
pub(crate) async fn forget_counts(store: &Store) -> Result<u64> {
    let until = |now: DateTime<Utc>| now.date_naive() - TimeDelta::days(COUNTED_DAYS);
    let written = store.write(None, move |unit| {
        async move {
            let removed = search_count::Entity::delete_many()
                .filter(search_count::Column::Day.lt(until(unit.now())))
                .exec(unit.db())
                .await?;
            Ok(removed.rows_affected)
        }
        .boxed()
    });
    Ok(written.await?.value)
}

fn number(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
