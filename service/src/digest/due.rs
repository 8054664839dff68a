//! Whose mail is due: at once for those who want it so, in the morning of their own time zone for the others.

use std::str::FromStr;

use chrono::{DateTime, Days, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use entity::user::{NotificationEmail, UserStatus};
use sea_orm::sea_query::{Cond, Expr, ExprTrait, Func, Order, Query};
use sea_orm::{ConnectionTrait, FromQueryResult};
use uuid::Uuid;

use crate::error::Result;
use crate::store::Store;
use crate::user::DEFAULT_NOTIFICATION_EMAIL;

/// People that are looked at by one statement.
const PAGE: u64 = 500;
/// What was raised longer ago is mailed to nobody: a server that was down for a week does not make up for it.
const NEWS_LIVES: TimeDelta = TimeDelta::days(8);
/// The hour of the daily mail.
const MORNING: u32 = 7;

/// A person for whom something waits.
#[derive(Clone, Debug, FromQueryResult)]
struct Waiting {
    user_id: Uuid,
    notification_email: Option<NotificationEmail>,
    time_zone: Option<String>,
    oldest: DateTime<Utc>,
}

/// What decides at a time whether a person's mail is due, and what goes into it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Terms {
    /// What was raised up to then is mailed no more.
    pub(super) after: DateTime<Utc>,
    /// The mail waits for something that was raised before then; where there is no such time, for anything.
    pub(super) before: Option<DateTime<Utc>>,
}

/// The terms of those who want their mail so often; none where they want none.
pub(super) fn terms(
    frequency: NotificationEmail,
    time_zone: Option<&str>,
    now: DateTime<Utc>,
) -> Option<Terms> {
    let before = match frequency {
        NotificationEmail::None => return None,
        NotificationEmail::AtOnce => None,
        // What came after this morning waits for the next.
        NotificationEmail::Daily => Some(last_morning(time_zone, now)),
    };
    Some(Terms {
        after: now - NEWS_LIVES,
        before,
    })
}

impl Waiting {
    /// The terms of their mail, where it may be due.
    fn due(&self, now: DateTime<Utc>) -> Option<Terms> {
        let frequency = self
            .notification_email
            .unwrap_or(DEFAULT_NOTIFICATION_EMAIL);
        terms(frequency, self.time_zone.as_deref(), now)
            .filter(|terms| terms.before.is_none_or(|before| self.oldest < before))
    }
}

/// Some of the people for whom something waits.
#[derive(Clone, Debug)]
pub(super) struct Page {
    /// Those of them whose mail may be due: whether they may read what waits is to be asked of each, since asking it here
    /// would ask it of everything that waits for anybody.
    pub(super) due: Vec<(Uuid, Terms)>,
    /// The last of them, due or not; none when there are no more.
    pub(super) last: Option<Uuid>,
}

/// The people for whom something waits, after that one.
pub(super) async fn page(store: &Store, after: Option<Uuid>) -> Result<Page> {
    let now = store.clock().now();
    let told = |column: &'static str| Expr::col(("notification", column));
    let user = |column: &'static str| Expr::col(("user", column));
    let mut select = Query::select();
    select
        .column(("notification", "user_id"))
        .column(("user", "notification_email"))
        .column(("user", "time_zone"))
        .expr_as(Func::min(told("raised_at")), "oldest")
        .from("notification")
        .inner_join("user", user("id").equals(("notification", "user_id")))
        .and_where(told("mailed_at").is_null())
        .and_where(told("read_at").is_null())
        .and_where(told("raised_at").gt(now - NEWS_LIVES))
        .and_where(user("status").eq(UserStatus::Active.as_str()))
        .and_where(user("email_verified_at").is_not_null())
        .and_where(user("is_demo").eq(false))
        .cond_where(
            Cond::any()
                .add(user("notification_email").is_null())
                .add(user("notification_email").ne(NotificationEmail::None.as_str())),
        )
        .group_by_col(("notification", "user_id"))
        .group_by_col(("user", "notification_email"))
        .group_by_col(("user", "time_zone"))
        .order_by(("notification", "user_id"), Order::Asc)
        .limit(PAGE);
    if let Some(after) = after {
        select.and_where(told("user_id").gt(after));
    }
    let rows = store.reader().query_all(&select).await?;
    let waiting = rows
        .iter()
        .map(|row| Waiting::from_query_result(row, ""))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(Page {
        last: waiting.last().map(|waiting| waiting.user_id),
        due: waiting
            .into_iter()
            .filter_map(|waiting| Some((waiting.user_id, waiting.due(now)?)))
            .collect(),
    })
}

/// When it was last seven o'clock there; in UTC for those who name no time zone.
fn last_morning(time_zone: Option<&str>, now: DateTime<Utc>) -> DateTime<Utc> {
    let zone = time_zone
        .and_then(|name| Tz::from_str(name).ok())
        .unwrap_or(Tz::UTC);
    let today = now.with_timezone(&zone).date_naive();
    (0..3)
        .filter_map(|days| {
            let day = today.checked_sub_days(Days::new(days))?;
            // Where the clocks skip the hour, the day has none.
            let morning = zone.from_local_datetime(&day.and_hms_opt(MORNING, 0, 0)?);
            Some(morning.earliest()?.with_timezone(&Utc))
        })
        .find(|morning| *morning <= now)
        .unwrap_or(now - TimeDelta::days(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_morning_is_that_of_the_persons_own_place() {
        for (zone, now, wanted) in [
            (None, "2026-03-10T06:59:59Z", "2026-03-09T07:00:00Z"),
            (None, "2026-03-10T07:00:00Z", "2026-03-10T07:00:00Z"),
            (
                Some("Europe/Paris"),
                "2026-03-10T06:00:00Z",
                "2026-03-10T06:00:00Z",
            ),
            // The clocks went forward on the 29th.
            (
                Some("Europe/Paris"),
                "2026-03-29T05:00:00Z",
                "2026-03-29T05:00:00Z",
            ),
            (
                Some("Europe/Paris"),
                "2026-03-29T04:59:00Z",
                "2026-03-28T06:00:00Z",
            ),
            (
                Some("Pacific/Auckland"),
                "2026-06-10T20:00:00Z",
                "2026-06-10T19:00:00Z",
            ),
            (
                Some("America/Los_Angeles"),
                "2026-06-10T13:00:00Z",
                "2026-06-09T14:00:00Z",
            ),
            (
                Some("Mars/Base"),
                "2026-03-10T08:00:00Z",
                "2026-03-10T07:00:00Z",
            ),
        ] {
            let found = last_morning(zone, now.parse().unwrap());
            assert_eq!(
                found,
                wanted.parse::<DateTime<Utc>>().unwrap(),
                "{zone:?} {now}"
            );
        }
    }

    #[test]
    fn who_wants_mail_daily_gets_what_came_before_the_morning() {
        let now: DateTime<Utc> = "2026-03-10T12:00:00Z".parse().unwrap();
        let waiting = |frequency, hour: u32| Waiting {
            user_id: Uuid::nil(),
            notification_email: frequency,
            time_zone: None,
            oldest: now - TimeDelta::hours(i64::from(hour)),
        };
        for (frequency, hours, due) in [
            (None, 6, true),
            (None, 4, false),
            (Some(NotificationEmail::Daily), 6, true),
            (Some(NotificationEmail::AtOnce), 0, true),
            (Some(NotificationEmail::None), 6, false),
        ] {
            assert_eq!(
                waiting(frequency, hours).due(now).is_some(),
                due,
                "{frequency:?} {hours}"
            );
        }
    }
}
