//! How soon a change can be searched while many are made: writes over HTTP at a steady rate, each begun on schedule whether
//! or not earlier ones have ended, and for some of them the time from the answer until a search that asks for no position
//! finds them. Once alone, and once beside searches.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Context, ensure};
use serde::Serialize;
use serde_json::{Value, json};
use service::auth::{CreateApiToken, create_api_token_for};
use service::viewer::Scope;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::Common;
use crate::client::Client;
use crate::corpus::Corpus;
use crate::disk;
use crate::dump::{self, Asker, DumpedResource, World};
use crate::load::{Outcome, Plan};
use crate::process::{self, ProcessTime, Running};
use crate::questions::Question;
use crate::report::{self, Table};
use crate::seed;

const CREATE: &str = "mutation($input: CreateResourceInput!) { createResource(input: $input) { resource { id } userErrors \
                      { message } } }";
const UPDATE: &str = "mutation($id: ID!, $input: UpdateResourceInput!) { updateResource(id: $id, input: $input) { resource \
                      { id } userErrors { message } } }";
const FIND: &str = "query($query: String!) { search(query: $query, first: 10) { nodes { ... on Resource { id } } } }";

/// A search that found nothing yet is repeated after so long, or after a twentieth of the time that has passed: looking
/// must not slow down what is looked for.
const PAUSE: Duration = Duration::from_millis(5);
const SHARE_OF_WAIT: u32 = 20;
/// What is not found by then is lost.
const PATIENCE: Duration = Duration::from_secs(20);
/// Requests that are under way at once: together fewer than the server takes.
const MOST_WRITES: usize = 256;
const MOST_SEARCHES: usize = 128;
/// The server closes connections that are idle for long; so old ones are not used again.
const IDLE: Duration = Duration::from_secs(5);
/// Seconds of searches that are not counted, and by which they end before the writes do.
const MARGIN: f64 = 0.5;
/// The goal, in milliseconds.
const GOAL: f64 = 1_000.0;

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

#[derive(Debug, Serialize)]
struct Results {
    resources: usize,
    short: bool,
    /// Writes a second that were begun.
    rate: u32,
    searches_at_rest: Searches,
    turns: Vec<Turn>,
}

/// Searches one after the other on some connections.
#[derive(Debug, Serialize)]
struct Searches {
    connections: usize,
    rate: f64,
    p50_ms: f64,
    p99_ms: f64,
    errors: u64,
    first_error: Option<String>,
}

/// Writes, alone or beside searches.
#[derive(Debug, Serialize)]
struct Turn {
    /// Writes that were made, of those that were begun.
    written: usize,
    /// Writes a second, from the start to the last answer.
    written_per_second: f64,
    /// From when a write was due to its answer.
    write_p50_ms: f64,
    write_p99_ms: f64,
    /// From the answer to a write until a search found it.
    searchable_p50_ms: f64,
    searchable_p99_ms: f64,
    searchable_max_ms: f64,
    /// Writes that were looked for and found.
    found: usize,
    /// Writes that were looked for and not found.
    lost: usize,
    /// Writes that were refused.
    refused: usize,
    first_error: Option<String>,
    searches: Option<Searches>,
    /// The share of the machine that other programs took meanwhile.
    others: f64,
}

/// What the writes need.
struct Bench {
    writers: Pool,
    readers: Pool,
    corpus: Corpus,
    /// Texts of new resources begin with this number.
    next_text: usize,
    /// Communities that everybody reads.
    communities: Vec<String>,
    /// Ids and titles of resources that everybody reads.
    existing: Vec<(String, String)>,
    sample: usize,
}

/// What became of one write.
struct Changed {
    /// How long it took since it was due.
    written: anyhow::Result<Duration>,
    answered: Instant,
    /// How long it took from there until it was found; none where it was not looked for.
    found: Option<anyhow::Result<Duration>>,
}

