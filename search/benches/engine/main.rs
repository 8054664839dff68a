//! This engine beside the plainest program on the same library that answers the same question: top 10 with total,
//! three facets and snippets, over the same documents, on one thread, taking turns. Both are filled with as many threads,
//! as much memory and as many commits. Ratios count, rates do not.
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

use search::Index;
use tempfile::TempDir;

use crate::corpus::{Corpus, Filling, corpus};
use crate::measure::{Memory, bytes_under, completions, freshness, processor_time, spread};
use crate::ours::{ours, request, tidy};
use crate::plain::Plain;

type Fallible<T> = Result<T, Box<dyn std::error::Error>>;

/// What both are asked, with facets or not and with snippets or not.
const QUESTIONS: [(&str, bool, bool); 3] = [
    ("top 10 + total", false, false),
    ("+ facets", true, false),
    ("+ facets + snippets", true, true),
];

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
    // First of all, while nothing else has left memory behind that it could use again.
    let before = Memory::now();
    let ours = Ours::fill(&corpus, short, Filling::Following)?;
    tell_memory("with the index just filled", before, &corpus);
    for (_, facets, snippets) in QUESTIONS {
        for query in &corpus.queries {
            let searcher = ours.index.searcher(None)?;
            searcher.search(&request(query, facets, snippets))?;
        }
    }
    tell_memory("after all questions", before, &corpus);
    let plain = Theirs::fill(&corpus, short, Filling::Following)?;
    compare_filling(
        "following, 10,000 documents a commit",
        &corpus,
        &plain,
        &ours,
    )?;
    let (new_plain, new_ours) = (
        Theirs::fill(&corpus, short, Filling::Anew)?,
        Ours::fill(&corpus, short, Filling::Anew)?,
    );
    compare_filling("anew, one commit", &corpus, &new_plain, &new_ours)?;
    drop((new_plain, new_ours));
    for (name, facets, snippets) in QUESTIONS {
        compare(name, facets, snippets, &corpus, &plain.plain, &ours.index)?;
    }
    completions(&corpus, &ours.index)?;
    println!(
        "4 changes, committed and searched: {}",
        freshness(&corpus, &ours.index)?
    );
    Ok(())
}

/// How long something took, by the clock and of the processors.
struct Took {
    time: Duration,
    processor: Option<Duration>,
}

impl Took {
    fn of<T>(work: impl FnOnce() -> Fallible<T>) -> Fallible<(T, Self)> {
        let (before, started) = (processor_time(), Instant::now());
        let done = work()?;
        let took = Self {
            time: started.elapsed(),
            processor: processor_time()
                .zip(before)
                .map(|(now, before)| now.saturating_sub(before)),
        };
        Ok((done, took))
    }
}

/// This engine's index, how long it took to fill and where it lies.
struct Ours {
    index: Index,
    took: Took,
    place: Option<TempDir>,
}

/// The plain program's.
struct Theirs {
    plain: Plain,
    took: Took,
    place: Option<TempDir>,
}

impl Ours {
    fn fill(corpus: &Corpus, on_disk: bool, filling: Filling) -> Fallible<Self> {
        let place = on_disk.then(tempfile::tempdir).transpose()?;
        let directory = place.as_ref().map(TempDir::path);
        let (index, took) = Took::of(|| ours(corpus, directory, filling))?;
        tidy(&index)?;
        Ok(Self { index, took, place })
    }
}

impl Theirs {
    fn fill(corpus: &Corpus, on_disk: bool, filling: Filling) -> Fallible<Self> {
        let place = on_disk.then(tempfile::tempdir).transpose()?;
        let directory = place.as_ref().map(TempDir::path);
        let (plain, took) = Took::of(|| Plain::build(corpus, directory, filling))?;
        plain.tidy()?;
        Ok(Self { plain, took, place })
    }
}

fn tell_memory(when: &str, before: Option<Memory>, corpus: &Corpus) {
    if let (Some(before), Some(now)) = (before, Memory::now()) {
        let more = now.more_than(before, corpus.texts.len());
        println!("memory {when}: {more}");
    }
}

fn compare_filling(how: &str, corpus: &Corpus, plain: &Theirs, ours: &Ours) -> Fallible<()> {
    let documents = corpus.texts.len() as f64;
    println!(
        "indexing {documents} {how}: plain {:.0}/s, ours {:.0}/s, ratio {:.2}; segments {} and {}",
        documents / plain.took.time.as_secs_f64(),
        documents / ours.took.time.as_secs_f64(),
        plain.took.time.as_secs_f64() / ours.took.time.as_secs_f64(),
        plain.plain.segments(),
        ours.index.statistics().segments
    );
    if let (Some(theirs), Some(own)) = (plain.took.processor, ours.took.processor) {
        println!(
            "    processor time: plain {:.0}, ours {:.0} microseconds a document, ratio {:.2}",
            theirs.as_secs_f64() * 1e6 / documents,
            own.as_secs_f64() * 1e6 / documents,
            theirs.as_secs_f64() / own.as_secs_f64()
        );
    }
    if let (Some(theirs), Some(place)) = (&plain.place, &ours.place) {
        println!(
            "disk: plain {:.0}, ours {:.0} bytes a document",
            bytes_under(theirs.path())? as f64 / documents,
            bytes_under(place.path())? as f64 / documents
        );
    }
    Ok(())
}

/// Asks both all queries in turn, three times.
fn compare(
    name: &str,
    facets: bool,
    snippets: bool,
    corpus: &Corpus,
    plain: &Plain,
    index: &Index,
) -> Fallible<()> {
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
                plain_times.push(middle - started);
                our_times.push(ended - middle);
            }
        }
    }
    let rate = |times: &[Duration]| {
        let all: Duration = times.iter().sum();
        times.len() as f64 / all.as_secs_f64()
    };
    println!(
        "{name}: plain {:.0}/s, ours {:.0}/s, ratio {:.2} ({checked})",
        rate(&plain_times),
        rate(&our_times),
        rate(&our_times) / rate(&plain_times)
    );
    println!(
        "    plain {}; ours {}",
        spread(plain_times),
        spread(our_times)
    );
    Ok(())
}
