//! How a question is answered.

use super::collect::{Collect, Collected, Ranked, score_of_rank, time_of_rank};
use super::correct::Corrector;
use super::cursor::{Cursor, Key, Reading};
use super::snippet::Highlighter;
use super::{Answer, Hit, Order, Request, facet};
use crate::error::{Error, Result};
use crate::index::Searcher;
use crate::query::{Builder, Mode, Scope, filter_clauses};

/// With fewer matches a better spelled query is looked for.
const FEW_MATCHES: u64 = 3;

impl Searcher {
    /// Answers a question: hits, their total and facets over all matches, all of them only what the viewer may see.
    ///
    /// # Errors
    /// [`Error::BadCursor`] when the cursor is of another order, [`Error::Engine`] when files cannot be read.
    pub fn search(&self, request: &Request) -> Result<Answer> {
        let after = request.after.as_deref().map(Cursor::decode).transpose()?;
        if after
            .as_ref()
            .is_some_and(|cursor| cursor.after.order() != request.order)
        {
            return Err(Error::BadCursor);
        }
        let question = Question {
            searcher: self,
            request,
            after: after.as_ref(),
        };
        let found = question.find()?;
        question.answer(found)
    }
}

struct Question<'a> {
    searcher: &'a Searcher,
    request: &'a Request,
    after: Option<&'a Cursor>,
}

/// What was found, and by what.
struct Found {
    collected: Collected,
    /// The query that was run, if not the one that was given.
    corrected: Option<String>,
    mode: Mode,
}

impl<'a> Question<'a> {
    fn builder(&self, text: &'a str) -> Builder<'a> {
        Builder::new(
            self.searcher.index.fields(),
            &self.searcher.snapshot,
            text,
            &self.request.synonyms,
        )
    }

    fn corrector(&self) -> Corrector<'a> {
        Corrector::new(self.searcher, &self.request.viewer)
    }

    /// Reads the query as typed with all words, then corrected, then with any of the words, until something is found.
    /// A later page reads it as the first one did.
    fn find(&self) -> Result<Found> {
        let typed = self.builder(&self.request.query);
        if let Some(cursor) = self.after {
            let corrected = if cursor.reading.corrected {
                self.corrector().correct(&typed)?
            } else {
                None
            };
            return self.find_reading(corrected, &typed, cursor.reading.mode);
        }
        let mode = typed.first_mode();
        if mode == Mode::All {
            let collected = self.run(&typed, mode)?;
            if collected.total > 0 {
                return Ok(Found {
                    collected,
                    corrected: None,
                    mode,
                });
            }
        }
        let corrected = if self.request.correct {
            self.corrector().correct(&typed)?
        } else {
            None
        };
        let eased = typed.can_be_eased();
        if mode == Mode::All && (corrected.is_some() || !eased) {
            let found = self.find_reading(corrected, &typed, mode)?;
            if found.collected.total > 0 || !eased {
                return Ok(found);
            }
            return self.find_reading(found.corrected, &typed, Mode::Any);
        }
        self.find_reading(corrected, &typed, Mode::Any)
    }

    fn find_reading(
        &self,
        corrected: Option<String>,
        typed: &Builder<'a>,
        mode: Mode,
    ) -> Result<Found> {
        let collected = match &corrected {
            Some(text) => {
                let fields = self.searcher.index.fields();
                let builder = Builder::new(
                    fields,
                    &self.searcher.snapshot,
                    text,
                    &self.request.synonyms,
                );
                self.run(&builder, mode)?
            }
            None => self.run(typed, mode)?,
        };
        Ok(Found {
            collected,
            corrected,
            mode,
        })
    }

