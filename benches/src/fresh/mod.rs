//! How soon a change can be searched while many are made: writes over HTTP at a steady rate, each begun on schedule whether
//! or not earlier ones have ended, and for some of them the time from the answer until a search that asks for no position
//! finds them. Once alone, and once beside searches.

mod changes;
mod pool;
mod results;
mod tally;

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::ensure;
use service::auth::{CreateApiToken, create_api_token_for};
use service::viewer::Scope;
use tokio::task::JoinSet;
use tokio::time::Instant;

use self::changes::Bench;
use self::pool::Pool;
use self::results::{Results, Turn, print, searches};
use self::tally::Tally;
use crate::Common;
use crate::disk;
use crate::dump::{self, Asker, DumpedResource, World};
use crate::load::Plan;
use crate::process::{self, ProcessTime, Running};
use crate::questions::Question;
use crate::report;
use crate::seed;

/// Requests that are under way at once: together fewer than the server takes.
const MOST_WRITES: usize = 256;
const MOST_SEARCHES: usize = 128;
/// Seconds of searches that are not counted, and by which they end before the writes do.
const MARGIN: f64 = 0.5;

/// What is measured.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    #[command(flatten)]
    common: Common,
    /// Writes a second
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..))]
    rate: u32,
    /// Seconds of writing, each time
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(2..))]
    seconds: u32,
    /// One write in so many is looked for
    #[arg(long, default_value_t = 10)]
    sample: usize,
    /// Connections that search meanwhile, the second time
    #[arg(long, default_value_t = 2)]
    connections: usize,
    /// The server's program; built when not given
    #[arg(long)]
    program: Option<PathBuf>,
}

/// Measures, prints and writes.
pub(crate) async fn run(options: Options) -> anyhow::Result<()> {
    ensure!(options.sample > 0, "one write in 0 cannot be looked for");
    let program = process::program(options.program.clone())?;
    let (filled, world) = options.common.filled().await?;
    // What is written must not be there for other benchmarks.
    let directory = tempfile::tempdir_in(&options.common.work)?;
    disk::copy(&filled, directory.path(), &dump::resources_file(&filled))?;
    let token = token(directory.path()).await?;
    let resources = dump::read_resources(&filled, &world, Asker::Anonymous)?;
    let bodies = Question::Search.bodies(&world, &resources, &[]);
    let each = options.rate as usize * options.seconds as usize;
    let existing = spread(&resources, each);
    drop(resources);

    let server = Running::repertoire(&program, directory.path(), false)?;
    server.wait_until_ready().await?;
    server.settle().await?;
    let plan = |seconds: f64| Plan {
        address: server.address.clone(),
        token: None,
        bodies: bodies.clone(),
        begins: Question::Search.begins().to_owned(),
        connections: options.connections,
        warmup: MARGIN,
        seconds,
    };
    let seconds = f64::from(options.seconds) - 2.0 * MARGIN;
    let at_rest = searches(process::load(&plan(seconds / 2.0))?, options.connections);
    let bench = Arc::new(Bench {
        writers: Pool::new(&server.address, Some(token), MOST_WRITES),
        readers: Pool::new(&server.address, None, MOST_SEARCHES),
        corpus: options.common.corpus()?,
        next_text: options.common.resources,
        communities: public(&world),
        existing,
        sample: options.sample,
    });
    let mut turns = Vec::new();
    for searching in [None, Some(plan(seconds))] {
        server.settle().await?;
        let first = turns.len() * each;
        let numbers = first..first + each;
        turns.push(turn(&bench, &server, numbers, options.rate, searching).await?);
    }
    let results = Results {
        resources: options.common.resources,
        short: options.common.short,
        rate: options.rate,
        searches_at_rest: at_rest,
        turns,
    };
    print(&results);
    report::write(
        &options.common.work,
        &format!("fresh-{}.json", options.common.label()),
        &results,
    )
}

/// A token of somebody who may write everywhere.
async fn token(directory: &Path) -> anyhow::Result<String> {
    let store = seed::open_store(directory).await?;
    let token = CreateApiToken {
        name: "Writer".to_owned(),
        scopes: vec![Scope::Read, Scope::Write],
        community_id: None,
        expires_at: None,
    };
    let token = create_api_token_for(&store, seed::IMPORTER, token).await?;
    Ok(token.value.secret.expose().to_owned())
}

/// Ids and titles of so many resources out of the whole list.
fn spread(resources: &[DumpedResource], many: usize) -> Vec<(String, String)> {
    let step = (resources.len() / many.max(1)).max(1);
    resources
        .iter()
        .step_by(step)
        .take(many)
        .map(|resource| (resource.id.clone(), resource.title.clone()))
        .collect()
}

fn public(world: &World) -> Vec<String> {
    let public = world
        .communities
        .iter()
        .filter(|community| community.public);
    public.map(|community| community.named.id.clone()).collect()
}

/// Writes on schedule, and waits until all are answered and those of the sample found or lost.
async fn turn(
    bench: &Arc<Bench>,
    server: &Running,
    numbers: Range<usize>,
    rate: u32,
    searching: Option<Plan>,
) -> anyhow::Result<Turn> {
    let used = || -> anyhow::Result<f64> {
        let own = ProcessTime::of(std::process::id())?;
        Ok(server.time()?.seconds() + own.seconds())
    };
    let (used_before, busy_before) = (used()?, process::machine_busy()?);
    let connections = searching.as_ref().map_or(0, |plan| plan.connections);
    let searching = searching.map(|plan| tokio::task::spawn_blocking(move || process::load(&plan)));
    let begun = Instant::now();
    let mut writes = JoinSet::new();
    for (step, number) in (0_u32..).zip(numbers) {
        let due = begun + Duration::from_secs(1) * step / rate;
        tokio::time::sleep_until(due).await;
        writes.spawn(Arc::clone(bench).change(number, due));
    }
    let mut tally = Tally::default();
    while let Some(changed) = writes.join_next().await {
        tally.add(changed?);
    }
    let (mut known, mut beside) = (0.0, None);
    if let Some(searching) = searching {
        let outcome = searching.await??;
        known += outcome.cpu_seconds;
        beside = Some(searches(outcome, connections));
    }
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    #[expect(clippy::cast_precision_loss, reason = "a handful of processors")]
    let machine = begun.elapsed().as_secs_f64() * processors as f64;
    known += used()? - used_before;
    let others = (process::machine_busy()? - busy_before - known) / machine;
    Ok(tally.close(begun, beside, others.max(0.0)))
}
