//! `repertoire keys`

use std::process::ExitCode;

use anyhow::{anyhow, bail};
use clap::{Args, Subcommand};
use service::auth::SigningKeys;

use super::{Common, output};
use crate::config::Config;
use crate::server::DataDirectory;

/// Manage the keys that sign access tokens
#[derive(Debug, Args)]
pub(super) struct Keys {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List the keys, the one that signs first: id, when it was made, and what it does
    List,
    /// Make a new key, which signs from now on, and print its id; what the others signed stays valid until it expires.
    /// Also while the server runs
    Rotate,
}

impl Keys {
    pub(super) fn run(self, common: &Common) -> anyhow::Result<ExitCode> {
        let config = common.configure()?;
        match self.command {
            Command::List => list(&known(&config)?),
            Command::Rotate => rotate(&config)?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// The keys that are there. A command that finds none makes none: most likely it looks in the wrong place.
fn known(config: &Config) -> anyhow::Result<SigningKeys> {
    config.known_signing_keys()?.ok_or_else(|| {
        anyhow!(
            "There are no signing keys in {} yet. Name the right data directory by --data-dir, or run `repertoire serve`, \
             which makes the first key.",
            config.data_dir.display()
        )
    })
}

fn list(keys: &SigningKeys) {
    for (place, key) in keys.known().iter().enumerate() {
        let made_at = key
            .made_at
            .map_or_else(|| "unknown".to_owned(), |at| at.to_rfc3339());
        let use_of_it = if place == 0 { "signs" } else { "verifies" };
        output::line(&format!("{} {made_at:<25} {use_of_it}", key.id));
    }
}

fn rotate(config: &Config) -> anyhow::Result<()> {
    let setting = match (&config.auth.signing_keys, &config.auth.signing_keys_file) {
        (Some(_), _) => Some("auth.signing_keys"),
        (None, Some(_)) => Some("auth.signing_keys_file"),
        (None, None) => None,
    };
    if let Some(setting) = setting {
        bail!(
            "The signing keys are given by the setting `{setting}`, and are rotated there: put a new key before the others, \
             and start the server again. Take the old ones away when what they signed has expired."
        );
    }
    let id = known(config)?.rotate()?;
    output::line(&id);
    output::note(if DataDirectory::is_claimed(&config.data_dir) {
        "The running server signs with this key within seconds."
    } else {
        "The server signs with this key when it runs."
    });
    Ok(())
}
