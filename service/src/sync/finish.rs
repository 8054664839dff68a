//! The end of a run: what no call of it listed is archived, never deleted, and only so much of it at once.

use std::collections::BTreeSet;

use entity::item::PublicationStatus;
use entity::{community, external_reference, sync_listing};
use futures_util::FutureExt;
use sea_orm::sea_query::{Expr, ExprTrait, Order, Query, SelectStatement};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::run::{self, SyncRun};
use super::source::{SyncSource, held};
use super::{
    MOST_RESULTS, RUN, RUN_NAME, SYSTEM, SyncOutcome, SyncReport, SyncResult, keep, open, opened,
};
use crate::error::{Error, FaultCode, Result};
use crate::external_reference::SYSTEM as SYSTEM_NAME;
use crate::item::batch::move_many;
use crate::item::insert::replace_row;
use crate::item::load_many_for_update;
use crate::policy::filter::readable_items;
use crate::policy::item::{self as item_policy, ItemFacts};
use crate::policy::sync as policy;
use crate::store::{Outcome, Shown, Store, WriteUnit, Written, apart};
use crate::validation::Faults;
use crate::viewer::{Scope, Viewer};

/// The share of a system's resources that one run archives at most, unless its caller says otherwise.
pub const DELETE_LIMIT: f64 = 0.1;

/// Resources that one unit of work archives.
const CHUNK: u64 = 500;
/// Rows of listings that one unit of work removes.
const LISTINGS: u64 = 10_000;

/// The end of a run.
#[derive(Clone, Debug, Default)]
pub struct FinishSync {
    /// The community that the resources belong to.
    pub community_id: Uuid,
    /// The name of the system.
    pub system: String,
    /// The run.
    pub run: String,
    /// The share of the system's resources that it archives at most; [`DELETE_LIMIT`] where it does not say.
    pub delete_limit: Option<f64>,
    /// Whether to answer what would be archived, and write nothing.
    pub dry_run: bool,
}

/// Archives what is of a system in a community and was listed by no call of a run, by stewards and facilitators. Above
/// the limit nothing is archived. A run is finished once; after that nothing happens any more.
///
/// Each so many resources are a unit of work of their own. Where it was interrupted, the same again goes on.
#[crate::boxed]
pub async fn finish_sync(
    store: &Store,
    viewer: &Viewer,
    input: FinishSync,
) -> Result<Written<SyncReport>> {
    let actor = viewer.require(Scope::Sync)?;
    let (report, run) = apart(finish(store, actor, viewer, input)).await?;
    if let Some(run) = run
        && let Err(error) = apart(forget_listings(store, actor, run)).await
    {
        tracing::warn!(%error, "the listings of a finished run were not removed; they go with it");
    }
    keep(store, actor, report).await
}

/// Archives what is due, chunk by chunk, and answers with the report the run that was finished.
async fn finish(
    store: &Store,
    actor: Uuid,
    viewer: &Viewer,
    input: FinishSync,
) -> Result<(SyncReport, Option<Uuid>)> {
    let (asked, begun) = (input.clone(), viewer.clone());
    let decided = store
        .write(Some(actor), move |unit| {
            async move { decide(unit, &begun, &asked).await }.boxed()
        })
        .await?;
    let (goes_on, due) = decided.value;
    if input.dry_run || !goes_on {
        return Ok((due, None));
    }
    let mut report = SyncReport::default();
    let (mut after, mut run) = (Some(String::new()), None);
    while let Some(last) = after {
        let (viewer, input) = (viewer.clone(), input.clone());
        let written = store
            .write(Some(actor), move |unit| {
                async move { archive_some(unit, &viewer, &input, last).await }.boxed()
            })
            .await?;
        let chunk = written.value;
        report.counts.archived += chunk.archived.len();
        let room = MOST_RESULTS.saturating_sub(report.results.len());
        report.results.extend(chunk.archived.into_iter().take(room));
        (after, run) = (chunk.after, chunk.run);
    }
    Ok((report, run))
}

fn archived((external_id, id): (String, Uuid)) -> SyncResult {
    SyncResult {
        external_id,
        outcome: SyncOutcome::Archived,
        resource_id: Some(id),
        faults: Vec::new(),
    }
}

