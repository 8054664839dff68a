mod damage;
mod merging;
mod paging;
mod rebuild;

use uuid::Uuid;

use crate::{Change, Document, DocumentKind, Request, Searcher, Viewer};

fn id(number: u64) -> Uuid {
    Uuid::from_u64_pair(0, number)
}

/// A document that everybody sees.
fn document(number: u64, title: &str) -> Document {
    let mut document = Document::new(id(number), DocumentKind::Resource, title);
    document.audience = vec!["public".to_owned()];
    document
}

fn puts(documents: impl IntoIterator<Item = Document>) -> Vec<Change> {
    let documents = documents.into_iter();
    documents
        .map(|document| Change::Put(Box::new(document)))
        .collect()
}

/// What everybody may ask.
fn ask(query: &str, first: usize) -> Request {
    Request {
        query: query.to_owned(),
        first,
        viewer: Viewer {
            audience: vec!["public".to_owned()],
            ..Viewer::default()
        },
        ..Request::default()
    }
}

/// The ids that are found, best first.
fn found(searcher: &Searcher, request: &Request) -> Vec<Uuid> {
    let answer = searcher.search(request).unwrap();
    answer.hits.iter().map(|hit| hit.id).collect()
}
