//! Fields of the index, and how a document fills them.

mod filling;
mod terms;

use tantivy::schema::{
    BytesOptions, Field, IndexRecordOption, NumericOptions, Schema, TextFieldIndexing, TextOptions,
    Value as _,
};
use tantivy::tokenizer::TokenizerManager;
use tantivy::{TantivyDocument, Term};
use uuid::Uuid;

use crate::text::{Analysis, WordTokenizer};

use terms::hash;

pub(crate) use terms::{cut, tail, title_hash, title_start, with_accent};

/// Raise it with every change of what a text's terms are: indexes of another version are rebuilt.
const ANALYSIS_VERSION: u32 = 4;
/// Only the beginning of a text is kept for snippets, in bytes.
const STORED_BYTES: usize = 32 * 1024;
/// Sort keys are cut here, in bytes; ties are ordered by id.
pub(crate) const SORT_KEY_BYTES: usize = 128;
/// So much of a title is in the dictionary of beginnings, in bytes: what is longer costs more to write than it saves.
const START_BYTES: usize = 12;
/// The engine refuses longer terms.
const MAX_TERM_BYTES: usize = 1_000;
/// Name of the analyser of folded words.
const FOLDED_WORDS: &str = "folded_words";
/// Shorter words are not made of others, in letters of their stem.
pub(crate) const MIN_COMPOUND_LETTERS: usize = 7;
/// Between the name of a stored text and the text.
const NAME_END: char = '\0';

/// The fields of one analysis.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TextFields {
    /// All text of a document.
    pub(crate) all: Field,
    pub(crate) title: Field,
}

/// Every field of the index.
#[derive(Debug, Clone)]
pub(crate) struct Fields {
    pub(crate) id: Field,
    pub(crate) id_high: Field,
    pub(crate) id_low: Field,
    pub(crate) kind: Field,
    pub(crate) resource_kind: Field,
    pub(crate) status: Field,
    pub(crate) community: Field,
    pub(crate) community_kind: Field,
    pub(crate) community_slug: Field,
    /// Own domains and all broader ones.
    pub(crate) domain: Field,
    pub(crate) own_domain: Field,
    pub(crate) domain_slug: Field,
    pub(crate) tag: Field,
    /// Folded.
    pub(crate) tag_key: Field,
    pub(crate) language: Field,
    /// In lower case, with and without the region.
    pub(crate) language_key: Field,
    pub(crate) licence: Field,
    pub(crate) author: Field,
    pub(crate) author_name: Field,
    pub(crate) year: Field,
    pub(crate) created_at: Field,
    pub(crate) updated_at: Field,
    pub(crate) audience: Field,
    pub(crate) educational_level: Field,
    pub(crate) evidence_level: Field,
    pub(crate) evidence: Field,
    pub(crate) standing: Field,
    pub(crate) review_due_at: Field,
    pub(crate) title_key: Field,
    /// Folded words, not stems: for corrections and prefixes.
    pub(crate) words: Field,
    pub(crate) title_words: Field,
    /// What tells titles of other words apart: see [`title_hash`].
    pub(crate) title_hash: Field,
    /// How titles begin, in the order of completions: see [`title_start`].
    pub(crate) title_start: Field,
    /// Words that are written with accents, in lower case and with them.
    pub(crate) accented: Field,
    /// Stems of long words backwards, in languages that write words together: for words that they end with.
    pub(crate) tails: Field,
    /// Which analysis the document is in.
    pub(crate) analysis: Field,
    pub(crate) stored: Field,
    texts: [TextFields; Analysis::ALL.len()],
    pub(crate) schema: Schema,
}

