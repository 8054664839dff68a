//! The commands of the README, as they stand there but for places and ports.

use std::path::Path;

use super::support::{PASSWORD, Served, run, text};

const README: &str = include_str!("../../../README.md");

/// The lines of the README's shell blocks.
fn commands() -> Vec<&'static str> {
    README
        .split("\n```sh\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
        .flat_map(str::lines)
        .collect()
}

/// A command's arguments, with the places of a real server put elsewhere.
fn arguments(command: &str) -> Vec<&str> {
    let mut arguments: Vec<&str> = Vec::new();
    let mut words = command.split_whitespace();
    while let Some(word) = words.next() {
        match word {
            "--data-dir" | "--listen" => {
                words.next();
            }
            _ => arguments.push(word),
        }
    }
    arguments
}

/// Those for a server that runs for real, in their order and beside that server.
#[tokio::test]
async fn what_it_says_about_running_for_real_is_run() {
    let directory = tempfile::tempdir().unwrap();
    let data: &Path = &directory.path().join("data");
    let mut server = None;
    let mut asked = 0;
    for command in commands() {
        let Some(command) = command.strip_prefix("repertoire ") else {
            continue;
        };
        asked += 1;
        match arguments(command)[..] {
            ["serve"] => server = Some(Served::start(data, &[])),
            ref arguments => {
                let output = run(data, arguments, &format!("{PASSWORD}\n"));
                assert!(
                    output.status.success(),
                    "{command}: {}{}",
                    text(&output.stdout),
                    text(&output.stderr)
                );
            }
        }
    }
    assert!(
        asked >= 3 && server.is_some(),
        "the README says no more how to run a server"
    );
}

/// Those by which it is built and tried; what runs on every change has them word for word, but for the profile.
#[test]
fn what_it_says_about_building_is_run_by_the_gate() {
    let gate = include_str!("../../../.ci/run");
    let conformance = include_str!("../../../.ci/conformance");
    let building: Vec<&str> = commands()
        .into_iter()
        .filter(|command| !command.starts_with("repertoire "))
        .collect();
    assert_eq!(
        building,
        [
            "cargo run --release -- serve --demo",
            "cargo test --workspace"
        ],
        "a new command needs something that runs it"
    );
    assert!(gate.contains("cargo test --workspace"));
    assert!(gate.contains(".ci/conformance") && conformance.contains("serve --demo"));
}
