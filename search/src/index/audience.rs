//! What scores are computed from: how frequent words are, and how long texts, among what the viewer may see. Frequencies
//! over the whole index would tell of words in documents that the viewer may not see.
//!
//! What is counted in a segment is kept with it, for the audiences that asked last. A segment never changes but for
//! documents that are deleted from it; these are subtracted, so that it does not show when it is merged.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use tantivy::query::Bm25StatisticsProvider;
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{BitSet, DocId, DocSet, Result, SegmentReader, TERMINATED, Term};

use super::snapshot::Snapshot;
use crate::schema::Fields;
use crate::text::Analysis;

/// So many audiences are kept for each segment.
const MOST_AUDIENCES: usize = 32;
/// So many terms are remembered for each of them.
const MOST_TERMS: usize = 50_000;
/// Terms in fewer documents are counted anew each time: that takes no longer than remembering.
const WORTH_REMEMBERING: u32 = 64;

/// What an audience sees of a segment as it was written.
struct Written {
    documents: BitSet,
    /// Number of words, and of documents that have any, of each text field.
    lengths: HashMap<Field, (u64, u64)>,
    frequencies: Remembered,
}

/// The same without what was deleted since.
struct Visible {
    written: Arc<Written>,
    /// Ascending.
    deleted: Vec<DocId>,
    count: u64,
    lengths: HashMap<Field, (u64, u64)>,
    deleted_frequencies: Remembered,
}

/// In how many documents terms are.
#[derive(Default)]
struct Remembered(Mutex<HashMap<Term, u64>>);

impl Remembered {
    fn get(&self, term: &Term, count: impl FnOnce() -> Result<u64>) -> Result<u64> {
        let known = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = known().get(term) {
            return Ok(*known);
        }
        let counted = count()?;
        let mut known = known();
        if known.len() == MOST_TERMS {
            known.clear();
        }
        known.insert(term.clone(), counted);
        Ok(counted)
    }
}

/// An audience by those of its tokens that a segment has, and the number of documents that were left then.
type Key = (Vec<String>, u32);

/// The audiences that asked last about a segment, the last at the end.
#[derive(Default)]
pub(crate) struct Audiences(Mutex<VecDeque<(Key, Arc<Visible>)>>);

impl Audiences {
    fn get(
        &self,
        fields: &Fields,
        segment: &SegmentReader,
        tokens: &[String],
    ) -> Result<Arc<Visible>> {
        let index = segment.inverted_index(fields.audience)?;
        let mut present: Vec<String> = Vec::new();
        for token in tokens {
            let term = Term::from_field_text(fields.audience, token);
            if index.get_term_info(&term)?.is_some() {
                present.push(token.clone());
            }
        }
        let key = (present, segment.num_docs());
        // Counted under the lock: whoever asks the same meanwhile would count the same.
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(at) = kept.iter().position(|(known, _)| *known == key)
            && let Some(found) = kept.remove(at)
        {
            let visible = Arc::clone(&found.1);
            kept.push_back(found);
            return Ok(visible);
        }
        let earlier = kept.iter().rposition(|((tokens, _), _)| *tokens == key.0);
        // Deletions since make what was known before of no use, but for cursors that still hold an older searcher.
        let written = match earlier.and_then(|at| kept.get(at)) {
            Some((_, before)) => Arc::clone(&before.written),
            None => Arc::new(Written::count(fields, segment, &key.0)?),
        };
        let visible = Arc::new(Visible::new(written, segment)?);
        kept.push_back((key, Arc::clone(&visible)));
        if kept.len() > MOST_AUDIENCES {
            kept.pop_front();
        }
        Ok(visible)
    }
}

impl Written {
    fn count(fields: &Fields, segment: &SegmentReader, tokens: &[String]) -> Result<Self> {
        let mut documents = BitSet::with_max_value(segment.max_doc());
        let index = segment.inverted_index(fields.audience)?;
        for token in tokens {
            let term = Term::from_field_text(fields.audience, token);
            let Some(mut postings) = index.read_postings(&term, IndexRecordOption::Basic)? else {
                continue;
            };
            while postings.doc() != TERMINATED {
                documents.insert(postings.doc());
                postings.advance();
            }
        }
        let mut lengths = HashMap::new();
        for analysis in Analysis::ALL {
            let text = fields.texts(analysis);
            for field in [text.all, text.title] {
                if segment.inverted_index(field)?.total_num_tokens() > 0 {
                    let among = (0..segment.max_doc()).filter(|one| documents.contains(*one));
                    lengths.insert(field, length(segment, field, among)?);
                }
            }
        }
        Ok(Self {
            documents,
            lengths,
            frequencies: Remembered::default(),
        })
    }
}

impl Visible {
    fn new(written: Arc<Written>, segment: &SegmentReader) -> Result<Self> {
        let deleted: Vec<DocId> = match segment.alive_bitset() {
            None => Vec::new(),
            Some(alive) => (0..segment.max_doc())
                .filter(|one| alive.is_deleted(*one) && written.documents.contains(*one))
                .collect(),
        };
        let mut lengths = written.lengths.clone();
        if !deleted.is_empty() {
            for (field, (words, having)) in &mut lengths {
                let gone = length(segment, *field, deleted.iter().copied())?;
                *words -= gone.0;
                *having -= gone.1;
            }
        }
        Ok(Self {
            count: (written.documents.len() - deleted.len()) as u64,
            lengths,
            deleted,
            written,
            deleted_frequencies: Remembered::default(),
        })
    }

