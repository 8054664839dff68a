//! Runs: many calls that together list everything that a system has.

use entity::sync_listing;
use entity::sync_run::{self, Column, Entity};
use sea_orm::sea_query::{Condition, Expr, LockType, OnConflict, Query};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
};
use uuid::Uuid;

use super::RUN;
use super::source::SyncSource;
use crate::error::{Error, FaultCode, Result};
use crate::store::WriteUnit;

/// So many runs of a system may be going on; when another begins, what the oldest listed is forgotten.
const MOST_OPEN: usize = 5;
/// So many names of finished and forgotten runs of a system are remembered.
const MOST_FINISHED: usize = 100;

pub(super) type SyncRun = sync_run::Model;

/// The run of a system, which is held, by its name. One whose listings were forgotten is refused: taken up again, it would
/// list only the rest of what there is.
pub(super) async fn find(
    unit: &WriteUnit,
    source: &SyncSource,
    name: &str,
) -> Result<Option<SyncRun>> {
    let found = Entity::find()
        .filter(Column::SourceId.eq(source.id))
        .filter(Column::Name.eq(name))
        .lock(LockType::NoKeyUpdate)
        .one(unit.db())
        .await?;
    if found.as_ref().is_some_and(is_forgotten) {
        let message = "Later runs of this system made this one be forgotten; begin another one, with another name, and list everything in it.";
        return Err(Error::fault(FaultCode::NotFound, RUN, message));
    }
    Ok(found)
}

/// Whether what a run listed was forgotten: it ended when it began, as no run does that is finished.
fn is_forgotten(run: &SyncRun) -> bool {
    run.finished_at == Some(run.started_at)
}

/// The run that a call of a system, which is held, belongs to: the first call of a run begins it.
pub(super) async fn begin(unit: &WriteUnit, source: &SyncSource, name: &str) -> Result<SyncRun> {
    match find(unit, source, name).await? {
        Some(run) if run.finished_at.is_some() => {
            let message =
                "The run of this name was finished already; give the next one another name.";
            Err(Error::fault(FaultCode::Invalid, RUN, message))
        }
        Some(run) => Ok(run),
        None => {
            let run = SyncRun {
                id: Uuid::now_v7(),
                source_id: source.id,
                name: name.to_owned(),
                started_at: unit.now(),
                finished_at: None,
            };
            Entity::insert(run.clone().into_active_model())
                .exec_without_returning(unit.db())
                .await?;
            forget(unit, source).await?;
            Ok(run)
        }
    }
}

/// Forgets what the oldest runs of a system listed, and that there were such as ended long ago.
async fn forget(unit: &WriteUnit, source: &SyncSource) -> Result<()> {
    let runs = Entity::find()
        .filter(Column::SourceId.eq(source.id))
        .order_by_desc(Column::Id)
        .all(unit.db())
        .await?;
    let of = |finished: bool, most: usize| {
        let runs = runs
            .iter()
            .filter(move |run| run.finished_at.is_some() == finished);
        let ids = runs.skip(most).map(|run| run.id);
        ids.collect::<Vec<Uuid>>()
    };
    let (given_up, ended) = (of(false, MOST_OPEN), of(true, MOST_FINISHED));
    if !given_up.is_empty() {
        sync_listing::Entity::delete_many()
            .filter(sync_listing::Column::RunId.is_in(given_up.iter().copied()))
            .exec(unit.db())
            .await?;
        Entity::update_many()
            .col_expr(Column::FinishedAt, Expr::col(Column::StartedAt))
            .filter(Column::Id.is_in(given_up))
            .exec(unit.db())
            .await?;
    }
    if !ended.is_empty() {
        Entity::delete_many()
            .filter(Column::Id.is_in(ended))
            .exec(unit.db())
            .await?;
    }
    Ok(())
}

/// Notes that a call of a run listed the resources of these references.
pub(super) async fn list(unit: &WriteUnit, run: &SyncRun, listed: Condition) -> Result<()> {
    let resources = Query::select()
        .distinct()
        .expr(Expr::value(run.id))
        .column(("external_reference", "resource_id"))
        .from("external_reference")
        .cond_where(listed)
        .take();
    let mut insert = Query::insert();
    insert
        .into_table("sync_listing")
        .columns(["run_id", "resource_id"])
        .select_from(resources)
        .map_err(Error::internal)?
        .on_conflict(
            OnConflict::columns(["run_id", "resource_id"])
                .do_nothing()
                .to_owned(),
        );
    unit.db().execute(&insert).await?;
    Ok(())
}
