//! What becomes of segments that documents are deleted from.

use tantivy::index::SegmentMeta;

use super::{document, id, puts};
use crate::{Change, Index, Settings};

/// An index with one segment of so many documents.
fn index(documents: u64) -> Index {
    let index = Index::in_memory(&Settings::default()).unwrap();
    let documents = (1..=documents).map(|number| document(number, "same words"));
    index.apply(puts(documents), 1).unwrap();
    index
}

/// Deletes the first documents in one commit; answers how many deleted ones the segments still hold, once nothing is
/// merged any more.
fn left_after_deleting(index: &Index, documents: u64) -> u32 {
    let deletes = (1..=documents).map(|number| Change::Delete(id(number)));
    index.apply(deletes.collect(), 2).unwrap();
    index.finish_merges().unwrap();
    let engine = index.writer().unwrap().engine_index();
    let segments = engine.searchable_segment_metas().unwrap();
    segments.iter().map(SegmentMeta::num_deleted_docs).sum()
}

#[test]
fn a_large_segment_is_written_anew_when_many_of_its_documents_are_deleted() {
    let index = index(1_000);
    assert_eq!(left_after_deleting(&index, 300), 300);
    assert_eq!(left_after_deleting(&index, 301), 0);
    assert_eq!(index.statistics().documents, 699);
}

#[test]
fn a_small_segment_is_left_alone_until_there_are_several() {
    let index = index(20);
    assert_eq!(left_after_deleting(&index, 19), 19);
    for number in 21..=27 {
        index
            .apply(puts([document(number, "same words")]), 3)
            .unwrap();
    }
    index.finish_merges().unwrap();
    let statistics = index.statistics();
    assert_eq!((statistics.documents, statistics.segments), (8, 1));
}
