//! The command line: one file a command.

mod config;
mod doctor;
mod export;
mod import;
mod keys;
mod logging;
mod migrate;
mod output;
mod reindex;
mod schema;
mod serve;
mod token;
mod user;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use service::clock::Clock;
use service::error::Error;
use service::store::Store;

use crate::config::{Config, Flags, create_data_dir, load};
use crate::migrations;

/// Knowledge management for communities of practice: a GraphQL server with everything it needs.
#[derive(Debug, Parser)]
#[command(name = "repertoire", version, arg_required_else_help = true)]
pub struct Cli {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

/// What every command takes.
#[derive(Clone, Debug, Default, Args)]
struct Common {
    /// TOML file with settings [env: `REPERTOIRE_CONFIG`] [default: repertoire.toml in the data directory, if it is there]
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Directory of the database, the search index and the signing keys [env: `REPERTOIRE_DATA_DIR`] [default: data]
    #[arg(long, global = true, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// `sqlite:///FILE` or `postgres://…` [env: `REPERTOIRE_DATABASE_URL`] [default: a SQLite file in the data directory]
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

    /// The configuration, with the log of a short command.
    fn configure(&self) -> anyhow::Result<Config> {
        let config = load(self.flags())?;
        logging::install_quiet(&config.log)?;
        Ok(config)
    }

    /// The configuration and the database, brought up to date as `serve` would. A server may run meanwhile.
    async fn open(&self) -> anyhow::Result<(Config, Store)> {
        let config = self.configure()?;
        create_data_dir(&config.data_dir)?;
        let store = Store::open(&config.store_options(), Clock::default()).await?;
        migrations::prepare(&store, config.migrate).await?;
        Ok((config, store))
    }
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server
    Serve(serve::Serve),
    /// Bring the database up to date
    Migrate(migrate::Migrate),
    /// Manage people's accounts
    User(user::User),
    /// Manage the tokens of integrations
    Token(token::Token),
    /// Manage the keys that sign access tokens
    Keys(keys::Keys),
    /// Rebuild the search index from the database, also while the server runs
    Reindex(reindex::Reindex),
    /// Write what is in the server to a file, also while it runs
    Export(export::Export),
    /// Import a file into a community, also while the server runs
    Import(import::Import),
    /// Print the GraphQL schema
    Schema(schema::Schema),
    /// Print every setting with its default and what it means, as a TOML file
    Config(config::PrintConfig),
    /// Check configuration, directories, address, signing keys, database, index, disk, clock and mail server, and say how
    /// to mend each
    Doctor(doctor::Doctor),
}

/// Reads the command line, runs the command, and says on standard error what went wrong.
#[must_use]
pub fn main() -> ExitCode {
    match run(Cli::parse()) {
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
        Command::User(user) => block_on(user.run(&common)),
        Command::Token(token) => block_on(token.run(&common)),
        Command::Keys(keys) => keys.run(&common),
        Command::Reindex(reindex) => block_on(reindex.run(&common)),
        Command::Export(export) => block_on(export.run(&common)),
        Command::Import(import) => block_on(import.run(&common)),
        Command::Schema(schema) => Ok(schema.run()),
        Command::Config(config) => Ok(config.run()),
        Command::Doctor(doctor) => block_on(doctor.run(&common)),
    }
}

fn block_on(work: impl Future<Output = anyhow::Result<ExitCode>>) -> anyhow::Result<ExitCode> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?
        .block_on(work)
}

/// Says a refusal of the service in the words of the command line: the fields of its input are flags here.
fn refusal(error: Error) -> anyhow::Error {
    let Error::Refused(faults) = error else {
        return error.into();
    };
    let lines: Vec<String> = faults
        .iter()
        .map(|fault| {
            match fault
                .field
                .iter()
                .rfind(|part| part.parse::<usize>().is_err())
            {
                Some(field) if field != "input" => format!("{}: {}", flag(field), fault.message),
                _ => fault.message.clone(),
            }
        })
        .collect();
    anyhow::anyhow!(lines.join("\n"))
}

fn flag(field: &str) -> String {
    match field {
        "password" => "the password".to_owned(),
        "scopes" => "--scope".to_owned(),
        "expiresAt" => "--expires-in-days".to_owned(),
        field => {
            let mut flag = String::from("--");
            for letter in field.chars() {
                if letter.is_ascii_uppercase() {
                    flag.push('-');
                }
                flag.push(letter.to_ascii_lowercase());
            }
            flag
        }
    }
}

#[cfg(test)]
mod tests;
