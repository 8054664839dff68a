//! What hits can be counted by, with each segment's columns decoded once.

use std::sync::{Arc, OnceLock};

use tantivy::columnar::{Column, StrColumn};
use tantivy::schema::IndexRecordOption;
use tantivy::{DocId, DocSet, Result, SegmentReader, TERMINATED};
use uuid::Uuid;

use crate::document::DocumentKind;
use crate::index::Audiences;
use crate::text::fold;

/// Defines the facet fields once: name in Rust, column of the index.
macro_rules! facet_fields {
    ($($(#[$docs:meta])* $field:ident => $column:literal,)+) => {
        /// What hits can be counted by.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum FacetField { $($(#[$docs])* $field,)+ }

        impl FacetField {
            /// Every field.
            pub const ALL: &[Self] = &[$(Self::$field,)+];

            pub(crate) const fn column(self) -> &'static str {
                match self { $(Self::$field => $column,)+ }
            }
        }
    };
}

facet_fields! {
    /// [`DocumentKind`], by its API name.
    Kind => "kind",
    /// Kind of resource, by its API name.
    ResourceKind => "resource_kind",
    /// Community, by its UUID.
    Community => "community",
    /// Kind of community, by its API name.
    CommunityKind => "community_kind",
    /// Domain by its UUID; broader domains count what narrower ones hold, unless the filter leaves that out.
    Domain => "domain",
    /// Tag; one that is written in several ways is shown as it is most often.
    Tag => "tag",
    /// Language, as declared or detected; one counts its regions too.
    Language => "language",
    /// Licence.
    Licence => "licence",
    /// Status or stage, by its API name.
    Status => "status",
    /// Year of publication.
    Year => "year",
    /// Educational level, as given.
    EducationalLevel => "educational_level",
    /// How well its use is evidenced, by its API name.
    EvidenceLevel => "evidence_level",
    /// Author, by its UUID.
    Author => "author",
}

/// A facet that is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FacetRequest {
    /// What to count by.
    pub field: FacetField,
    /// Number of buckets, most frequent first; at most 1,000.
    pub size: usize,
}

/// A facet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facet {
    /// What was counted by.
    pub field: FacetField,
    /// The most frequent values, then by value.
    pub buckets: Vec<Bucket>,
}

/// A value of a facet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bucket {
    /// Fit to be put back into a filter.
    pub value: String,
    /// Number of matches that have it, exact.
    pub count: u64,
}

/// Ordinal of a document without value.
const NONE: u32 = u32::MAX;
/// The field of the domains that documents are filed under themselves. It is no column.
const OWN_DOMAINS: &str = "own_domain";

/// The values of one field in one segment.
pub(crate) struct FacetColumn {
    /// Ascending.
    pub(super) values: Vec<Box<str>>,
    /// What a filter compares instead of each value; empty where it compares the values.
    pub(super) keys: Vec<Box<str>>,
    rows: Rows,
}

/// Which values each document has, as places in `values`.
enum Rows {
    One(Vec<u32>),
    /// The places of document `d` are `places[starts[d]..starts[d + 1]]`.
    Many {
        starts: Vec<u32>,
        places: Vec<u32>,
    },
}

impl FacetColumn {
    fn read(segment: &SegmentReader, field: FacetField) -> Result<Self> {
        let Some(column) = segment.fast_fields().str(field.column())? else {
            return Ok(Self {
                values: Vec::new(),
                keys: Vec::new(),
                rows: Rows::One(vec![NONE; segment.max_doc() as usize]),
            });
        };
        let mut values: Vec<Box<str>> = Vec::with_capacity(column.num_terms());
        let mut terms = column.dictionary().stream()?;
        while terms.advance() {
            values.push(String::from_utf8_lossy(terms.key()).into());
        }
        let keys: Vec<Box<str>> = if field == FacetField::Tag {
            values.iter().map(|tag| fold(tag).into()).collect()
        } else {
            Vec::new()
        };
        Ok(Self {
            values,
            keys,
            rows: Rows::read(column.ords(), segment.max_doc()),
        })
    }

    /// The terms of a field that is no column.
    fn read_terms(segment: &SegmentReader, name: &str) -> Result<Self> {
        let index = segment.inverted_index(segment.schema().get_field(name)?)?;
        let mut values: Vec<Box<str>> = Vec::new();
        let mut pairs: Vec<(DocId, u32)> = Vec::new();
        let mut terms = index.terms().stream()?;
        while terms.advance() {
            let place = u32::try_from(values.len()).unwrap_or(NONE);
            values.push(String::from_utf8_lossy(terms.key()).into());
            let option = IndexRecordOption::Basic;
            let mut postings = index.read_postings_from_terminfo(terms.value(), option)?;
            while postings.doc() != TERMINATED {
                pairs.push((postings.doc(), place));
                postings.advance();
            }
        }
        pairs.sort_unstable();
        Ok(Self {
            values,
            keys: Vec::new(),
            rows: Rows::of(pairs, segment.max_doc()),
        })
    }

    /// Counts each value of these documents.
    pub(super) fn count(&self, documents: &[DocId]) -> Vec<u32> {
        let mut counts = vec![0; self.values.len()];
        let mut add = |place: u32| {
            if let Some(count) = counts.get_mut(place as usize) {
                *count += 1;
            }
        };
        match &self.rows {
            Rows::One(places) => documents
                .iter()
                .for_each(|document| add(places[*document as usize])),
            Rows::Many { starts, places } => {
                for document in documents {
                    let (start, end) = (starts[*document as usize], starts[*document as usize + 1]);
                    places[start as usize..end as usize]
                        .iter()
                        .for_each(|place| add(*place));
                }
            }
        }
        counts
    }

