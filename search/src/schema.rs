//! Fields of the index, and how a document fills them.

use tantivy::TantivyDocument;
use tantivy::schema::{
    Field, IndexRecordOption, NumericOptions, Schema, TextFieldIndexing, TextOptions, Value as _,
};
use tantivy::tokenizer::TokenizerManager;
use uuid::Uuid;

use crate::document::{Document, DocumentKind, Markup};
use crate::text::{
    Analysis, Normalizer, WordTokenizer, detect, fold, fold_word, is_unspaced, lower_case,
    plain_text, words,
};

/// Raise it with every change of what a text's terms are: indexes of another version are rebuilt.
const ANALYSIS_VERSION: u32 = 3;
/// Only the beginning of a text is kept for snippets, in bytes.
const STORED_BYTES: usize = 32 * 1024;
/// Sort keys are cut here, in bytes; ties are ordered by id.
pub(crate) const SORT_KEY_BYTES: usize = 128;
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
    /// The kind's letter and the title as it is ordered: for completions, in their order.
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
            id: schema.add_text_field("id", exact.clone()),
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
            tag: schema.add_text_field("tag", facet.clone()),
            tag_key: schema.add_text_field("tag_key", exact.clone()),
            language: schema.add_text_field("language", facet.clone()),
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
            title_key: schema.add_text_field("title_key", TextOptions::default().set_fast("raw")),
            words: schema.add_text_field("words", words()),
            title_words: schema.add_text_field("title_words", words()),
            title_start: schema.add_text_field("title_start", exact.clone()),
            accented: schema.add_text_field("accented", exact.clone()),
            tails: schema.add_text_field("tails", exact.clone()),
            analysis: schema.add_text_field("analysis", exact.set_stored()),
            stored: schema.add_text_field("stored", TextOptions::default().set_stored()),
            texts,
            schema: schema.build(),
        }
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
        let text = format!("{ANALYSIS_VERSION}\n{STORED_BYTES}\n{default_language}\n{schema}");
        format!("{:016x}", hash(text.bytes()))
    }

    /// What the engine is given for a document.
    pub(crate) fn engine_document(
        &self,
        document: &Document,
        default_language: &str,
    ) -> TantivyDocument {
        let mut fields = TantivyDocument::default();
        let (high, low) = document.id.as_u64_pair();
        fields.add_u64(self.id_high, high);
        fields.add_u64(self.id_low, low);
        fields.add_i64(self.created_at, document.created_at);
        fields.add_i64(self.updated_at, document.updated_at);
        for (field, known) in [
            (self.evidence, document.evidence),
            (self.standing, document.standing),
        ] {
            if known > 0.0 {
                fields.add_f64(field, f64::from(known.min(1.0)));
            }
        }
        if let Some(due) = document.review_due_at {
            fields.add_i64(self.review_due_at, due);
        }
        fields.add_text(
            self.title_key,
            cut(&document.title_sort_key, SORT_KEY_BYTES),
        );
        fields.add_text(
            self.title_start,
            title_start(document.kind, &document.title_sort_key),
        );
        if let Some(hash) = title_hash(&document.title) {
            fields.add_u64(self.title_hash, hash);
        }
        self.add_terms(&mut fields, document);
        self.add_texts(&mut fields, document, default_language);
        fields
    }

    fn add_terms(&self, fields: &mut TantivyDocument, document: &Document) {
        let ids = |ids: &[Uuid]| ids.iter().map(Uuid::to_string).collect::<Vec<_>>();
        let one = |value: &Option<String>| value.iter().cloned().collect::<Vec<_>>();
        let all_domains: Vec<Uuid> = document
            .domains
            .iter()
            .chain(&document.domain_ancestors)
            .copied()
            .collect();
        for (field, values) in [
            (self.id, vec![document.id.to_string()]),
            (self.kind, vec![document.kind.name().to_owned()]),
            (self.resource_kind, one(&document.resource_kind)),
            (self.status, one(&document.status)),
            (self.community, ids(document.community.as_slice())),
            (self.community_kind, one(&document.community_kind)),
            (
                self.community_slug,
                document
                    .community_slug
                    .iter()
                    .map(|slug| fold(slug))
                    .collect(),
            ),
            (self.domain, ids(&all_domains)),
            (self.own_domain, ids(&document.domains)),
            (
                self.domain_slug,
                document
                    .domain_slugs
                    .iter()
                    .map(|slug| fold(slug))
                    .collect(),
            ),
            (self.tag, document.tags.clone()),
            (
                self.tag_key,
                document.tags.iter().map(|tag| fold(tag)).collect(),
            ),
            (self.educational_level, document.educational_levels.clone()),
            (self.evidence_level, one(&document.evidence_level)),
            (self.licence, one(&document.licence)),
            (self.author, ids(&document.authors)),
            (
                self.year,
                document.year.iter().map(i32::to_string).collect(),
            ),
            (self.audience, document.audience.clone()),
        ] {
            add_distinct(fields, field, values);
        }
        for name in &document.author_names {
            fields.add_text(self.author_name, name);
        }
    }

    fn add_texts(&self, fields: &mut TantivyDocument, document: &Document, default_language: &str) {
        let texts: Vec<(&str, std::borrow::Cow<'_, str>)> = document
            .texts
            .iter()
            .map(|text| {
                let plain = match text.markup {
                    Markup::Plain => text.text.as_str().into(),
                    Markup::Markdown => plain_text(&text.text).into(),
                };
                (text.field.as_str(), plain)
            })
            .collect();
        let whole = || {
            std::iter::once(document.title.as_str())
                .chain(texts.iter().map(|(_, text)| text.as_ref()))
        };
        let language = document
            .language
            .clone()
            .or_else(|| detect(whole()).map(str::to_owned));
        if let Some(language) = &language {
            add_distinct(fields, self.language, vec![language.clone()]);
            let key = language.to_ascii_lowercase();
            let primary = key.split('-').next().unwrap_or_default().to_owned();
            add_distinct(fields, self.language_key, vec![key, primary]);
        }
        let analysis = Analysis::of_language(language.as_deref().unwrap_or(default_language));
        fields.add_text(self.analysis, analysis.name());
        let TextFields { all, title } = self.texts(analysis);
        fields.add_text(title, &document.title);
        fields.add_text(self.title_words, &document.title);
        for text in whole() {
            fields.add_text(all, text);
            fields.add_text(self.words, text);
        }
        self.add_forms(&mut *fields, analysis, whole());
        fields.add_text(
            self.stored,
            format!("title{NAME_END}{}", cut(&document.title, STORED_BYTES)),
        );
        for (name, text) in texts.iter().filter(|(_, text)| !text.is_empty()) {
            fields.add_text(
                self.stored,
                format!("{name}{NAME_END}{}", cut(text, STORED_BYTES)),
            );
        }
    }

    /// Adds what tells the forms of words apart: accents, and what long words end with.
    fn add_forms<'t>(
        &self,
        fields: &mut TantivyDocument,
        analysis: Analysis,
        texts: impl Iterator<Item = &'t str>,
    ) {
        let normalizer = Normalizer::new(analysis);
        let (mut accented, mut tails) = (Vec::new(), Vec::new());
        for text in texts {
            if text.is_ascii() && !analysis.compounds() {
                continue;
            }
            for word in words(text).map(|(start, end)| &text[start..end]) {
                accented.extend(with_accent(analysis, word));
                if analysis.compounds() && word.len() >= MIN_COMPOUND_LETTERS {
                    let stem = normalizer.term(word);
                    if stem.chars().count() >= MIN_COMPOUND_LETTERS {
                        tails.push(tail(analysis, &stem));
                    }
                }
            }
        }
        add_distinct(fields, self.accented, accented);
        add_distinct(fields, self.tails, tails);
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

/// How titles of a kind that begin so begin in the field for completions.
pub(crate) fn title_start(kind: DocumentKind, beginning: &str) -> String {
    format!(
        "{}{}",
        char::from(b'a' + kind as u8),
        cut(beginning, SORT_KEY_BYTES)
    )
}

/// A number for the folded words of a title, the same whatever stands between them: "What’s next?" is "what's next".
/// None without words.
pub(crate) fn title_hash(title: &str) -> Option<u64> {
    let mut folded = String::with_capacity(title.len());
    for (start, end) in words(title) {
        if !folded.is_empty() {
            folded.push(' ');
        }
        folded.push_str(&fold_word(&title[start..end]));
    }
    (!folded.is_empty()).then(|| hash(folded.bytes()))
}

/// FNV-1a: the standard library's hash may differ between versions of the compiler.
fn hash(bytes: impl Iterator<Item = u8>) -> u64 {
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// The word in lower case, if it has accents or other letters that folding changes, as texts of this analysis have it.
pub(crate) fn with_accent(analysis: Analysis, word: &str) -> Option<String> {
    if word.is_ascii() || word.chars().all(is_unspaced) {
        return None;
    }
    let lower = lower_case(word);
    (fold_word(&lower) != lower).then(|| format!("{}{lower}", letter_of(analysis)))
}

/// The stem backwards, as texts of this analysis have it.
pub(crate) fn tail(analysis: Analysis, stem: &str) -> String {
    std::iter::once(letter_of(analysis))
        .chain(stem.chars().rev())
        .collect()
}

/// Tells the terms of one analysis from those of others where they share a field.
fn letter_of(analysis: Analysis) -> char {
    char::from(b'a' + analysis as u8)
}

/// Adds each value once. Empty ones say nothing, and a cut one could be taken for another.
fn add_distinct(fields: &mut TantivyDocument, field: Field, mut values: Vec<String>) {
    values.sort_unstable();
    values.dedup();
    for value in values
        .iter()
        .filter(|value| (1..=MAX_TERM_BYTES).contains(&value.len()))
    {
        fields.add_text(field, value);
    }
}

/// The beginning of a text, at most so many bytes.
pub(crate) fn cut(text: &str, bytes: usize) -> &str {
    &text[..text.floor_char_boundary(bytes)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_of_the_same_words_have_the_same_hash() {
        let hash = title_hash("What’s a “good” rubric?");
        for same in [
            "what's a good rubric",
            "What's a \"good\" rubric?",
            "  WHAT´S a good, rubric ",
        ] {
            assert_eq!(title_hash(same), hash, "{same}");
        }
        for other in [
            "Whats a good rubric",
            "a good rubric",
            "rubric good a s what",
        ] {
            assert_ne!(title_hash(other), hash, "{other}");
        }
        assert_eq!(
            title_hash("Évaluer : pourquoi ?"),
            title_hash("evaluer pourquoi")
        );
        assert_eq!(title_hash(" ?! "), None);
    }
}