impl Fields {
    pub(crate) fn new() -> Self {
        let mut schema = Schema::builder();
        let raw = || {
            TextFieldIndexing::default()
                .set_tokenizer("raw")
                .set_fieldnorms(false)
        };
        let exact = TextOptions::default()
            .set_indexing_options(raw().set_index_option(IndexRecordOption::Basic));
        let facet = exact.clone().set_fast("raw");
        // What another field finds.
        let only_counted = TextOptions::default().set_fast("raw");
        let text = |tokenizer: &str, option, norms| {
            TextOptions::default().set_indexing_options(
                TextFieldIndexing::default()
                    .set_tokenizer(tokenizer)
                    .set_index_option(option)
                    .set_fieldnorms(norms),
            )
        };
        let fast = NumericOptions::default().set_fast();
        let texts = Analysis::ALL.map(|analysis| TextFields {
            all: schema.add_text_field(
                &format!("all_{}", analysis.name()),
                text(
                    analysis.name(),
                    IndexRecordOption::WithFreqsAndPositions,
                    true,
                ),
            ),
            title: schema.add_text_field(
                &format!("title_{}", analysis.name()),
                text(
                    analysis.name(),
                    IndexRecordOption::WithFreqsAndPositions,
                    true,
                ),
            ),
        });
        let words = || text(FOLDED_WORDS, IndexRecordOption::Basic, false);
        Self {
            id: schema.add_bytes_field("id", BytesOptions::default().set_indexed()),
            id_high: schema.add_u64_field("id_high", fast.clone()),
            id_low: schema.add_u64_field("id_low", fast.clone()),
            kind: schema.add_text_field("kind", facet.clone()),
            resource_kind: schema.add_text_field("resource_kind", facet.clone()),
            status: schema.add_text_field("status", facet.clone()),
            community: schema.add_text_field("community", facet.clone()),
            community_kind: schema.add_text_field("community_kind", facet.clone()),
            community_slug: schema.add_text_field("community_slug", exact.clone()),
            domain: schema.add_text_field("domain", facet.clone()),
            own_domain: schema.add_text_field("own_domain", exact.clone()),
            domain_slug: schema.add_text_field("domain_slug", exact.clone()),
            tag: schema.add_text_field("tag", only_counted.clone()),
            tag_key: schema.add_text_field("tag_key", exact.clone()),
            language: schema.add_text_field("language", only_counted.clone()),
            language_key: schema.add_text_field("language_key", exact.clone()),
            licence: schema.add_text_field("licence", facet.clone()),
            author: schema.add_text_field("author", facet.clone()),
            author_name: schema.add_text_field("author_name", words()),
            year: schema.add_text_field("year", facet.clone()),
            created_at: schema.add_i64_field("created_at", fast.clone()),
            updated_at: schema.add_i64_field("updated_at", fast.clone()),
            audience: schema.add_text_field("audience", exact.clone()),
            educational_level: schema.add_text_field("educational_level", facet.clone()),
            evidence_level: schema.add_text_field("evidence_level", facet),
            evidence: schema.add_f64_field("evidence", fast.clone()),
            standing: schema.add_f64_field("standing", fast.clone()),
            review_due_at: schema.add_i64_field("review_due_at", fast.clone()),
            title_hash: schema.add_u64_field("title_hash", fast),
            title_key: schema.add_text_field("title_key", only_counted),
            words: schema.add_text_field("words", words()),
            title_words: schema.add_text_field("title_words", words()),
            title_start: schema
                .add_bytes_field("title_start", BytesOptions::default().set_indexed()),
            accented: schema.add_text_field("accented", exact.clone()),
            tails: schema.add_text_field("tails", exact.clone()),
            analysis: schema.add_text_field("analysis", exact.set_stored()),
            stored: schema.add_text_field("stored", TextOptions::default().set_stored()),
            texts,
            schema: schema.build(),
        }
    }

    /// The term of the document with this id.
    pub(crate) fn id_term(&self, id: Uuid) -> Term {
        Term::from_field_bytes(self.id, id.as_bytes())
    }

    /// The fields of this analysis.
    pub(crate) fn texts(&self, analysis: Analysis) -> TextFields {
        self.texts[analysis as usize]
    }

    /// The analysers that the fields name.
    pub(crate) fn tokenizers() -> TokenizerManager {
        let tokenizers = TokenizerManager::default();
        for analysis in Analysis::ALL {
            tokenizers.register(
                analysis.name(),
                tantivy::tokenizer::TextAnalyzer::from(WordTokenizer::new(analysis)),
            );
        }
        tokenizers.register(
            FOLDED_WORDS,
            tantivy::tokenizer::TextAnalyzer::from(WordTokenizer::of_folded_words()),
        );
        tokenizers
    }

    /// Changes whenever an index must be rebuilt to be understood.
    pub(crate) fn fingerprint(&self, default_language: &str) -> String {
        let schema = serde_json::to_string(&self.schema).unwrap_or_default();
        let text = format!(
            "{ANALYSIS_VERSION}\n{STORED_BYTES}\n{SORT_KEY_BYTES}\n{START_BYTES}\n{default_language}\n{schema}"
        );
        format!("{:016x}", hash(text.bytes()))
    }

    /// The analysis that a stored document is in.
    pub(crate) fn stored_analysis(&self, document: &TantivyDocument) -> Option<Analysis> {
        let name = document.get_first(self.analysis)?.as_str()?;
        Analysis::ALL
            .into_iter()
            .find(|analysis| analysis.name() == name)
    }

    /// The stored texts of a document with the names of their fields, the title first.
    pub(crate) fn stored_texts<'a>(
        &self,
        document: &'a TantivyDocument,
    ) -> impl Iterator<Item = (&'a str, &'a str)> {
        document
            .get_all(self.stored)
            .filter_map(|value| value.as_str()?.split_once(NAME_END))
    }
}
