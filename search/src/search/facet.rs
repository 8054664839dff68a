//! Counting values over all matches, with each segment's columns decoded once.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use tantivy::columnar::{Column, StrColumn};
use tantivy::{DocId, Result, SegmentReader};
use uuid::Uuid;

use crate::document::DocumentKind;
use crate::index::Audiences;

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
    /// Domain by its UUID; broader domains count what narrower ones hold.
    Domain => "domain",
    /// Tag, as shown.
    Tag => "tag",
    /// Language, as declared or detected.
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

/// Most buckets of one facet.
const MAX_BUCKETS: usize = 1_000;
/// Ordinal of a document without value.
const NONE: u32 = u32::MAX;

/// The values of one field in one segment.
pub(crate) struct FacetColumn {
    /// Ascending.
    values: Vec<Box<str>>,
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
    fn read(segment: &SegmentReader, name: &str) -> Result<Self> {
        let Some(column) = segment.fast_fields().str(name)? else {
            return Ok(Self {
                values: Vec::new(),
                rows: Rows::One(vec![NONE; segment.max_doc() as usize]),
            });
        };
        let mut values = Vec::with_capacity(column.num_terms());
        let mut terms = column.dictionary().stream()?;
        while terms.advance() {
            values.push(String::from_utf8_lossy(terms.key()).into());
        }
        Ok(Self {
            values,
            rows: Rows::read(column.ords(), segment.max_doc()),
        })
    }

    /// Counts each value of these documents.
    fn count(&self, documents: &[DocId]) -> Vec<u32> {
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
        let document = document as usize;
        let places = match &self.rows {
            Rows::One(places) => &places[document..=document],
            Rows::Many { starts, places } => {
                &places[starts[document] as usize..starts[document + 1] as usize]
            }
        };
        places
            .iter()
            .filter_map(|place| self.values.get(*place as usize).map(AsRef::as_ref))
    }
}

impl Rows {
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
    facets: Vec<OnceLock<Arc<FacetColumn>>>,
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
            facets: FacetField::ALL.iter().map(|_| OnceLock::new()).collect(),
            audiences: Audiences::default(),
        })
    }

    pub(crate) fn id(&self, document: DocId) -> u128 {
        let high = self.id_high.first(document).unwrap_or_default();
        let low = self.id_low.first(document).unwrap_or_default();
        Uuid::from_u64_pair(high, low).as_u128()
    }

    /// The ordinal of the document's title.
    pub(crate) fn title(&self, document: DocId) -> Option<u64> {
        self.title_key.as_ref()?.ords().first(document)
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
        let column = Arc::new(FacetColumn::read(segment, field.column())?);
        Ok(Arc::clone(place.get_or_init(|| column)))
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

/// Counts of one field in one segment.
pub(crate) struct SegmentCounts {
    column: Arc<FacetColumn>,
    counts: Vec<u32>,
}

impl SegmentCounts {
    pub(crate) fn new(column: Arc<FacetColumn>, documents: &[DocId]) -> Self {
        let counts = column.count(documents);
        Self { column, counts }
    }

    fn found(&self) -> impl Iterator<Item = (&str, u64)> {
        let values = self.column.values.iter().map(AsRef::as_ref);
        values
            .zip(self.counts.iter().copied().map(u64::from))
            .filter(|(_, count)| *count > 0)
    }
}

/// The most frequent values over all segments.
pub(crate) fn merge(request: &FacetRequest, segments: &[&SegmentCounts]) -> Facet {
    let mut totals: Vec<(&str, u64)> = match segments {
        [one] => one.found().collect(),
        several => {
            let mut sums: HashMap<&str, u64> = HashMap::new();
            for (value, count) in several.iter().flat_map(|segment| segment.found()) {
                *sums.entry(value).or_default() += count;
            }
            sums.into_iter().collect()
        }
    };
    let size = request.size.min(MAX_BUCKETS);
    let by_rank = |a: &(&str, u64), b: &(&str, u64)| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0));
    if totals.len() > size {
        totals.select_nth_unstable_by(size, by_rank);
        totals.truncate(size);
    }
    totals.sort_unstable_by(by_rank);
    let buckets = totals
        .into_iter()
        .map(|(value, count)| Bucket {
            value: value.to_owned(),
            count,
        })
        .collect();
    Facet {
        field: request.field,
        buckets,
    }
}
