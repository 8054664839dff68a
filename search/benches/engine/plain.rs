//! The plainest program on the same library.

use std::path::Path;

use tantivy::aggregation::agg_req::Aggregations;
use tantivy::aggregation::{AggContextParams, AggregationCollector};
use tantivy::collector::{Count, TopDocs};
use tantivy::query::{BooleanQuery, Occur, Query, QueryParser, TermQuery};
use tantivy::schema::{
    FAST, IndexRecordOption, STORED, STRING, Schema, TextFieldIndexing, TextOptions, Value,
};
use tantivy::snippet::SnippetGenerator;
use tantivy::{IndexWriter, TantivyDocument, Term};

use crate::Fallible;
use crate::corpus::{Corpus, KINDS, LICENCES, tags};

/// The plain program.
pub(crate) struct Plain {
    index: tantivy::Index,
    searcher: tantivy::Searcher,
}

impl Plain {
    pub(crate) fn build(corpus: &Corpus, directory: Option<&Path>) -> Fallible<Self> {
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

    pub(crate) fn answer(&self, text: &str, facets: bool, snippets: bool) -> Fallible<usize> {
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
