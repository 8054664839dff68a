//! `repertoire token`

use std::process::ExitCode;

use chrono::TimeDelta;
use clap::{Args, Subcommand, ValueEnum};
use service::auth::{CreateApiToken, create_api_token_for};
use service::viewer::Scope;

use super::{Common, output, refusal};

/// Manage the tokens of integrations
#[derive(Debug, Args)]
pub(super) struct Token {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make an API token, and print it alone: it is shown only this once
    Create(Create),
}

/// Make an API token, and print it alone: it is shown only this once
#[derive(Debug, Args)]
struct Create {
    /// Whose token it is: it can never do more than this person
    #[arg(long)]
    email: String,
    /// What it may be used for; repeat the flag for several
    #[arg(long, value_enum, ignore_case = true, required = true)]
    scope: Vec<ScopeName>,
    /// What it is for, as the person sees it
    #[arg(long, default_value = "Command line")]
    name: String,
    /// Days until it ends; without, it is good until it is revoked
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u16).range(1..=3660))]
    expires_in_days: Option<u16>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
#[value(rename_all = "UPPER")]
enum ScopeName {
    Read,
    Write,
    Sync,
    Analytics,
    Admin,
}

impl From<ScopeName> for Scope {
    fn from(name: ScopeName) -> Self {
        match name {
            ScopeName::Read => Self::Read,
            ScopeName::Write => Self::Write,
            ScopeName::Sync => Self::Sync,
            ScopeName::Analytics => Self::Analytics,
            ScopeName::Admin => Self::Admin,
        }
    }
}

impl Token {
    pub(super) async fn run(self, common: &Common) -> anyhow::Result<ExitCode> {
        let Command::Create(create) = self.command;
        let (_, store) = common.open().await?;
        let expires_at = create
            .expires_in_days
            .map(|days| store.clock().now() + TimeDelta::days(days.into()));
        let input = CreateApiToken {
            name: create.name,
            scopes: create.scope.into_iter().map(Scope::from).collect(),
            community_id: None,
            expires_at,
        };
        let made = create_api_token_for(&store, &create.email, input)
            .await
            .map_err(refusal)?;
        output::line(made.value.secret.expose());
        Ok(ExitCode::SUCCESS)
    }
}
