//! The command line: one file a command.

mod config;
mod logging;
mod migrate;
mod output;
mod schema;
mod serve;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::config::{Config, Flags, load};

/// Knowledge management for communities of practice: a GraphQL server with everything it needs.
#[derive(Debug, Parser)]
#[command(name = "repertoire", version, propagate_version = true, arg_required_else_help = true)]
pub struct Cli {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

/// What every command takes.
#[derive(Clone, Debug, Default, Args)]
struct Common {
    /// TOML file with settings [env: REPERTOIRE_CONFIG] [default: repertoire.toml in the data directory, if it is there]
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Directory of the database, the search index and the signing keys [env: REPERTOIRE_DATA_DIR] [default: data]
    #[arg(long, global = true, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// `sqlite:///FILE` or `postgres://…` [env: REPERTOIRE_DATABASE_URL] [default: a SQLite file in the data directory]
    #[arg(long, global = true, value_name = "URL")]
    database_url: Option<String>,
}

impl Common {
    fn flags(&self) -> Flags {
        Flags {
            config: self.config.clone(),
            data_dir: self.data_dir.clone(),
            database_url: self.database_url.clone(),
            ..Flags::default()
        }
    }

    fn load(&self) -> anyhow::Result<Config> {
        Ok(load(self.flags())?)
    }
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server
    Serve(serve::Serve),
    /// Bring the database up to date
    Migrate(migrate::Migrate),
    /// Print the GraphQL schema
    Schema(schema::Schema),
    /// Print every setting with its default and what it means, as a TOML file
    Config(config::PrintConfig),
}

/// Reads the command line, runs the command, and says on standard error what went wrong.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(cli) {
        Ok(code) => code,
        Err(error) => {
            output::error(&error);
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    let Cli { common, command } = cli;
    match command {
        Command::Serve(serve) => block_on(serve.run(&common)),
        Command::Migrate(migrate) => block_on(migrate.run(&common)),
        Command::Schema(schema) => schema.run(),
        Command::Config(config) => config.run(),
    }
}

fn block_on(
    work: impl Future<Output = anyhow::Result<ExitCode>>,
) -> anyhow::Result<ExitCode> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?
        .block_on(work)
}

#[cfg(test)]
mod tests;
