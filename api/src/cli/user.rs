//! `repertoire user`

use std::io::{BufRead, IsTerminal};
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::{ArgGroup, Args, Subcommand, ValueEnum};
use service::auth::{NewUser, Passwords, Secret, create_user};
use service::entity::user::{self, PlatformRole, UserStatus};
use service::error::Error;
use service::store::Store;
use service::user::{
    FORMER_MEMBER, account_by_email, account_by_handle, erase_as_operator, reinstate_as_operator,
    suspend_as_operator,
};

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
    /// Sign somebody out, and keep them from signing in until they are reinstated; what they made stays. Also while the
    /// server runs
    Suspend(Suspend),
    /// Let somebody who was suspended sign in again. Also while the server runs
    Reinstate(Reinstate),
    /// Remove for good who somebody is and all that was theirs alone; what they gave stays, in nobody's name. Also while
    /// the server runs
    Erase(Erase),
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

/// Whose account is meant.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct Person {
    /// The e-mail address that the person signs in with
    #[arg(long)]
    email: Option<String>,
    /// The person's handle
    #[arg(long)]
    handle: Option<String>,
}

/// Sign somebody out, and keep them from signing in until they are reinstated; what they made stays. Also while the
/// server runs
#[derive(Debug, Args)]
struct Suspend {
    #[command(flatten)]
    person: Person,
    /// Why, as administrators read it
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

/// Let somebody who was suspended sign in again. Also while the server runs
#[derive(Debug, Args)]
struct Reinstate {
    #[command(flatten)]
    person: Person,
}

/// Remove for good who somebody is and all that was theirs alone; what they gave stays, in nobody's name. Also while the
/// server runs
#[derive(Debug, Args)]
struct Erase {
    #[command(flatten)]
    person: Person,
    /// Do it without asking
    #[arg(long)]
    yes: bool,
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
        match self.command {
            Command::Create(create) => create.run(common).await,
            Command::Suspend(suspend) => suspend.run(common).await,
            Command::Reinstate(reinstate) => reinstate.run(common).await,
            Command::Erase(erase) => erase.run(common).await,
        }
    }
}

impl Person {
    async fn find(&self, store: &Store) -> anyhow::Result<user::Model> {
        let found = match (&self.email, &self.handle) {
            (Some(email), _) => account_by_email(store, email).await,
            (None, Some(handle)) => account_by_handle(store, handle).await,
            (None, None) => Err(Error::internal("nobody is named")),
        };
        found.map_err(refusal)
    }
}

/// A person as the operator knows them.
fn name_of(person: &user::Model) -> String {
    match &person.email {
        Some(email) => format!("{} ({email})", person.handle),
        None => person.handle.clone(),
    }
}

impl Suspend {
    async fn run(self, common: &Common) -> anyhow::Result<ExitCode> {
        let (_, store) = common.open().await?;
        let person = self.person.find(&store).await?;
        let name = name_of(&person);
        suspend_as_operator(&store, person.id, self.reason)
            .await
            .map_err(refusal)?;
        output::line(&if person.status == UserStatus::Suspended {
            format!("{name} is suspended already; nothing was changed.")
        } else {
            format!("Suspended {name}: signed out, and cannot sign in until reinstated.")
        });
        Ok(ExitCode::SUCCESS)
    }
}

impl Reinstate {
    async fn run(self, common: &Common) -> anyhow::Result<ExitCode> {
        let (_, store) = common.open().await?;
        let person = self.person.find(&store).await?;
        let name = name_of(&person);
        reinstate_as_operator(&store, person.id)
            .await
            .map_err(refusal)?;
        output::line(&if person.status == UserStatus::Active {
            format!("{name} is not suspended; nothing was changed.")
        } else {
            format!("Reinstated {name}: may sign in again.")
        });
        Ok(ExitCode::SUCCESS)
    }
}

impl Erase {
    async fn run(self, common: &Common) -> anyhow::Result<ExitCode> {
        let (_, store) = common.open().await?;
        let person = self.person.find(&store).await?;
        let name = name_of(&person);
        if !self.yes && !confirmed(&name)? {
            output::note("Nothing was changed.");
            return Ok(ExitCode::FAILURE);
        }
        let gone = erase_as_operator(&store, person.id)
            .await
            .map_err(refusal)?
            .value;
        output::line(&format!(
            "Erased {name}; what they gave stays, by {FORMER_MEMBER} ({}).",
            gone.handle
        ));
        Ok(ExitCode::SUCCESS)
    }
}

/// Asks at a terminal whether somebody is to be erased; elsewhere nobody can answer, and it is refused.
fn confirmed(name: &str) -> anyhow::Result<bool> {
    let what = format!(
        "This erases {name} for good: name, e-mail address, profile, sessions, tokens and memberships. What they gave \
         stays, by {FORMER_MEMBER}. It cannot be undone."
    );
    let input = std::io::stdin();
    if !input.is_terminal() {
        bail!("{what}\nNothing was changed. Say --yes to do it.");
    }
    output::note(&format!("{what}\nWrite yes to do it:"));
    let mut answer = String::new();
    input
        .lock()
        .read_line(&mut answer)
        .context("The answer cannot be read.")?;
    Ok(answer.trim().eq_ignore_ascii_case("yes"))
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
