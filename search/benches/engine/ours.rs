//! This engine, filled and asked.

use std::path::Path;

use search::{
    Change, Document, DocumentKind, FacetField, FacetRequest, Index, Request, Settings, Text,
    Viewer,
};

use crate::Fallible;
use crate::corpus::{COMMIT, Corpus, Filling, KINDS, LICENCES, PUBLIC, audience, id, tags};

pub(crate) fn our_document(number: usize, title: &str, body: &str) -> Document {
    let mut document = Document::new(id(number), DocumentKind::Resource, title);
    document.texts = vec![Text::markdown("body", body)];
    document.language = Some("en".to_owned());
    document.resource_kind = Some(KINDS[number % KINDS.len()].to_owned());
    document.licence = Some(LICENCES[number % LICENCES.len()].to_owned());
    document.tags = tags(number).to_vec();
    document.audience = vec![audience(number).to_owned()];
    document
}

/// An index with all documents, in a directory or in memory, once its segments are merged.
pub(crate) fn ours(corpus: &Corpus, directory: Option<&Path>, filling: Filling) -> Fallible<Index> {
    let index = match directory {
        Some(directory) => Index::open_or_create(directory, &Settings::default())?.index,
        None => Index::in_memory(&Settings::default())?,
    };
    // What is followed begins with an empty one.
    let mut rebuild = index.rebuild()?;
    if filling == Filling::Anew {
        for (number, (title, body)) in corpus.texts.iter().enumerate() {
            rebuild.put(&our_document(number, title, body))?;
        }
    }
    rebuild.finish(0)?;
    if filling == Filling::Following {
        follow(corpus, &index)?;
    }
    index.finish_merges()?;
    Ok(index)
}

fn follow(corpus: &Corpus, index: &Index) -> Fallible<()> {
    let mut position = 0;
    for (place, texts) in corpus.texts.chunks(COMMIT).enumerate() {
        let documents = texts.iter().zip(place * COMMIT..);
        let changes = documents.map(|((title, body), number)| {
            Change::Put(Box::new(our_document(number, title, body)))
        });
        position += 1;
        index.apply(changes.collect(), position)?;
    }
    Ok(())
}

/// Removes the files of segments that were merged: a commit does, once nobody reads them any more.
pub(crate) fn tidy(index: &Index) -> Fallible<()> {
    index.apply(Vec::new(), index.checkpoint() + 1)?;
    Ok(())
}

pub(crate) fn viewer(audience: &[&str]) -> Viewer {
    Viewer {
        audience: audience.iter().map(|&token| token.to_owned()).collect(),
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
        viewer: viewer(&[PUBLIC]),
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
