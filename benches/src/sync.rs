//! The first synchronization with another system beside bulk loading of the same content, in turn; then the same again,
//! unchanged, and once more within a run.

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use migration::MigratorTrait;
use serde::Serialize;
use service::clock::Clock;
use service::item::ItemContent;
use service::resource::CreateResource;
use service::store::{Store, StoreOptions};
use service::sync::{SyncCounts, SyncItem, SyncResources, sync_resources};
use service::validation::Patch;
use service::viewer::Viewer;
use uuid::Uuid;

use crate::Common;
use crate::report::{self, Table};
use crate::seed::{self, Seed};

/// What is synchronized.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    #[command(flatten)]
    common: Common,
    /// Resources of one call, and of one unit of work of bulk loading
    #[arg(long, default_value_t = service::sync::MOST_ITEMS)]
    call: usize,
    /// Address of an empty PostgreSQL database for synchronization; a new SQLite file if not given
    #[arg(long)]
    database_url: Option<String>,
    /// Address of an empty PostgreSQL database for bulk loading; a new SQLite file if not given
    #[arg(long)]
    bulk_database_url: Option<String>,
}

#[derive(Debug, Serialize)]
struct Results {
    resources: usize,
    bulk_per_second: f64,
    first_per_second: f64,
    /// The first synchronization's rate by bulk loading's; the goal is 0.5.
    first_ratio: f64,
    again_per_second: f64,
    /// The rate of the same again by that of the first; the goal is 5.
    again_ratio: f64,
    in_run_per_second: f64,
    in_run_ratio: f64,
    /// How long other writes wait at most on SQLite, in milliseconds.
    longest_first_call: f64,
    longest_call_again: f64,
}

/// The calls of one round.
#[derive(Debug, Default)]
struct Calls {
    took: Duration,
    longest: Duration,
}

impl Calls {
    fn add(&mut self, took: Duration) {
        self.took += took;
        self.longest = self.longest.max(took);
    }
}

/// A database, and who writes what where.
struct Side<'a> {
    store: Store,
    seed: Seed<'a>,
    home: Uuid,
}

/// Measures, prints and writes.
pub(crate) async fn run(options: Options) -> anyhow::Result<()> {
    ensure!(options.call > 0, "a call has at least one resource");
    let corpus = options.common.corpus()?;
    std::fs::create_dir_all(&options.common.work)?;
    let directory = tempfile::tempdir_in(&options.common.work)?;
    let side = async |name: &str, url: Option<&String>| -> anyhow::Result<Side<'_>> {
        let store = match url {
            None => seed::open_store(&directory.path().join(name)).await?,
            Some(url) => open(url).await?,
        };
        let seed = Seed::begin(&store, &corpus).await?;
        let home = seed.home().context("there is a community")?;
        Ok(Side { store, seed, home })
    };
    let mut bulk = side("bulk", options.bulk_database_url.as_ref()).await?;
    let synced = side("synced", options.database_url.as_ref()).await?;

    let total = options.common.resources;
    let ranges = || {
        (0..total)
            .step_by(options.call)
            .map(|start| start..total.min(start + options.call))
    };
    let (mut loaded, mut first) = (Calls::default(), Calls::default());
    for range in ranges() {
        let inputs: Vec<CreateResource> = bulk
            .seed
            .inputs(range.clone())
            .into_iter()
            .map(|input| at_home(input, bulk.home))
            .collect();
        let number = inputs.len();
        let started = Instant::now();
        let made = bulk.seed.write(&bulk.store, inputs).await?.len();
        loaded.add(started.elapsed());
        ensure!(made == number, "{made} of {number} were loaded");

        let counts = call(&synced, range, None, &mut first).await?;
        ensure!(counts.created == number, "all are new: {counts:?}");
    }
    let mut rounds = Vec::new();
    for run in [None, Some("again")] {
        let mut again = Calls::default();
        for range in ranges() {
            let number = range.len();
            let counts = call(&synced, range, run, &mut again).await?;
            ensure!(counts.unchanged == number, "all are the same: {counts:?}");
        }
        rounds.push(again);
    }
    let [again, in_run] = &rounds[..] else {
        anyhow::bail!("there were two more rounds");
    };
    let results = results(total, &loaded, &first, again, in_run);
    print(&results);
    report::write(
        &options.common.work,
        &format!("sync-{}.json", options.common.label()),
        &results,
    )
}

