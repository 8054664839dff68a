//! What the index holds, to be compared with the database.

use std::collections::HashMap;
use std::path::Path;

use ::search::Index;
use uuid::Uuid;

use super::index::from_engine;
use super::left_out::LeftOut;
use super::{FailedDocument, SearchIndex};
use crate::error::{Error, Result};

/// What the index in a directory holds.
#[derive(Debug)]
pub(crate) struct Contents {
    /// The position of the change log that all of it reflects; some may be of a newer state.
    pub(crate) position: i64,
    /// When the thing of each document was last updated, in microseconds since 1970.
    pub(crate) updated_at: HashMap<Uuid, i64>,
    /// Things of which there is more than one document.
    pub(crate) repeated: Vec<Uuid>,
    /// Things that could not be indexed, in no order.
    pub(crate) left_out: Vec<FailedDocument>,
    /// Whether more may have been left out than are remembered.
    pub(crate) left_out_more: bool,
}

impl SearchIndex {
    /// Looks through a directory without changing the index, and while another process uses it. None when there is no
    /// index.
    pub(crate) async fn contents(directory: &Path) -> Result<Option<Contents>> {
        let directory = directory.to_path_buf();
        tokio::task::spawn_blocking(move || look(&directory))
            .await
            .map_err(Error::internal)?
            .map_err(Error::internal)
    }
}

fn look(directory: &Path) -> ::search::Result<Option<Contents>> {
    let (mut updated_at, mut repeated) = (HashMap::new(), Vec::new());
    let reached = Index::list(directory, |id, time| {
        if updated_at.insert(id, time).is_some() {
            repeated.push(id);
        }
    })?;
    Ok(reached.map(|position| {
        let left_out = LeftOut::read(directory);
        Contents {
            position: from_engine(position),
            updated_at,
            repeated,
            left_out: left_out.list(),
            left_out_more: left_out.is_full(),
        }
    }))
}
