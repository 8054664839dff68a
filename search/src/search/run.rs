//! How a question is answered.

use super::collect::{Collect, Collected, Ranked, score_of_rank, time_of_rank};
use super::correct::Corrector;
use super::cursor::{Cursor, Key, Reading};
use super::explain::Explainer;
use super::signals::Signals;
use super::snippet::Highlighter;
use super::{
    Answer, Explanation, Facet, FacetRequest, Hit, Order, Request, SignalWeights, buckets,
};
use crate::error::{Error, Result};
use crate::index::{Audience, Searcher};
use crate::query::{Builder, Filter, Mode, Scope, ScopedQuery, filter_clauses};

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
        let audience = Audience::new(
            self.index.fields(),
            &self.snapshot,
            &request.viewer.audience,
        )?;
        let day = after
            .as_ref()
            .map_or_else(|| Signals::day_of(request.now), |cursor| cursor.day);
        let question = Question {
            searcher: self,
            request,
            after: after.as_ref(),
            audience: &audience,
            day,
            signals: if request.text_only {
                Signals::new(SignalWeights::NONE, day)
            } else {
                Signals::new(self.index.settings().signals, day)
            },
        };
        let found = question.find()?;
        question.answer(found)
    }
}

struct Question<'a> {
    searcher: &'a Searcher,
    request: &'a Request,
    after: Option<&'a Cursor>,
    audience: &'a Audience<'a>,
    /// Days since 1970.
    day: u32,
    signals: Signals,
}

/// What is looked at in the hits of a page.
struct Looks<'a> {
    highlighter: Option<Highlighter>,
    explainer: Option<Explainer<'a>>,
    /// The folded words that were not typed so.
    corrected: Vec<String>,
}

/// What was found, and by what.
struct Found {
    collected: Collected,
    /// The query that was run, if not the one that was given.
    corrected: Option<String>,
    mode: Mode,
}