async fn open(url: &str) -> anyhow::Result<Store> {
    let options = StoreOptions {
        url: url.to_owned(),
        connections: 4,
    };
    let store = Store::open(&options, Clock::default()).await?;
    migration::Migrator::up(store.migration_connection(), None).await?;
    Ok(store)
}

/// The content that another system has: it knows neither our authors nor who may see what.
fn content(content: ItemContent) -> ItemContent {
    ItemContent {
        author_ids: Patch::Absent,
        visibility: Patch::Absent,
        ..content
    }
}

fn at_home(input: CreateResource, home: Uuid) -> CreateResource {
    CreateResource {
        community_id: home,
        content: content(input.content),
        publish: true,
        ..input
    }
}

/// One call that lists resources by their numbers.
async fn call(
    side: &Side<'_>,
    range: std::ops::Range<usize>,
    run: Option<&str>,
    calls: &mut Calls,
) -> anyhow::Result<SyncCounts> {
    let numbers = range.clone();
    let inputs = side.seed.inputs(range).into_iter();
    let items = numbers.zip(inputs).map(|(number, input)| SyncItem {
        external_id: format!("course-{number}"),
        publish: true,
        external_url: Patch::Value(format!("https://lms.example/course/{number}")),
        content: content(input.content),
        resource: input.resource,
        unread: Vec::new(),
    });
    let listed = SyncResources {
        community_id: side.home,
        system: "lms".to_owned(),
        items: items.collect(),
        run: run.map(str::to_owned),
        dry_run: false,
    };
    let importer: &Viewer = side.seed.importer();
    let started = Instant::now();
    let written = sync_resources(&side.store, importer, listed).await?;
    calls.add(started.elapsed());
    Ok(written.value.counts)
}

#[expect(clippy::cast_precision_loss, reason = "figures for people")]
fn results(total: usize, loaded: &Calls, first: &Calls, again: &Calls, in_run: &Calls) -> Results {
    let rate = |calls: &Calls| total as f64 / calls.took.as_secs_f64();
    let milliseconds = |calls: &Calls| calls.longest.as_secs_f64() * 1_000.0;
    Results {
        resources: total,
        bulk_per_second: rate(loaded),
        first_per_second: rate(first),
        first_ratio: rate(first) / rate(loaded),
        again_per_second: rate(again),
        again_ratio: rate(again) / rate(first),
        in_run_per_second: rate(in_run),
        in_run_ratio: rate(in_run) / rate(first),
        longest_first_call: milliseconds(first),
        longest_call_again: milliseconds(again),
    }
}

fn print(results: &Results) {
    let mut table = Table::new(&["what", "resources/s", "ratio", "goal", "longest call, ms"]);
    let mut row = |what: &str, rate: f64, ratio: String, goal: &str, longest: String| {
        let (what, goal) = (what.to_owned(), goal.to_owned());
        table.row(vec![what, format!("{rate:.0}"), ratio, goal, longest]);
    };
    let (none, ratio) = (String::new, |ratio: f64| format!("{ratio:.2}"));
    row("bulk loading", results.bulk_per_second, none(), "", none());
    row(
        "first synchronization, by bulk loading",
        results.first_per_second,
        ratio(results.first_ratio),
        "0.50",
        format!("{:.0}", results.longest_first_call),
    );
    row(
        "the same again, by the first",
        results.again_per_second,
        ratio(results.again_ratio),
        "5.00",
        format!("{:.0}", results.longest_call_again),
    );
    row(
        "the same again in a run, by the first",
        results.in_run_per_second,
        ratio(results.in_run_ratio),
        "5.00",
        none(),
    );
    table.print();
}
