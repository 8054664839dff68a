//! What the tests of the engine share.
use search::{Change, Document, DocumentKind, Index, Request, Settings, Text, Viewer};
use uuid::Uuid;

/// Everybody holds this token.
pub(crate) const PUBLIC: &str = "public";

/// The same id for the same number, in that order.
pub(crate) fn id(number: u64) -> Uuid {
    Uuid::from_u64_pair(0x0190_0000_0000_7000, 0x8000_0000_0000_0000 | number)
}

/// A public resource.
pub(crate) fn document(number: u64, title: &str, body: &str) -> Document {
    let mut document = Document::new(id(number), DocumentKind::Resource, title);
    document.texts = vec![Text::markdown("body", body)];
    document.audience = vec![PUBLIC.to_owned()];
    document.updated_at = i64::try_from(number).unwrap_or_default() * 1_000_000;
    document
}

/// Puts the documents.
pub(crate) fn puts(documents: impl IntoIterator<Item = Document>) -> Vec<Change> {
    documents
        .into_iter()
        .map(|document| Change::Put(Box::new(document)))
        .collect()
}

/// An index in memory that holds the documents, at position 1.
pub(crate) fn index_of(documents: impl IntoIterator<Item = Document>) -> Index {
    let index = Index::in_memory(&Settings::default()).unwrap();
    index.apply(puts(documents), 1).unwrap();
    index
}

/// Somebody who holds these tokens.
pub(crate) fn viewer(tokens: &[&str]) -> Viewer {
    Viewer {
        audience: tokens.iter().map(|token| (*token).to_owned()).collect(),
        ..Viewer::default()
    }
}

/// What anybody asks.
pub(crate) fn ask(query: &str) -> Request {
    Request {
        query: query.to_owned(),
        viewer: viewer(&[PUBLIC]),
        first: 100,
        ..Request::default()
    }
}

/// The numbers of the documents that answer, best first.
pub(crate) fn numbers(index: &Index, request: &Request) -> Vec<u64> {
    let searcher = index.searcher(request.after.as_deref()).unwrap();
    searcher
        .search(request)
        .unwrap()
        .hits
        .iter()
        .map(|hit| number(hit.id))
        .collect()
}

/// The number that the id was made of.
pub(crate) fn number(id: Uuid) -> u64 {
    id.as_u64_pair().1 & 0x7FFF_FFFF_FFFF_FFFF
}

/// As [`numbers`], in ascending order.
pub(crate) fn found(index: &Index, query: &str) -> Vec<u64> {
    let mut numbers = numbers(index, &ask(query));
    numbers.sort_unstable();
    numbers
}
