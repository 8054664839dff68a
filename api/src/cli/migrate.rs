//! `repertoire migrate`

use std::process::ExitCode;

use clap::Args;
use service::clock::Clock;
use service::store::Store;

use super::{Common, output};
use crate::config::create_data_dir;
use crate::migrations;

/// Bring the database up to date
#[derive(Debug, Args)]
pub(super) struct Migrate {
    /// Only list what is pending; exits with 1 when anything is
    #[arg(long)]
    check: bool,
}

impl Migrate {
    pub(super) async fn run(self, common: &Common) -> anyhow::Result<ExitCode> {
        let config = common.configure()?;
        create_data_dir(&config.data_dir)?;
        let store = Store::open(&config.store_options(), Clock::default()).await?;
        let names = if self.check {
            migrations::pending(&store).await?
        } else {
            migrations::run(&store).await?
        };
        for name in &names {
            output::line(name);
        }
        output::note(&match (self.check, names.len()) {
            (_, 0) => "The database is up to date.".to_owned(),
            (true, count) => format!("{count} migration(s) are pending; run `repertoire migrate`."),
            (false, count) => format!("{count} migration(s) were run."),
        });
        Ok(if self.check && !names.is_empty() {
            ExitCode::FAILURE
        } else {
            ExitCode::SUCCESS
        })
    }
}
