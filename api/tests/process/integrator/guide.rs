//! docs/SYNC.md, command by command: each is run as it stands there but for ports, and prints what stands below it.
//!
//! In its `console` blocks, `$ ` begins a command and `> ` continues it; other lines are what it prints. There `…` stands
//! for any part of a line, and alone on a line for any lines. Nothing below a command: whatever it prints.

use std::net::TcpListener;

use serde_json::json;

use super::shell::Shell;
use super::{On, available, has_python, repository};
use crate::support::send;

const GUIDE: &str = include_str!("../../../../docs/SYNC.md");

/// A command of the guide, with the lines that it prints there.
#[derive(Debug, Default)]
struct Step {
    command: String,
    printed: Vec<String>,
}

/// The blocks of a page in one language.
fn blocks<'a>(page: &'a str, language: &'a str) -> impl Iterator<Item = &'a str> {
    let all = page.split("\n```").skip(1).step_by(2);
    all.filter_map(move |block| block.strip_prefix(language)?.strip_prefix('\n'))
}

fn steps(page: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for line in blocks(page, "console").flat_map(str::lines) {
        if let Some(command) = line.strip_prefix("$ ") {
            steps.push(Step {
                command: command.to_owned(),
                printed: Vec::new(),
            });
            continue;
        }
        let step = steps.last_mut().expect("a block begins with a command");
        match line.strip_prefix('>') {
            Some(more) if step.printed.is_empty() => {
                step.command.push('\n');
                step.command
                    .push_str(more.strip_prefix(' ').unwrap_or(more));
            }
            _ => step.printed.push(line.to_owned()),
        }
    }
    steps
}

/// Whether the lines are as the guide has them.
fn shows(expected: &[String], lines: &[String]) -> bool {
    match expected.split_first() {
        None => lines.is_empty(),
        Some((any, rest)) if any == "…" => {
            (0..=lines.len()).any(|skipped| shows(rest, &lines[skipped..]))
        }
        Some((line, rest)) => lines
            .split_first()
            .is_some_and(|(first, others)| like(line, first) && shows(rest, others)),
    }
}

/// Whether a line is as the guide has it.
fn like(pattern: &str, line: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('…') else {
        return pattern == line;
    };
    line.strip_prefix(start).is_some_and(|line| {
        let places = line.char_indices().map(|(place, _)| place);
        places
            .chain([line.len()])
            .any(|place| like(rest, &line[place..]))
    })
}

/// A port that nobody has at this moment.
fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    listener.local_addr().unwrap().port()
}

async fn the_guide_runs(on: On) {
    let tools = [
        has_python(),
        available(&["curl", "--version"], "Install curl."),
        available(&["jq", "--version"], "Install jq."),
    ];
    let Some(environment) = on.environment().await else {
        return;
    };
    if tools.contains(&false) {
        return;
    }
    let steps = steps(GUIDE);
    assert!(steps.len() >= 20, "docs/SYNC.md has lost its commands");
    let home = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(
        repository().canonicalize().unwrap(),
        home.path().join("repertoire"),
    )
    .unwrap();
    let ports = [("127.0.0.1:4000", free_port()), ("4001", free_port())];
    let placed = |text: &str| {
        let server = format!("127.0.0.1:{}", ports[0].1);
        text.replace(ports[0].0, &server)
            .replace(ports[1].0, &ports[1].1.to_string())
    };
    let mut shell = Shell::start(home.path(), &environment);
    for Step { command, printed } in steps {
        let (status, lines) = shell.run(&placed(&command));
        let all = lines.join("\n");
        let log = std::fs::read_to_string(home.path().join("server.log")).unwrap_or_default();
        assert_eq!(status, 0, "{command}\nprinted\n{all}\n{log}");
        // To print new lines into the guide, take them from this message.
        let printed: Vec<String> = printed.iter().map(|line| placed(line)).collect();
        assert!(
            printed.is_empty() || shows(&printed, &lines),
            "{command}\nprinted\n{all}\nand not\n{}\n{log}",
            printed.join("\n")
        );
    }
    // The other operations of the guide are such of this schema, at least.
    let url = placed("http://127.0.0.1:4000");
    let mut operations = 0;
    for operation in blocks(GUIDE, "graphql") {
        let answer = send(&url, None, None, operation, json!({})).await.unwrap();
        let refused = ["GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED"]
            .iter()
            .any(|code| answer["errors"].to_string().contains(code));
        assert!(!refused, "{operation}\n{answer:#}");
        operations += 1;
    }
    assert!(operations >= 5, "docs/SYNC.md has lost its operations");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_guide_runs_on_sqlite() {
    the_guide_runs(On::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_guide_runs_on_postgresql() {
    the_guide_runs(On::Postgresql).await;
}

#[test]
fn what_a_command_prints_is_compared() {
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    let printed = lines("made resource_1 now\nsecond\nthird");
    assert!(shows(&lines("made …\n…\nthird"), &printed));
    assert!(shows(&lines("made … now\nsecond\nthird"), &printed));
    assert!(shows(&lines("…"), &printed));
    assert!(!shows(&lines("made …\nthird"), &printed));
    assert!(!shows(&lines("made … then\n…"), &printed));
    assert!(
        !shows(&lines("made …\nsecond"), &printed),
        "nothing is left over"
    );
    let page = "Text\n\n```console\n$ one \\\n>   more\nout …\n$ two\n```\n\n```json\n{}\n```\n";
    let found = steps(page);
    assert_eq!(found.len(), 2);
    assert_eq!(found[0].command, "one \\\n  more");
    assert_eq!(found[0].printed, ["out …"]);
    assert!(found[1].printed.is_empty());
}