    fn frequency(&self, segment: &SegmentReader, term: &Term) -> Result<u64> {
        let index = segment.inverted_index(term.field())?;
        let Some(info) = index.get_term_info(term)? else {
            return Ok(0);
        };
        let postings = || index.read_postings_from_terminfo(&info, IndexRecordOption::Basic);
        let written = || {
            if self.written.documents.len() == segment.max_doc() as usize {
                return Ok(u64::from(info.doc_freq));
            }
            let mut postings = postings()?;
            let mut count = 0;
            while postings.doc() != TERMINATED {
                count += u64::from(self.written.documents.contains(postings.doc()));
                postings.advance();
            }
            Ok(count)
        };
        let deleted = || {
            let mut postings = postings()?;
            let mut count = 0;
            for document in &self.deleted {
                if postings.doc() < *document {
                    postings.seek(*document);
                }
                count += u64::from(postings.doc() == *document);
            }
            Ok(count)
        };
        let remember = info.doc_freq >= WORTH_REMEMBERING;
        let count = if remember {
            self.written.frequencies.get(term, written)?
        } else {
            written()?
        };
        Ok(match (count, self.deleted.is_empty()) {
            (0, _) | (_, true) => count,
            _ if remember => count - self.deleted_frequencies.get(term, deleted)?,
            _ => count - deleted()?,
        })
    }
}

/// The words of this field in these documents, as far as the lengths that are kept tell, and how many have any.
fn length(
    segment: &SegmentReader,
    field: Field,
    documents: impl Iterator<Item = DocId>,
) -> Result<(u64, u64)> {
    let lengths = segment.get_fieldnorms_reader(field)?;
    let (mut words, mut having) = (0, 0);
    for document in documents {
        let length = lengths.fieldnorm(document);
        words += u64::from(length);
        having += u64::from(length > 0);
    }
    Ok((words, having))
}

/// The statistics of what somebody may see in a snapshot.
pub(crate) struct Audience<'a> {
    snapshot: &'a Snapshot,
    segments: Vec<Arc<Visible>>,
    documents: u64,
    /// Number of words of each text field, as if every document had it.
    scaled_words: HashMap<Field, u64>,
}

impl<'a> Audience<'a> {
    pub(crate) fn new(fields: &Fields, snapshot: &'a Snapshot, tokens: &[String]) -> Result<Self> {
        let mut tokens = tokens.to_vec();
        tokens.sort_unstable();
        tokens.dedup();
        let segments = snapshot
            .searcher
            .segment_readers()
            .iter()
            .zip(&snapshot.columns)
            .map(|(segment, columns)| columns.audiences.get(fields, segment, &tokens))
            .collect::<Result<Vec<_>>>()?;
        let documents: u64 = segments.iter().map(|segment| segment.count).sum();
        let mut lengths: HashMap<Field, (u64, u64)> = HashMap::new();
        for (field, (words, having)) in segments.iter().flat_map(|segment| &segment.lengths) {
            let sum = lengths.entry(*field).or_default();
            sum.0 += words;
            sum.1 += having;
        }
        // A document has text in the fields of one analysis only. The engine's average length counts it for the others
        // too, and so would take every text for a long one; scaled, the average is that of those that have the field.
        let scaled_words = lengths
            .into_iter()
            .map(|(field, (words, having))| {
                let scaled = u128::from(words) * u128::from(documents) / u128::from(having.max(1));
                (field, u64::try_from(scaled).unwrap_or(u64::MAX))
            })
            .collect();
        Ok(Self {
            snapshot,
            segments,
            documents,
            scaled_words,
        })
    }

    /// Number of documents that can be seen.
    pub(crate) fn documents(&self) -> u64 {
        self.documents
    }

    /// In how many of them the term is.
    pub(crate) fn frequency(&self, term: &Term) -> Result<u64> {
        let readers = self.snapshot.searcher.segment_readers();
        readers
            .iter()
            .zip(&self.segments)
            .map(|(segment, visible)| visible.frequency(segment, term))
            .sum()
    }

    /// Whether the document is among them, if it was not deleted since.
    pub(crate) fn sees(&self, segment: u32, document: DocId) -> bool {
        self.segments
            .get(segment as usize)
            .is_some_and(|visible| visible.written.documents.contains(document))
    }
}

impl Bm25StatisticsProvider for Audience<'_> {
    fn total_num_tokens(&self, field: Field) -> Result<u64> {
        // Fields without lengths have one word a document.
        Ok(self
            .scaled_words
            .get(&field)
            .copied()
            .unwrap_or(self.documents)
            .max(1))
    }

    fn total_num_docs(&self) -> Result<u64> {
        Ok(self.documents.max(1))
    }

    fn doc_freq(&self, term: &Term) -> Result<u64> {
        self.frequency(term)
    }
}
