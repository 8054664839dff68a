//! `repertoire user`

use std::io::BufRead;
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::{ArgGroup, Args, Subcommand, ValueEnum};
use service::auth::{NewUser, Passwords, Secret, create_user};
use service::entity::user::PlatformRole;

use super::{Common, output, refusal};

/// Manage people's accounts
#[derive(Debug, Args)]
pub(super) struct User {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make an account
    Create(Create),
}

/// Make an account
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("sign-in").required(true).args(["password_stdin", "no_password"]))]
struct Create {
    /// The e-mail address to sign in with
    #[arg(long)]
    email: String,
    /// The name that others see
    #[arg(long, value_name = "NAME")]
    display_name: String,
    /// The unique readable name; made of the display name when not given
    #[arg(long)]
    handle: Option<String>,
    /// What the person may do on the platform as a whole
    #[arg(long, value_enum, ignore_case = true, default_value_t = Role::Member)]
    role: Role,
    /// Read the password from the first line of standard input
    #[arg(long)]
    password_stdin: bool,
    /// Make an account without a password, for sign-in by an external issuer
    #[arg(long)]
    no_password: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
#[value(rename_all = "UPPER")]
enum Role {
    Member,
    Analyst,
    Admin,
}

impl From<Role> for PlatformRole {
    fn from(role: Role) -> Self {
        match role {
            Role::Member => Self::Member,
            Role::Analyst => Self::Analyst,
            Role::Admin => Self::Admin,
        }
    }
}

impl User {
    pub(super) async fn run(self, common: &Common) -> anyhow::Result<ExitCode> {
        let Command::Create(create) = self.command;
        create.run(common).await
    }
}

impl Create {
    async fn run(self, common: &Common) -> anyhow::Result<ExitCode> {
        let password = if self.password_stdin {
            Some(read_password(std::io::stdin().lock())?)
        } else {
            None
        };
        let (config, store) = common.open().await?;
        let passwords = Passwords::new(config.auth.password_cost, 1)?;
        let new = NewUser {
            email: self.email,
            display_name: self.display_name,
            handle: self.handle,
            role: self.role.into(),
            password,
            is_demo: false,
        };
        let made = create_user(&store, &passwords, new)
            .await
            .map_err(refusal)?
            .value;
        output::line(&format!(
            "Made the account {} ({}), role {}.",
            made.handle,
            made.email.unwrap_or_default(),
            made.platform_role.as_str()
        ));
        Ok(ExitCode::SUCCESS)
    }
}

/// The first line, without its end.
fn read_password(mut input: impl BufRead) -> anyhow::Result<Secret> {
    let mut line = String::new();
    input
        .read_line(&mut line)
        .context("The password cannot be read from standard input.")?;
    let password = line.strip_suffix('\n').unwrap_or(&line);
    let password = password.strip_suffix('\r').unwrap_or(password);
    if password.is_empty() {
        bail!("There is no password on standard input; write it there as the first line.");
    }
    Ok(password.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_is_the_first_line_and_nothing_else() {
        for (input, password) in [
            ("a pass phrase\n", "a pass phrase"),
            ("a pass phrase", "a pass phrase"),
            (" kept \r\nsecond line\n", " kept "),
        ] {
            assert_eq!(read_password(input.as_bytes()).unwrap().expose(), password);
        }
        assert!(read_password("".as_bytes()).is_err());
        assert!(read_password("\nsecond".as_bytes()).is_err());
    }
}
