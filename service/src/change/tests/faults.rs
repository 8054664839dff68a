//! Documents that cannot be written, storage that is full, and files that are damaged or gone.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::processes::{LONG, finds, follow_to_the_end, open};
use super::{PUBLIC, touch};
use crate::change::{Losses, catch_up, follow, rebuild};
use crate::error::{Error, Result};
use crate::item::ItemContent;
use crate::resource::{self, UpdateResource};
use crate::search::testing::Library;
use crate::search::{
    IndexSettings, IndexState, RebuildReason, SearchFilter, SearchIndex, SearchQuery, for_viewer,
    related, search, suggest,
};
use crate::validation::Patch;

fn directory(library: &Library) -> PathBuf {
    library.directory.path().join("index")
}

/// What a look at all files says.
async fn state(directory: &Path) -> IndexState {
    let inspected = SearchIndex::inspect(directory, IndexSettings::default(), true).await;
    inspected.unwrap().state
}

/// Flips a byte of the texts that the index keeps.
fn flip(directory: &Path) {
    let paths = |directory: &Path| {
        let entries = std::fs::read_dir(directory).unwrap();
        entries.map(|entry| entry.unwrap().path())
    };
    let engine = paths(directory).find(|path| path.is_dir()).unwrap();
    let is_store = |path: &PathBuf| path.extension().is_some_and(|found| found == "store");
    let store = paths(&engine).find(is_store).unwrap();
    let mut bytes = std::fs::read(&store).unwrap();
    bytes[8] ^= 0xFF;
    std::fs::write(&store, bytes).unwrap();
}

async fn build(library: &Library, index: &SearchIndex, losses: Losses) -> Result<rebuild::Built> {
    rebuild::build(library.store.clone(), index.clone(), losses).await
}