/// Checks everything, and answers whether there is something to do, with what that is.
async fn decide(
    unit: &WriteUnit,
    viewer: &Viewer,
    input: &FinishSync,
) -> Result<(bool, SyncReport)> {
    let mut faults = Faults::default();
    let system = faults.text(SYSTEM, &input.system, SYSTEM_NAME);
    let name = faults.text(RUN, &input.run, RUN_NAME);
    let limit = input.delete_limit.unwrap_or(DELETE_LIMIT);
    if !(0.0..=1.0).contains(&limit) {
        let message = format!("The limit is a share from 0 to 1, and is {limit}.");
        faults.add(FaultCode::OutOfRange, &["deleteLimit"], message);
    }
    let found = open(unit, viewer, input.community_id, policy::finish).await;
    let found = faults.absorb(found)?;
    let (viewer, community) = opened(faults, found)?;
    let (source, run) = run_of(unit, &community, &system, &name).await?;
    let mut report = SyncReport {
        dry_run: input.dry_run,
        ..SyncReport::default()
    };
    if run.finished_at.is_some() {
        return Ok((false, report));
    }
    let due = count(unit, unlisted(&viewer, &source, &run)).await?;
    let all = count(unit, offered(&viewer, &source)).await?;
    if exceeds(due, all, limit) {
        let message = format!(
            "{due} of the {all} resources of {system} that are not archived would be archived now, which is more than the share of {limit} that `deleteLimit` allows. Nothing was archived: did the run list everything?"
        );
        let field = &["deleteLimit"];
        return Err(Error::fault(FaultCode::LimitReached, field, message));
    }
    if input.dry_run {
        let most = MOST_RESULTS as u64;
        let rows = due_rows(unit, &viewer, (&source, &run), "", most).await?;
        report.results = first_of_each(rows).map(archived).collect();
        report.counts.archived = usize::try_from(due).unwrap_or(usize::MAX);
    }
    Ok((true, report))
}

/// Whether so many are more than this share of all.
fn exceeds(due: i64, all: i64, limit: f64) -> bool {
    let number = |count: i64| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    // A third of three is one, whatever its last digit.
    number(due) > number(all) * limit + 1e-6
}

/// The run of that name and its system, both held.
async fn run_of(
    unit: &WriteUnit,
    community: &community::Model,
    system: &str,
    name: &str,
) -> Result<(SyncSource, SyncRun)> {
    let found = match held(unit, community.id, system).await? {
        Some(source) => run::find(unit, &source, name)
            .await?
            .map(|run| (source, run)),
        None => None,
    };
    found.ok_or_else(|| {
        let message = "There is no run of this name of this system in this community; `syncResources` with `run` begins one.";
        Error::fault(FaultCode::NotFound, RUN, message)
    })
}

/// What a unit of work archived.
struct Chunk {
    archived: Vec<SyncResult>,
    /// The last id of it, where there may be more.
    after: Option<String>,
    /// The run, where this unit of work finished it.
    run: Option<Uuid>,
}

/// A retry is answered by the report.
impl Outcome for Chunk {
    fn show(&self, _: &mut Shown) {}
}

async fn archive_some(
    unit: &mut WriteUnit,
    viewer: &Viewer,
    input: &FinishSync,
    after: String,
) -> Result<Chunk> {
    let (viewer, community) = open(unit, viewer, input.community_id, policy::finish).await?;
    let (system, name) = (input.system.trim(), input.run.trim());
    let (source, run) = run_of(unit, &community, system, name).await?;
    if run.finished_at.is_some() {
        return Ok(Chunk {
            archived: Vec::new(),
            after: None,
            run: None,
        });
    }
    let rows = due_rows(unit, &viewer, (&source, &run), &after, CHUNK).await?;
    let more = rows.len() as u64 == CHUNK;
    let after = rows.last().filter(|_| more).map(|(id, _)| id.clone());
    let rows: Vec<_> = first_of_each(rows).collect();
    let done = archive(unit, &viewer, &community, &source, &rows).await?;
    let finished = after.is_none().then_some(run.id);
    if finished.is_some() {
        let run = SyncRun {
            finished_at: Some(unit.now()),
            ..run
        };
        replace_row(unit, run).await?;
    }
    let archived = rows.into_iter().filter(|(_, id)| done.contains(id));
    Ok(Chunk {
        archived: archived.map(self::archived).collect(),
        after,
        run: finished,
    })
}

