//! The same questions to Repertoire and to the floor, in turn.

use std::path::PathBuf;

use anyhow::ensure;
use serde::Serialize;

use crate::Common;
use crate::client::Client;
use crate::dump::{self, Asker};
use crate::load::{Outcome, Plan};
use crate::process::{self, Running};
use crate::questions::{self, Goal, Question};
use crate::report::{self, Table};

/// What is measured.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    #[command(flatten)]
    common: Common,
    /// Connections, each with one request in flight
    #[arg(long, value_delimiter = ',', default_value = "1,8,64")]
    connections: Vec<usize>,
    /// Questions; all unless given
    #[arg(long, value_delimiter = ',', value_enum)]
    questions: Vec<Question>,
    /// Who asks
    #[arg(
        long,
        value_delimiter = ',',
        value_enum,
        default_value = "anonymous,signed-in"
    )]
    askers: Vec<Asker>,
    /// Seconds of each turn
    #[arg(long, default_value_t = 3.0)]
    seconds: f64,
    /// Turns of each server for each figure
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// The server's program; built when not given
    #[arg(long)]
    program: Option<PathBuf>,
}

/// All turns of one server for one figure.
#[derive(Clone, Debug, Default, Serialize)]
struct Figure {
    /// Right answers a second.
    rate: f64,
    p50_ms: f64,
    p99_ms: f64,
    /// Seconds of processor time for 1,000 answers.
    cpu_per_1000: f64,
    bytes: u64,
    errors: u64,
    first_error: Option<String>,
    #[serde(skip)]
    micros: Vec<u32>,
    #[serde(skip)]
    seconds: f64,
    #[serde(skip)]
    cpu: f64,
    #[serde(skip)]
    sent: u64,
    #[serde(skip)]
    total_bytes: u64,
}

/// One question at one number of connections.
#[derive(Clone, Debug, Serialize)]
struct Comparison {
    question: Question,
    asker: Asker,
    connections: usize,
    ours: Figure,
    floor: Figure,
    /// Our rate by the floor's.
    ratio: f64,
    /// Our processor time by the floor's.
    cpu_ratio: f64,
    goal: Goal,
    /// The share of the machine that other programs took meanwhile.
    others: f64,
}

impl Figure {
    fn add(&mut self, outcome: Outcome, cpu: f64, warmup: f64) {
        self.seconds += outcome.seconds;
        self.errors += outcome.errors;
        self.first_error = self.first_error.take().or(outcome.first_error);
        self.total_bytes += outcome.bytes;
        // Requests of the warm-up took processor time too.
        #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
        let counted = outcome.answers as f64;
        self.cpu += cpu * outcome.seconds / (outcome.seconds + warmup);
        self.sent += outcome.answers;
        self.rate += counted;
        self.micros.extend(outcome.micros);
    }

    fn close(&mut self) {
        self.micros.sort_unstable();
        self.p50_ms = report::percentile(&self.micros, 0.5);
        self.p99_ms = report::percentile(&self.micros, 0.99);
        self.cpu_per_1000 = self.cpu * 1_000.0 / self.rate.max(1.0);
        self.rate /= self.seconds.max(f64::EPSILON);
        self.bytes = self.total_bytes / self.sent.max(1);
    }
}

struct Pair<'a> {
    ours: &'a Running,
    floor: &'a Running,
    token: Option<String>,
}

/// Measures, prints and writes.
pub(crate) async fn run(options: Options) -> anyhow::Result<()> {
    let program = process::program(options.program.clone())?;
    let (directory, world) = options.common.filled().await?;
    let ours = Running::repertoire(&program, &directory, false)?;
    ours.wait_until_ready().await?;
    ours.settle().await?;
    let asked = if options.questions.is_empty() {
        Question::ALL.to_vec()
    } else {
        options.questions.clone()
    };
    let mut comparisons = Vec::new();
    let mut table = Table::new(&[
        "question",
        "asked by",
        "conn.",
        "ours/s",
        "p50 ms",
        "p99 ms",
        "floor/s",
        "p50 ms",
        "p99 ms",
        "ratio",
        "goal",
        "CPU ratio",
        "kB ours/floor",
        "others",
        "errors",
    ]);
    for &asker in &options.askers {
        let resources = dump::read_resources(&directory, &world, asker)?;
        let floor = Running::floor(&directory, asker)?;
        let token = (asker == Asker::SignedIn).then(|| world.token.clone());
        let mut client = Client::connect(&ours.address, token.as_deref()).await?;
        questions::check_total(&mut client, asker, resources.len()).await?;
        let pair = Pair {
            ours: &ours,
            floor: &floor,
            token,
        };
        for &question in &asked {
            let mut bodies = Vec::new();
            for (server, token) in [(pair.ours, pair.token.as_deref()), (pair.floor, None)] {
                let cursors = if question == Question::Deep {
                    let mut client = Client::connect(&server.address, token).await?;
                    questions::deep_cursors(&mut client, resources.len()).await?
                } else {
                    Vec::new()
                };
                bodies.push(question.bodies(&world, &resources, &cursors));
            }
            for &connections in &options.connections {
                let comparison = compare(&options, &pair, question, asker, connections, &bodies)?;
                table.row(comparison.cells());
                crate::output::line(&comparison.cells().join("  "));
                comparisons.push(comparison);
            }
        }
    }
    crate::output::line("");
    table.print();
    report::write(
        &options.common.work,
        &format!("http-{}.json", options.common.label()),
        &comparisons,
    )
}

