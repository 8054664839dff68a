//! What changed after a position, as far as one viewer may know of it, oldest first and without gaps.
//!
//! A row of the log says who could see a thing before and after, as audience tokens. A viewer is told of it by the tokens
//! that they carry now: that the thing came into their sight, was changed in it, or left it. What changes these tokens
//! themselves, or what they open, is a change of a whole community: then the viewer is told that once, in the place of
//! everything that came into their sight or left it, and reads the community anew.
//!
//! Positions have no gaps, so a page is known to have looked at all rows up to where it ends, whatever it tells of.

mod rows;
mod told;

#[cfg(test)]
mod tests;

use chrono::{DateTime, Utc};
use entity::change::EntityType;
use uuid::Uuid;

use crate::community;
use crate::error::{Error, Result};
use crate::membership::reread_all;
use crate::store::Store;
use crate::viewer::Viewer;

pub use entity::change::Operation as ChangeOperation;
pub(crate) use rows::Row;
pub(crate) use told::told;

/// Changes of a page at most.
pub const MOST: usize = 1_000;
/// Changes of a page when it is not said how many.
pub const USUAL: usize = 100;
/// Rows of the log that one statement looks at: what a viewer sees none of takes no longer.
const SCANNED: i64 = 10_000;
/// Statements of one page, as long as they find nothing.
const STATEMENTS: usize = 5;

/// What is asked for.
#[derive(Clone, Debug, Default)]
pub struct FeedRequest {
    /// Changes after this position; what is kept of the log from its beginning if none is given.
    pub after: Option<i64>,
    /// At most so many.
    pub first: Option<i64>,
    /// Of things of these types; of all if there are none. Changes of whole communities come in any case.
    pub types: Vec<EntityType>,
    /// Of what belongs to this community.
    pub community: Option<Uuid>,
}

/// How far a change reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeScope {
    /// One thing.
    Node,
    /// Everything of a community, and what it shares with others.
    Community,
}

/// What a viewer is told of a row of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The row's place.
    pub position: i64,
    /// How far it reaches.
    pub scope: ChangeScope,
    /// What it is to the viewer: it came into their sight, was changed in it, or left it.
    pub operation: ChangeOperation,
    /// The type of what was changed.
    pub entity_type: EntityType,
    /// Its id.
    pub entity_id: Uuid,
    /// The fields that were changed, by their names in the schema.
    pub fields: Vec<String>,
    /// The community that it belongs to.
    pub community_id: Option<Uuid>,
    /// When.
    pub at: DateTime<Utc>,
}

/// Changes, and where to go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedPage {
    /// The changes, oldest first.
    pub changes: Vec<Change>,
    /// Everything up to here was looked at.
    pub next: i64,
    /// Whether the log goes on after it.
    pub has_more: bool,
}

/// A page of the changes that the viewer may know of; none when the viewer may not see the community that is asked for.
///
/// Answers [`Error::PositionExpired`] when changes after the position are no longer kept.
#[crate::boxed]
pub async fn page(
    store: &Store,
    viewer: &Viewer,
    request: &FeedRequest,
) -> Result<Option<FeedPage>> {
    let size = size(request.first)?;
    // The viewer is read later than this, so no row up to here is shown by a membership that had ended before it.
    let head = store.position().await?;
    if request.after.is_some_and(|after| after > head) {
        return Err(beyond(head));
    }
    if request.after == Some(head) && request.community.is_none() {
        return Ok(Some(FeedPage {
            changes: Vec::new(),
            next: head,
            has_more: false,
        }));
    }
    let viewer = reread_all(store, viewer).await?;
    if let Some(id) = request.community
        && !community::by_ids(store, &viewer, &[id])
            .await?
            .contains_key(&id)
    {
        return Ok(None);
    }
    let mut next = match request.after {
        Some(after) => after,
        None => store.kept_after().await?,
    };
    let mut changes = Vec::new();
    let mut left = STATEMENTS;
    while size > 0 && changes.is_empty() && next < head && left > 0 {
        left -= 1;
        let end = rows::window_end(store, request.community, next, head).await?;
        let window = rows::Window {
            after: next,
            end,
            size,
        };
        let scanned = rows::scan(store, &viewer, request, window).await?;
        if scanned.kept_after > next {
            if request.after.is_some() {
                return Err(Error::PositionExpired {
                    kept_after: scanned.kept_after,
                });
            }
            // What was the oldest change has gone meanwhile.
            next = scanned.kept_after;
            continue;
        }
        next = match scanned.rows.last() {
            Some(last) if scanned.rows.len() >= size => last.position,
            _ => end,
        };
        changes = told::tell(store, &viewer, request, scanned.rows).await?;
    }
    Ok(Some(FeedPage {
        changes,
        next,
        has_more: next < head,
    }))
}

fn size(first: Option<i64>) -> Result<usize> {
    let Some(first) = first else {
        return Ok(USUAL);
    };
    usize::try_from(first)
        .ok()
        .filter(|size| *size <= MOST)
        .ok_or_else(|| Error::BadArgument {
            argument: "first",
            message: format!("From 0 to 1,000 changes can be asked for at once, and not {first}."),
        })
}

fn beyond(head: i64) -> Error {
    let message = format!(
        "The newest position is {head}, so this one comes from another database, or this one was restored from a backup: take a new snapshot, and go on from its position."
    );
    Error::BadArgument {
        argument: "after",
        message,
    }
}
