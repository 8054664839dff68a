//! `repertoire reindex`

use std::process::ExitCode;

use clap::Args;
use service::change::{Losses, reindex};

use super::{Common, output};

/// Rebuild the search index from the database, also while the server runs
#[derive(Debug, Args)]
pub(super) struct Reindex {
    /// Replace the index even if more than half of all things cannot be indexed
    #[arg(long)]
    accept_losses: bool,
}

impl Reindex {
    pub(super) async fn run(self, common: &Common) -> anyhow::Result<ExitCode> {
        let (config, store) = common.open().await?;
        let bar = output::progress_bar("Indexing");
        // A small index is there before anything of it is told.
        bar.tick();
        let directory = config.index_directory();
        let losses = if self.accept_losses {
            Losses::Accept
        } else {
            Losses::Refuse
        };
        let settings = config.search.settings();
        let rebuilt = reindex(&store, &directory, settings, losses, |progress| {
            bar.set_length(progress.total);
            bar.set_position(progress.done);
        })
        .await;
        bar.finish_and_clear();
        rebuilt?;
        output::note("The search index is rebuilt.");
        Ok(ExitCode::SUCCESS)
    }
}
