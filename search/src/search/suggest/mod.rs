//! Completions: titles and tags that go on as typed, of documents that the viewer may see.
//!
//! Titles and tags are in dictionaries, in order, with the documents that have them. Where many documents may be shown,
//! the first entries that go on as typed have some of them; where few may, the documents themselves are read instead.
//! Both find the same, and neither takes much longer than the other would have.

mod tags;
#[cfg(test)]
mod tests;
mod titles;

use tantivy::Term;
use tantivy::query::{BooleanQuery, Occur, Query, TermQuery};
use tantivy::schema::IndexRecordOption;
use uuid::Uuid;

use self::titles::{FirstTitles, FoundTitles, Place};
use super::{Completion, SuggestRequest};
use crate::error::Result;
use crate::index::{Audience, Searcher};
use crate::query::{Scope, filter_clauses, starting_with};
use crate::schema::{SORT_KEY_BYTES, cut};
use crate::text::{fold, fold_word, words};

/// Most completions of one answer.
const MAX_FIRST: usize = 100;
/// Longer beginnings are cut, in bytes.
const MAX_BYTES: usize = 200;

/// How it is decided between dictionaries and documents. What a dictionary costs is counted in documents that could be
/// read meanwhile.
#[derive(Debug, Clone, Copy)]
enum Way {
    /// By what takes less.
    Cheaper,
    /// The dictionaries, as long as they cost no more than this.
    #[cfg(test)]
    Spending(u64),
}

impl Way {
    /// Whether something that costs so much is looked up rather than so many documents read.
    fn looks_up(self, cost: u64, documents: u64) -> bool {
        match self {
            Self::Cheaper => cost <= documents,
            #[cfg(test)]
            Self::Spending(most) => cost <= most,
        }
    }
}

/// A question that is being answered.
struct Asked<'a> {
    searcher: &'a Searcher,
    request: &'a SuggestRequest,
    /// What was typed, folded.
    typed: &'a str,
    scope: Scope<'a>,
    audience: Audience<'a>,
    way: Way,
}

impl Searcher {
    /// Completions of what was typed, best first, each text once: titles that begin so, then tags, then titles with such
    /// words inside. Of documents of one kind and title the one with the first id stands for all.
    ///
    /// # Errors
    /// [`crate::Error::Engine`] when files cannot be read.
    pub fn suggest(&self, request: &SuggestRequest) -> Result<Vec<Completion>> {
        self.suggest_by(Way::Cheaper, request)
    }

    fn suggest_by(&self, way: Way, request: &SuggestRequest) -> Result<Vec<Completion>> {
        let first = request.first.min(MAX_FIRST);
        let typed = fold(cut(&request.prefix, MAX_BYTES));
        let Some(inside) = self.titles_query(&typed) else {
            return Ok(Vec::new());
        };
        if first == 0 {
            return Ok(Vec::new());
        }
        let fields = self.index.fields();
        let asked = Asked {
            searcher: self,
            request,
            typed: &typed,
            scope: Scope::new(fields, &request.viewer),
            audience: Audience::new(fields, &self.snapshot, &request.viewer.audience)?,
            way,
        };
        let starting = asked.titles(None, Place::Start, first)?;
        let documents = starting.documents;
        let mut completions = self.titled(starting)?;
        let left = first - completions.len();
        if left > 0 {
            completions.extend(asked.tags(left, documents)?);
        }
        let left = first - completions.len();
        if left > 0 {
            let inside = asked.titles(Some(inside), Place::Inside, left)?;
            completions.extend(self.titled(inside)?);
        }
        Ok(completions)
    }

    /// Titles that have all the words, the last of them perhaps only begun.
    fn titles_query(&self, typed: &str) -> Option<Box<dyn Query>> {
        let field = self.index.fields().title_words;
        let mut clauses: Vec<(Occur, Box<dyn Query>)> = words(typed)
            .map(|(start, end)| {
                let term = Term::from_field_text(field, &fold_word(&typed[start..end]));
                (
                    Occur::Must,
                    Box::new(TermQuery::new(term, IndexRecordOption::Basic)) as Box<dyn Query>,
                )
            })
            .collect();
        let (start, end) = words(typed).last()?;
        if end == typed.len() {
            clauses.pop();
            clauses.push((
                Occur::Must,
                starting_with(field, &fold_word(&typed[start..end])),
            ));
        }
        Some(Box::new(BooleanQuery::new(clauses)))
    }

    /// The titles as their documents write them.
    fn titled(&self, found: FoundTitles) -> Result<Vec<Completion>> {
        let fields = self.index.fields();
        let titles = found.titles.into_iter();
        titles
            .map(|((kind, key), (id, address))| {
                let stored = self.snapshot.searcher.doc(address)?;
                let title = fields.stored_texts(&stored).next();
                Ok(Completion {
                    text: title.map_or(key, |(_, title)| title.to_owned()),
                    document: Some((Uuid::from_u128(id), kind)),
                })
            })
            .collect()
    }
}

impl Asked<'_> {
    /// The first titles there, of all documents that match or of those with this text.
    fn titles(
        &self,
        text: Option<Box<dyn Query>>,
        place: Place,
        limit: usize,
    ) -> Result<FoundTitles> {
        let fields = self.searcher.index.fields();
        let filter = &self.request.filter;
        let titles = FirstTitles {
            field: fields.title_start,
            columns: &self.searcher.snapshot.columns,
            audience: &self.audience,
            kinds: &filter.kinds,
            beginning: cut(self.typed, SORT_KEY_BYTES),
            place,
            limit,
            way: self.way,
        };
        let matching = self.scope.restrict(text, filter_clauses(fields, filter));
        self.searcher.snapshot.select(&matching, &titles)
    }
}
