//! An index that is made anew from documents one of which is at fault.

use super::{ask, document, found, id, puts};
use crate::{Change, Error, Index, Settings};

/// An index whose engine panics at the third document.
fn index() -> Index {
    let index = Index::in_memory(&Settings::default()).unwrap();
    index.inject(|document| {
        assert_ne!(document.id, id(3), "it has no end");
        Ok(())
    });
    index
}

#[test]
fn what_was_kept_outlives_a_document_at_fault() {
    let index = index();
    let mut rebuild = index.rebuild().unwrap();
    rebuild.put(&document(1, "same words")).unwrap();
    rebuild.keep().unwrap();
    rebuild.put(&document(2, "same words")).unwrap();
    let error = rebuild.put(&document(3, "same words")).unwrap_err();
    assert!(matches!(error, Error::Panicked(_)), "{error:?}");
    assert!(error.to_string().contains("no end"), "{error}");
    rebuild.put(&document(4, "same words")).unwrap();
    rebuild.finish(5).unwrap();
    let mut found = found(&index.searcher(None).unwrap(), &ask("words", 100));
    found.sort_unstable();
    assert_eq!(found, [id(1), id(4)], "the second was not kept");
    assert_eq!(index.checkpoint(), 5);
}

#[test]
fn what_is_applied_takes_the_place_of_what_is_there() {
    let index = index();
    let mut rebuild = index.rebuild().unwrap();
    rebuild.put(&document(1, "same words")).unwrap();
    rebuild.put(&document(2, "same words")).unwrap();
    rebuild.keep().unwrap();
    let changes = [document(1, "same words"), document(3, "same words")];
    let error = rebuild.apply(puts(changes)).unwrap_err();
    assert!(error.is_of_document(), "{error:?}");
    let mut changes = puts([document(1, "same words"), document(4, "same words")]);
    changes.push(Change::Delete(id(2)));
    rebuild.apply(changes).unwrap();
    assert_eq!(index.checkpoint(), 0, "it is not in use yet");
    rebuild.finish(5).unwrap();
    let mut found = found(&index.searcher(None).unwrap(), &ask("words", 100));
    found.sort_unstable();
    assert_eq!(found, [id(1), id(4)]);
}
