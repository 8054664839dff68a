//! `repertoire schema`

use std::process::ExitCode;

use clap::Args;

use super::output;

/// Print the GraphQL schema
#[derive(Debug, Args)]
pub(super) struct Schema;

impl Schema {
    #[expect(clippy::unused_self, reason = "every command has this form")]
    pub(super) fn run(self) -> ExitCode {
        output::text(&crate::graphql::sdl());
        ExitCode::SUCCESS
    }
}
