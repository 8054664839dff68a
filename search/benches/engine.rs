//! This engine beside the plainest program on the same library that answers the same question: top 10 with total,
//! three facets and snippets, over the same documents, on one thread, taking turns. Ratios count, rates do not.
//!
//! `cargo bench -p search -- [documents] [queries]` makes documents of 366 words up; `… -- 10000 500 FILE` takes `title`
//! and `body` from the lines of an NDJSON file, again and again with some words changed. With `--short` documents have 6
//! words of title and 20 of body, and both engines write to a directory, so that a million of them fit:
//! `cargo bench -p search -- 1000000 300 --short`.
#![expect(clippy::print_stdout, reason = "a benchmark prints what it measures")]
#![expect(clippy::cast_precision_loss, reason = "figures for people")]

use std::path::Path;
use std::time::{Duration, Instant};

use search::{
    Change, Document, DocumentKind, FacetField, FacetRequest, Filter, Index, Request, Settings,
    SuggestRequest, Text, Viewer,
};
use tantivy::aggregation::agg_req::Aggregations;
use tantivy::aggregation::{AggContextParams, AggregationCollector};
use tantivy::collector::{Count, TopDocs};
use tantivy::query::{BooleanQuery, Occur, Query, QueryParser, TermQuery};
use tantivy::schema::{
    FAST, IndexRecordOption, STORED, STRING, Schema, TextFieldIndexing, TextOptions, Value,
};
use tantivy::snippet::SnippetGenerator;
use tantivy::{IndexWriter, TantivyDocument, Term};
use uuid::Uuid;

/// Documents of one commit.
const COMMIT: usize = 10_000;

type Fallible<T> = Result<T, Box<dyn std::error::Error>>;

/// Numbers that look random and are the same in every run.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap_or_default() % below.max(1)
    }
}

struct Corpus {
    texts: Vec<(String, String)>,
    queries: Vec<String>,
}

/// Words of a language that nobody speaks, frequent ones first.
fn vocabulary(numbers: &mut Numbers) -> Vec<String> {
    const SYLLABLES: [&str; 24] = [
        "con", "ver", "lat", "mo", "ri", "sen", "ta", "pro", "ment", "li", "ca", "ter", "no", "es",
        "du", "par", "tis", "ble", "ga", "fun", "dor", "hel", "wi", "sta",
    ];
    const ENDINGS: [&str; 8] = ["", "s", "ed", "ing", "ation", "er", "ness", "al"];
    (0..30_000)
        .map(|rank| {
            let length = 1 + usize::from(rank > 40) + usize::from(rank > 900) + numbers.next(2);
            let mut word: String = (0..length)
                .map(|_| SYLLABLES[numbers.next(SYLLABLES.len())])
                .collect();
            word.push_str(ENDINGS[numbers.next(ENDINGS.len())]);
            word
        })
        .collect()
}

/// A word by Zipf's law, nearly.
fn word<'a>(vocabulary: &'a [String], numbers: &mut Numbers) -> &'a str {
    let bits = numbers.next(15);
    &vocabulary[numbers.next((1 << bits).min(vocabulary.len()))]
}

