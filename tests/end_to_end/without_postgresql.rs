//! On a machine without PostgreSQL's server programs all tests pass, and it is said which were skipped.

use std::process::{Command, Output};

use support::postgres::{PROGRAMS, REQUIRED, SKIPPED};

/// Runs a test of this binary on PostgreSQL where its programs are not to be found, as `cargo test` does.
fn run(required: bool) -> Output {
    let empty = tempfile::tempdir().expect("a temporary directory can be made");
    let mut command = Command::new(std::env::current_exe().expect("this binary has a path"));
    command
        .arg("paging::")
        .arg("--test-threads=2")
        .env(PROGRAMS, empty.path())
        .env_remove(REQUIRED);
    if required {
        command.env(REQUIRED, "1");
    }
    command.output().expect("this binary runs")
}

fn said(output: &Output) -> String {
    let text = [&output.stdout[..], &output.stderr[..]].concat();
    String::from_utf8(text).expect("the test runner writes UTF-8")
}

#[test]
fn the_tests_pass_and_say_plainly_what_was_skipped() {
    let output = run(false);
    let said = said(&output);
    assert!(output.status.success(), "{said}");
    assert!(
        said.contains("on_sqlite ... ok") && said.contains("on_postgresql ... ok"),
        "{said}"
    );
    assert_eq!(said.matches(SKIPPED).count(), 1, "said once: {said}");
}

#[test]
fn where_they_are_required_the_tests_fail() {
    let output = run(true);
    let said = said(&output);
    assert!(
        !output.status.success() && said.contains(REQUIRED),
        "{said}"
    );
    assert!(said.contains("on_sqlite ... ok"), "{said}");
}
