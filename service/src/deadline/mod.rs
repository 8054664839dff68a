//! Clocks: what becomes due as time goes by. Each deadline is a time on the row that it is about, which is changed in
//! the transaction that tells people of it: so it is met once, over all processes and restarts. The time is that of
//! the store's clock only. Where a deadline follows from a community's policy it is computed when it is asked for, so
//! that another policy or kind holds at once.

mod invitations;
mod occurrences;
mod reports;
mod reviews;
mod tell;
#[cfg(test)]
mod tests;
mod waiting;

use chrono::{DateTime, TimeDelta, Utc};

use crate::community::kind::clock::Clock;
use crate::error::Result;
use crate::notification;
use crate::participation;
use crate::search;
use crate::store::Store;

pub use invitations::INVITATION_DAYS;
pub use occurrences::REMINDER_HOURS;

/// How many rows one transaction deals with at most.
const BATCH: u64 = 100;

/// What a run came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ran {
    /// How many deadlines were due.
    pub done: u64,
    /// When the next one is, as far as is known now.
    pub next: Option<DateTime<Utc>>,
}

impl Ran {
    fn and(self, other: Self) -> Self {
        let next = [self.next, other.next].into_iter().flatten().min();
        Self {
            done: self.done + other.done,
            next,
        }
    }
}

/// Does all that is due now, in transactions of at most a hundred rows, slides the window of participation to the day that
/// it is, and forgets the notifications that were read long ago and what was searched for in vain long ago.
#[crate::boxed]
pub async fn run_due(store: &Store) -> Result<Ran> {
    let mut ran = Ran::default();
    for clock in Clock::ALL {
        ran = ran.and(waiting::run(store, clock).await?);
    }
    ran = ran.and(reviews::run(store).await?);
    ran = ran.and(occurrences::run(store).await?);
    ran = ran.and(invitations::run(store).await?);
    ran = ran.and(reports::run(store).await?);
    participation::slide(store, store.clock().now().date_naive()).await?;
    notification::expire(store).await?;
    search::forget_missed(store).await?;
    search::forget_counts(store).await?;
    Ok(ran)
}

/// Runs batches until one of them finds less than it could take.
async fn in_batches<F: Future<Output = Result<u64>>>(mut batch: impl FnMut() -> F) -> Result<u64> {
    let mut done = 0;
    loop {
        let found = batch().await?;
        done += found;
        if found < BATCH {
            return Ok(done);
        }
    }
}

/// The earliest time in a column of the rows that a select answers, so much later.
async fn earliest(
    store: &Store,
    select: sea_orm::sea_query::SelectStatement,
    later: TimeDelta,
) -> Result<Option<DateTime<Utc>>> {
    use sea_orm::ConnectionTrait;
    let found = store.reader().query_one(&select).await?;
    let time: Option<DateTime<Utc>> = match found {
        Some(row) => row.try_get_by_index(0)?,
        None => None,
    };
    Ok(time.map(|time| time + later))
}
