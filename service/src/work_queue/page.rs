//! The queue of one community or of many: what waits for each reason, merged.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use entity::change::EntityType;
use entity::community;
use futures_util::future::try_join_all;
use sea_orm::sea_query::{Asterisk, Expr, Query, SelectStatement, UnionType};
use uuid::Uuid;

use super::WorkItem;
use super::arms::{Arm, ID, SINCE, TYPE};
use crate::community::kind::clock::Clock;
use crate::community::kind::{WorkReason, of};
use crate::error::{Error, Result};
use crate::paging::{Cursor, Direction, Keyset, Page, PageRequest, SortValue, broken_cursor};
use crate::store::{Row, Store};
use crate::viewer::Viewer;

/// By the rank of the reason, then by when it is due or since when it waits, as one text.
const BY_PLACE: Keyset = Keyset {
    table: "work_item",
    column: Some("place"),
    id_column: "id",
    nullable: false,
    direction: Direction::Ascending,
};

/// The number of an arm among those of its community.
const ARM: &str = "arm";

/// A place in the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    /// The place of the reason in the order of the community's kind.
    rank: usize,
    /// When it is due; where there is no such time, since when it waits.
    at: DateTime<Utc>,
    id: Uuid,
}

impl Place {
    fn cursor(self) -> Cursor {
        Cursor {
            value: SortValue::Text(format!("{}.{}", self.rank, self.at.timestamp_micros())),
            id: self.id,
        }
    }

    fn read(cursor: &Cursor) -> Option<Self> {
        let SortValue::Text(text) = &cursor.value else {
            return None;
        };
        let (rank, at) = text.split_once('.')?;
        Some(Self {
            rank: rank.parse().ok()?,
            at: DateTime::from_timestamp_micros(at.parse().ok()?)?,
            id: cursor.id,
        })
    }
}

/// How long after it began to wait something is due in a community, for this reason.
fn clock_of(reason: WorkReason) -> Option<Clock> {
    match reason {
        WorkReason::Unanswered | WorkReason::MatchesExpertise => Some(Clock::FirstAnswer),
        WorkReason::Undecided => Some(Clock::StageAge),
        _ => None,
    }
}

fn due_at(
    community: &community::Model,
    reason: WorkReason,
    since: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    match reason {
        WorkReason::ReviewOverdue | WorkReason::PilotWithoutReport => Some(since),
        _ => clock_of(reason)?.runs_out(community, since),
    }
}

/// A page of what awaits the viewer in these communities, the most pressing first: one statement for communities of one
/// kind in which the viewer may do the same.
#[crate::boxed]
pub async fn page(
    store: &Store,
    viewer: &Viewer,
    communities: &[Arc<community::Model>],
    request: &PageRequest,
) -> Result<Page<WorkItem>> {
    let window = request.check(&BY_PLACE)?;
    let after = match window.after() {
        Some(cursor) => Some(Place::read(cursor).ok_or_else(|| broken_cursor("after"))?),
        None => None,
    };
    let parts = communities
        .iter()
        .map(|community| first_of(store, viewer, community, window.size + 1, after));
    let mut found: Vec<(Place, WorkItem)> =
        try_join_all(parts).await?.into_iter().flatten().collect();
    found.sort_unstable_by_key(|(place, _)| *place);
    found.truncate(usize::try_from(window.size + 1).unwrap_or(usize::MAX));
    Ok(window
        .page(&BY_PLACE, found, |(place, _)| place.cursor())
        .map(|(_, item)| item))
}

/// How many items [`page`] lists.
#[crate::boxed]
pub async fn count(
    store: &Store,
    viewer: &Viewer,
    communities: &[Arc<community::Model>],
) -> Result<u64> {
    let now = store.clock().now();
    let counts = communities.iter().filter_map(|community| {
        let arms = of(community.kind).work.iter();
        let selects = arms.filter_map(|reason| Arm::of(viewer, community, *reason, now));
        let all = union(selects.map(Arm::all).enumerate())?;
        Some(store.count(all))
    });
    Ok(try_join_all(counts).await?.into_iter().sum())
}

/// The first so many of one community, after a place in the queue.
async fn first_of(
    store: &Store,
    viewer: &Viewer,
    community: &community::Model,
    many: u64,
    after: Option<Place>,
) -> Result<Vec<(Place, WorkItem)>> {
    let now = store.clock().now();
    let reasons = of(community.kind).work;
    let arms = reasons.iter().enumerate().filter_map(|(rank, reason)| {
        let begins = match after {
            Some(after) if rank < after.rank => return None,
            Some(after) if rank == after.rank => {
                let time = match clock_of(*reason).and_then(|clock| clock.length_in(community)) {
                    Some(length) => after.at - length,
                    None => after.at,
                };
                Some((time, after.id))
            }
            _ => None,
        };
        let arm = Arm::of(viewer, community, *reason, now)?;
        Some((rank, arm.first(many, begins)))
    });
    let Some(select) = union(arms) else {
        return Ok(Vec::new());
    };
    let rows = store.rows(select).await?;
    rows.iter()
        .map(|row| read(row, community, reasons))
        .collect()
}

/// The arms as one select, each row with the number of its arm; none where there is no arm.
fn union(arms: impl Iterator<Item = (usize, SelectStatement)>) -> Option<SelectStatement> {
    let mut arms = arms.map(|(number, select)| {
        Query::select()
            .expr_as(Expr::cust(format!("CAST({number} AS integer)")), ARM)
            .column(("waiting", Asterisk))
            .from_subquery(select, "waiting")
            .take()
    });
    let mut all = arms.next()?;
    for arm in arms {
        all.union(UnionType::All, arm);
    }
    Some(all)
}

fn read(
    row: &Row,
    community: &community::Model,
    reasons: &[WorkReason],
) -> Result<(Place, WorkItem)> {
    let rank: i32 = row.get(ARM)?;
    let rank = usize::try_from(rank).map_err(Error::internal)?;
    let reason = *reasons
        .get(rank)
        .ok_or_else(|| Error::internal(format!("there is no reason number {rank}")))?;
    let name: String = row.get(TYPE)?;
    let entity_type = EntityType::parse(&name)
        .ok_or_else(|| Error::internal(format!("there is no type {name}")))?;
    let (id, since) = (row.get(ID)?, row.get(SINCE)?);
    let due_at = due_at(community, reason, since);
    let place = Place {
        rank,
        at: due_at.unwrap_or(since),
        id,
    };
    let item = WorkItem {
        reason,
        node: (entity_type, id),
        since,
        due_at,
    };
    Ok((place, item))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_survives_its_cursor_and_no_other_text_is_one() {
        let place = Place {
            rank: 3,
            at: DateTime::from_timestamp_micros(1_790_000_000_123_456).unwrap_or_default(),
            id: Uuid::from_u128(7),
        };
        assert_eq!(Place::read(&place.cursor()), Some(place));
        for text in ["", "3", "3.", ".5", "a.5", "-1.5", "3.5.6"] {
            let cursor = Cursor {
                value: SortValue::Text(text.to_owned()),
                id: place.id,
            };
            assert_eq!(Place::read(&cursor), None, "{text}");
        }
    }

    #[test]
    fn what_is_more_pressing_comes_first() {
        let place = |rank, micros| Place {
            rank,
            at: DateTime::from_timestamp_micros(micros).unwrap_or_default(),
            id: Uuid::nil(),
        };
        assert!(place(0, 9) < place(1, 1));
        assert!(place(1, 1) < place(1, 9));
    }
}