impl<'a> Question<'a> {
    fn builder<'t>(&self, text: &'t str) -> Builder<'t>
    where
        'a: 't,
    {
        Builder::new(
            self.searcher.index.fields(),
            &self.searcher.snapshot,
            self.audience,
            text,
            &self.request.synonyms,
        )
        .redirected(&self.request.redirects)
    }

    /// What corrects the query so that it finds something with all that it and the filter ask for besides words.
    fn corrector(&self, typed: &Builder<'_>) -> Corrector<'a> {
        let mut clauses = typed.build(typed.first_mode()).clauses;
        let fields = self.searcher.index.fields();
        clauses.extend(filter_clauses(fields, &self.request.filter));
        Corrector::new(self.searcher, &self.request.viewer, clauses)
    }

    /// Reads the query as typed with all words, then corrected, then with any of the words, until something is found.
    /// A later page reads it as the first one did.
    fn find(&self) -> Result<Found> {
        let typed = self.builder(&self.request.query);
        if let Some(cursor) = self.after {
            let corrected = if cursor.reading.corrected {
                self.corrector(&typed).correct(&typed)?
            } else {
                None
            };
            return self.find_reading(corrected, &typed, cursor.reading.mode);
        }
        if self.request.all_words {
            return self.find_reading(None, &typed, Mode::All);
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
            self.corrector(&typed).correct(&typed)?
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
            Some(text) => self.run(&self.builder(text), mode)?,
            None => self.run(typed, mode)?,
        };
        Ok(Found {
            collected,
            corrected,
            mode,
        })
    }

    fn run(&self, builder: &Builder<'_>, mode: Mode) -> Result<Collected> {
        let exact_title = builder.as_title().filter(|_| !self.request.text_only);
        let limit = match self.request.first.min(Request::MAX_FIRST) {
            0 => 0,
            first => first + 1,
        };
        let collect = self.collect(limit, &self.request.facets, exact_title);
        let query = self.query(builder, mode, &self.request.filter);
        let snapshot = &self.searcher.snapshot;
        snapshot.collect(&query, self.audience, &collect)
    }

    fn query(&self, builder: &Builder<'_>, mode: Mode, filter: &Filter) -> ScopedQuery {
        let fields = self.searcher.index.fields();
        let mut built = builder.build(mode);
        built.clauses.extend(filter_clauses(fields, filter));
        Scope::new(fields, &self.request.viewer).restrict(built.text, built.clauses)
    }

    fn collect<'b>(
        &'b self,
        limit: usize,
        facets: &'b [FacetRequest],
        exact_title: Option<u64>,
    ) -> Collect<'b> {
        Collect {
            columns: &self.searcher.snapshot.columns,
            order: self.request.order,
            limit,
            after: self.after,
            facets,
            own_domains: self.request.filter.without_narrower_domains,
            signals: self.signals,
            exact_title,
        }
    }

    /// The facets. One whose own field the filter asks something of is counted without that, in a pass of its own.
    fn facets(
        &self,
        builder: &Builder<'_>,
        mode: Mode,
        collected: &Collected,
    ) -> Result<Vec<Facet>> {
        let mut facets = Vec::with_capacity(self.request.facets.len());
        for (place, request) in self.request.facets.iter().enumerate() {
            let counts = |collected: &Collected, place: usize| {
                let segments: Vec<_> = collected
                    .facets
                    .iter()
                    .filter_map(|counts| counts.get(place))
                    .collect();
                buckets::merge(request, &segments)
            };
            facets.push(match self.request.filter.without(request.field) {
                None => counts(collected, place),
                Some(filter) => {
                    let query = self.query(builder, mode, &filter);
                    let only = std::slice::from_ref(request);
                    let collect = self.collect(0, only, None);
                    counts(&self.searcher.snapshot.select(&query, &collect)?, 0)
                }
            });
        }
        Ok(facets)
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
        let run = self.builder(corrected.as_deref().unwrap_or(&self.request.query));
        let snapshot = &self.searcher.snapshot;
        let facets = self.facets(&run, mode, &collected)?;
        let highlighter = (self.request.snippets || self.request.explain)
            .then(|| Highlighter::new(&run, &snapshot.analyses));
        let explainer = self
            .request
            .explain
            .then(|| Explainer::new(snapshot, self.audience, &run, mode, self.signals));
        let changed = match &corrected {
            Some(_) if self.request.explain => {
                let typed = self.builder(&self.request.query);
                run.words_unlike(&typed)
            }
            _ => Vec::new(),
        };
        let looks = Looks {
            highlighter,
            explainer,
            corrected: changed,
        };
        let hits = collected
            .hits
            .into_iter()
            .map(|ranked| self.hit(ranked, reading, &looks))
            .collect::<Result<Vec<_>>>()?;
        if has_next_page && self.request.order == Order::Relevance {
            self.searcher.keep();
        }
        let did_you_mean = match &corrected {
            _ if !self.request.did_you_mean => None,
            Some(corrected) => Some(corrected.clone()),
            None if collected.total < FEW_MATCHES => {
                let typed = self.builder(&self.request.query);
                self.corrector(&typed).improve(&typed)?
            }
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

    fn hit(&self, ranked: Ranked, reading: Reading, looks: &Looks<'_>) -> Result<Hit> {
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
        let (mut snippets, mut explanation) = (Vec::new(), None);
        if let Some(highlighter) = &looks.highlighter {
            let fields = self.searcher.index.fields();
            let document = snapshot.searcher.doc(ranked.address)?;
            if self.request.snippets {
                snippets = highlighter.snippets(fields, &document);
            }
            if let Some(explainer) = &looks.explainer {
                explanation = Some(Explanation {
                    matches: highlighter.matches(fields, &document, &looks.corrected),
                    factors: if self.request.order == Order::Relevance {
                        explainer.factors(&ranked)?
                    } else {
                        Vec::new()
                    },
                });
            }
        }
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
            day: self.day,
            reading,
        }
        .encode();
        Ok(Hit {
            id,
            kind,
            score,
            cursor,
            snippets,
            explanation,
        })
    }
}
