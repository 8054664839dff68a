//! What an index holds, document by document, for whoever compares it with where the documents come from.

use std::path::Path;

use tantivy::{IndexReader, ReloadPolicy};
use uuid::Uuid;

use super::writer::open_engine;
use super::{Index, files};
use crate::error::{Result, catch};
use crate::search::SegmentColumns;

impl Index {
    /// Tells `each` the id of every document of the index in a directory, and its last update in microseconds since
    /// 1970, in no order and while another process may use it. Answers the position of the change log that all of them
    /// reflect at the least: some may be of a newer state. None when there is no index that can be read.
    ///
    /// # Errors
    /// [`crate::Error::Storage`] when the directory cannot be read, [`crate::Error::Engine`] or
    /// [`crate::Error::Panicked`] when the files of the index cannot. Some documents may have been told before.
    pub fn list(directory: &Path, each: impl FnMut(Uuid, i64)) -> Result<Option<u64>> {
        let Some(Ok(current)) = files::read_current(directory)? else {
            return Ok(None);
        };
        let path = directory.join(current.directory);
        catch(|| list(&path, each)).map(Some)
    }
}

fn list(path: &Path, mut each: impl FnMut(Uuid, i64)) -> Result<u64> {
    // The position is read before the documents: what is committed in between is newer.
    let (index, last) = open_engine(path)?;
    let reader: IndexReader = index
        .reader_builder()
        .reload_policy(ReloadPolicy::Manual)
        .try_into()?;
    for segment in reader.searcher().segment_readers() {
        let columns = SegmentColumns::open(segment)?;
        for document in segment.doc_ids_alive() {
            let updated_at = columns.updated_at.first(document).unwrap_or_default();
            each(Uuid::from_u128(columns.id(document)), updated_at);
        }
    }
    Ok(last.checkpoint)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::{Change, Document, DocumentKind, Settings};

    fn put(number: u128, updated_at: i64) -> Change {
        let id = Uuid::from_u128(number);
        let mut document = Document::new(id, DocumentKind::Resource, "Fractions");
        document.updated_at = updated_at;
        Change::Put(Box::new(document))
    }

    #[test]
    fn the_newest_state_of_every_document_is_listed_while_the_index_is_written() {
        let directory = tempfile::tempdir().unwrap();
        let listed = || {
            let mut documents = BTreeMap::new();
            let position = Index::list(directory.path(), |id, updated_at| {
                let before = documents.insert(id.as_u128(), updated_at);
                assert_eq!(before, None, "each is listed once");
            });
            (position.unwrap(), documents)
        };
        assert_eq!(listed(), (None, BTreeMap::new()));

        let opened = Index::open_or_create(directory.path(), &Settings::default()).unwrap();
        opened.index.rebuild().unwrap().finish(1).unwrap();
        assert_eq!(listed(), (Some(1), BTreeMap::new()));
        let changes = vec![put(1, 10), put(2, 20), put(3, -30)];
        opened.index.apply(changes, 2).unwrap();
        let changes = vec![put(2, 21), Change::Delete(Uuid::from_u128(1))];
        opened.index.apply(changes, 3).unwrap();
        assert_eq!(listed(), (Some(3), BTreeMap::from([(2, 21), (3, -30)])));
    }
}
