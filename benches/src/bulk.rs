//! Loading through the services beside bare batched inserts of the very same rows, in turn; then the follower beside
//! tantivy.

use std::path::Path;
use std::time::{Duration, Instant};

use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseConnection, EntityTrait,
    IntoActiveModel, QueryFilter, TransactionTrait,
};
use serde::Serialize;
use service::clock::Clock;
use service::entity::{
    change, change_head, item, item_author, item_domain, item_tag, item_text, resource, revision,
    transition,
};
use service::item::ItemState;
use service::store::{Store, StoreOptions};
use uuid::Uuid;

use crate::Common;
use crate::dump::DumpedResource;
use crate::floor::PlainSearch;
use crate::report::{self, Table};
use crate::seed::{self, Seed};

/// Resources that one bare transaction inserts.
const BARE_UNIT: usize = 1_000;
/// Rows of one bare statement: SQLite binds at most 32,766 values, and no table here has 25 columns.
const ROWS: usize = 1_000;

/// What is loaded.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    #[command(flatten)]
    common: Common,
    /// Resources that one unit of work of the services writes
    #[arg(long, default_value_t = seed::UNIT)]
    unit: usize,
}

#[derive(Debug, Serialize)]
struct Results {
    resources: usize,
    services_per_second: f64,
    bare_per_second: f64,
    /// Ours by the bare inserts'; the goal is 0.33.
    load_ratio: f64,
    follower_per_second: f64,
    tantivy_per_second: f64,
    /// Ours by tantivy's; the goal is 0.7.
    follower_ratio: f64,
}

/// Measures, prints and writes.
pub(crate) async fn run(options: Options) -> anyhow::Result<()> {
    let corpus = options.common.corpus()?;
    let directory = tempfile::tempdir_in(prepared(&options.common.work)?)?;
    let (ours, bare) = (directory.path().join("ours"), directory.path().join("bare"));
    let store = seed::open_store(&ours).await?;
    let mut seed = Seed::begin(&store, &corpus).await?;
    let bare = copy(&store, &bare).await?;
    let (mut service_time, mut bare_time) = (Duration::ZERO, Duration::ZERO);
    let mut dumped = Vec::with_capacity(options.common.resources);
    let total = options.common.resources;
    for start in (0..total).step_by(BARE_UNIT) {
        let end = total.min(start + BARE_UNIT);
        let mut states: Vec<ItemState> = Vec::with_capacity(BARE_UNIT);
        let first = seed.world.position + 1;
        for unit in (start..end).step_by(options.unit) {
            let inputs = seed.inputs(unit..end.min(unit + options.unit));
            let started = Instant::now();
            states.extend(seed.write(&store, inputs).await?);
            service_time += started.elapsed();
        }
        let ids: Vec<Uuid> = states.iter().map(|state| state.item.id).collect();
        let rows = Rows::read(&store, &ids, first..=seed.world.position).await?;
        let started = Instant::now();
        rows.insert(bare.migration_connection(), seed.world.position)
            .await?;
        bare_time += started.elapsed();
        for state in states {
            dumped.push(seed.dumped(state)?);
        }
    }
    let follower_time = crate::follow::index(&store, &ours, seed.world.position).await?;
    let results = results(
        total,
        service_time,
        bare_time,
        follower_time,
        tantivy(&dumped, &seed)?,
    );
    print(&results);
    report::write(
        &options.common.work,
        &format!("bulk-{}.json", options.common.label()),
        &results,
    )
}

fn prepared(directory: &Path) -> anyhow::Result<&Path> {
    std::fs::create_dir_all(directory)?;
    Ok(directory)
}

/// Another database with the same content.
async fn copy(store: &Store, directory: &Path) -> anyhow::Result<Store> {
    std::fs::create_dir_all(directory)?;
    let file = seed::database_file(directory);
    let statement = format!("VACUUM INTO '{}'", file.display());
    store
        .migration_connection()
        .execute_unprepared(&statement)
        .await?;
    Ok(Store::open(&StoreOptions::sqlite(&file, 1), Clock::default()).await?)
}

/// As many threads as the follower has: one.
fn tantivy(dumped: &[DumpedResource], seed: &Seed<'_>) -> anyhow::Result<Duration> {
    Ok(PlainSearch::build(dumped, &seed.world, 1)?.took)
}

