//! Repertoire's benchmarks. Each measures the server beside the least that could do the same work, in one run and taking
//! turns: ratios count, rates do not. docs/PERFORMANCE.md says how to read them.

mod alerts;
mod bulk;
mod client;
mod corpus;
mod disk;
mod dump;
mod export;
mod feed;
mod floor;
mod follow;
mod fresh;
mod http;
mod life;
mod lineage;
mod load;
mod memory;
mod numbers;
mod output;
mod process;
mod questions;
mod report;
mod seed;
mod sync;
mod webhook;

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::corpus::Corpus;
use crate::dump::Asker;

// As the server has it, so that a ratio says nothing about allocators.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Benchmarks of Repertoire: its server beside the least that could do the same, in one run.
#[derive(Debug, Parser)]
struct Arguments {
    #[command(subcommand)]
    benchmark: Benchmark,
}

#[derive(Debug, Subcommand)]
enum Benchmark {
    /// Questions over HTTP, beside a bare async-graphql and axum server that answers them from memory.
    Http(http::Options),
    /// From a change to the search that finds it, at so many writes a second over HTTP.
    Fresh(fresh::Options),
    /// Loading through the services beside bare batched inserts, and the follower beside tantivy.
    Bulk(bulk::Options),
    /// Memory of the server and its time to be ready, with the demonstration and with many resources.
    Memory(memory::Options),
    /// The life of communities over HTTP: large beside small, long beside short, a post beside a resource.
    Life(life::Options),
    /// Walks through the graph of relations, by the service alone.
    Lineage(lineage::Options),
    /// An export of all resources by a running server: its rate, and its memory above an idle server.
    Export(export::Options),
    /// Reading the change feed over HTTP, beside the same rows by bare SQL.
    Feed(feed::Options),
    /// Synchronization with another system, beside bulk loading; then the same again, unchanged.
    Sync(sync::Options),
    /// Alerts: all saved searches asked of what is new, by the service alone.
    Alerts(alerts::Options),
    /// Deliveries of webhooks over a death of the server, beside bare requests.
    Webhook(webhook::Options),
    /// The other server; started by `http`.
    #[command(hide = true)]
    Floor { directory: PathBuf, asker: Asker },
    /// The load generator; started by the others.
    #[command(hide = true)]
    Load,
}

/// Where content and results are.
#[derive(Debug, clap::Args)]
struct Common {
    /// How many resources there are
    #[arg(long, default_value_t = 10_000)]
    resources: usize,
    /// Short texts: about 6 words of title and 20 of body instead of 2.7 kB
    #[arg(long)]
    short: bool,
    /// Directory of the demonstration's content, which texts are made of
    #[arg(long, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/../demo"))]
    content: PathBuf,
    /// Directory for databases and results; filled once for each number of resources and length of texts
    #[arg(long, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/benches"))]
    work: PathBuf,
}

impl Common {
    fn corpus(&self) -> anyhow::Result<Corpus> {
        Corpus::read(&self.content, self.short)
    }

    /// How many resources there are and of which length, in names of files.
    fn label(&self) -> String {
        format!(
            "{}{}",
            self.resources,
            if self.short { "-short" } else { "" }
        )
    }

    /// A filled data directory with the world that is in it.
    async fn filled(&self) -> anyhow::Result<(PathBuf, dump::World)> {
        let directory = self.work.join(format!("resources-{}", self.label()));
        let world = seed::fill(&directory, &self.corpus()?, self.resources).await?;
        Ok((directory, world))
    }
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    if let Benchmark::Load = arguments.benchmark {
        return load::run();
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        match arguments.benchmark {
            Benchmark::Http(options) => http::run(options).await,
            Benchmark::Fresh(options) => fresh::run(options).await,
            Benchmark::Bulk(options) => bulk::run(options).await,
            Benchmark::Memory(options) => memory::run(options).await,
            Benchmark::Life(options) => life::run(options).await,
            Benchmark::Lineage(options) => lineage::run(options).await,
            Benchmark::Export(options) => export::run(options).await,
            Benchmark::Feed(options) => feed::run(options).await,
            Benchmark::Sync(options) => sync::run(options).await,
            Benchmark::Alerts(options) => alerts::run(options).await,
            Benchmark::Webhook(options) => webhook::run(options).await,
            Benchmark::Floor { directory, asker } => floor::serve(&directory, asker).await,
            Benchmark::Load => Ok(()),
        }
    })
}
