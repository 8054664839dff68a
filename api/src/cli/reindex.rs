//! `repertoire reindex`

use std::process::ExitCode;

use clap::Args;
use service::change::reindex;

use super::{Common, output};

/// Rebuild the search index from the database, also while the server runs
#[derive(Debug, Args)]
pub(super) struct Reindex;

impl Reindex {
    pub(super) async fn run(self, common: &Common) -> anyhow::Result<ExitCode> {
        let (config, store) = common.open().await?;
        let bar = output::progress_bar("Indexing");
        // A small index is there before anything of it is told.
        bar.tick();
        let directory = config.index_directory();
        let rebuilt = reindex(&store, &directory, config.search.settings(), |progress| {
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
