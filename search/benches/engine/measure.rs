//! What is measured of this engine alone.

use std::path::Path;
use std::time::{Duration, Instant};

use search::{Change, Filter, Index, SuggestRequest};

use crate::Fallible;
use crate::corpus::Corpus;
use crate::ours::{our_document, public, request};

/// The middle and the slowest hundredth of these times, in milliseconds.
pub(crate) fn spread(mut times: Vec<Duration>) -> String {
    times.sort_unstable();
    let at = |share: usize| {
        let place = (times.len() * share / 100).min(times.len().saturating_sub(1));
        times
            .get(place)
            .map_or(0.0, |time| time.as_secs_f64() * 1_000.0)
    };
    format!("p50 {:.2} ms, p99 {:.2} ms", at(50), at(99))
}

/// Bytes of all files under a directory.
pub(crate) fn bytes_under(directory: &Path) -> Fallible<u64> {
    let mut bytes = 0;
    for entry in std::fs::read_dir(directory)? {
        let entry = entry?;
        let meta = entry.metadata()?;
        bytes += if meta.is_dir() {
            bytes_under(&entry.path())?
        } else {
            meta.len()
        };
    }
    Ok(bytes)
}

/// Bytes of memory of this process that no file backs; none where the system does not say.
pub(crate) fn anonymous_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("RssAnon:"))?;
    let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes * 1_024)
}

/// Completions of beginnings of titles, letter by letter.
pub(crate) fn completions(corpus: &Corpus, index: &Index) -> Fallible<String> {
    let mut times = Vec::new();
    for (title, _) in corpus
        .texts
        .iter()
        .step_by((corpus.texts.len() / 200).max(1))
    {
        for letters in 1..=8 {
            let request = SuggestRequest {
                prefix: title.chars().take(letters).collect(),
                filter: Filter::default(),
                viewer: public(),
                first: 10,
            };
            let started = Instant::now();
            index.searcher(None)?.suggest(&request)?;
            times.push(started.elapsed());
        }
    }
    Ok(spread(times))
}

/// From a change to the first search that sees it, 4 documents a commit while the index is searched.
pub(crate) fn freshness(corpus: &Corpus, index: &Index) -> Fallible<String> {
    let mut times = Vec::new();
    let mut position = index.checkpoint();
    for round in 0..100 {
        let changes = (0..4).map(|step| {
            let number = corpus.texts.len() + round * 4 + step;
            let (title, body) = &corpus.texts[number % corpus.texts.len()];
            Change::Put(Box::new(our_document(number, title, body)))
        });
        let changes = changes.collect();
        position += 1;
        let started = Instant::now();
        index.apply(changes, position)?;
        let searcher = index.searcher(None)?;
        searcher.search(&request(
            &corpus.queries[round % corpus.queries.len()],
            false,
            false,
        ))?;
        times.push(started.elapsed());
    }
    Ok(spread(times))
}