/// Archives resources of a system, and answers which.
async fn archive(
    unit: &mut WriteUnit,
    viewer: &Viewer,
    community: &community::Model,
    source: &SyncSource,
    rows: &[(String, Uuid)],
) -> Result<BTreeSet<Uuid>> {
    use external_reference::{Column, Entity};
    if rows.is_empty() {
        return Ok(BTreeSet::new());
    }
    let ids: Vec<Uuid> = rows.iter().map(|(_, id)| *id).collect();
    let mut states = load_many_for_update(unit.db(), &ids).await?;
    states.retain(|state| {
        let facts = ItemFacts {
            community,
            item: &state.item,
            authors: &state.authors,
        };
        state.item.status == Some(PublicationStatus::Published)
            && item_policy::archive(viewer, facts).allows()
    });
    let reason = format!("{} no longer lists it.", source.system);
    let to = PublicationStatus::Archived;
    let moved = move_many(unit, community, states, to, Some(&reason)).await?;
    let done: BTreeSet<Uuid> = moved.iter().map(|state| state.item.id).collect();
    Entity::update_many()
        .col_expr(Column::ArchivedAt, Expr::value(unit.now()))
        .filter(Column::CommunityId.eq(community.id))
        .filter(Column::System.eq(source.system.as_str()))
        .filter(Column::ResourceId.is_in(done.iter().copied()))
        .exec(unit.db())
        .await?;
    Ok(done)
}

fn reference(column: &'static str) -> Expr {
    Expr::col(("external_reference", column))
}

/// The references of a system to what the viewer may read and is not archived.
fn offered(viewer: &Viewer, source: &SyncSource) -> SelectStatement {
    let archived = PublicationStatus::Archived.as_str();
    let mut select = Query::select();
    select
        .from("external_reference")
        .inner_join(
            "item",
            Expr::col(("item", "id")).equals(("external_reference", "resource_id")),
        )
        .and_where(reference("community_id").eq(source.community_id))
        .and_where(reference("system").eq(source.system.as_str()))
        .and_where(Expr::col(("item", "status")).ne(archived))
        .cond_where(readable_items(viewer));
    select
}

/// Those of them that are published and that the run does not list.
fn unlisted(viewer: &Viewer, source: &SyncSource, run: &SyncRun) -> SelectStatement {
    let listed = Query::select()
        .expr(Expr::value(1))
        .from("sync_listing")
        .and_where(Expr::col(("sync_listing", "run_id")).eq(run.id))
        .and_where(
            Expr::col(("sync_listing", "resource_id"))
                .equals(("external_reference", "resource_id")),
        )
        .take();
    let published = PublicationStatus::Published.as_str();
    let mut select = offered(viewer, source);
    select
        .and_where(Expr::col(("item", "status")).eq(published))
        .and_where(Expr::exists(listed).not());
    select
}

/// How many resources a select of references comes to.
async fn count(unit: &WriteUnit, mut select: SelectStatement) -> Result<i64> {
    let resources = "COUNT(DISTINCT external_reference.resource_id)";
    select.expr_as(Expr::cust(resources), "count");
    match unit.db().query_one(&select).await? {
        Some(row) => Ok(row.try_get("", "count")?),
        None => Ok(0),
    }
}

/// What is to be archived, from an id on: ids in the system, and resources.
async fn due_rows(
    unit: &WriteUnit,
    viewer: &Viewer,
    (source, run): (&SyncSource, &SyncRun),
    after: &str,
    most: u64,
) -> Result<Vec<(String, Uuid)>> {
    let mut select = unlisted(viewer, source, run);
    select
        .column(("external_reference", "external_id"))
        .column(("external_reference", "resource_id"))
        .and_where(reference("external_id").gt(after))
        .order_by(("external_reference", "external_id"), Order::Asc)
        .limit(most);
    let rows = unit.db().query_all(&select).await?;
    rows.iter()
        .map(|row| {
            Ok((
                row.try_get("", "external_id")?,
                row.try_get("", "resource_id")?,
            ))
        })
        .collect()
}

/// Each resource once, where a system has several ids of one.
fn first_of_each(rows: Vec<(String, Uuid)>) -> impl Iterator<Item = (String, Uuid)> {
    let mut seen = BTreeSet::new();
    rows.into_iter().filter(move |(_, id)| seen.insert(*id))
}

/// Removes what a finished run listed, some at a time.
async fn forget_listings(store: &Store, actor: Uuid, run: Uuid) -> Result<()> {
    use sync_listing::{Column, Entity};
    loop {
        let removed = store
            .write(Some(actor), move |unit| {
                async move {
                    let some = Query::select()
                        .column("resource_id")
                        .from("sync_listing")
                        .and_where(Expr::col("run_id").eq(run))
                        .limit(LISTINGS)
                        .take();
                    let removed = Entity::delete_many()
                        .filter(Column::RunId.eq(run))
                        .filter(Column::ResourceId.in_subquery(some))
                        .exec(unit.db())
                        .await?;
                    Ok(removed.rows_affected)
                }
                .boxed()
            })
            .await?;
        if removed.value < LISTINGS {
            return Ok(());
        }
    }
}
