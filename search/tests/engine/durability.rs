//! What survives, and what is reported for a rebuild.

use std::fs;
use std::path::{Path, PathBuf};

use search::{Change, Error, Index, Opened, RebuildReason, Settings, State};

use crate::common::{document, found, id, puts};

fn open(directory: &Path) -> Opened {
    Index::open_or_create(
        directory,
        &Settings {
            verify_checksums: true,
            ..Settings::default()
        },
    )
    .unwrap()
}

/// A directory whose index holds documents 1 to 3 at position 7.
fn filled() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    let opened = open(directory.path());
    assert_eq!(opened.needs_rebuild, Some(RebuildReason::Missing));
    let mut rebuild = opened.index.rebuild().unwrap();
    for number in 1..=3 {
        rebuild.put(&document(number, "same words", "")).unwrap();
    }
    rebuild.finish(7).unwrap();
    directory
}

/// The directory of the index in use.
fn engine_directory(root: &Path) -> PathBuf {
    let mut found = fs::read_dir(root)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir());
    let one = found.next().unwrap();
    assert_eq!(found.next(), None, "only one index is left");
    one
}

#[test]
fn every_commit_carries_its_position_across_reopening() {
    let directory = filled();
    let mut documents = 3;
    for position in [8, 9, 20] {
        let opened = open(directory.path());
        assert_eq!(opened.needs_rebuild, None);
        documents += 1;
        opened
            .index
            .apply(puts([document(documents, "same words", "")]), position)
            .unwrap();
        assert_eq!(opened.index.checkpoint(), position);
        drop(opened);
        let reopened = open(directory.path());
        assert_eq!(reopened.index.checkpoint(), position);
        assert_eq!(
            reopened.index.searcher(None).unwrap().checkpoint(),
            position
        );
        let statistics = reopened.index.statistics();
        assert_eq!(
            (statistics.documents, statistics.checkpoint),
            (documents, position)
        );
        assert!(statistics.last_commit_at.is_some());
        // A batch without changes moves the position, and merges keep it.
        reopened.index.apply(Vec::new(), position + 1).unwrap();
        reopened.index.finish_merges().unwrap();
        drop(reopened);
        assert_eq!(open(directory.path()).index.checkpoint(), position + 1);
    }
}

#[test]
fn later_steps_of_a_batch_win() {
    let index = Index::in_memory(&Settings::default()).unwrap();
    let mut changes = puts([
        document(1, "old words", ""),
        document(1, "new words", ""),
        document(2, "old words", ""),
    ]);
    changes.push(Change::Delete(id(2)));
    changes.extend(puts([document(2, "back words", "")]));
    let mut member = document(3, "member words", "");
    member.community = Some(id(50));
    changes.extend(puts([member]));
    index.apply(changes, 1).unwrap();
    assert_eq!(
        (
            found(&index, "old"),
            found(&index, "new"),
            found(&index, "back")
        ),
        (vec![], vec![1], vec![2])
    );
    assert_eq!(found(&index, "words"), [1, 2, 3]);
    index
        .apply(
            vec![Change::DeleteCommunity(id(50)), Change::Delete(id(999))],
            2,
        )
        .unwrap();
    assert_eq!(found(&index, "words"), [1, 2]);
}

#[test]
fn a_rebuild_swaps_while_the_old_index_serves() {
    let directory = filled();
    let opened = open(directory.path());
    let before = opened.index.searcher(None).unwrap();
    let mut rebuild = opened.index.rebuild().unwrap();
    rebuild.put(&document(9, "same words", "")).unwrap();
    opened
        .index
        .apply(puts([document(4, "same words", "")]), 8)
        .unwrap();
    assert_eq!(found(&opened.index, "words"), [1, 2, 3, 4]);
    rebuild.finish(5).unwrap();
    assert_eq!(
        (found(&opened.index, "words"), opened.index.checkpoint()),
        (vec![9], 5)
    );
    assert_eq!(
        before.search(&crate::common::ask("words")).unwrap().total,
        3
    );
    opened
        .index
        .apply(puts([document(10, "same words", "")]), 6)
        .unwrap();
    drop(before);
    drop(opened);
    engine_directory(directory.path());
    assert_eq!(found(&open(directory.path()).index, "words"), [9, 10]);
}

#[test]
fn an_abandoned_rebuild_leaves_nothing() {
    let directory = filled();
    let opened = open(directory.path());
    let mut rebuild = opened.index.rebuild().unwrap();
    rebuild.put(&document(9, "same words", "")).unwrap();
    drop(rebuild);
    engine_directory(directory.path());
    assert_eq!(found(&opened.index, "words"), [1, 2, 3]);
}

