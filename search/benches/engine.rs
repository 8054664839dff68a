//! This engine beside the plainest program on the same library that answers the same question: top 10 with total,
//! three facets and snippets, over the same documents, on one thread, taking turns. Ratios count, rates do not.
//!
//! `cargo bench -p search -- [documents] [queries]` makes documents up; `… -- 10000 500 FILE` takes `title` and `body`
//! from the lines of an NDJSON file, again and again with some words changed.
#![expect(clippy::print_stdout, reason = "a benchmark prints what it measures")]
#![expect(clippy::cast_precision_loss, reason = "figures for people")]

use std::time::{Duration, Instant};

use search::{
    Change, Document, DocumentKind, FacetField, FacetRequest, Index, Request, Settings, Text,
    Viewer,
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

fn corpus(documents: usize, queries: usize, file: Option<&str>) -> Fallible<Corpus> {
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
            let body: Vec<&str> = (0..360).map(|_| word(&vocabulary, &mut numbers)).collect();
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
    fn build(corpus: &Corpus) -> Fallible<Self> {
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
        let index = tantivy::Index::create_in_ram(schema.build());
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
            document.add_text(audience, if number % 10 == 0 { "team" } else { "public" });
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

fn ours(corpus: &Corpus) -> Fallible<Index> {
    let index = Index::in_memory(&Settings::default())?;
    let changes = corpus
        .texts
        .iter()
        .enumerate()
        .map(|(number, (title, body))| {
            let mut document = Document::new(
                Uuid::from_u64_pair(7, u64::try_from(number).unwrap_or_default()),
                DocumentKind::Resource,
                title,
            );
            document.texts = vec![Text::markdown("body", body)];
            document.language = Some("en".to_owned());
            document.resource_kind = Some(KINDS[number % KINDS.len()].to_owned());
            document.licence = Some(LICENCES[number % LICENCES.len()].to_owned());
            document.tags = tags(number).to_vec();
            document.audience = vec![if number % 10 == 0 { "team" } else { "public" }.to_owned()];
            Change::Put(Box::new(document))
        });
    index.apply(changes.collect(), 1)?;
    index.finish_merges()?;
    Ok(index)
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
        viewer: Viewer {
            audience: vec!["public".to_owned()],
            ..Viewer::default()
        },
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
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect();
    let number = |place: usize, default: usize| {
        arguments
            .get(place)
            .and_then(|text| text.parse().ok())
            .unwrap_or(default)
    };
    let corpus = corpus(
        number(0, 10_000),
        number(1, 400),
        arguments.get(2).map(String::as_str),
    )?;
    let started = Instant::now();
    let plain = Plain::build(&corpus)?;
    let plain_build = started.elapsed();
    let started = Instant::now();
    let index = ours(&corpus)?;
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
    }
    Ok(())
}