fn corpus(documents: usize, queries: usize, words: usize, file: Option<&str>) -> Fallible<Corpus> {
    let mut numbers = Numbers(0x2545_F491_4F6C_DD1D);
    let vocabulary = vocabulary(&mut numbers);
    let mut texts: Vec<(String, String)> = Vec::with_capacity(documents);
    if let Some(file) = file {
        let lines: Vec<(String, String)> = std::fs::read_to_string(file)?
            .lines()
            .map(|line| {
                let value: serde_json::Value = serde_json::from_str(line)?;
                let text = |name: &str| value[name].as_str().unwrap_or_default().to_owned();
                Ok((text("title"), text("body")))
            })
            .collect::<Fallible<_>>()?;
        for number in 0..documents {
            let (title, body) = &lines[number % lines.len()];
            let extra: Vec<&str> = (0..20).map(|_| word(&vocabulary, &mut numbers)).collect();
            texts.push((title.clone(), format!("{body} {}", extra.join(" "))));
        }
    } else {
        for _ in 0..documents {
            let title: Vec<&str> = (0..6).map(|_| word(&vocabulary, &mut numbers)).collect();
            let body: Vec<&str> = (0..words)
                .map(|_| word(&vocabulary, &mut numbers))
                .collect();
            texts.push((title.join(" "), body.join(" ")));
        }
    }
    let queries = (0..queries)
        .map(|_| {
            let (title, body) = &texts[numbers.next(texts.len())];
            let words: Vec<&str> = title
                .split_whitespace()
                .chain(body.split_whitespace().take(60))
                .collect();
            let length = 1 + numbers.next(4);
            (0..length)
                .map(|_| words[numbers.next(words.len())])
                .collect::<Vec<_>>()
                .join(" ")
        })
        .collect();
    Ok(Corpus { texts, queries })
}

const KINDS: [&str; 5] = ["ARTICLE", "VIDEO", "CASE_STUDY", "TOOL", "LESSON"];
const LICENCES: [&str; 4] = ["CC-BY-4.0", "CC-BY-SA-4.0", "CC0-1.0", "MIT"];

fn tags(number: usize) -> [String; 2] {
    [format!("tag{}", number % 97), format!("tag{}", number % 13)]
}

/// The plain program.
struct Plain {
    index: tantivy::Index,
    searcher: tantivy::Searcher,
}

impl Plain {
    fn build(corpus: &Corpus, directory: Option<&Path>) -> Fallible<Self> {
        let mut schema = Schema::builder();
        let indexing = TextFieldIndexing::default()
            .set_tokenizer("en_stem")
            .set_index_option(IndexRecordOption::WithFreqsAndPositions);
        let text = TextOptions::default()
            .set_indexing_options(indexing)
            .set_stored();
        let title = schema.add_text_field("title", text.clone());
        let body = schema.add_text_field("body", text);
        let facets =
            ["kind", "tag", "licence"].map(|name| schema.add_text_field(name, STRING | FAST));
        let audience = schema.add_text_field("audience", STRING);
        let id = schema.add_text_field("id", STRING | STORED);
        let index = match directory {
            Some(directory) => tantivy::Index::create_in_dir(directory, schema.build())?,
            None => tantivy::Index::create_in_ram(schema.build()),
        };
        let mut writer: IndexWriter = index.writer_with_num_threads(1, 64 << 20)?;
        for (number, (title_text, body_text)) in corpus.texts.iter().enumerate() {
            let mut document = TantivyDocument::default();
            document.add_text(title, title_text);
            document.add_text(body, body_text);
            document.add_text(facets[0], KINDS[number % KINDS.len()]);
            document.add_text(facets[2], LICENCES[number % LICENCES.len()]);
            for tag in tags(number) {
                document.add_text(facets[1], tag);
            }
            document.add_text(
                audience,
                if number.is_multiple_of(10) {
                    "team"
                } else {
                    "public"
                },
            );
            document.add_text(id, number.to_string());
            writer.add_document(document)?;
        }
        writer.commit()?;
        writer.wait_merging_threads()?;
        let searcher = index.reader()?.searcher();
        Ok(Self { index, searcher })
    }

