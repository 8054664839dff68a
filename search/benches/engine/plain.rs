//! The plainest program on the same library.

use std::path::Path;

use search::Settings;
use tantivy::aggregation::agg_req::Aggregations;
use tantivy::aggregation::{AggContextParams, AggregationCollector};
use tantivy::collector::{Count, TopDocs};
use tantivy::indexer::{IndexWriterOptions, LogMergePolicy};
use tantivy::query::{BooleanQuery, Occur, Query, QueryParser, TermQuery};
use tantivy::schema::{
    FAST, IndexRecordOption, STORED, STRING, Schema, TextFieldIndexing, TextOptions, Value,
};
use tantivy::snippet::SnippetGenerator;
use tantivy::{IndexReader, IndexWriter, ReloadPolicy, TantivyDocument, Term};

use crate::Fallible;
use crate::corpus::{COMMIT, Corpus, Filling, KINDS, LICENCES, PUBLIC, audience, id, tags};

/// As this engine has it.
const MAX_DELETED_SHARE: f32 = 0.3;

/// The plain program.
pub(crate) struct Plain {
    index: tantivy::Index,
    reader: IndexReader,
}

impl Plain {
    /// An index with all documents, in a directory or in memory, once its segments are merged: with as many threads and as
    /// much memory as this engine has, and committed as often.
    pub(crate) fn build(
        corpus: &Corpus,
        directory: Option<&Path>,
        filling: Filling,
    ) -> Fallible<Self> {
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
        let audiences = schema.add_text_field("audience", STRING);
        let ids = schema.add_text_field("id", STRING | STORED);
        let index = match directory {
            Some(directory) => tantivy::Index::create_in_dir(directory, schema.build())?,
            None => tantivy::Index::create_in_ram(schema.build()),
        };
        let reader = index
            .reader_builder()
            .reload_policy(ReloadPolicy::Manual)
            .try_into()?;
        let mut writer = writer(&index)?;
        for (number, (title_text, body_text)) in corpus.texts.iter().enumerate() {
            let mut document = TantivyDocument::default();
            document.add_text(title, title_text);
            document.add_text(body, body_text);
            document.add_text(facets[0], KINDS[number % KINDS.len()]);
            document.add_text(facets[2], LICENCES[number % LICENCES.len()]);
            for tag in tags(number) {
                document.add_text(facets[1], tag);
            }
            document.add_text(audiences, audience(number));
            let name = id(number).to_string();
            document.add_text(ids, &name);
            if filling == Filling::Following {
                writer.delete_term(Term::from_field_text(ids, &name));
            }
            writer.add_document(document)?;
            if filling == Filling::Following && (number + 1).is_multiple_of(COMMIT) {
                writer.commit()?;
                reader.reload()?;
            }
        }
        writer.commit()?;
        writer.wait_merging_threads()?;
        reader.reload()?;
        Ok(Self { index, reader })
    }

    /// The number of segments that a search visits.
    pub(crate) fn segments(&self) -> usize {
        self.reader.searcher().segment_readers().len()
    }

    /// Removes the files of segments that were merged.
    pub(crate) fn tidy(&self) -> Fallible<()> {
        writer(&self.index)?.garbage_collect_files().wait()?;
        Ok(())
    }

    pub(crate) fn answer(&self, text: &str, facets: bool, snippets: bool) -> Fallible<usize> {
        let schema = self.index.schema();
        let (title, body) = (schema.get_field("title")?, schema.get_field("body")?);
        let (parsed, _) =
            QueryParser::for_index(&self.index, vec![title, body]).parse_query_lenient(text);
        let public = Term::from_field_text(schema.get_field("audience")?, PUBLIC);
        let audience: Box<dyn Query> = Box::new(TermQuery::new(public, IndexRecordOption::Basic));
        let query = BooleanQuery::new(vec![(Occur::Must, parsed), (Occur::Must, audience)]);
        let searcher = self.reader.searcher();
        let top = TopDocs::with_limit(10).order_by_score();
        let (hits, mut size) = if facets {
            let aggregations: Aggregations = serde_json::from_value(serde_json::json!({
                "kind": {"terms": {"field": "kind", "size": 10}},
                "tag": {"terms": {"field": "tag", "size": 10}},
                "licence": {"terms": {"field": "licence", "size": 10}},
            }))?;
            let collector =
                AggregationCollector::from_aggs(aggregations, AggContextParams::default());
            let (hits, total, counts) = searcher.search(&query, &(top, Count, collector))?;
            (hits, total + counts.0.len())
        } else {
            let (hits, total) = searcher.search(&query, &(top, Count))?;
            (hits, total)
        };
        let generators = if snippets {
            vec![
                SnippetGenerator::create(&searcher, &query, title)?,
                SnippetGenerator::create(&searcher, &query, body)?,
            ]
        } else {
            Vec::new()
        };
        for (_, address) in hits {
            let document: TantivyDocument = searcher.doc(address)?;
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

/// A writer like the one of this engine.
fn writer(index: &tantivy::Index) -> Fallible<IndexWriter> {
    let settings = Settings::default();
    let options = IndexWriterOptions::builder()
        .num_worker_threads(settings.writer_threads)
        .memory_budget_per_thread(settings.writer_memory_bytes / settings.writer_threads)
        .num_merge_threads(settings.merge_threads)
        .build();
    let writer: IndexWriter = index.writer_with_options(options)?;
    let mut policy = LogMergePolicy::default();
    policy.set_del_docs_ratio_before_merge(MAX_DELETED_SHARE);
    writer.set_merge_policy(Box::new(policy));
    Ok(writer)
}