/// What became of all of them.
#[derive(Default)]
struct Tally {
    written: Vec<u32>,
    found: Vec<u32>,
    refused: usize,
    lost: usize,
    first_error: Option<String>,
    last: Option<Instant>,
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

#[expect(clippy::cast_precision_loss, reason = "a figure for people")]
fn searches(mut outcome: Outcome, connections: usize) -> Searches {
    outcome.micros.sort_unstable();
    Searches {
        connections,
        rate: outcome.answers as f64 / outcome.seconds.max(f64::EPSILON),
        p50_ms: report::percentile(&outcome.micros, 0.5),
        p99_ms: report::percentile(&outcome.micros, 0.99),
        errors: outcome.errors,
        first_error: outcome.first_error,
    }
}

/// A word that no text has, of consonants alone, so that no language takes an ending off it.
fn word(number: usize) -> String {
    const LETTERS: &[u8; 16] = b"bcdfghjklmnpqrvx";
    let digit = |place: usize| char::from(LETTERS[(number >> (4 * place)) & 15]);
    let digits: String = (0..6).map(digit).collect();
    format!("zq{digits}z")
}

fn micros(time: Duration) -> u32 {
    u32::try_from(time.as_micros()).unwrap_or(u32::MAX)
}

impl Bench {
    /// Makes one change, and looks for it if it is one of the sample.
    async fn change(self: Arc<Self>, number: usize, due: Instant) -> Changed {
        let word = word(number);
        let written = self.write(number, &word).await;
        let answered = Instant::now();
        let took = answered - due;
        let found = match &written {
            // Of both kinds of writes, which come by turns.
            Ok(id) if (number / 2).is_multiple_of(self.sample) => {
                Some(self.find(&word, id, answered).await)
            }
            _ => None,
        };
        Changed {
            written: written.map(|_| took),
            answered,
            found,
        }
    }

    /// Gives a resource a title with this word: by turns one that is there, and a new one. Answers its id.
    async fn write(&self, number: usize, word: &str) -> anyhow::Result<String> {
        let old = self.existing.get(number / 2);
        let (query, field, variables) = match old.filter(|_| number.is_multiple_of(2)) {
            Some((id, title)) => {
                let input = json!({ "title": format!("{title} {word}") });
                let variables = json!({ "id": id, "input": input });
                (UPDATE, "updateResource", variables)
            }
            None => (
                CREATE,
                "createResource",
                json!({ "input": self.new_resource(number, word)? }),
            ),
        };
        let data = self.writers.ask(query, variables).await?;
        let id = data[field]["resource"]["id"].as_str();
        id.map(str::to_owned)
            .with_context(|| format!("a write was refused: {data}"))
    }

    /// The input of a new resource.
    fn new_resource(&self, number: usize, word: &str) -> anyhow::Result<Value> {
        let text = self.corpus.text(self.next_text + number);
        let place = (number / 2) % self.communities.len().max(1);
        let community = self.communities.get(place);
        let community = community.context("there is a public community")?;
        Ok(json!({
            "communityId": community,
            "title": format!("{} {word}", text.title),
            "kind": text.kind,
            "description": text.description,
            "body": text.body,
            "language": text.language,
            "licence": text.licence,
            "tags": text.tags,
            "publish": true,
        }))
    }

    /// How long it takes from an instant until anybody who searches for the word finds the resource.
    async fn find(&self, word: &str, id: &str, since: Instant) -> anyhow::Result<Duration> {
        // In quotes no other word is taken for it.
        let query = format!("\"{word}\"");
        loop {
            let data = self.readers.ask(FIND, json!({ "query": query })).await?;
            let waited = since.elapsed();
            let nodes = data["search"]["nodes"].as_array();
            let nodes = nodes.context("a search answers nodes")?;
            if nodes.iter().any(|node| node["id"] == id) {
                return Ok(waited);
            }
            ensure!(
                waited < PATIENCE,
                "{word} is not found after {} s",
                waited.as_secs()
            );
            tokio::time::sleep(PAUSE.max(waited / SHARE_OF_WAIT)).await;
        }
    }
}

impl Tally {
    fn add(&mut self, changed: Changed) {
        self.last = self.last.max(Some(changed.answered));
        match changed.written {
            Ok(took) => self.written.push(micros(took)),
            Err(error) => {
                self.refused += 1;
                self.note(&error);
            }
        }
        match changed.found {
            Some(Ok(took)) => self.found.push(micros(took)),
            Some(Err(error)) => {
                self.lost += 1;
                self.note(&error);
            }
            None => {}
        }
    }

    fn note(&mut self, error: &anyhow::Error) {
        if self.first_error.is_none() {
            self.first_error = Some(format!("{error:#}").chars().take(600).collect());
        }
    }

    fn close(mut self, begun: Instant, searches: Option<Searches>, others: f64) -> Turn {
        self.written.sort_unstable();
        self.found.sort_unstable();
        let seconds = self
            .last
            .map_or(0.0, |last| (last - begun).as_secs_f64())
            .max(f64::EPSILON);
        #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
        let written_per_second = self.written.len() as f64 / seconds;
        Turn {
            written: self.written.len(),
            written_per_second,
            write_p50_ms: report::percentile(&self.written, 0.5),
            write_p99_ms: report::percentile(&self.written, 0.99),
            searchable_p50_ms: report::percentile(&self.found, 0.5),
            searchable_p99_ms: report::percentile(&self.found, 0.99),
            searchable_max_ms: report::percentile(&self.found, 1.0),
            found: self.found.len(),
            lost: self.lost,
            refused: self.refused,
            first_error: self.first_error,
            searches,
            others,
        }
    }
}

/// Connections that stay open, as many as there are requests at once.
struct Pool {
    address: String,
    token: Option<String>,
    slots: Semaphore,
    /// With when they were used last, the latest at the end.
    idle: Mutex<Vec<(Client, Instant)>>,
}

impl Pool {
    fn new(address: &str, token: Option<String>, most: usize) -> Self {
        Self {
            address: address.to_owned(),
            token,
            slots: Semaphore::new(most),
            idle: Mutex::default(),
        }
    }