    fn answer(&self, text: &str, facets: bool, snippets: bool) -> Fallible<usize> {
        let schema = self.index.schema();
        let (title, body) = (schema.get_field("title")?, schema.get_field("body")?);
        let (parsed, _) =
            QueryParser::for_index(&self.index, vec![title, body]).parse_query_lenient(text);
        let public = Term::from_field_text(schema.get_field("audience")?, "public");
        let audience: Box<dyn Query> = Box::new(TermQuery::new(public, IndexRecordOption::Basic));
        let query = BooleanQuery::new(vec![(Occur::Must, parsed), (Occur::Must, audience)]);
        let top = TopDocs::with_limit(10).order_by_score();
        let (hits, mut size) = if facets {
            let aggregations: Aggregations = serde_json::from_value(serde_json::json!({
                "kind": {"terms": {"field": "kind", "size": 10}},
                "tag": {"terms": {"field": "tag", "size": 10}},
                "licence": {"terms": {"field": "licence", "size": 10}},
            }))?;
            let collector =
                AggregationCollector::from_aggs(aggregations, AggContextParams::default());
            let (hits, total, counts) = self.searcher.search(&query, &(top, Count, collector))?;
            (hits, total + counts.0.len())
        } else {
            let (hits, total) = self.searcher.search(&query, &(top, Count))?;
            (hits, total)
        };
        let generators = if snippets {
            vec![
                SnippetGenerator::create(&self.searcher, &query, title)?,
                SnippetGenerator::create(&self.searcher, &query, body)?,
            ]
        } else {
            Vec::new()
        };
        for (_, address) in hits {
            let document: TantivyDocument = self.searcher.doc(address)?;
            size += document
                .get_first(schema.get_field("id")?)
                .and_then(|id| id.as_str())
                .map_or(0, str::len);
            for generator in &generators {
                size += generator.snippet_from_doc(&document).to_html().len();
            }
        }
        Ok(size)
    }
}

fn our_document(number: usize, title: &str, body: &str) -> Document {
    let id = Uuid::from_u64_pair(7, u64::try_from(number).unwrap_or_default());
    let mut document = Document::new(id, DocumentKind::Resource, title);
    document.texts = vec![Text::markdown("body", body)];
    document.language = Some("en".to_owned());
    document.resource_kind = Some(KINDS[number % KINDS.len()].to_owned());
    document.licence = Some(LICENCES[number % LICENCES.len()].to_owned());
    document.tags = tags(number).to_vec();
    document.audience = vec![
        if number.is_multiple_of(10) {
            "team"
        } else {
            "public"
        }
        .to_owned(),
    ];
    document
}

/// Fills the index as the follower does: some thousand documents a commit.
fn ours(corpus: &Corpus, directory: Option<&Path>) -> Fallible<Index> {
    let index = match directory {
        Some(directory) => {
            let index = Index::open_or_create(directory, &Settings::default())?.index;
            index.rebuild()?.finish(0)?;
            index
        }
        None => Index::in_memory(&Settings::default())?,
    };
    let mut position = 0;
    for (place, texts) in corpus.texts.chunks(COMMIT).enumerate() {
        let documents = texts.iter().zip(place * COMMIT..);
        let changes = documents.map(|((title, body), number)| {
            Change::Put(Box::new(our_document(number, title, body)))
        });
        position += 1;
        index.apply(changes.collect(), position)?;
    }
    index.finish_merges()?;
    Ok(index)
}

/// The middle and the slowest hundredth of these times, in milliseconds.
fn spread(mut times: Vec<Duration>) -> String {
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
fn bytes_under(directory: &Path) -> Fallible<u64> {
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
fn anonymous_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("RssAnon:"))?;
    let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes * 1_024)
}

/// Completions of beginnings of titles, letter by letter.
fn completions(corpus: &Corpus, index: &Index) -> Fallible<String> {
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
fn freshness(corpus: &Corpus, index: &Index) -> Fallible<String> {
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

fn public() -> Viewer {
    Viewer {
        audience: vec!["public".to_owned()],
        ..Viewer::default()
    }
}

fn request(text: &str, facets: bool, snippets: bool) -> Request {
    let fields = [
        FacetField::ResourceKind,
        FacetField::Tag,
        FacetField::Licence,
    ];
    Request {
        query: text.to_owned(),
        first: 10,
        viewer: public(),
        facets: if facets {
            fields
                .map(|field| FacetRequest { field, size: 10 })
                .to_vec()
        } else {
            Vec::new()
        },
        snippets,
        ..Request::default()
    }
}

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
