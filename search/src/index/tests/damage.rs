//! Files that are damaged or gone, and writes that fail.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use super::{ask, document, found, id, puts};
use crate::{Change, Error, Index, Opened, RebuildReason, Settings};

fn open(root: &Path) -> Opened {
    Index::open_or_create(root, &Settings::default()).unwrap()
}

/// A directory with an index of ten documents, of which one was deleted, at position 8.
fn filled() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    let opened = open(directory.path());
    let mut rebuild = opened.index.rebuild().unwrap();
    for number in 1..=10 {
        rebuild.put(&document(number, "same words")).unwrap();
    }
    rebuild.finish(7).unwrap();
    opened.index.apply(vec![Change::Delete(id(1))], 8).unwrap();
    directory
}

fn engine_directory(root: &Path) -> PathBuf {
    let mut entries = fs::read_dir(root)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    entries.find(|path| path.is_dir()).unwrap()
}

/// Flips a byte of what the segment holds, where that is read late.
fn flip(root: &Path, extension: &str) {
    let mut entries = fs::read_dir(engine_directory(root))
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let path = entries.find(|path| path.extension().is_some_and(|found| found == extension));
    let path = path.unwrap();
    let mut bytes = fs::read(&path).unwrap();
    let place = if extension == "store" {
        8
    } else {
        bytes.len() / 2
    };
    bytes[place] ^= 0xFF;
    fs::write(&path, bytes).unwrap();
}

fn total(index: &Index) -> usize {
    found(&index.searcher(None).unwrap(), &ask("words", 100)).len()
}

/// Makes the index anew with one document.
fn make_anew(index: &Index) {
    let mut rebuild = index.rebuild().unwrap();
    rebuild.put(&document(1, "same words")).unwrap();
    rebuild.finish(9).unwrap();
    assert_eq!(total(index), 1);
    assert_eq!(index.verify(|| true), None);
}

#[test]
fn damage_is_found_while_the_index_serves() {
    for extension in ["store", "idx", "pos", "term", "fast", "fieldnorm", "del"] {
        let directory = filled();
        flip(directory.path(), extension);
        let opened = open(directory.path());
        // What is read when it is opened is noticed then.
        let reason = opened
            .needs_rebuild
            .or_else(|| opened.index.verify(|| true));
        assert!(
            matches!(reason, Some(RebuildReason::Corrupt(_))),
            "{extension}: {reason:?}"
        );
        make_anew(&opened.index);
    }
}

#[test]
fn a_whole_index_is_known_to_be() {
    let directory = filled();
    let opened = open(directory.path());
    assert_eq!(opened.needs_rebuild, None);
    assert_eq!(opened.index.verify(|| true), None);
    let in_memory = Index::in_memory(&Settings::default()).unwrap();
    assert_eq!(in_memory.verify(|| true), None);
}

#[test]
fn what_was_opened_and_never_verified_is_verified_before_it_is_opened_again() {
    let directory = filled();
    // Nobody has looked through the files when the process ends.
    drop(open(directory.path()));
    flip(directory.path(), "store");
    let opened = open(directory.path());
    assert!(
        matches!(opened.needs_rebuild, Some(RebuildReason::Corrupt(_))),
        "{:?}",
        opened.needs_rebuild
    );
    make_anew(&opened.index);
    drop(opened);

    let opened = open(directory.path());
    assert_eq!(opened.index.verify(|| true), None);
    drop(opened);
    flip(directory.path(), "store");
    let opened = open(directory.path());
    assert_eq!(opened.needs_rebuild, None, "it was whole before");
    assert_eq!(opened.index.verify(|| false), None, "nobody wants to know");
    assert!(opened.index.verify(|| true).is_some());
}

#[test]
fn what_is_merged_away_meanwhile_is_no_damage() {
    let directory = filled();
    let opened = open(directory.path());
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let writing = scope.spawn(|| {
            let written: crate::Result<()> = (10..60).try_for_each(|position| {
                let documents = [
                    document(position, "same words"),
                    document(position - 1, "words"),
                ];
                opened.index.apply(puts(documents), position)
            });
            done.store(true, Ordering::SeqCst);
            written
        });
        while !done.load(Ordering::SeqCst) {
            assert_eq!(opened.index.verify(|| true), None);
        }
        writing.join().unwrap().unwrap();
    });
    assert_eq!(opened.index.verify(|| true), None);
}

#[test]
fn a_directory_that_was_removed_is_made_anew_and_is_this_indexs_again() {
    let directory = filled();
    let opened = open(directory.path());
    fs::remove_dir_all(directory.path()).unwrap();
    assert_eq!(opened.index.verify(|| true), Some(RebuildReason::Missing));
    let error = opened
        .index
        .apply(puts([document(11, "same words")]), 9)
        .unwrap_err();
    assert!(!error.is_of_document(), "{error}");
    assert_eq!(total(&opened.index), 9, "what was read still answers");
    make_anew(&opened.index);
    let second = Index::open_or_create(directory.path(), &Settings::default());
    assert!(matches!(second, Err(Error::InUse { .. })), "{second:?}");
    drop(opened);
    let reopened = open(directory.path());
    assert_eq!(reopened.needs_rebuild, None);
    assert_eq!(total(&reopened.index), 1);
}

#[test]
fn a_directory_that_somebody_else_took_is_not_written() {
    let directory = filled();
    let opened = open(directory.path());
    fs::remove_dir_all(directory.path()).unwrap();
    let other = open(directory.path());
    assert_eq!(other.needs_rebuild, Some(RebuildReason::Missing));
    let refused = opened.index.rebuild().map(drop);
    assert!(matches!(refused, Err(Error::InUse { .. })), "{refused:?}");
    make_anew(&other.index);
}

#[test]
fn what_could_not_be_committed_can_be_written_again() {
    let directory = filled();
    let opened = open(directory.path());
    // The documents and what is deleted can be written, and nothing can say so.
    let meta = engine_directory(directory.path()).join("meta.json");
    let content = fs::read(&meta).unwrap();
    fs::remove_file(&meta).unwrap();
    fs::create_dir(&meta).unwrap();
    let changes = || puts([document(2, "other words")]);
    for _ in 0..2 {
        let error = opened.index.apply(changes(), 9).unwrap_err();
        assert!(!error.is_of_document(), "{error}");
    }
    fs::remove_dir(&meta).unwrap();
    fs::write(&meta, content).unwrap();
    opened.index.apply(changes(), 9).unwrap();
    assert_eq!(total(&opened.index), 9);
    let searcher = opened.index.searcher(None).unwrap();
    assert_eq!(found(&searcher, &ask("other", 100)), [id(2)]);
    assert_eq!(opened.index.verify(|| true), None);
}
