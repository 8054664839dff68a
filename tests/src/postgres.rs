//! A private PostgreSQL cluster for the tests of one process: made when the first test asks, ended with the process.
//!
//! It listens on a Unix socket in its own directory only. Its programs come from Debian's package `postgresql`; they
//! refuse to run as root, so root's tests run them as the user `nobody`. Where they are missing, the tests on PostgreSQL
//! are skipped, and the process says so.

use std::io::Write;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, Command, Output, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// Set to any value, the tests fail where PostgreSQL's programs are missing, instead of skipping.
pub const REQUIRED: &str = "REPERTOIRE_TEST_REQUIRE_POSTGRES";

/// The only directory in which PostgreSQL's programs are looked for, in place of Debian's and those of the path.
pub const PROGRAMS: &str = "REPERTOIRE_TEST_POSTGRES_PROGRAMS";

/// What is said where they are missing.
pub const SKIPPED: &str = "SKIPPED: the tests on PostgreSQL. Its server programs (initdb, postgres) were not found; \
                           install Debian's package postgresql to run these tests too.";

const TEMPLATE: &str = "repertoire_template";
const NOBODY: u32 = 65_534;

/// The running cluster.
#[derive(Debug)]
pub struct Cluster {
    directory: PathBuf,
    programs: PathBuf,
    as_nobody: bool,
    /// The shell that runs the server stops it when this end of its standard input is closed, by whatever end of ours.
    _lifeline: ChildStdin,
    next: AtomicU32,
}

/// The cluster of this process; none, said once, where PostgreSQL's server programs are not installed.
pub fn cluster() -> Option<&'static Cluster> {
    static CLUSTER: OnceLock<Option<Cluster>> = OnceLock::new();
    CLUSTER
        .get_or_init(|| {
            let Some(programs) = find_programs() else {
                assert!(
                    std::env::var_os(REQUIRED).is_none(),
                    "PostgreSQL's server programs are required by {REQUIRED}, but were not found; \
                     install Debian's package postgresql"
                );
                // Written past the test runner, which shows what passing tests print to nobody.
                let _ = writeln!(std::io::stderr().lock(), "{SKIPPED}");
                return None;
            };
            Some(Cluster::start(programs))
        })
        .as_ref()
}

fn find_programs() -> Option<PathBuf> {
    let candidates = match std::env::var_os(PROGRAMS) {
        Some(only) => vec![PathBuf::from(only)],
        None => usual_directories(),
    };
    candidates.into_iter().find(|directory| {
        ["initdb", "postgres", "createdb", "psql"]
            .iter()
            .all(|program| directory.join(program).is_file())
    })
}

/// Debian keeps the server programs out of the path, in a directory for each version.
fn usual_directories() -> Vec<PathBuf> {
    let mut versions: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path().join("bin"))
        .collect();
    versions.sort();
    versions.reverse();
    let path = std::env::var_os("PATH").unwrap_or_default();
    versions.extend(std::env::split_paths(&path));
    versions
}

impl Cluster {
    #[expect(
        clippy::zombie_processes,
        reason = "the shell outlives us by a moment: it ends when its standard input does"
    )]
    fn start(programs: PathBuf) -> Self {
        let directory = tempfile::Builder::new()
            .prefix("repertoire-postgres-")
            .tempdir()
            .expect("a temporary directory can be made")
            .keep();
        let as_nobody = std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0);
        if as_nobody {
            chown(&directory, Some(NOBODY), Some(NOBODY)).expect("root may give a directory away");
        }
        let data = directory.join("data");
        let made = command(&programs, as_nobody, "initdb")
            .args([
                "--auth=trust",
                "--username=repertoire",
                "--encoding=UTF8",
                "--locale=C",
                "--no-sync",
                "-D",
            ])
            .arg(&data)
            .output()
            .expect("initdb runs");
        check("initdb", &made);
        let script = r#"
            "$0" -D "$1" -k "$2" -c listen_addresses= -c fsync=off -c max_connections=300 \
                -c shared_buffers=64MB >"$2/log" 2>&1 </dev/null &
            server=$!
            cat >/dev/null
            kill -INT $server
            wait $server
            rm -rf "$2"
        "#;
        let mut shell = command_at(Path::new("/bin/sh"), as_nobody)
            .args(["-c", script])
            .arg(programs.join("postgres"))
            .arg(&data)
            .arg(&directory)
            .stdin(Stdio::piped())
            .process_group(0)
            .spawn()
            .expect("the shell runs");
        let lifeline = shell.stdin.take().expect("its standard input is piped");
        let cluster = Self {
            directory,
            programs,
            as_nobody,
            _lifeline: lifeline,
            next: AtomicU32::new(0),
        };
        cluster.wait_until_ready();
        check(
            "createdb",
            &cluster
                .client("createdb")
                .arg(TEMPLATE)
                .output()
                .expect("createdb runs"),
        );
        cluster
    }

    fn client(&self, program: &str) -> Command {
        let mut command = command(&self.programs, self.as_nobody, program);
        command
            .env("PGHOST", &self.directory)
            .env("PGUSER", "repertoire");
        command
    }

    /// Asks until the server answers; each attempt waits by itself, and their number is bounded.
    fn wait_until_ready(&self) {
        for _ in 0..200 {
            let answer = self
                .client("psql")
                .args(["-d", "postgres", "-Atc", "SELECT 1"])
                .stderr(Stdio::null())
                .output()
                .expect("psql runs");
            if answer.status.success() {
                return;
            }
            std::thread::park_timeout(std::time::Duration::from_millis(50));
        }
        let log = std::fs::read_to_string(self.directory.join("log")).unwrap_or_default();
        panic!("PostgreSQL did not start:\n{log}");
    }

    /// The address of a database.
    fn url(&self, database: &str) -> String {
        let host = self.directory.display().to_string().replace('/', "%2F");
        format!("postgres://repertoire@{host}/{database}")
    }

    /// The address of the template, which is migrated before the first database is made of it.
    #[must_use]
    pub fn template_url(&self) -> String {
        self.url(TEMPLATE)
    }

    /// Makes a database of the migrated template, and answers its address.
    pub fn database(&self) -> String {
        let name = format!("test_{}", self.next.fetch_add(1, Ordering::Relaxed));
        let made = self
            .client("createdb")
            .args(["-T", TEMPLATE])
            .arg(&name)
            .output()
            .expect("createdb runs");
        check("createdb", &made);
        self.url(&name)
    }
}

fn command(programs: &Path, as_nobody: bool, program: &str) -> Command {
    command_at(&programs.join(program), as_nobody)
}

fn command_at(program: &Path, as_nobody: bool) -> Command {
    let mut command = Command::new(program);
    command.current_dir("/");
    if as_nobody {
        command.uid(NOBODY).gid(NOBODY);
    }
    command
}

fn check(program: &str, output: &Output) {
    assert!(
        output.status.success(),
        "{program} failed:\n{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}
