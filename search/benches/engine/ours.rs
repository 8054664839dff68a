//! This engine, filled and asked.

use std::path::Path;

use search::{
    Change, Document, DocumentKind, FacetField, FacetRequest, Index, Request, Settings, Text,
    Viewer,
};
use uuid::Uuid;

use crate::Fallible;
use crate::corpus::{Corpus, KINDS, LICENCES, tags};

/// Documents of one commit.
const COMMIT: usize = 10_000;

pub(crate) fn our_document(number: usize, title: &str, body: &str) -> Document {
    let id = Uuid::from_u64_pair(7, u64::try_from(number).unwrap_or_default());
    let mut document = Document::new(id, DocumentKind::Resource, title);
    document.texts = vec![Text::markdown("body", body)];
    document.language = Some("en".to_owned());
    document.resource_kind = Some(KINDS[number % KINDS.len()].to_owned());
    document.licence = Some(LICENCES[number % LICENCES.len()].to_owned());
    document.tags = tags(number).to_vec();
    document.audience = vec![
        if number.is_multiple_of(10) {
            "team"
        } else {
            "public"
        }
        .to_owned(),
    ];
    document
}

/// Fills the index as the follower does: some thousand documents a commit.
pub(crate) fn ours(corpus: &Corpus, directory: Option<&Path>) -> Fallible<Index> {
    let index = match directory {
        Some(directory) => {
            let index = Index::open_or_create(directory, &Settings::default())?.index;
            index.rebuild()?.finish(0)?;
            index
        }
        None => Index::in_memory(&Settings::default())?,
    };
    let mut position = 0;
    for (place, texts) in corpus.texts.chunks(COMMIT).enumerate() {
        let documents = texts.iter().zip(place * COMMIT..);
        let changes = documents.map(|((title, body), number)| {
            Change::Put(Box::new(our_document(number, title, body)))
        });
        position += 1;
        index.apply(changes.collect(), position)?;
    }
    index.finish_merges()?;
    Ok(index)
}

pub(crate) fn public() -> Viewer {
    Viewer {
        audience: vec!["public".to_owned()],
        ..Viewer::default()
    }
}

pub(crate) fn request(text: &str, facets: bool, snippets: bool) -> Request {
    let fields = [
        FacetField::ResourceKind,
        FacetField::Tag,
        FacetField::Licence,
    ];
    Request {
        query: text.to_owned(),
        first: 10,
        viewer: public(),
        facets: if facets {
            fields
                .map(|field| FacetRequest { field, size: 10 })
                .to_vec()
        } else {
            Vec::new()
        },
        snippets,
        ..Request::default()
    }
}
