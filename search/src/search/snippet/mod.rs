//! Pieces of text around the matches, and which words match.

mod marks;
#[cfg(test)]
mod tests;
mod window;

use tantivy::TantivyDocument;

use super::{Match, Snippet};
use crate::query::Builder;
use crate::schema::Fields;
use crate::text::Analysis;
use marks::Marks;

/// Most snippets of one hit.
const MAX_SNIPPETS: usize = 4;

/// Finds the words of a query in texts.
pub(super) struct Highlighter {
    marks: Vec<(Analysis, Marks)>,
}

impl Highlighter {
    pub(super) fn new(query: &Builder<'_>, analyses: &[Analysis]) -> Self {
        let marks = analyses
            .iter()
            .map(|analysis| (*analysis, Marks::new(query.marked(*analysis))))
            .collect();
        Self { marks }
    }

    fn marks(&self, fields: &Fields, document: &TantivyDocument) -> Option<&Marks> {
        let analysis = fields.stored_analysis(document);
        let (_, marks) = self
            .marks
            .iter()
            .find(|(known, _)| Some(*known) == analysis)?;
        (marks.count() > 0).then_some(marks)
    }

    /// A snippet of each field that matches.
    pub(super) fn snippets(&self, fields: &Fields, document: &TantivyDocument) -> Vec<Snippet> {
        let Some(marks) = self.marks(fields, document) else {
            return Vec::new();
        };
        fields
            .stored_texts(document)
            .filter_map(|(field, text)| {
                Some(Snippet {
                    field: field.to_owned(),
                    html: marks.snippet(text)?,
                })
            })
            .take(MAX_SNIPPETS)
            .collect()
    }

    /// Which words of the query are in which field, and how, each once. `corrected` are the folded words that were not
    /// typed so.
    pub(super) fn matches(
        &self,
        fields: &Fields,
        document: &TantivyDocument,
        corrected: &[String],
    ) -> Vec<Match> {
        let Some(marks) = self.marks(fields, document) else {
            return Vec::new();
        };
        let mut matches: Vec<Match> = Vec::new();
        for (field, text) in fields.stored_texts(document) {
            for (term, how) in marks.kinds(text, corrected) {
                let found = Match {
                    field: field.to_owned(),
                    term: term.to_owned(),
                    how,
                };
                if !matches.contains(&found) {
                    matches.push(found);
                }
            }
        }
        matches
    }
}