#[test]
fn another_version_is_reported_and_rebuilt() {
    let directory = filled();
    let other = Settings {
        default_language: "fr".into(),
        ..Settings::default()
    };
    let opened = Index::open_or_create(directory.path(), &other).unwrap();
    assert_eq!(opened.needs_rebuild, Some(RebuildReason::Outdated));
    assert_eq!(
        (
            opened.index.checkpoint(),
            opened.index.statistics().documents
        ),
        (0, 0)
    );
    assert_eq!(
        Index::inspect(directory.path(), &other, true)
            .unwrap()
            .state,
        State::Outdated
    );
    let mut rebuild = opened.index.rebuild().unwrap();
    rebuild.put(&document(1, "same words", "")).unwrap();
    rebuild.finish(3).unwrap();
    drop(opened);
    engine_directory(directory.path());
    assert_eq!(
        Index::open_or_create(directory.path(), &other)
            .unwrap()
            .needs_rebuild,
        None
    );
}

#[test]
fn damaged_files_are_reported_and_rebuilt() {
    let pristine = filled();
    let names: Vec<_> = fs::read_dir(engine_directory(pristine.path()))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| !name.starts_with('.') && !name.contains("lock"))
        .collect();
    assert!(names.len() > 3, "{names:?}");
    for name in names.iter().map(String::as_str).chain(["../current.json"]) {
        for damage in ["cut", "flip", "gone"] {
            // `managed.json` lists files for clean-up only.
            if name == ".managed.json" {
                continue;
            }
            let directory = filled();
            let engine = engine_directory(directory.path());
            let extension = Path::new(name).extension();
            let path = if name.contains("meta") || name.contains("current") {
                engine.join(name)
            } else {
                let mut files = fs::read_dir(&engine)
                    .unwrap()
                    .map(|entry| entry.unwrap().path());
                files
                    .find(|path| path.extension() == extension && !path.ends_with("meta.json"))
                    .unwrap()
            };
            let mut bytes = fs::read(&path).unwrap();
            match damage {
                "cut" => bytes.truncate(bytes.len() / 2),
                "flip" => {
                    let middle = bytes.len() / 2;
                    bytes[middle] ^= 0xFF;
                }
                _ => bytes.clear(),
            }
            fs::write(&path, &bytes).unwrap();
            if damage == "gone" {
                fs::remove_file(&path).unwrap();
            }
            let opened = open(directory.path());
            let reason = opened
                .needs_rebuild
                .unwrap_or_else(|| panic!("{name} {damage} was not noticed"));
            assert!(
                matches!(reason, RebuildReason::Corrupt(_) | RebuildReason::Missing),
                "{name} {damage}: {reason:?}"
            );
            assert_eq!(found(&opened.index, "words"), [0; 0]);
            let mut rebuild = opened.index.rebuild().unwrap();
            rebuild.put(&document(1, "same words", "")).unwrap();
            rebuild.finish(1).unwrap();
            assert_eq!(found(&opened.index, "words"), [1], "{name} {damage}");
        }
    }
}

#[test]
fn a_directory_has_one_owner_but_anybody_may_look() {
    let directory = filled();
    let opened = open(directory.path());
    let second = Index::open_or_create(directory.path(), &Settings::default());
    assert!(matches!(second, Err(Error::InUse { .. })));
    let inspection = Index::inspect(directory.path(), &Settings::default(), true).unwrap();
    assert_eq!(
        (
            inspection.state,
            inspection.checkpoint,
            inspection.documents
        ),
        (State::Ready, 7, 3)
    );
    drop(opened);
    assert_eq!(open(directory.path()).needs_rebuild, None);
    let empty = tempfile::tempdir().unwrap();
    assert_eq!(
        Index::inspect(empty.path(), &Settings::default(), true)
            .unwrap()
            .state,
        State::Missing
    );
}

#[test]
fn a_closed_index_writes_no_more_and_another_may() {
    let directory = filled();
    let opened = open(directory.path());
    let first = opened.index;
    let mut rebuild = first.rebuild().unwrap();
    rebuild.put(&document(9, "other words", "")).unwrap();
    first.close();
    first.close();
    let found_before = found(&first, "words");
    let second = open(directory.path());
    assert_eq!(second.needs_rebuild, None);
    assert!(matches!(rebuild.finish(8), Err(Error::Closed)));
    assert!(matches!(first.apply(Vec::new(), 8), Err(Error::Closed)));
    assert_eq!(found(&first, "words"), found_before, "it still answers");
    second.index.apply(Vec::new(), 9).unwrap();
    drop(second);
    let third = open(directory.path());
    assert_eq!((third.needs_rebuild, third.index.checkpoint()), (None, 9));
}

#[test]
fn what_a_searcher_holds_agrees_with_its_position_while_others_write() {
    let index = Index::in_memory(&Settings::default()).unwrap();
    let last = 60;
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let searcher = index.searcher(None).unwrap();
                    let answer = searcher.search(&crate::common::ask("words")).unwrap();
                    assert_eq!(answer.total, searcher.checkpoint());
                    if searcher.checkpoint() == last {
                        break;
                    }
                }
            });
        }
        for number in 1..=last {
            index
                .apply(puts([document(number, "same words", "")]), number)
                .unwrap();
        }
    });
}
