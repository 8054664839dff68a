//! What is measured of this engine alone.

use std::path::Path;
use std::time::{Duration, Instant};

use search::{Change, Filter, Index, SuggestRequest};

use crate::Fallible;
use crate::corpus::{Corpus, FEW, KINDS, LICENCES, PUBLIC, TEAM};
use crate::ours::{our_document, request, viewer};

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

/// Processor time of this process so far, of all its threads; none where the system does not say. Where others use the
/// machine too it says more than what a clock shows.
pub(crate) fn processor_time() -> Option<Duration> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // Behind the name of the program, which is in parentheses: user and system time are the 14th and the 15th field.
    let (_, fields) = stat.rsplit_once(") ")?;
    let ticks = |place: usize| fields.split(' ').nth(place)?.parse::<u64>().ok();
    // A tick is a hundredth of a second on every platform that has the file.
    Some(Duration::from_millis((ticks(11)? + ticks(12)?) * 10))
}

/// Bytes of memory of this process.
#[derive(Clone, Copy)]
pub(crate) struct Memory {
    /// What no file backs.
    pub(crate) anonymous: u64,
    /// What is mapped of files, as far as it is in memory.
    pub(crate) of_files: u64,
}

impl Memory {
    /// Now; none where the system does not say.
    pub(crate) fn now() -> Option<Self> {
        let status = std::fs::read_to_string("/proc/self/status").ok()?;
        let field = |name: &str| -> Option<u64> {
            let rest = status.lines().find_map(|line| line.strip_prefix(name))?;
            let kilobytes: u64 = rest.split_whitespace().next()?.parse().ok()?;
            Some(kilobytes * 1_024)
        };
        Some(Self {
            anonymous: field("RssAnon:")?,
            of_files: field("RssFile:")?,
        })
    }

    /// How much more it is than before, for each of so many documents.
    pub(crate) fn more_than(self, before: Self, documents: usize) -> String {
        let each = |now: u64, before: u64| now.saturating_sub(before) as f64 / documents as f64;
        format!(
            "{:.0} bytes a document, and {:.0} of mapped files",
            each(self.anonymous, before.anonymous),
            each(self.of_files, before.of_files)
        )
    }
}

/// Somebody who types, and what is completed.
struct Typing {
    who: &'static str,
    audience: &'static [&'static str],
    /// Whether words inside titles are typed, and not titles from their beginning.
    inside: bool,
    filter: Filter,
}

/// Ways to type: by everybody and by few, anywhere and among some, from the beginning of titles and from within them.
fn ways_to_type() -> Vec<Typing> {
    const MEMBER: &[&str] = &[PUBLIC, TEAM, FEW];
    let of_a_kind = Filter {
        resource_kinds: vec![KINDS[3].to_owned()],
        licences: vec![LICENCES[1].to_owned()],
        ..Filter::default()
    };
    let tagged = Filter {
        tags: vec!["tag50".to_owned()],
        ..Filter::default()
    };
    let way = |who: &'static str,
               audience: &'static [&'static str],
               inside: bool,
               filter: &Filter| Typing {
        who,
        audience,
        inside,
        filter: filter.clone(),
    };
    let all = Filter::default();
    vec![
        way("titles, by anybody", &[PUBLIC], false, &all),
        way("words, by anybody", &[PUBLIC], true, &all),
        way("words, by a member", MEMBER, true, &all),
        way("words, by who sees a tenth", &[TEAM], true, &all),
        way("words, by who sees a thousandth", &[FEW], true, &all),
        way("words, of a kind and licence", &[PUBLIC], true, &of_a_kind),
        way("words, of a tag", &[PUBLIC], true, &tagged),
        way("words, of a tag, by a member", MEMBER, true, &tagged),
    ]
}

/// Completions of titles and words as they are typed, letter by letter.
pub(crate) fn completions(corpus: &Corpus, index: &Index) -> Fallible<()> {
    for way in ways_to_type() {
        let (mut times, mut answered) = (Vec::new(), 0);
        for number in (0..corpus.texts.len()).step_by((corpus.texts.len() / 150).max(1)) {
            let title = &corpus.texts[number].0;
            let (typed, most) = if way.inside {
                // Another word of each.
                let mut words = title.split_whitespace();
                let word = words.clone().nth(1 + number % 5);
                (word.or_else(|| words.next_back()).unwrap_or_default(), 6)
            } else {
                (title.as_str(), 8)
            };
            for letters in 1..=most {
                let request = SuggestRequest {
                    prefix: typed.chars().take(letters).collect(),
                    filter: way.filter.clone(),
                    viewer: viewer(way.audience),
                    first: 10,
                };
                let started = Instant::now();
                let found = index.searcher(None)?.suggest(&request)?;
                times.push(started.elapsed());
                answered += usize::from(!found.is_empty());
            }
        }
        let asked = times.len();
        println!(
            "completions of {}: {}; {answered} of {asked} answered",
            way.who,
            spread(times)
        );
    }
    Ok(())
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