async fn rename(library: &Library, id: Uuid, title: &str) {
    let input = UpdateResource {
        content: ItemContent {
            title: Patch::Value(title.to_owned()),
            ..ItemContent::default()
        },
        ..UpdateResource::default()
    };
    resource::update(&library.store, &library.ada, id, input, None)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_full_disk_drops_nothing_and_what_was_written_meanwhile_is_found_later() {
    let library = Library::new(PUBLIC).await;
    let old = library.publish("Fractions with paper").await;
    library.follow().await;
    let position = library.index.position();
    rename(&library, old, "Fractions with coins").await;
    let new = library.publish("Fractions on a line").await;
    // There is room for what deletes, and none for a document.
    library.index.engine().inject(|_| {
        Err(::search::Error::Storage {
            path: "segment".into(),
            source: ErrorKind::StorageFull.into(),
        })
    });
    for _ in 0..4 {
        catch_up(&library.store, &library.index).await.unwrap_err();
        assert_eq!(library.index.position(), position);
        assert_eq!(library.index.failed_count(), 0);
        let found = library.found(&library.ada, "paper").await;
        assert_eq!(found, [old], "what was there is there");
    }
    assert!(
        !library.index.doubts().look_is_due(),
        "the files are not at fault"
    );
    library.index.engine().inject(|_| Ok(()));
    library.follow().await;
    assert_eq!(library.found(&library.ada, "coins").await, [old]);
    assert_eq!(library.found(&library.ada, "line").await, [new]);
}

#[tokio::test]
async fn a_document_at_fault_is_left_out_and_a_restart_tells_of_it() {
    let library = Library::new(PUBLIC).await;
    library.publish("Fractions with paper").await;
    let index = open(&library).await;
    follow_to_the_end(&library, &index).await;
    library.publish("Fractions with coins").await;
    let bad = library.publish("Fractions in vain").await;
    library.publish("Fractions on a line").await;
    index.engine().inject(move |document| {
        if document.id == bad {
            return Err(::search::Error::Panicked("it has no end".into()));
        }
        Ok(())
    });
    catch_up(&library.store, &index).await.unwrap();
    assert_eq!(index.position(), library.store.position().await.unwrap());
    assert_eq!(finds(&library, &index, "fractions").await, 3);
    let left_out = index.failed_documents();
    assert_eq!(left_out.len(), 1, "{left_out:?}");
    assert_eq!(left_out[0].id, bad);
    assert!(left_out[0].reason.contains("no end"), "{left_out:?}");
    drop(index);

    let index = open(&library).await;
    assert_eq!(index.failed_documents(), left_out);
    touch(&library.store, &library, bad).await;
    catch_up(&library.store, &index).await.unwrap();
    assert_eq!(index.failed_count(), 0);
    assert_eq!(finds(&library, &index, "fractions").await, 4);
    drop(index);
    assert_eq!(open(&library).await.failed_count(), 0);
}

#[tokio::test]
async fn a_document_at_fault_is_left_out_of_a_rebuild_and_a_restart_tells_of_it() {
    let library = Library::new(PUBLIC).await;
    library.publish("Fractions with paper").await;
    let bad = library.publish("Fractions in vain").await;
    library.publish("Fractions on a line").await;
    let index = open(&library).await;
    assert_eq!(index.needs_rebuild(), Some(RebuildReason::Missing));
    index.engine().inject(move |document| {
        if document.id == bad {
            return Err(::search::Error::Panicked("it has no end".into()));
        }
        Ok(())
    });
    follow_to_the_end(&library, &index).await;
    // The community is read before them, and was not kept when one of them was refused.
    assert_eq!(finds(&library, &index, "readers").await, 1);
    assert_eq!(finds(&library, &index, "fractions").await, 2);
    assert_eq!(index.statistics().documents, 3);
    let left_out = index.failed_documents();
    assert_eq!(left_out.len(), 1, "{left_out:?}");
    assert_eq!(left_out[0].id, bad);
    assert!(left_out[0].reason.contains("no end"), "{left_out:?}");
    drop(index);

    let index = open(&library).await;
    assert_eq!(index.needs_rebuild(), None);
    assert_eq!(index.failed_documents(), left_out);
    touch(&library.store, &library, bad).await;
    catch_up(&library.store, &index).await.unwrap();
    assert_eq!(index.failed_count(), 0);
    assert_eq!(finds(&library, &index, "fractions").await, 3);
}

#[tokio::test]
async fn an_index_that_answers_does_not_give_way_to_one_that_lacks_nearly_all() {
    let library = Library::new(PUBLIC).await;
    library.publish("Fractions with paper").await;
    let index = open(&library).await;
    follow_to_the_end(&library, &index).await;
    let faults: [fn() -> ::search::Error; 2] = [
        || ::search::Error::Panicked("it understands nothing".into()),
        || ::search::Error::Storage {
            path: "segment".into(),
            source: ErrorKind::StorageFull.into(),
        },
    ];
    for fault in faults {
        index.engine().inject(move |_| Err(fault()));
        let refused = build(&library, &index, Losses::Refuse).await.map(drop);
        assert!(matches!(refused, Err(Error::Internal(_))), "{refused:?}");
        assert_eq!(index.failed_count(), 0);
        assert_eq!(finds(&library, &index, "fractions").await, 1);
    }
    index.engine().inject(|_| Ok(()));
    let built = build(&library, &index, Losses::Refuse).await;
    rebuild::finish(&library.store, &index, built.unwrap())
        .await
        .unwrap();
    assert_eq!(finds(&library, &index, "fractions").await, 1);
    assert_eq!(finds(&library, &index, "readers").await, 1);
}

#[tokio::test]
async fn a_rebuild_that_would_lose_most_is_given_up_early_unless_that_is_accepted() {
    let library = Library::new(PUBLIC).await;
    for number in 0..40 {
        library.publish(&format!("Fractions {number}")).await;
    }
    let index = open(&library).await;
    follow_to_the_end(&library, &index).await;
    let tries = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&tries);
    index.engine().inject(move |_| {
        counted.fetch_add(1, Ordering::SeqCst);
        Err(::search::Error::Panicked("it understands nothing".into()))
    });
    let refused = build(&library, &index, Losses::Refuse).await.map(drop);
    assert!(matches!(refused, Err(Error::Internal(_))), "{refused:?}");
    let tries = tries.load(Ordering::SeqCst);
    assert!(tries < 60, "half of the documents are not tried: {tries}");
    assert_eq!(finds(&library, &index, "fractions").await, 40);

    let built = build(&library, &index, Losses::Accept).await.unwrap();
    rebuild::finish(&library.store, &index, built)
        .await
        .unwrap();
    assert_eq!(finds(&library, &index, "fractions").await, 0);
    assert_eq!(index.failed_count(), 41);
}

#[tokio::test]
async fn what_a_new_index_lacks_is_not_told_when_it_does_not_come_into_use() {
    let library = Library::new(PUBLIC).await;
    let bad = library.publish("Fractions in vain").await;
    library.publish("Fractions with paper").await;
    let index = open(&library).await;
    follow_to_the_end(&library, &index).await;
    index.engine().inject(move |document| {
        if document.id == bad {
            return Err(::search::Error::Panicked("it has no end".into()));
        }
        Ok(())
    });
    let built = build(&library, &index, Losses::Refuse).await.unwrap();
    index.close().await;
    rebuild::finish(&library.store, &index, built)
        .await
        .unwrap_err();
    assert_eq!(index.failed_count(), 0);
    drop(index);
    assert_eq!(open(&library).await.failed_count(), 0);
}

#[tokio::test]
async fn an_index_that_was_emptied_is_made_anew_after_a_restart_too() {
    let library = Library::new(PUBLIC).await;
    library.publish("Fractions with paper").await;
    let index = open(&library).await;
    follow_to_the_end(&library, &index).await;
    let reason = "it is of another database".to_owned();
    rebuild::empty(&index, reason).await.unwrap();
    drop(index);
    let index = open(&library).await;
    follow_to_the_end(&library, &index).await;
    // The community has no change row: only a rebuild finds it.
    assert_eq!(finds(&library, &index, "readers").await, 1);
    assert_eq!(finds(&library, &index, "fractions").await, 1);
}

