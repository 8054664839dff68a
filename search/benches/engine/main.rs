//! This engine beside the plainest program on the same library that answers the same question: top 10 with total,
//! three facets and snippets, over the same documents, on one thread, taking turns. Ratios count, rates do not.
//!
//! `cargo bench -p search -- [documents] [queries]` makes documents of 366 words up; `… -- 10000 500 FILE` takes `title`
//! and `body` from the lines of an NDJSON file, again and again with some words changed. With `--short` documents have 6
//! words of title and 20 of body, and both engines write to a directory, so that a million of them fit:
//! `cargo bench -p search -- 1000000 300 --short`.
#![expect(clippy::print_stdout, reason = "a benchmark prints what it measures")]
#![expect(clippy::cast_precision_loss, reason = "figures for people")]

mod corpus;
mod measure;
mod ours;
mod plain;

use std::time::{Duration, Instant};

use crate::corpus::corpus;
use crate::measure::{anonymous_memory, bytes_under, completions, freshness, spread};
use crate::ours::{ours, request};
use crate::plain::Plain;

type Fallible<T> = Result<T, Box<dyn std::error::Error>>;

fn main() -> Fallible<()> {
    let mut arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect();
    let short = arguments.iter().any(|argument| argument == "--short");
    arguments.retain(|argument| argument != "--short");
    let number = |place: usize, default: usize| {
        arguments
            .get(place)
            .and_then(|text| text.parse().ok())
            .unwrap_or(default)
    };
    let corpus = corpus(
        number(0, 10_000),
        number(1, 400),
        if short { 20 } else { 360 },
        arguments.get(2).map(String::as_str),
    )?;
    let (plain_place, our_place) = (tempfile::tempdir()?, tempfile::tempdir()?);
    let place = |place: &tempfile::TempDir| short.then(|| place.path().to_path_buf());
    let started = Instant::now();
    let plain = Plain::build(&corpus, place(&plain_place).as_deref())?;
    let plain_build = started.elapsed();
    let before = anonymous_memory();
    let started = Instant::now();
    let index = ours(&corpus, place(&our_place).as_deref())?;
    let our_build = started.elapsed();
    println!(
        "indexing {}: plain {:.0}/s, ours {:.0}/s, ratio {:.2}",
        corpus.texts.len(),
        corpus.texts.len() as f64 / plain_build.as_secs_f64(),
        corpus.texts.len() as f64 / our_build.as_secs_f64(),
        plain_build.as_secs_f64() / our_build.as_secs_f64()
    );
    for (name, facets, snippets) in [
        ("top 10 + total", false, false),
        ("+ facets", true, false),
        ("+ facets + snippets", true, true),
    ] {
        let (mut plain_time, mut our_time) = (Duration::ZERO, Duration::ZERO);
        let (mut plain_times, mut our_times) = (Vec::new(), Vec::new());
        let mut checked = 0;
        for round in 0..3 {
            for query in &corpus.queries {
                let started = Instant::now();
                checked += plain.answer(query, facets, snippets)?;
                let middle = Instant::now();
                let answer = index
                    .searcher(None)?
                    .search(&request(query, facets, snippets))?;
                let ended = Instant::now();
                checked += answer.hits.len();
                // The first round warms both up.
                if round > 0 {
                    plain_time += middle - started;
                    our_time += ended - middle;
                    plain_times.push(middle - started);
                    our_times.push(ended - middle);
                }
            }
        }
        let count = 2.0 * corpus.queries.len() as f64;
        println!(
            "{name}: plain {:.0}/s, ours {:.0}/s, ratio {:.2} ({checked})",
            count / plain_time.as_secs_f64(),
            count / our_time.as_secs_f64(),
            plain_time.as_secs_f64() / our_time.as_secs_f64()
        );
        println!(
            "    plain {}; ours {}",
            spread(plain_times),
            spread(our_times)
        );
    }
    println!("completions: {}", completions(&corpus, &index)?);
    let documents = corpus.texts.len() as f64;
    if let (Some(before), Some(after)) = (before, anonymous_memory()) {
        let more = after.saturating_sub(before) as f64;
        println!("memory: {:.0} bytes a document more", more / documents);
    }
    if short {
        println!(
            "disk: plain {:.0}, ours {:.0} bytes a document",
            bytes_under(plain_place.path())? as f64 / documents,
            bytes_under(our_place.path())? as f64 / documents
        );
    }
    println!(
        "4 changes, committed and searched: {}",
        freshness(&corpus, &index)?
    );
    Ok(())
}
