//! Those who connect another system: docs/SYNC.md is run as it stands there, and the example LMS keeps in sync whoever is
//! killed.

mod guide;
mod kill;
mod proxy;
mod shell;
mod sides;
mod snapshot;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use ::support::postgres;

/// Set to any value, the tests of the examples fail where what these need is missing, instead of being skipped.
const REQUIRED: &str = "REPERTOIRE_TEST_REQUIRE_EXAMPLES";

/// The repository.
fn repository() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// Which database a test runs on.
#[derive(Clone, Copy, Debug)]
enum On {
    Sqlite,
    Postgresql,
}

impl On {
    /// What the environment has to say for it; none where PostgreSQL is not to be had, which was said then.
    async fn environment(self) -> Option<Vec<(&'static str, String)>> {
        match self {
            Self::Sqlite => Some(Vec::new()),
            Self::Postgresql => {
                let made = || postgres::cluster().map(postgres::Cluster::database);
                let url = tokio::task::spawn_blocking(made).await.unwrap()?;
                Some(vec![("REPERTOIRE_DATABASE_URL", url)])
            }
        }
    }
}

/// Whether a program runs and succeeds; what fails without it is skipped, loudly, or fails where that is asked for.
fn available(command: &[&str], install: &str) -> bool {
    let ran = Command::new(command[0])
        .args(&command[1..])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    let found = ran.is_ok_and(|status| status.success());
    if !found {
        let said = format!("`{}` does not run. {install}", command.join(" "));
        assert!(
            std::env::var_os(REQUIRED).is_none(),
            "{REQUIRED} asks for the tests of the examples, but {said}"
        );
        // Written past the test runner, which shows what passing tests print to nobody.
        let _ = writeln!(
            std::io::stderr().lock(),
            "SKIPPED: a test of the examples. {said}"
        );
    }
    found
}

/// Whether Python runs, and has what webhooks are verified with.
fn has_python() -> bool {
    available(
        &["python3", "-c", "import standardwebhooks"],
        "Install Python 3 and `pip install --require-hashes -r examples/lms/python/requirements.txt`.",
    )
}

/// The example in JavaScript, translated once; none where its tools are missing.
fn typescript() -> Option<&'static Path> {
    static TRANSLATED: OnceLock<Option<PathBuf>> = OnceLock::new();
    TRANSLATED
        .get_or_init(|| {
            let example = repository().join("examples/lms/typescript");
            let compiler = example.join("node_modules/typescript/bin/tsc");
            let compiler = compiler.to_str().unwrap();
            if !available(
                &["node", compiler, "--version"],
                "Install Node.js and run `npm ci` in examples/lms/typescript.",
            ) {
                return None;
            }
            let translated = Command::new("node")
                .args([compiler, "--project"])
                .arg(&example)
                .output()
                .unwrap();
            assert!(
                translated.status.success(),
                "{}",
                String::from_utf8_lossy(&translated.stdout)
            );
            Some(example.join("dist/lms.js"))
        })
        .as_deref()
}
