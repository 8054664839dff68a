//! `repertoire config`

use std::process::ExitCode;

use clap::Args;

use super::output;
use crate::config::DEFAULTS;

/// Print every setting with its default and what it means, as a TOML file
#[derive(Debug, Args)]
pub(super) struct PrintConfig;

impl PrintConfig {
    #[expect(clippy::unused_self, reason = "every command has this form")]
    pub(super) fn run(self) -> ExitCode {
        output::text(DEFAULTS);
        ExitCode::SUCCESS
    }
}
