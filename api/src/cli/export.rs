//! `repertoire export`

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, anyhow, bail};
use clap::{ArgGroup, Args};
use service::operation::{Plan, Progress, Sight, Target, export_now, viewer_by_handle};
use service::store::Store;
use uuid::Uuid;

use super::import::Format;
use super::{Common, output, refusal};

/// Write what is in the server to a file, also while it runs
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("what").required(true).args(["community", "all"]))]
pub(super) struct Export {
    /// Slug of the community whose things are written
    #[arg(long, value_name = "SLUG")]
    community: Option<String>,
    /// Everything
    #[arg(long)]
    all: bool,
    /// How the file is written [default: by the ending of --output, else ndjson]
    #[arg(long, value_enum, ignore_case = true)]
    format: Option<Format>,
    /// The file; - writes to standard output
    #[arg(long, value_name = "FILE", default_value = "-")]
    output: PathBuf,
    /// Handle of a person: only what that person may see is written. Without, all that is there, private things too
    #[arg(long = "as", value_name = "HANDLE")]
    as_handle: Option<String>,
}

impl Export {
    pub(super) async fn run(self, common: &Common) -> anyhow::Result<ExitCode> {
        let (_, store) = common.open().await?;
        let sight = match &self.as_handle {
            Some(handle) => Sight::Of(viewer_by_handle(&store, handle).await.map_err(refusal)?),
            None => Sight::Whole,
        };
        let community = match &self.community {
            Some(slug) => Some(community_of(&store, &sight, slug).await?),
            None => None,
        };
        let plan = Plan {
            sight,
            community,
            format: self
                .format
                .unwrap_or_else(|| Format::of(&self.output))
                .into(),
        };
        let output = Output::open(&self.output)?;
        let bar = output::progress_bar("Exporting");
        bar.tick();
        let progress = |progress: Progress| {
            bar.set_length(progress.total.unwrap_or(progress.done));
            bar.set_position(progress.done);
        };
        let exported = export_now(&store, &plan, output.target()?, &progress).await;
        bar.finish_and_clear();
        let exported = exported?;
        output.finish(&self.output)?;
        output::note(&format!(
            "{} items and communities, {} bytes, as of position {}.",
            exported.things, exported.bytes, exported.position
        ));
        Ok(ExitCode::SUCCESS)
    }
}

async fn community_of(store: &Store, sight: &Sight, slug: &str) -> anyhow::Result<Uuid> {
    let found = match sight {
        Sight::Of(viewer) => service::community::by_slug(store, viewer, slug)
            .await?
            .map(|community| community.id),
        Sight::Whole => service::operation::community_with_slug(store, slug).await?,
    };
    found.ok_or_else(|| anyhow!("There is no community with the slug {slug}."))
}

/// Where the export goes.
enum Output {
    Standard,
    /// A file that gets its name when it is whole; nobody finds half of one.
    File(std::fs::File, PathBuf),
}

impl Output {
    fn open(output: &Path) -> anyhow::Result<Self> {
        if output.as_os_str() == "-" {
            return Ok(Self::Standard);
        }
        if output.is_dir() {
            bail!("{} is a directory; name a file.", output.display());
        }
        let mut name = output.as_os_str().to_owned();
        name.push(format!("-{}.part", Uuid::new_v4().simple()));
        let path = PathBuf::from(name);
        let mut options = std::fs::File::options();
        options.write(true).create_new(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt;
            options.mode(0o600);
        }
        let file = options
            .open(&path)
            .with_context(|| format!("The file {} cannot be written.", output.display()))?;
        Ok(Self::File(file, path))
    }

    fn target(&self) -> anyhow::Result<Target> {
        Ok(match self {
            Self::Standard => Box::new(std::io::stdout()),
            Self::File(file, _) => Box::new(file.try_clone()?),
        })
    }

    fn finish(mut self, output: &Path) -> anyhow::Result<()> {
        if let Self::File(file, path) = &mut self {
            file.sync_all()?;
            let named = std::fs::rename(&*path, output);
            named.with_context(|| format!("The file {} cannot be named.", output.display()))?;
            // There is nothing left to remove.
            path.clear();
        }
        Ok(())
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        if let Self::File(_, path) = self
            && !path.as_os_str().is_empty()
        {
            let _ = std::fs::remove_file(path);
        }
    }
}
