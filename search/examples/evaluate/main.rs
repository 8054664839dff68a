//! Measures the ranking on a judged collection, by the way that every search of the server takes.
//!
//! `cargo run --release -p search --example evaluate -- DIRECTORY [--run-file FILE] [--misspell [EVERY]]`
//!
//! The directory holds `corpus.jsonl`, `queries.jsonl` and `qrels.tsv`; the repository has one in
//! `search/tests/data/cranfield`. `--run-file` writes the first 100 hits of each question as a TREC run.
//! `--misspell` asks every question as written and with every second (or `EVERY`th) longer word misspelled, each with
//! typing mistakes tolerated and not.
#![expect(clippy::print_stdout, reason = "a measurement prints what it measures")]

#[path = "../../tests/engine/judged.rs"]
mod judged;

use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Instant;

use judged::{Collection, Question, Ranking, misspelled};

type Fallible<T> = Result<T, Box<dyn std::error::Error>>;

const USAGE: &str = "evaluate DIRECTORY [--run-file FILE] [--misspell [EVERY]]";

struct Arguments {
    directory: PathBuf,
    run_file: Option<PathBuf>,
    misspell: Option<usize>,
}

fn arguments() -> Fallible<Arguments> {
    let mut given = std::env::args().skip(1).peekable();
    let (mut directory, mut run_file, mut misspell) = (None, None, None);
    while let Some(argument) = given.next() {
        match argument.as_str() {
            "--run-file" => run_file = Some(given.next().ok_or(USAGE)?.into()),
            "--misspell" => {
                let every = given.next_if(|next| next.parse::<usize>().is_ok());
                misspell = Some(every.map_or(Ok(2), |every| every.parse())?);
            }
            _ if directory.is_none() => directory = Some(argument.into()),
            _ => return Err(USAGE.into()),
        }
    }
    Ok(Arguments {
        directory: directory.ok_or(USAGE)?,
        run_file,
        misspell,
    })
}

/// The run in the format that `trec_eval` reads.
fn run(questions: &[Question], rankings: &[Ranking]) -> Fallible<String> {
    let mut lines = String::new();
    for (question, ranking) in questions.iter().zip(rankings) {
        for ((name, score), place) in ranking.iter().zip(1..) {
            writeln!(
                lines,
                "{} Q0 {name} {place} {score} repertoire",
                question.id
            )?;
        }
    }
    Ok(lines)
}

fn main() -> Fallible<()> {
    let arguments = arguments()?;
    let collection = Collection::read(&arguments.directory)?;
    let index = collection.index()?;
    let started = Instant::now();
    let (figures, rankings) = collection.evaluate(&index, true, str::to_owned)?;
    println!(
        "{figures}  {:.2} ms a question",
        started.elapsed().as_secs_f64() * 1_000.0 / f64::from(u32::try_from(rankings.len())?)
    );
    if let Some(file) = arguments.run_file {
        std::fs::write(file, run(&collection.questions, &rankings)?)?;
    }
    if let Some(every) = arguments.misspell {
        let wrong = |text: &str| misspelled(text, every);
        let (strict, _) = collection.evaluate(&index, false, str::to_owned)?;
        let (before, _) = collection.evaluate(&index, false, wrong)?;
        let (after, _) = collection.evaluate(&index, true, wrong)?;
        println!("as written, mistakes tolerated      {figures}");
        println!("as written, taken literally         {strict}");
        println!("misspelled, taken literally         {before}");
        println!("misspelled, mistakes tolerated      {after}");
        println!(
            "tolerance costs {:.4} as written; misspelled keeps {:.1} %",
            strict.ndcg - figures.ndcg,
            100.0 * after.ndcg / figures.ndcg
        );
    }
    Ok(())
}