fn compare(
    options: &Options,
    pair: &Pair<'_>,
    question: Question,
    asker: Asker,
    connections: usize,
    bodies: &[Vec<String>],
) -> anyhow::Result<Comparison> {
    ensure!(
        bodies.iter().all(|bodies| !bodies.is_empty()),
        "there is nothing to ask"
    );
    let warmup = 0.5;
    let mut figures = [Figure::default(), Figure::default()];
    let (mut known, busy, started) = (0.0, process::machine_busy()?, std::time::Instant::now());
    for _ in 0..options.rounds {
        for (place, (server, token)) in [(pair.ours, pair.token.clone()), (pair.floor, None)]
            .into_iter()
            .enumerate()
        {
            let plan = Plan {
                address: server.address.clone(),
                token,
                bodies: bodies[place].clone(),
                begins: question.begins().to_owned(),
                connections,
                warmup,
                seconds: options.seconds,
            };
            let before = server.time()?.seconds();
            let outcome = process::load(&plan)?;
            let cpu = server.time()?.seconds() - before;
            known += cpu + outcome.cpu_seconds;
            figures[place].add(outcome, cpu, warmup);
        }
    }
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    #[expect(clippy::cast_precision_loss, reason = "a handful of processors")]
    let machine = started.elapsed().as_secs_f64() * processors as f64;
    let others = ((process::machine_busy()? - busy - known) / machine).max(0.0);
    let [mut ours, mut floor] = figures;
    ours.close();
    floor.close();
    Ok(Comparison {
        question,
        asker,
        connections,
        ratio: ours.rate / floor.rate.max(f64::EPSILON),
        cpu_ratio: ours.cpu_per_1000 / floor.cpu_per_1000.max(f64::EPSILON),
        goal: question.goal(),
        others,
        ours,
        floor,
    })
}

impl Comparison {
    fn cells(&self) -> Vec<String> {
        let errors = self.ours.errors + self.floor.errors;
        let ratio = if errors > 0 {
            "void".to_owned()
        } else {
            format!("{:.2}", self.ratio)
        };
        if let Some(error) = self
            .ours
            .first_error
            .as_ref()
            .or(self.floor.first_error.as_ref())
        {
            crate::output::line(&format!("The first wrong answer: {error}"));
        }
        vec![
            self.question.name().to_owned(),
            self.asker.name().to_owned(),
            self.connections.to_string(),
            format!("{:.0}", self.ours.rate),
            format!("{:.2}", self.ours.p50_ms),
            format!("{:.2}", self.ours.p99_ms),
            format!("{:.0}", self.floor.rate),
            format!("{:.2}", self.floor.p50_ms),
            format!("{:.2}", self.floor.p99_ms),
            ratio,
            match self.goal {
                Goal::OfTheFloor(share) => format!("{share:.2}"),
                Goal::Within(milliseconds) => format!("p99 < {milliseconds:.0} ms"),
            },
            format!("{:.2}", self.cpu_ratio),
            format!(
                "{:.1}/{:.1}",
                kilobytes(self.ours.bytes),
                kilobytes(self.floor.bytes)
            ),
            format!("{:.0} %", self.others * 100.0),
            errors.to_string(),
        ]
    }
}

#[expect(clippy::cast_precision_loss, reason = "a figure for people")]
fn kilobytes(bytes: u64) -> f64 {
    bytes as f64 / 1_000.0
}