    /// The data of an answer without errors; of a connection with errors no more is asked.
    async fn ask(&self, query: &str, variables: Value) -> anyhow::Result<Value> {
        let _slot = self.slots.acquire().await?;
        let mut client = match self.take() {
            Some(client) => client,
            None => Client::connect(&self.address, self.token.as_deref()).await?,
        };
        let data = client.ask(query, variables).await?;
        self.idle().push((client, Instant::now()));
        Ok(data)
    }

    fn take(&self) -> Option<Client> {
        let mut idle = self.idle();
        let (client, used) = idle.pop()?;
        if used.elapsed() < IDLE {
            return Some(client);
        }
        // All others are older.
        idle.clear();
        None
    }

    fn idle(&self) -> MutexGuard<'_, Vec<(Client, Instant)>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn print(results: &Results) {
    let mut table = Table::new(&[
        "writes",
        "written/s",
        "p50 ms",
        "p99 ms",
        "searchable p50 ms",
        "p99 ms",
        "max ms",
        "goal ms",
        "found",
        "lost",
        "refused",
        "searches/s",
        "p50 ms",
        "p99 ms",
        "wrong",
        "others",
    ]);
    let beside = |searches: Option<&Searches>| -> Vec<String> {
        let Some(searches) = searches else {
            return vec![String::new(); 4];
        };
        vec![
            format!("{:.0}", searches.rate),
            format!("{:.2}", searches.p50_ms),
            format!("{:.2}", searches.p99_ms),
            searches.errors.to_string(),
        ]
    };
    let mut at_rest = vec!["none".to_owned()];
    at_rest.extend(vec![String::new(); 10]);
    at_rest.extend(beside(Some(&results.searches_at_rest)));
    at_rest.push(String::new());
    table.row(at_rest);
    for turn in &results.turns {
        let mut cells = vec![
            turn.written.to_string(),
            format!("{:.0}", turn.written_per_second),
        ];
        let times = [
            turn.write_p50_ms,
            turn.write_p99_ms,
            turn.searchable_p50_ms,
            turn.searchable_p99_ms,
            turn.searchable_max_ms,
        ];
        cells.extend(times.map(|time| format!("{time:.1}")));
        cells.push(format!("{GOAL:.0}"));
        cells.extend([turn.found, turn.lost, turn.refused].map(|count| count.to_string()));
        cells.extend(beside(turn.searches.as_ref()));
        cells.push(format!("{:.0} %", turn.others * 100.0));
        table.row(cells);
        let searched = turn.searches.as_ref();
        let wrong = searched.and_then(|searches| searches.first_error.as_ref());
        if let Some(error) = turn.first_error.as_ref().or(wrong) {
            crate::output::line(&format!("The first wrong answer: {error}"));
        }
    }
    table.print();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_differ_and_have_no_vowels() {
        let words: std::collections::HashSet<String> = (0..10_000).map(word).collect();
        assert_eq!(words.len(), 10_000);
        assert!(
            words
                .iter()
                .all(|word| !word.contains(['a', 'e', 'i', 'o', 'u', 'y']))
        );
    }

    #[test]
    fn what_is_refused_and_lost_is_counted() {
        let begun = Instant::now();
        let mut tally = Tally::default();
        for (written, found) in [
            (
                Ok(Duration::from_millis(4)),
                Some(Ok(Duration::from_millis(30))),
            ),
            (
                Ok(Duration::from_millis(2)),
                Some(Err(anyhow::anyhow!("lost"))),
            ),
            (Err(anyhow::anyhow!("refused")), None),
        ] {
            tally.add(Changed {
                written,
                answered: begun + Duration::from_secs(2),
                found,
            });
        }
        let turn = tally.close(begun, None, 0.0);
        assert_eq!(
            (turn.written, turn.found, turn.lost, turn.refused),
            (2, 1, 1, 1)
        );
        assert!((turn.written_per_second - 1.0).abs() < 1e-9);
        assert!((turn.searchable_max_ms - 30.0).abs() < 1e-9);
        assert_eq!(turn.first_error.as_deref(), Some("lost"));
    }
}
