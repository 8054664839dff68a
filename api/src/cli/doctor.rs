//! `repertoire doctor`

use std::path::Path;
use std::process::ExitCode;

use clap::Args;
use service::clock::Clock;
use service::doctor::{
    Finding, State, check_address, check_certificates, check_clock, check_database, check_disk,
    check_index, check_invariants, check_mail, check_private, check_writable,
};
use service::store::Store;

use super::{Common, output};
use crate::config::Config;
use crate::migrations;
use crate::server::DataDirectory;

/// Check configuration, directories, address, signing keys, database, index, disk, clock and mail server, and say how to
/// mend each
#[derive(Debug, Args)]
pub(super) struct Doctor {
    /// Also check what must hold of the rows, every file of the index, and that it holds what the database does; reads
    /// everything
    #[arg(long)]
    deep: bool,
}

impl Doctor {
    pub(super) async fn run(self, common: &Common) -> anyhow::Result<ExitCode> {
        let config = match common.configure() {
            Ok(config) => config,
            Err(error) => {
                let remedy = "Mend the settings that are named.";
                return Ok(report(&[Finding::broken(
                    "configuration",
                    error.to_string(),
                    remedy,
                )]));
            }
        };
        let mut findings = vec![Finding::well(
            "configuration",
            "Every setting is known and allowed.",
        )];
        findings.extend(check_directory(&config));
        // A server that runs here listens on it itself.
        if !DataDirectory::is_claimed(&config.data_dir) {
            findings.push(check_address(config.listen));
        }
        findings.push(check_certificates());
        findings.push(check_keys(&config));
        findings.push(check_mail_server(&config).await);
        findings.extend(self.check_data(&config).await);
        Ok(report(&findings))
    }

    async fn check_data(&self, config: &Config) -> Vec<Finding> {
        if let Some(file) = config.database_file().filter(|file| !file.exists()) {
            let message = format!("There is no database {} yet.", file.display());
            return vec![Finding::broken(
                "database",
                message,
                "Run `repertoire migrate` or `repertoire serve`.",
            )];
        }
        let store = match Store::open(&config.store_options(), Clock::default()).await {
            Ok(store) => store,
            Err(error) => {
                let remedy = "Check that the database runs, that `database_url` is right, and that its file is yours.";
                return vec![Finding::broken("database", format!("{error}."), remedy)];
            }
        };
        let mut findings = check_database(&store).await;
        if findings
            .iter()
            .any(|finding| finding.state == State::Broken)
        {
            return findings;
        }
        let migrated = check_migrations(&store).await;
        let current = migrated.state == State::Well;
        findings.push(migrated);
        if current {
            let settings = config.search.settings();
            findings
                .push(check_index(&store, &config.index_directory(), settings, self.deep).await);
            findings.push(check_clock(&store).await);
            if self.deep {
                findings.extend(check_invariants(&store).await);
            }
        }
        findings
    }
}

fn check_directory(config: &Config) -> Vec<Finding> {
    let directory: &Path = &config.data_dir;
    if !directory.is_dir() {
        let message = format!("There is no data directory {} yet.", directory.display());
        let remedy = "Name the right one by --data-dir, or run `repertoire serve`, which makes it.";
        return vec![Finding::broken("data directory", message, remedy)];
    }
    let server = if DataDirectory::is_claimed(directory) {
        "A server runs"
    } else {
        "No server runs"
    };
    vec![
        Finding::well(
            "data directory",
            format!("{server} in {}.", directory.display()),
        ),
        check_private(directory),
        check_writable(directory, "data_dir"),
        check_writable(&config.index_directory(), "data_dir"),
        check_writable(
            &config.operation_settings().directory,
            "operations.directory",
        ),
        check_disk(directory),
    ]
}

/// Reads the signing keys as `serve` does, but makes none.
fn check_keys(config: &Config) -> Finding {
    let name = "signing keys";
    match config.known_signing_keys() {
        Ok(Some(keys)) => {
            let known = keys.known();
            let signing = known.first().map_or("none", |key| key.id.as_str());
            Finding::well(
                name,
                format!("{} can be used; {signing} signs.", known.len()),
            )
        }
        Ok(None) => Finding::well(
            name,
            "There are none yet; `repertoire serve` makes the first.",
        ),
        Err(error) => {
            // Each cause says what is to be done.
            let causes: Vec<String> = error.chain().skip(1).map(ToString::to_string).collect();
            Finding::broken(name, error.to_string(), causes.join(": "))
        }
    }
}

async fn check_mail_server(config: &Config) -> Finding {
    let transport = match config.mail.settings() {
        Ok(Some(settings)) => config.mail.transport(&settings),
        Ok(None) => return check_mail(None).await,
        Err(error) => Err(error),
    };
    match transport {
        Ok(transport) => check_mail(Some(&transport)).await,
        Err(error) => Finding::broken(
            "mail",
            format!("{error:#}."),
            "Mend the section `mail` of the configuration.",
        ),
    }
}

async fn check_migrations(store: &Store) -> Finding {
    let name = "migrations";
    match migrations::pending(store).await {
        Ok(pending) if pending.is_empty() => Finding::well(name, "All migrations are applied."),
        Ok(pending) => Finding::broken(
            name,
            format!(
                "{} migration(s) are pending: {}.",
                pending.len(),
                pending.join(", ")
            ),
            "Run `repertoire migrate`.",
        ),
        Err(error) => Finding::broken(
            name,
            format!("{error:#}."),
            "The database may be of a newer version: run the program that it belongs to.",
        ),
    }
}

/// Prints the findings, one a line, each with its remedy below.
fn report(findings: &[Finding]) -> ExitCode {
    let mut worst = State::Well;
    for finding in findings {
        let word = match finding.state {
            State::Well => "ok",
            State::Doubtful => "look",
            State::Broken => "BROKEN",
        };
        worst = worst.max(finding.state);
        output::line(&format!(
            "{word:<7} {:<15} {}",
            finding.name, finding.message
        ));
        if let Some(remedy) = &finding.remedy {
            output::line(&format!("{:<24}-> {remedy}", ""));
        }
    }
    if worst == State::Broken {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    }
}