    fn run(&self, builder: &Builder<'_>, mode: Mode) -> Result<Collected> {
        let fields = self.searcher.index.fields();
        let mut built = builder.build(mode);
        built
            .clauses
            .extend(filter_clauses(fields, &self.request.filter));
        let query = Scope::new(fields, &self.request.viewer).restrict(built.text, built.clauses);
        let snapshot = &self.searcher.snapshot;
        let collect = Collect {
            columns: &snapshot.columns,
            order: self.request.order,
            limit: match self.request.first.min(Request::MAX_FIRST) {
                0 => 0,
                first => first + 1,
            },
            after: self.after,
            facets: &self.request.facets,
        };
        snapshot.collect(&query, &collect)
    }

    fn answer(&self, found: Found) -> Result<Answer> {
        let Found {
            mut collected,
            corrected,
            mode,
        } = found;
        let first = self.request.first.min(Request::MAX_FIRST);
        let has_next_page = collected.hits.len() > first;
        collected.hits.truncate(first);
        let reading = Reading {
            mode,
            corrected: corrected.is_some(),
        };
        let run = corrected.as_deref().unwrap_or(&self.request.query);
        let highlighter = self.request.snippets.then(|| {
            let (fields, snapshot) = (self.searcher.index.fields(), &self.searcher.snapshot);
            Highlighter::new(
                &Builder::new(fields, snapshot, run, &self.request.synonyms),
                &snapshot.analyses,
            )
        });
        let hits = collected
            .hits
            .into_iter()
            .map(|ranked| self.hit(ranked, reading, highlighter.as_ref()))
            .collect::<Result<Vec<_>>>()?;
        if has_next_page && self.request.order == Order::Relevance {
            self.searcher.keep();
        }
        let facets = self
            .request
            .facets
            .iter()
            .enumerate()
            .map(|(place, facet)| {
                let segments: Vec<_> = collected
                    .facets
                    .iter()
                    .filter_map(|counts| counts.get(place))
                    .collect();
                facet::merge(facet, &segments)
            })
            .collect();
        let did_you_mean = match &corrected {
            _ if !self.request.did_you_mean => None,
            Some(corrected) => Some(corrected.clone()),
            None if collected.total < FEW_MATCHES => self
                .corrector()
                .improve(&self.builder(&self.request.query))?,
            None => None,
        };
        Ok(Answer {
            hits,
            total: collected.total,
            facets,
            has_next_page,
            did_you_mean,
            corrected_query: corrected,
        })
    }

    fn hit(
        &self,
        ranked: Ranked,
        reading: Reading,
        highlighter: Option<&Highlighter>,
    ) -> Result<Hit> {
        let snapshot = &self.searcher.snapshot;
        let segment = ranked.address.segment_ord;
        let columns = &snapshot.columns[segment as usize];
        let id = uuid::Uuid::from_u128(columns.id(ranked.address.doc_id));
        let kind = columns.kind(
            snapshot.searcher.segment_reader(segment),
            ranked.address.doc_id,
        )?;
        let kind = kind.ok_or_else(|| {
            tantivy::TantivyError::InternalError(format!(
                "the document {id} is of no kind that is known here"
            ))
        })?;
        let snippets = match highlighter {
            Some(highlighter) => {
                let document = snapshot.searcher.doc(ranked.address)?;
                highlighter.snippets(self.searcher.index.fields(), &document)
            }
            None => Vec::new(),
        };
        let score = if self.request.order == Order::Relevance {
            score_of_rank(ranked.rank)
        } else {
            0.0
        };
        let after = match self.request.order {
            Order::Relevance => Key::Score(score),
            Order::Newest => Key::Time(time_of_rank(ranked.rank, true), true),
            Order::Oldest => Key::Time(time_of_rank(ranked.rank, false), false),
            Order::Title => Key::Title(ranked.title.unwrap_or_default()),
        };
        let searcher = (self.request.order == Order::Relevance).then_some(snapshot.name);
        let cursor = Cursor {
            after,
            id,
            searcher,
            reading,
        }
        .encode();
        Ok(Hit {
            id,
            kind,
            score,
            cursor,
            snippets,
        })
    }
}
