//! Search as tantivy's own tools do it: query parser, top 10 with count, snippet generator, aggregations.

use std::time::{Duration, Instant};

use tantivy::aggregation::agg_req::Aggregations;
use tantivy::aggregation::agg_result::{AggregationResult, AggregationResults, BucketResult};
use tantivy::aggregation::{AggContextParams, AggregationCollector, Key};
use tantivy::collector::{Count, TopDocs};
use tantivy::query::QueryParser;
use tantivy::schema::{
    FAST, Field, IndexRecordOption, STRING, Schema, TextFieldIndexing, TextOptions,
};
use tantivy::snippet::SnippetGenerator;
use tantivy::{Index, IndexWriter, Searcher, TantivyDocument};

use crate::dump::{DumpedResource, World};

/// Memory for documents that wait to be written, for all threads: as much as Repertoire's index has.
const MEMORY: usize = 64 << 20;

/// The plain index.
pub(crate) struct PlainSearch {
    index: Index,
    searcher: Searcher,
    title: Field,
    body: Field,
    aggregations: Aggregations,
    /// How long it took to index.
    pub(crate) took: Duration,
}

pub(super) struct PlainHit {
    pub(super) number: usize,
    pub(super) score: f32,
    pub(super) snippets: Vec<(&'static str, String)>,
}

#[derive(Default)]
pub(super) struct PlainFacets {
    pub(super) kinds: Vec<(String, u64)>,
    /// By the places of the communities.
    pub(super) communities: Vec<(String, u64)>,
    pub(super) tags: Vec<(String, u64)>,
}

pub(super) struct PlainAnswer {
    pub(super) total: usize,
    pub(super) hits: Vec<PlainHit>,
    pub(super) facets: PlainFacets,
}

impl PlainSearch {
    /// Indexes resources in memory, on some threads.
    pub(crate) fn build(
        resources: &[DumpedResource],
        world: &World,
        threads: usize,
    ) -> anyhow::Result<Self> {
        let started = Instant::now();
        let mut schema = Schema::builder();
        let indexing = TextFieldIndexing::default()
            .set_tokenizer("en_stem")
            .set_index_option(IndexRecordOption::WithFreqsAndPositions);
        // Stored as an index that answers texts has to, though the floor reads them from memory.
        let text = TextOptions::default()
            .set_indexing_options(indexing)
            .set_stored();
        let title = schema.add_text_field("title", text.clone());
        let body = schema.add_text_field("body", text);
        let kind = schema.add_text_field("kind", STRING | FAST);
        let community = schema.add_text_field("community", STRING | FAST);
        let tag = schema.add_text_field("tag", STRING | FAST);
        let number_field = schema.add_u64_field("number", FAST);
        let index = Index::create_in_ram(schema.build());
        let mut writer: IndexWriter = index.writer_with_num_threads(threads, MEMORY)?;
        for (number, resource) in resources.iter().enumerate() {
            let mut document = TantivyDocument::default();
            document.add_text(title, &resource.title);
            document.add_text(body, &resource.body);
            document.add_text(kind, &resource.kind);
            document.add_text(community, resource.community.to_string());
            for name in &resource.tags {
                document.add_text(tag, name);
            }
            document.add_u64(number_field, number as u64);
            writer.add_document(document)?;
        }
        writer.commit()?;
        let took = started.elapsed();
        writer.wait_merging_threads()?;
        let aggregations = serde_json::from_value(serde_json::json!({
            "kind": { "terms": { "field": "kind", "size": 10 } },
            "community": { "terms": { "field": "community", "size": world.communities.len().min(10) } },
            "tag": { "terms": { "field": "tag", "size": 10 } },
        }))?;
        let searcher = index.reader()?.searcher();
        Ok(Self {
            index,
            searcher,
            title,
            body,
            aggregations,
            took,
        })
    }

    pub(super) fn answer<'a>(
        &self,
        text: &str,
        first: usize,
        texts: impl Fn(usize) -> (&'a String, &'a String),
    ) -> anyhow::Result<PlainAnswer> {
        let fields = vec![self.title, self.body];
        let (query, _) = QueryParser::for_index(&self.index, fields).parse_query_lenient(text);
        let top = TopDocs::with_limit(first.max(1)).order_by_score();
        let counts =
            AggregationCollector::from_aggs(self.aggregations.clone(), AggContextParams::default());
        let (found, total, mut counts) = self.searcher.search(&query, &(top, Count, counts))?;
        let titles = SnippetGenerator::create(&self.searcher, &query, self.title)?;
        let bodies = SnippetGenerator::create(&self.searcher, &query, self.body)?;
        let mut hits = Vec::with_capacity(found.len());
        for (score, address) in found {
            let segment = self.searcher.segment_reader(address.segment_ord);
            let column = segment.fast_fields().u64("number")?;
            let number = usize::try_from(column.first(address.doc_id).unwrap_or_default())?;
            let (title, body) = texts(number);
            let mut snippets = Vec::new();
            for (name, generator, text) in [("title", &titles, title), ("body", &bodies, body)] {
                let snippet = generator.snippet(text);
                if !snippet.is_empty() {
                    snippets.push((name, snippet.to_html()));
                }
            }
            hits.push(PlainHit {
                number,
                score,
                snippets,
            });
        }
        let facets = PlainFacets {
            kinds: buckets(&mut counts, "kind"),
            communities: buckets(&mut counts, "community"),
            tags: buckets(&mut counts, "tag"),
        };
        Ok(PlainAnswer {
            total,
            hits,
            facets,
        })
    }
}

fn buckets(counts: &mut AggregationResults, name: &str) -> Vec<(String, u64)> {
    let Some(AggregationResult::BucketResult(BucketResult::Terms { buckets, .. })) =
        counts.0.remove(name)
    else {
        return Vec::new();
    };
    buckets
        .into_iter()
        .map(|bucket| {
            let value = match bucket.key {
                Key::Str(text) => text,
                other => other.to_string(),
            };
            (value, bucket.doc_count)
        })
        .collect()
}