    /// The first value of a document.
    pub(crate) fn first(&self, document: DocId) -> Option<&str> {
        self.all(document).next()
    }

    /// All values of a document.
    pub(crate) fn all(&self, document: DocId) -> impl Iterator<Item = &str> {
        Self::at(&self.values, self.places(document))
    }

    /// What a filter compares of each value of a document.
    pub(super) fn compared(&self, document: DocId) -> impl Iterator<Item = &str> {
        let compared = if self.keys.is_empty() {
            &self.values
        } else {
            &self.keys
        };
        Self::at(compared, self.places(document))
    }

    fn at<'a>(values: &'a [Box<str>], places: &'a [u32]) -> impl Iterator<Item = &'a str> {
        places
            .iter()
            .filter_map(move |place| values.get(*place as usize).map(AsRef::as_ref))
    }

    /// Where the values of a document are among all values of the field.
    pub(super) fn places(&self, document: DocId) -> &[u32] {
        let document = document as usize;
        match &self.rows {
            Rows::One(places) => &places[document..=document],
            Rows::Many { starts, places } => {
                &places[starts[document] as usize..starts[document + 1] as usize]
            }
        }
    }
}

impl Rows {
    /// Of documents with the places of their values, in order.
    fn of(pairs: Vec<(DocId, u32)>, documents: DocId) -> Self {
        let mut starts = Vec::with_capacity(documents as usize + 1);
        let mut places = Vec::with_capacity(pairs.len());
        let mut pairs = pairs.into_iter().peekable();
        starts.push(0);
        for document in 0..documents {
            while let Some((_, place)) = pairs.next_if(|(of, _)| *of == document) {
                places.push(place);
            }
            starts.push(u32::try_from(places.len()).unwrap_or(u32::MAX));
        }
        Self::Many { starts, places }
    }

    fn read(ordinals: &Column<u64>, documents: DocId) -> Self {
        let place = |ordinal: u64| u32::try_from(ordinal).unwrap_or(NONE);
        if ordinals.get_cardinality().is_multivalue() {
            let mut starts = Vec::with_capacity(documents as usize + 1);
            let mut places = Vec::new();
            starts.push(0);
            for document in 0..documents {
                places.extend(ordinals.values_for_doc(document).map(place));
                starts.push(u32::try_from(places.len()).unwrap_or(u32::MAX));
            }
            return Self::Many { starts, places };
        }
        Self::One(
            (0..documents)
                .map(|document| ordinals.first(document).map_or(NONE, place))
                .collect(),
        )
    }
}

/// Columns of one segment that every search needs. Facets are read when first asked for, and kept.
pub(crate) struct SegmentColumns {
    id_high: Column<u64>,
    id_low: Column<u64>,
    pub(crate) updated_at: Column<i64>,
    /// What is known to be good or overdue; none when it is known of no document of the segment.
    pub(crate) evidence: Option<Column<f64>>,
    pub(crate) standing: Option<Column<f64>>,
    pub(crate) review_due_at: Option<Column<i64>>,
    pub(crate) title_key: Option<StrColumn>,
    /// None when no document of the segment has a word in its title.
    title_hash: Option<Column<u64>>,
    facets: Vec<OnceLock<Arc<FacetColumn>>>,
    own_domains: OnceLock<Arc<FacetColumn>>,
    /// What audiences see of the segment.
    pub(crate) audiences: Audiences,
}

impl SegmentColumns {
    pub(crate) fn open(segment: &SegmentReader) -> Result<Self> {
        let fast = segment.fast_fields();
        Ok(Self {
            id_high: fast.u64("id_high")?,
            id_low: fast.u64("id_low")?,
            updated_at: fast.i64("updated_at")?,
            evidence: fast.column_opt("evidence")?,
            standing: fast.column_opt("standing")?,
            review_due_at: fast.column_opt("review_due_at")?,
            title_key: fast.str("title_key")?,
            title_hash: fast.column_opt("title_hash")?,
            facets: FacetField::ALL.iter().map(|_| OnceLock::new()).collect(),
            own_domains: OnceLock::new(),
            audiences: Audiences::default(),
        })
    }

    pub(crate) fn id(&self, document: DocId) -> u128 {
        let high = self.id_high.first(document).unwrap_or_default();
        let low = self.id_low.first(document).unwrap_or_default();
        Uuid::from_u64_pair(high, low).as_u128()
    }

    /// What tells the document's title from those of other words.
    pub(crate) fn title_hash(&self, document: DocId) -> Option<u64> {
        self.title_hash.as_ref()?.first(document)
    }

    pub(crate) fn facet(
        &self,
        segment: &SegmentReader,
        field: FacetField,
    ) -> Result<Arc<FacetColumn>> {
        let place = &self.facets[field as usize];
        if let Some(column) = place.get() {
            return Ok(Arc::clone(column));
        }
        let column = Arc::new(FacetColumn::read(segment, field)?);
        Ok(Arc::clone(place.get_or_init(|| column)))
    }

    /// The domains that documents are filed under themselves.
    pub(crate) fn own_domains(&self, segment: &SegmentReader) -> Result<Arc<FacetColumn>> {
        if let Some(column) = self.own_domains.get() {
            return Ok(Arc::clone(column));
        }
        let column = Arc::new(FacetColumn::read_terms(segment, OWN_DOMAINS)?);
        Ok(Arc::clone(self.own_domains.get_or_init(|| column)))
    }

    pub(crate) fn kind(
        &self,
        segment: &SegmentReader,
        document: DocId,
    ) -> Result<Option<DocumentKind>> {
        Ok(self
            .facet(segment, FacetField::Kind)?
            .first(document)
            .and_then(DocumentKind::from_name))
    }
}
