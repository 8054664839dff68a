//! Memory of the server's process and its time to be ready: with the demonstration, and with many resources.

use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::Common;
use crate::disk;
use crate::dump::{self, Asker};
use crate::load::Plan;
use crate::process::{self, Memory, Running};
use crate::questions::Question;
use crate::report::{self, Table};
use crate::seed;

/// What is measured.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    #[command(flatten)]
    common: Common,
    /// Seconds of each question, at 8 connections
    #[arg(long, default_value_t = 10.0)]
    seconds: f64,
    /// The server's program; built when not given
    #[arg(long)]
    program: Option<PathBuf>,
}

#[derive(Debug, Serialize)]
struct Results {
    resources: usize,
    rows: Vec<Row>,
    /// Bytes of the database for each resource.
    database_each: f64,
    /// Bytes of the index for each resource.
    index_each: f64,
    /// Bytes of anonymous memory for each resource, after all questions.
    anonymous_each: f64,
}

#[derive(Debug, Serialize)]
struct Row {
    what: String,
    ready_seconds: f64,
    memory: Memory,
}

/// Measures, prints and writes.
pub(crate) async fn run(options: Options) -> anyhow::Result<()> {
    let program = process::program(options.program.clone())?;
    let (directory, world) = options.common.filled().await?;
    let mut rows = Vec::new();
    let empty = tempfile::tempdir_in(&options.common.work)?;
    // The first start loads the demonstration; idle is a start after that.
    let loading = Running::repertoire(&program, empty.path(), true)?;
    rows.push(row("the demonstration, first start", &loading)?);
    drop(loading);
    let idle = Running::repertoire(&program, empty.path(), true)?;
    idle.settle().await?;
    rows.push(row("the demonstration, idle", &idle)?);
    drop(idle);

    // What follows from loading so many resources is done by a first one.
    let first = Running::repertoire(&program, &directory, false)?;
    first.settle().await?;
    drop(first);
    let serving = Running::repertoire(&program, &directory, false)?;
    serving.settle().await?;
    let count = options.common.resources;
    rows.push(row(&format!("{count} resources, idle"), &serving)?);
    let resources = dump::read_resources(&directory, &world, Asker::Anonymous)?;
    for question in [
        Question::Object,
        Question::Page,
        Question::Filtered,
        Question::Search,
    ] {
        let plan = Plan {
            address: serving.address.clone(),
            token: None,
            bodies: question.bodies(&world, &resources, &[]),
            begins: question.begins().to_owned(),
            connections: 8,
            warmup: 0.0,
            seconds: options.seconds,
        };
        let outcome = process::load(&plan)?;
        anyhow::ensure!(
            outcome.errors == 0,
            "wrong answers: {:?}",
            outcome.first_error
        );
    }
    rows.push(row(
        &format!("{count} resources, after all questions"),
        &serving,
    )?);

    let results = results(&directory, count, rows)?;
    print(&results);
    report::write(
        &options.common.work,
        &format!("memory-{}.json", options.common.label()),
        &results,
    )
}

#[expect(clippy::cast_precision_loss, reason = "figures for people")]
fn results(directory: &Path, resources: usize, rows: Vec<Row>) -> anyhow::Result<Results> {
    let many = resources.max(1) as f64;
    let each = |path: PathBuf| anyhow::Ok(disk::bytes(&path)? as f64 / many);
    let anonymous = rows.last().map_or(0.0, |row| row.memory.anonymous);
    Ok(Results {
        resources,
        rows,
        database_each: each(seed::database_file(directory))?,
        index_each: each(directory.join(seed::INDEX_DIRECTORY))?,
        anonymous_each: anonymous * 1024.0 * 1024.0 / many,
    })
}

fn print(results: &Results) {
    let mut table = Table::new(&[
        "with",
        "ready after s",
        "resident MiB",
        "anonymous MiB",
        "peak MiB",
    ]);
    for row in &results.rows {
        table.row(vec![
            row.what.clone(),
            format!("{:.2}", row.ready_seconds),
            format!("{:.0}", row.memory.resident),
            format!("{:.0}", row.memory.anonymous),
            format!("{:.0}", row.memory.peak),
        ]);
    }
    table.print();
    crate::output::line(&format!(
        "A resource takes {:.0} bytes of the database, {:.0} of the index, {:.0} of anonymous memory",
        results.database_each, results.index_each, results.anonymous_each
    ));
}

fn row(what: &str, server: &Running) -> anyhow::Result<Row> {
    Ok(Row {
        what: what.to_owned(),
        ready_seconds: server.ready_after.as_secs_f64(),
        memory: server.memory()?,
    })
}
