//! `repertoire import`

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::{ArgGroup, Args, ValueEnum};
use service::entity::operation::OperationFormat;
use service::operation::{
    Importing, LineError, Progress, Source, Tally, import_now, viewer_by_handle,
};
use service::store::Store;
use service::viewer::Viewer;
use uuid::Uuid;

use super::{Common, output, refusal};
use crate::config::Config;

/// What the command ends with when some lines could not be imported.
const PARTIAL: u8 = 3;
/// So many errors are said one by one.
const MOST_SAID: usize = 100;

/// Import a file into a community, also while the server runs
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("where").required(true).multiple(true).args(["community", "restore"]))]
pub(super) struct Import {
    /// The file; - reads standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Slug of the community that it goes to
    #[arg(long, value_name = "SLUG")]
    community: Option<String>,
    /// Handle of the person who imports: the author of what is made, with that person's rights
    #[arg(long = "as", value_name = "HANDLE")]
    as_handle: String,
    /// How the file is written [default: by its ending, else ndjson]
    #[arg(long, value_enum, ignore_case = true)]
    format: Option<Format>,
    /// Bring an export back as it was, with ids, authors, dates and history; the person must be an administrator. Without
    /// --community, everything in it
    #[arg(long)]
    restore: bool,
}

/// How a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// A JSON object a line
    Ndjson,
    /// A table of resources
    Csv,
}

impl From<Format> for OperationFormat {
    fn from(format: Format) -> Self {
        match format {
            Format::Ndjson => Self::Ndjson,
            Format::Csv => Self::Csv,
        }
    }
}

impl Format {
    /// By the ending of a file's name.
    pub(super) fn of(file: &Path) -> Self {
        let is_csv = file
            .extension()
            .is_some_and(|ending| ending.eq_ignore_ascii_case("csv"));
        if is_csv { Self::Csv } else { Self::Ndjson }
    }
}

impl Import {
    pub(super) async fn run(self, common: &Common) -> anyhow::Result<ExitCode> {
        let (config, store) = common.open().await?;
        let viewer = viewer_by_handle(&store, &self.as_handle)
            .await
            .map_err(refusal)?;
        let community = match &self.community {
            Some(slug) => Some(community_of(&store, &viewer, slug).await?),
            None => None,
        };
        let spooled = self.spool(&config).await?;
        let path = match &spooled {
            Some(spooled) => spooled.0.clone(),
            None => self.file.clone(),
        };
        if !path.is_file() {
            bail!("There is no file {}.", path.display());
        }
        let importing = Importing {
            source: Source {
                path,
                format: self.format.unwrap_or_else(|| Format::of(&self.file)).into(),
                line_bytes: config.operations.line_bytes,
            },
            community,
            restore: self.restore,
        };
        let bar = output::progress_bar("Importing");
        bar.tick();
        let progress = |progress: Progress| {
            bar.set_length(progress.total.unwrap_or(progress.done));
            bar.set_position(progress.done);
        };
        let done = import_now(&store, &viewer, importing, &progress).await;
        bar.finish_and_clear();
        Ok(report(&done.map_err(refusal)?))
    }

    /// What comes on standard input is kept in a file while it is imported: it is looked through before it is read.
    async fn spool(&self, config: &Config) -> anyhow::Result<Option<Spooled>> {
        if self.file.as_os_str() != "-" {
            return Ok(None);
        }
        let directory = config.data_dir.clone();
        let spooled = tokio::task::spawn_blocking(move || -> std::io::Result<Spooled> {
            let path = directory.join(format!("import-{}.part", Uuid::new_v4().simple()));
            let mut options = std::fs::File::options();
            options.write(true).create_new(true);
            #[cfg(unix)]
            {
                use std::os::unix::fs::OpenOptionsExt;
                options.mode(0o600);
            }
            let mut file = options.open(&path)?;
            let spooled = Spooled(path);
            std::io::copy(&mut std::io::stdin().lock(), &mut file)?;
            Ok(spooled)
        });
        let spooled = spooled.await?;
        Ok(Some(spooled.context("Standard input cannot be kept.")?))
    }
}

/// A file that is removed in the end.
struct Spooled(PathBuf);

impl Drop for Spooled {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = std::fs::remove_file(&self.0);
    }
}

/// The id of a community, as far as somebody may see it.
async fn community_of(store: &Store, viewer: &Viewer, slug: &str) -> anyhow::Result<Uuid> {
    let found = service::community::by_slug(store, viewer, slug).await?;
    let found = found.with_context(|| {
        format!("There is no community with the slug {slug} that this person may see.")
    })?;
    Ok(found.id)
}

/// Says what came of it: errors on standard error, the sum on standard output.
fn report(tally: &Tally) -> ExitCode {
    for LineError { line, message } in tally.errors.iter().take(MOST_SAID) {
        output::note(&match line {
            Some(line) => format!("line {line}: {message}"),
            None => message.clone(),
        });
    }
    if tally.errors.len() > MOST_SAID {
        output::note(&format!(
            "… and {} more errors",
            tally.errors.len() - MOST_SAID
        ));
    }
    output::line(&format!(
        "{} lines: {} made, {} there already, {} not imported or not as a whole.",
        tally.done, tally.created, tally.unchanged, tally.failed
    ));
    if tally.failed == 0 {
        ExitCode::SUCCESS
    } else if tally.created + tally.unchanged > 0 {
        ExitCode::from(PARTIAL)
    } else {
        ExitCode::FAILURE
    }
}