#[tokio::test]
async fn a_byte_that_flipped_while_nobody_looked_is_noticed_and_mended() {
    let library = Library::new(PUBLIC).await;
    for number in 0..3 {
        library.publish(&format!("Fractions {number}")).await;
    }
    let index = open(&library).await;
    follow_to_the_end(&library, &index).await;
    drop(index);
    let directory = directory(&library);
    flip(&directory);
    let found = state(&directory).await;
    assert!(matches!(found, IndexState::Corrupt(_)), "{found:?}");

    let index = open(&library).await;
    assert_eq!(index.needs_rebuild(), None, "it is opened all the same");
    let before = index.statistics().last_commit_at;
    let mut positions = index.watch_position();
    let stop = CancellationToken::new();
    let task = follow(library.store.clone(), index.clone(), stop.clone());
    let mended = async {
        while index.statistics().last_commit_at == before || index.needs_rebuild().is_some() {
            positions.changed().await.unwrap();
        }
    };
    tokio::time::timeout(LONG, mended).await.unwrap();
    stop.cancel();
    task.await.unwrap();
    assert_eq!(finds(&library, &index, "fractions").await, 3);
    assert_eq!(state(&directory).await, IndexState::Ready);
}

#[tokio::test]
async fn a_directory_that_is_removed_while_it_is_used_is_made_anew() {
    let library = Library::new(PUBLIC).await;
    library.publish("Fractions with paper").await;
    let index = open(&library).await;
    let stop = CancellationToken::new();
    let task = follow(library.store.clone(), index.clone(), stop.clone());
    let position = library.store.position().await.unwrap();
    assert!(index.wait_for(position, LONG).await);
    let directory = directory(&library);
    std::fs::remove_dir_all(&directory).unwrap();
    let found = finds(&library, &index, "fractions").await;
    assert_eq!(found, 1, "what was read still answers");

    library.publish("Fractions on a line").await;
    let position = library.store.position().await.unwrap();
    assert!(index.wait_for(position, LONG).await);
    assert_eq!(finds(&library, &index, "fractions").await, 2);
    stop.cancel();
    task.await.unwrap();
    drop(index);
    assert_eq!(state(&directory).await, IndexState::Ready);
    let index = open(&library).await;
    assert_eq!(index.needs_rebuild(), None);
    assert_eq!(finds(&library, &index, "fractions").await, 2);
}

#[tokio::test]
async fn an_index_that_is_being_built_says_so_and_finds_nothing_silently() {
    let library = Library::new(PUBLIC).await;
    let id = library.publish("Fractions with paper").await;
    let index = open(&library).await;
    follow_to_the_end(&library, &index).await;
    drop(index);
    let settings = IndexSettings {
        default_language: "fr".into(),
        ..IndexSettings::default()
    };
    let index = SearchIndex::open(directory(&library), settings)
        .await
        .unwrap();
    assert_eq!(index.needs_rebuild(), Some(RebuildReason::Outdated));
    let (store, ada) = (&library.store, &library.ada);
    let filter = SearchFilter::default();
    let refusals = [
        search(store, &index, ada, SearchQuery::default())
            .await
            .map(drop),
        suggest(store, &index, ada, "fract", &filter, None)
            .await
            .map(drop),
        related(store, &index, ada, id, None).await.map(drop),
    ];
    for refusal in refusals {
        let said = match refusal {
            Err(Error::Unavailable(said)) => said,
            other => panic!("{other:?}"),
        };
        assert!(said.contains("being built"), "{said}");
    }
    // Advice is not to keep the rest from being answered.
    let (_, viewer) = for_viewer(store, &index, ada).await.unwrap();
    assert!(viewer.audience.is_empty());
    follow_to_the_end(&library, &index).await;
    assert_eq!(finds(&library, &index, "fractions").await, 1);
    let (_, viewer) = for_viewer(store, &index, ada).await.unwrap();
    assert!(!viewer.audience.is_empty());
}

#[tokio::test]
async fn pages_neither_drop_nor_repeat_while_others_write_and_read() {
    let library = Library::new(PUBLIC).await;
    for number in 0..12 {
        library.publish(&format!("Fractions {number}")).await;
    }
    library.follow().await;
    let mut page = SearchQuery {
        query: "fractions".to_owned(),
        first: Some(5),
        ..SearchQuery::default()
    };
    let begin = page.clone();
    let whole = library.found(&library.stranger, "fractions").await;
    assert_eq!(whole.len(), 12);
    let mut read = Vec::new();
    loop {
        let answer = library.search(&library.stranger, page.clone()).await;
        read.extend(answer.hits.iter().map(|hit| hit.id));
        if !answer.has_next_page {
            break;
        }
        page.after = answer.hits.last().map(|hit| hit.cursor.clone());
        for number in 0..25 {
            library.publish(&format!("More fractions {number}")).await;
            library.follow().await;
            library.search(&library.ada, begin.clone()).await;
        }
    }
    assert_eq!(read, whole);

    // However many are kept, who waited for a write finds it.
    let new = library.publish("Halves and quarters").await;
    library.follow().await;
    let position = library.index.position();
    assert!(library.index.wait_for(position, LONG).await);
    assert_eq!(library.found(&library.ada, "quarters").await, [new]);
}
