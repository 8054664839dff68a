//! Alerts of saved searches: how long it takes to ask all of them of what is new.

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use sea_orm::{EntityTrait, IntoActiveModel, PaginatorTrait};
use serde::Serialize;
use service::auth::{NewUser, PasswordCost, Passwords, create_user};
use service::entity::user::PlatformRole;
use service::entity::{saved_search, search_alert};
use service::saved_search::{MOST_SAVED, advance};
use service::store::Store;
use uuid::Uuid;

use crate::Common;
use crate::corpus::Corpus;
use crate::numbers::Numbers;
use crate::report::{self, Table};
use crate::seed::{self, Seed};

/// Rows of one statement.
const CHUNK: usize = 1_000;
/// One saved search in so many has a tag in its filter and no words.
const TAGGED_EVERY: usize = 5;

/// How many searches are asked of how much.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    #[command(flatten)]
    common: Common,
    /// How many searches are saved, with alerts
    #[arg(long, default_value_t = 5_000)]
    searches: usize,
    /// How many resources are new at a time
    #[arg(long, default_value_t = 100)]
    new: usize,
    /// How many times that is measured
    #[arg(long, default_value_t = 10)]
    rounds: usize,
}

#[derive(Debug, Serialize)]
struct Results {
    searches: usize,
    new: usize,
    /// For the same new resources while nobody has saved a search.
    without_ms: f64,
    median_ms: f64,
    longest_ms: f64,
    micros_per_search: f64,
    alerts: u64,
}

/// Measures, prints and writes.
pub(crate) async fn run(options: Options) -> anyhow::Result<()> {
    ensure!(
        options.new > 0 && options.rounds > 0,
        "there is nothing to measure"
    );
    let corpus = options.common.corpus()?;
    let directory = tempfile::tempdir()?;
    let store = seed::open_store(directory.path()).await?;
    let mut seed = Seed::begin(&store, &corpus).await?;
    advance(&store, seed.world.position).await?;
    let mut next = 0;
    let without = round(&store, &mut seed, &mut next, options.new).await?;
    save(&store, &corpus, options.searches).await?;
    let mut times = Vec::with_capacity(options.rounds);
    for _ in 0..options.rounds {
        times.push(round(&store, &mut seed, &mut next, options.new).await?);
    }
    times.sort_unstable();
    let median = *times.get(times.len() / 2).context("a round was measured")?;
    let longest = *times.last().context("a round was measured")?;
    let results = results(&options, without, median, longest, told(&store).await?);
    print(&results);
    let name = format!("alerts-{}.json", options.searches);
    report::write(&options.common.work, &name, &results)
}

/// How many alerts there were.
async fn told(store: &Store) -> anyhow::Result<u64> {
    Ok(search_alert::Entity::find().count(store.reader()).await?)
}

/// Writes some resources, and says how long the alerts took to come to them.
async fn round(
    store: &Store,
    seed: &mut Seed<'_>,
    next: &mut usize,
    new: usize,
) -> anyhow::Result<Duration> {
    let inputs = seed.inputs(*next..*next + new);
    *next += new;
    seed.write(store, inputs).await?;
    let position = seed.world.position;
    let begun = Instant::now();
    let reached = advance(store, position).await?;
    let took = begun.elapsed();
    ensure!(reached >= position, "the alerts stopped at {reached}");
    Ok(took)
}

/// Saves searches of many people, each in words that titles have.
async fn save(store: &Store, corpus: &Corpus, many: usize) -> anyhow::Result<()> {
    let passwords = Passwords::new(PasswordCost::default(), 1)?;
    let mut numbers = Numbers::new(11);
    let position = store.position().await?;
    let mut owner = Uuid::nil();
    let mut rows = Vec::with_capacity(many);
    for number in 0..many {
        if number.is_multiple_of(MOST_SAVED) {
            let new = NewUser {
                email: format!("seeker-{number}@example.org"),
                display_name: format!("Seeker {number}"),
                handle: None,
                role: PlatformRole::Member,
                password: None,
                is_demo: false,
            };
            owner = create_user(store, &passwords, new).await?.value.id;
        }
        let (query, filter) = search(corpus, number, &mut numbers);
        let row = saved_search::Model {
            id: Uuid::now_v7(),
            user_id: owner,
            name: format!("Search {number}"),
            query,
            filter,
            alerts: true,
            position,
            created_at: store.clock().now(),
        };
        rows.push(row.into_active_model());
    }
    while !rows.is_empty() {
        let rest = rows.split_off(rows.len().min(CHUNK));
        saved_search::Entity::insert_many(rows)
            .exec_without_returning(store.migration_connection())
            .await?;
        rows = rest;
    }
    Ok(())
}

/// Two words of a title, or a tag.
fn search(
    corpus: &Corpus,
    number: usize,
    numbers: &mut Numbers,
) -> (String, saved_search::SavedFilter) {
    let text = corpus.text(number);
    let mut filter = saved_search::SavedFilter::default();
    if number.is_multiple_of(TAGGED_EVERY) {
        filter.tags.extend(numbers.pick(&text.tags).cloned());
        return (String::new(), filter);
    }
    let words: Vec<&str> = text.title.split_whitespace().collect();
    let chosen = [numbers.pick(&words), numbers.pick(&words)];
    let chosen: Vec<&str> = chosen.into_iter().flatten().copied().collect();
    (chosen.join(" "), filter)
}

#[expect(clippy::cast_precision_loss, reason = "figures for people")]
fn results(
    options: &Options,
    without: Duration,
    median: Duration,
    longest: Duration,
    alerts: u64,
) -> Results {
    let millis = |time: Duration| time.as_secs_f64() * 1_000.0;
    Results {
        searches: options.searches,
        new: options.new,
        without_ms: millis(without),
        median_ms: millis(median),
        longest_ms: millis(longest),
        micros_per_search: millis(median) * 1_000.0 / options.searches.max(1) as f64,
        alerts,
    }
}

fn print(results: &Results) {
    let mut table = Table::new(&[
        "saved searches",
        "new resources",
        "without ms",
        "median ms",
        "longest ms",
        "µs a search",
        "alerts",
    ]);
    table.row(vec![
        results.searches.to_string(),
        results.new.to_string(),
        format!("{:.1}", results.without_ms),
        format!("{:.1}", results.median_ms),
        format!("{:.1}", results.longest_ms),
        format!("{:.1}", results.micros_per_search),
        results.alerts.to_string(),
    ]);
    table.print();
}
