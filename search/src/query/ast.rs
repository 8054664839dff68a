//! What a query says.

/// Where a piece of the query stands, in bytes.
pub(crate) type Span = std::ops::Range<usize>;

/// A query: every clause counts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Ast {
    pub(crate) clauses: Vec<Clause>,
}

/// What hits must or must not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Clause {
    pub(crate) excluded: bool,
    /// More than one when joined by `OR`.
    pub(crate) alternatives: Vec<Atom>,
}

/// The smallest piece that means something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Atom {
    /// Text as typed, without quotes: often one word, more with punctuation inside.
    Words(Span),
    /// Text that was in quotes.
    Phrase(String),
    /// The beginning of a word.
    Prefix(String),
    /// `title:`, of words or a phrase.
    Title(String),
    Tag(String),
    Author(String),
    /// A kind of document or of resource.
    Kind(String),
    /// A domain's slug.
    Domain(String),
    /// A community's slug, and those that it leads to.
    In(Vec<String>),
    Language(String),
    /// Microseconds since 1970.
    Before(i64),
    After(i64),
}
