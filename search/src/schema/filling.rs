//! How a document fills the fields.

use tantivy::TantivyDocument;
use tantivy::schema::Field;
use uuid::Uuid;

use super::terms::{cut, tail, title_hash, title_start, with_accent};
use super::{
    Fields, MAX_TERM_BYTES, MIN_COMPOUND_LETTERS, NAME_END, SORT_KEY_BYTES, STORED_BYTES,
    TextFields,
};
use crate::document::{Document, Markup};
use crate::text::{Analysis, Normalizer, detect, fold, plain_text, words};

impl Fields {
    /// What the engine is given for a document.
    pub(crate) fn engine_document(
        &self,
        document: &Document,
        default_language: &str,
    ) -> TantivyDocument {
        let mut fields = TantivyDocument::default();
        let (high, low) = document.id.as_u64_pair();
        fields.add_bytes(self.id, document.id.as_bytes());
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
        fields.add_bytes(
            self.title_start,
            &title_start(document.kind, &document.title_sort_key),
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
