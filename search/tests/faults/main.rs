//! A process that is killed while it writes, and a disk that is full: nothing that was committed is lost, and the index
//! never claims more than it holds. Each fault befalls a process of its own, which runs this very program again; tests
//! that start none are in another program, because what is being started holds the files of its parent for a moment.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "other tests use all of it")]
#[path = "../engine/common.rs"]
mod common;

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use search::{Index, Settings};

use common::{ask, document, puts};

/// Names the directory that a process of its own writes to.
const DIRECTORY: &str = "REPERTOIRE_FAULT_DIRECTORY";
/// Documents of each commit.
const BATCH: u64 = 20;

/// Not a test of its own: writes until it is killed or fails, and says after each commit what it reached.
#[test]
fn writer() {
    let Some(directory) = std::env::var_os(DIRECTORY) else {
        return;
    };
    let opened = Index::open_or_create(&directory, &Settings::default()).unwrap();
    if opened.needs_rebuild.is_some() {
        opened.index.rebuild().unwrap().finish(0).unwrap();
    }
    loop {
        let position = opened.index.checkpoint() + 1;
        let first = (position - 1) * BATCH + 1;
        let documents = (first..first + BATCH).map(|number| {
            let words: Vec<String> = (0..200)
                .map(|word| format!("w{}x{word}", number * 7_919 % 10_007))
                .collect();
            let body = words.join(" ");
            document(number, "same words", &body)
        });
        match opened.index.apply(puts(documents), position) {
            Ok(()) => println!("\nreached {position}"),
            Err(error) => {
                println!("\nfailed {error}");
                assert!(!error.is_of_document(), "{error:?}");
                println!("\nblames no document");
                // What failed holds nothing of the batch, and what was committed still answers.
                let total = opened
                    .index
                    .searcher(None)
                    .unwrap()
                    .search(&ask("words"))
                    .unwrap()
                    .total;
                assert_eq!(total, opened.index.checkpoint() * BATCH);
                println!("\nanswers {total}");
                return;
            }
        }
    }
}

fn start(directory: &Path, shell: &str) -> Child {
    Command::new("sh")
        .args([
            "-c",
            &format!("{shell} exec \"$0\" writer --exact --nocapture"),
        ])
        .arg(std::env::current_exe().unwrap())
        .env(DIRECTORY, directory)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// What the index holds after a fault: it opens, and has just the documents of its position.
fn holds(directory: &Path) -> u64 {
    let settings = Settings {
        verify_checksums: true,
        ..Settings::default()
    };
    let opened = Index::open_or_create(directory, &settings).unwrap();
    assert_eq!(opened.needs_rebuild, None);
    let searcher = opened.index.searcher(None).unwrap();
    let total = searcher.search(&ask("words")).unwrap().total;
    assert_eq!(total, searcher.checkpoint() * BATCH);
    searcher.checkpoint()
}

#[test]
fn what_was_committed_outlives_a_kill_at_any_moment() {
    let directory = tempfile::tempdir().unwrap();
    let mut reached = 0;
    for round in 0..6_u64 {
        let mut child = start(directory.path(), "");
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        // A different part of a commit each time: nothing waits for it to end.
        let mut commits = 0;
        while commits <= round {
            let line = lines.next().unwrap().unwrap();
            if let Some(position) = line.strip_prefix("reached ") {
                reached = position.parse().unwrap();
                commits += 1;
            }
        }
        for _ in 0..round * 40_000 {
            std::hint::spin_loop();
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let holds = holds(directory.path());
        assert!(
            holds >= reached,
            "{holds} is less than the acknowledged {reached}"
        );
    }
}

#[test]
fn a_full_disk_stops_writing_and_nothing_else() {
    let directory = tempfile::tempdir().unwrap();
    let mut child = start(directory.path(), "");
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    lines
        .find(|line| line.as_ref().unwrap().starts_with("reached "))
        .unwrap()
        .unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    let before = holds(directory.path());
    // No file may grow beyond 8 kB: what a full disk says, with another number.
    let mut child = start(directory.path(), "trap '' XFSZ; ulimit -f 16;");
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let said: Vec<String> = lines.map(Result::unwrap).collect();
    child.wait().unwrap();
    assert!(
        said.iter().any(|line| line.starts_with("failed ")),
        "{said:?}"
    );
    assert!(
        said.iter().any(|line| line == "blames no document"),
        "{said:?}"
    );
    assert!(
        said.iter().any(|line| line.starts_with("answers ")),
        "{said:?}"
    );
    let after = holds(directory.path());
    assert!(after >= before);
    // With space again it goes on where it was.
    let mut child = start(directory.path(), "");
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let next = format!("reached {}", after + 1);
    lines
        .find(|line| *line.as_ref().unwrap() == next)
        .unwrap()
        .unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(holds(directory.path()) > after);
}