#[expect(clippy::cast_precision_loss, reason = "figures for people")]
fn results(
    total: usize,
    services: Duration,
    bare: Duration,
    follower: Duration,
    tantivy: Duration,
) -> Results {
    let rate = |took: Duration| total as f64 / took.as_secs_f64();
    Results {
        resources: total,
        services_per_second: rate(services),
        bare_per_second: rate(bare),
        load_ratio: rate(services) / rate(bare),
        follower_per_second: rate(follower),
        tantivy_per_second: rate(tantivy),
        follower_ratio: rate(follower) / rate(tantivy),
    }
}

fn print(results: &Results) {
    let mut table = Table::new(&["what", "ours/s", "bare/s", "ratio", "goal"]);
    for (what, ours, bare, ratio, goal) in [
        (
            "load",
            results.services_per_second,
            results.bare_per_second,
            results.load_ratio,
            "0.33",
        ),
        (
            "index",
            results.follower_per_second,
            results.tantivy_per_second,
            results.follower_ratio,
            "0.70",
        ),
    ] {
        table.row(vec![
            what.to_owned(),
            format!("{ours:.0}"),
            format!("{bare:.0}"),
            format!("{ratio:.2}"),
            goal.to_owned(),
        ]);
    }
    table.print();
}

/// The rows that some resources became.
struct Rows {
    items: Vec<item::ActiveModel>,
    resources: Vec<resource::ActiveModel>,
    texts: Vec<item_text::ActiveModel>,
    authors: Vec<item_author::ActiveModel>,
    domains: Vec<item_domain::ActiveModel>,
    tags: Vec<item_tag::ActiveModel>,
    revisions: Vec<revision::ActiveModel>,
    transitions: Vec<transition::ActiveModel>,
    changes: Vec<change::ActiveModel>,
}

async fn read<E, A>(store: &Store, column: impl ColumnTrait, ids: &[Uuid]) -> anyhow::Result<Vec<A>>
where
    E: EntityTrait,
    E::Model: IntoActiveModel<A>,
    A: ActiveModelTrait<Entity = E>,
{
    let rows = E::find()
        .filter(column.is_in(ids.iter().copied()))
        .all(store.reader())
        .await?;
    Ok(rows
        .into_iter()
        .map(|row| row.into_active_model().reset_all())
        .collect())
}

async fn insert<A: ActiveModelTrait + Send>(
    connection: &impl ConnectionTrait,
    mut rows: Vec<A>,
) -> anyhow::Result<()> {
    while !rows.is_empty() {
        let rest = rows.split_off(rows.len().min(ROWS));
        A::Entity::insert_many(rows)
            .exec_without_returning(connection)
            .await?;
        rows = rest;
    }
    Ok(())
}

impl Rows {
    async fn read(
        store: &Store,
        ids: &[Uuid],
        positions: std::ops::RangeInclusive<i64>,
    ) -> anyhow::Result<Self> {
        let changes = change::Entity::find()
            .filter(change::Column::Position.between(*positions.start(), *positions.end()))
            .all(store.reader())
            .await?;
        Ok(Self {
            items: read::<item::Entity, _>(store, item::Column::Id, ids).await?,
            resources: read::<resource::Entity, _>(store, resource::Column::Id, ids).await?,
            texts: read::<item_text::Entity, _>(store, item_text::Column::ItemId, ids).await?,
            authors: read::<item_author::Entity, _>(store, item_author::Column::ItemId, ids)
                .await?,
            domains: read::<item_domain::Entity, _>(store, item_domain::Column::ItemId, ids)
                .await?,
            tags: read::<item_tag::Entity, _>(store, item_tag::Column::ItemId, ids).await?,
            revisions: read::<revision::Entity, _>(store, revision::Column::ItemId, ids).await?,
            transitions: read::<transition::Entity, _>(store, transition::Column::EntityId, ids)
                .await?,
            changes: changes
                .into_iter()
                .map(|row| row.into_active_model().reset_all())
                .collect(),
        })
    }

    /// Inserts everything in one transaction.
    async fn insert(self, connection: &DatabaseConnection, position: i64) -> anyhow::Result<()> {
        let transaction = connection.begin().await?;
        insert(&transaction, self.items).await?;
        insert(&transaction, self.resources).await?;
        insert(&transaction, self.texts).await?;
        insert(&transaction, self.authors).await?;
        insert(&transaction, self.domains).await?;
        insert(&transaction, self.tags).await?;
        insert(&transaction, self.revisions).await?;
        insert(&transaction, self.transitions).await?;
        insert(&transaction, self.changes).await?;
        change_head::Entity::update_many()
            .col_expr(
                change_head::Column::Position,
                sea_orm::sea_query::Expr::value(position),
            )
            .exec(&transaction)
            .await?;
        transaction.commit().await?;
        Ok(())
    }
}
