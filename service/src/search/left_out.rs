//! What could not be indexed, kept beside the index, so that a process that starts anew tells of it too.

use std::collections::{HashMap, HashSet};
use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use uuid::Uuid;

use super::FailedDocument;
use super::index::lock;
use crate::error::{Error, Result};

/// The file beside the index.
const FILE: &str = "left_out.json";
/// So many are remembered; more are counted as that many.
const MOST: usize = 10_000;

/// Why each was left out.
type Reasons = HashMap<Uuid, String>;

/// The things that are not in the index, though they belong there. The follower alone changes them.
#[derive(Debug, Default)]
pub(super) struct LeftOut {
    /// None beside an index in memory.
    file: Option<PathBuf>,
    reasons: Mutex<Reasons>,
}

impl LeftOut {
    /// What is said beside the index in a directory. This blocks.
    pub(super) fn read(directory: &Path) -> Self {
        let file = directory.join(FILE);
        let reasons = match fs::read(&file) {
            Ok(content) => serde_json::from_slice(&content).map_err(|error| error.to_string()),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Reasons::new()),
            Err(error) => Err(error.to_string()),
        };
        let reasons = reasons.unwrap_or_else(|error| {
            tracing::warn!(file = %file.display(), error, "what was left out of the search index is not known");
            Reasons::new()
        });
        if !reasons.is_empty() {
            tracing::warn!(
                things = reasons.len(),
                "some things could not be indexed before and will not be found"
            );
        }
        Self {
            file: Some(file),
            reasons: Mutex::new(reasons),
        }
    }

    pub(super) fn count(&self) -> usize {
        lock(&self.reasons).len()
    }

    /// Whether there may be more than are remembered.
    pub(super) fn is_full(&self) -> bool {
        self.count() >= MOST
    }

    pub(super) fn list(&self) -> Vec<FailedDocument> {
        let reasons = lock(&self.reasons);
        let all = reasons.iter().map(|(id, reason)| FailedDocument {
            id: *id,
            reason: reason.clone(),
        });
        all.collect()
    }

    pub(super) async fn add(&self, failed: Vec<FailedDocument>) -> Result<()> {
        if failed.is_empty() {
            return Ok(());
        }
        self.change(|reasons| insert(reasons, failed)).await
    }

    pub(super) async fn remove(&self, ids: Vec<Uuid>) -> Result<()> {
        if ids.is_empty() {
            return Ok(());
        }
        self.change(|reasons| {
            for id in ids {
                reasons.remove(&id);
            }
        })
        .await
    }

    /// Forgets all but these.
    pub(super) async fn replace(&self, failed: Vec<FailedDocument>) -> Result<()> {
        self.change(|reasons| {
            let stay: HashSet<Uuid> = failed.iter().map(|failed| failed.id).collect();
            reasons.retain(|id, _| stay.contains(id));
            insert(reasons, failed);
        })
        .await
    }

    /// Changes what is written before what is told.
    async fn change(&self, change: impl FnOnce(&mut Reasons)) -> Result<()> {
        let before = lock(&self.reasons).clone();
        let mut after = before.clone();
        change(&mut after);
        if after == before {
            return Ok(());
        }
        if let Some(file) = self.file.clone() {
            let content = serde_json::to_vec(&after).map_err(Error::internal)?;
            tokio::task::spawn_blocking(move || write(&file, &content))
                .await
                .map_err(Error::internal)??;
        }
        *lock(&self.reasons) = after;
        Ok(())
    }
}

fn insert(reasons: &mut Reasons, failed: Vec<FailedDocument>) {
    for FailedDocument { id, reason } in failed {
        if reasons.get(&id) == Some(&reason) {
            continue;
        }
        tracing::error!(%id, reason, "this could not be indexed and will not be found");
        if reasons.len() < MOST || reasons.contains_key(&id) {
            reasons.insert(id, reason);
        }
    }
}

/// Writes all of the file or nothing.
fn write(file: &Path, content: &[u8]) -> Result<()> {
    let write = || {
        let draft = file.with_extension("new");
        let mut writing = File::create(&draft)?;
        writing.write_all(content)?;
        writing.sync_all()?;
        fs::rename(&draft, file)
    };
    write().map_err(|error: std::io::Error| {
        Error::internal(format!(
            "{} cannot be written: {error}. Check its permissions and the free space.",
            file.display()
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failed(number: u128, reason: &str) -> FailedDocument {
        FailedDocument {
            id: Uuid::from_u128(number),
            reason: reason.to_owned(),
        }
    }

    #[tokio::test]
    async fn a_process_that_starts_anew_tells_of_them_too() {
        let directory = tempfile::tempdir().unwrap();
        let left_out = LeftOut::read(directory.path());
        assert_eq!(left_out.count(), 0);
        left_out
            .add(vec![failed(1, "one"), failed(2, "two")])
            .await
            .unwrap();
        left_out.add(vec![failed(1, "another")]).await.unwrap();
        left_out.remove(vec![Uuid::from_u128(2)]).await.unwrap();
        let again = LeftOut::read(directory.path());
        assert_eq!(again.list(), [failed(1, "another")]);
        again.replace(vec![failed(3, "three")]).await.unwrap();
        let again = LeftOut::read(directory.path());
        assert_eq!(again.list(), [failed(3, "three")]);
        again.replace(Vec::new()).await.unwrap();
        assert_eq!(LeftOut::read(directory.path()).count(), 0);
    }

    #[tokio::test]
    async fn what_was_told_of_is_kept_when_others_are_replaced() {
        let left_out = LeftOut::default();
        let all: Vec<FailedDocument> = (0..MOST as u128 + 5)
            .map(|number| failed(number, "one"))
            .collect();
        left_out.add(all.clone()).await.unwrap();
        assert_eq!(left_out.count(), MOST);
        assert!(left_out.is_full());
        let before: HashSet<Uuid> = left_out.list().iter().map(|failed| failed.id).collect();
        let turned = all.into_iter().rev().collect();
        left_out.replace(turned).await.unwrap();
        let after: HashSet<Uuid> = left_out.list().iter().map(|failed| failed.id).collect();
        assert_eq!(before, after);
        left_out.replace(vec![failed(0, "another")]).await.unwrap();
        assert_eq!(left_out.list(), [failed(0, "another")]);
        assert!(!left_out.is_full());
    }

    #[tokio::test]
    async fn nobody_is_told_what_is_not_written() {
        let directory = tempfile::tempdir().unwrap();
        let left_out = LeftOut::read(&directory.path().join("gone"));
        left_out.add(vec![failed(1, "one")]).await.unwrap_err();
        assert_eq!(left_out.count(), 0);
    }

    #[test]
    fn a_file_that_is_not_understood_says_nothing() {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join(FILE), "nonsense").unwrap();
        assert_eq!(LeftOut::read(directory.path()).count(), 0);
    }
}
