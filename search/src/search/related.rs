//! Documents that are like one: those that share its telling words, its tags and its domains.

use std::collections::HashMap;

use tantivy::query::{BooleanQuery, Occur, Query, TermQuery};
use tantivy::schema::IndexRecordOption;
use tantivy::{TantivyDocument, Term};
use uuid::Uuid;

use super::collect::{Collect, FirstMatch};
use super::facet::FacetField;
use super::signals::{SignalWeights, Signals};
use super::{Order, RelatedRequest};
use crate::document::DocumentKind;
use crate::error::Result;
use crate::index::{Audience, Searcher};
use crate::query::{Scope, boost, filter_clauses};
use crate::schema::cut;
use crate::text::{
    Analysis, Normalizer, fold, fold_word, is_function_word, is_stop_word, is_unspaced, words,
};

/// Most documents of one answer.
const MAX_FIRST: usize = 100;
/// So many telling words of the document are looked for.
const MAX_TERMS: usize = 30;
/// Only the beginning of each text is read, in bytes.
const READ_BYTES: usize = 16 * 1024;
/// How often a word of the title is counted.
const TITLE_COUNTS: u32 = 3;
/// What a shared tag and a shared domain add, in words of the document that tell it from others as well as one can.
const TAG_WEIGHT: f32 = 0.7;
const DOMAIN_WEIGHT: f32 = 0.3;

impl Searcher {
    /// What is like a document, best first, as far as the viewer may see it; none when they may not see the document
    /// itself.
    ///
    /// # Errors
    /// [`crate::Error::Engine`] when files cannot be read.
    pub fn related(&self, request: &RelatedRequest) -> Result<Option<Vec<(Uuid, DocumentKind)>>> {
        let fields = self.index.fields();
        let snapshot = &self.snapshot;
        let scope = Scope::new(fields, &request.viewer);
        let itself: Box<dyn Query> = Box::new(TermQuery::new(
            fields.id_term(request.id),
            IndexRecordOption::Basic,
        ));
        let only_it = scope.restrict(Some(itself.box_clone()), Vec::new());
        let Some(address) = snapshot.select(&only_it, &FirstMatch)? else {
            return Ok(None);
        };
        let audience = Audience::new(fields, snapshot, &request.viewer.audience)?;
        let document: TantivyDocument = snapshot.searcher.doc(address)?;
        let mut alike = self.telling_words(&audience, &document)?;
        let segment = snapshot.searcher.segment_reader(address.segment_ord);
        let columns = &snapshot.columns[address.segment_ord as usize];
        for (facet, field, weight) in [
            (FacetField::Tag, fields.tag_key, TAG_WEIGHT),
            (FacetField::Domain, fields.domain, DOMAIN_WEIGHT),
        ] {
            let column = columns.facet(segment, facet)?;
            for value in column.all(address.doc_id) {
                let value = match facet {
                    FacetField::Tag => fold(value),
                    _ => value.to_owned(),
                };
                let term = Term::from_field_text(field, &value);
                let query = TermQuery::new(term, IndexRecordOption::Basic);
                alike.push((Occur::Should, boost(Box::new(query), weight)));
            }
        }
        if alike.is_empty() {
            return Ok(Some(Vec::new()));
        }
        let mut clauses = filter_clauses(fields, &request.filter);
        clauses.push((Occur::MustNot, itself));
        let query = scope.restrict(Some(Box::new(BooleanQuery::new(alike))), clauses);
        let collect = Collect {
            columns: &snapshot.columns,
            order: Order::Relevance,
            limit: request.first.min(MAX_FIRST),
            after: None,
            facets: &[],
            own_domains: false,
            signals: Signals::new(SignalWeights::NONE, 0),
            exact_title: None,
        };
        let found = snapshot.collect(&query, &audience, &collect)?;
        let mut related = Vec::with_capacity(found.hits.len());
        for hit in found.hits {
            let columns = &snapshot.columns[hit.address.segment_ord as usize];
            let segment = snapshot.searcher.segment_reader(hit.address.segment_ord);
            let id = Uuid::from_u128(columns.id(hit.address.doc_id));
            if let Some(kind) = columns.kind(segment, hit.address.doc_id)? {
                related.push((id, kind));
            }
        }
        Ok(Some(related))
    }

    /// The words that tell the document from others: frequent in it, rare elsewhere.
    fn telling_words(
        &self,
        audience: &Audience<'_>,
        document: &TantivyDocument,
    ) -> Result<Vec<(Occur, Box<dyn Query>)>> {
        let fields = self.index.fields();
        let analysis = fields.stored_analysis(document).unwrap_or(Analysis::Other);
        let normalizer = Normalizer::new(analysis);
        let field = fields.texts(analysis).all;
        let mut counts: HashMap<String, u32> = HashMap::new();
        for (place, (_, text)) in fields.stored_texts(document).enumerate() {
            let text = cut(text, READ_BYTES);
            // Where the last letter of a script without spaces ended, and its term.
            let mut letter: Option<(usize, String)> = None;
            for (start, end) in words(text) {
                let word = &text[start..end];
                let before = letter.take();
                let term = if word.starts_with(is_unspaced) {
                    // A letter alone says nothing: what tells is the pair that it makes.
                    let term = normalizer.term(word);
                    let pair = before
                        .filter(|(last_end, _)| *last_end == start)
                        .map(|(_, last)| format!("{last}{term}"));
                    letter = Some((end, term));
                    pair
                } else {
                    let folded = fold_word(word);
                    let says = !is_stop_word(analysis, &folded) && !is_function_word(&folded);
                    says.then(|| normalizer.term(word))
                };
                if let Some(term) = term {
                    let count = counts.entry(term).or_default();
                    *count += if place == 0 { TITLE_COUNTS } else { 1 };
                }
            }
        }
        #[expect(clippy::cast_precision_loss, reason = "weights are no exact numbers")]
        let all = audience.documents() as f32;
        let mut telling: Vec<(f32, String, Term)> = Vec::with_capacity(counts.len());
        for (word, count) in counts {
            let term = Term::from_field_text(field, &word);
            let frequency = audience.frequency(&term)?;
            // A word that no other document has finds none.
            if frequency < 2 {
                continue;
            }
            #[expect(clippy::cast_precision_loss, reason = "weights are no exact numbers")]
            let (rarity, often) = ((all / frequency as f32 + 1.0).ln(), count as f32);
            telling.push((rarity * often / (often + 1.2), word, term));
        }
        telling.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
        telling.truncate(MAX_TERMS);
        let best = telling.first().map_or(1.0, |(weight, _, _)| *weight);
        Ok(telling
            .into_iter()
            .map(|(weight, _, term)| {
                let query = TermQuery::new(term, IndexRecordOption::WithFreqs);
                (Occur::Should, boost(Box::new(query), weight / best))
            })
            .collect())
    }
}
