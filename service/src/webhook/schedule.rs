//! When a delivery that failed is tried again.

use chrono::{DateTime, TimeDelta, Utc};

/// The pauses after the first, the second and each further failure, but for the jitter: a little more than a day in all.
pub const PAUSES: [TimeDelta; 10] = [
    TimeDelta::seconds(5),
    TimeDelta::seconds(30),
    TimeDelta::minutes(2),
    TimeDelta::minutes(10),
    TimeDelta::minutes(30),
    TimeDelta::hours(1),
    TimeDelta::hours(2),
    TimeDelta::hours(4),
    TimeDelta::hours(8),
    TimeDelta::hours(10),
];

/// Attempts before a delivery is given up.
pub const MOST_ATTEMPTS: usize = PAUSES.len() + 1;

/// The longest that a receiver may put us off.
const LONGEST_WISH: TimeDelta = TimeDelta::hours(12);

/// How far a pause may be from its length: this share of it, either way.
const JITTER: f64 = 0.2;

/// When to try again after so many failed attempts; none when it is to be given up. What the receiver asks for by
/// `Retry-After` makes a pause longer, within bounds, and never shorter.
pub(super) fn next(
    failed: i32,
    now: DateTime<Utc>,
    wish: Option<TimeDelta>,
) -> Option<DateTime<Utc>> {
    next_with(
        failed,
        now,
        wish,
        rand::random_range(1.0 - JITTER..1.0 + JITTER),
    )
}

fn next_with(
    failed: i32,
    now: DateTime<Utc>,
    wish: Option<TimeDelta>,
    jitter: f64,
) -> Option<DateTime<Utc>> {
    let place = usize::try_from(failed).ok()?.checked_sub(1)?;
    let pause = PAUSES.get(place)?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        reason = "some hours in milliseconds, give or take one"
    )]
    let milliseconds = (pause.num_milliseconds() as f64 * jitter) as i64;
    let pause = TimeDelta::milliseconds(milliseconds);
    let wish = wish.map_or(TimeDelta::zero(), |wish| wish.min(LONGEST_WISH));
    Some(now + pause.max(wish))
}

/// Reads `Retry-After`: a number of seconds, or a time.
pub(super) fn retry_after(text: &str, now: DateTime<Utc>) -> Option<TimeDelta> {
    let text = text.trim();
    let wish = match text.parse::<u32>() {
        Ok(seconds) => TimeDelta::seconds(seconds.into()),
        Err(_) => DateTime::parse_from_rfc2822(text).ok()?.to_utc() - now,
    };
    (wish > TimeDelta::zero()).then_some(wish)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;

    #[test]
    fn pauses_grow_over_a_day_and_then_it_is_given_up() {
        let now = Clock::default().now();
        let mut waited = TimeDelta::zero();
        for failed in 1..i32::try_from(MOST_ATTEMPTS).unwrap() {
            let pause = next_with(failed, now, None, 1.0).unwrap() - now;
            assert!(failed == 1 || pause > PAUSES[0], "{failed}");
            waited += pause;
        }
        assert!(waited > TimeDelta::hours(24) && waited < TimeDelta::hours(30));
        assert_eq!(next_with(11, now, None, 1.0), None);
        assert_eq!(next_with(i32::MAX, now, None, 1.0), None);
        assert!(PAUSES.windows(2).all(|pair| pair[0] < pair[1]));
    }

    #[test]
    fn pauses_are_not_all_alike() {
        let now = Clock::default().now();
        for (jitter, milliseconds) in [(0.8, 4_000), (1.0, 5_000), (1.2, 6_000)] {
            let due = next_with(1, now, None, jitter).unwrap();
            assert_eq!(due - now, TimeDelta::milliseconds(milliseconds));
        }
        for _ in 0..100 {
            let pause = next(2, now, None).unwrap() - now;
            assert!(
                (24_000..36_000).contains(&pause.num_milliseconds()),
                "{pause}"
            );
        }
    }

    #[test]
    fn a_receiver_may_put_us_off_within_bounds() {
        let now = Clock::default().now();
        let wishes = |wish| next_with(1, now, Some(wish), 1.0).unwrap() - now;
        assert_eq!(wishes(TimeDelta::seconds(1)), TimeDelta::seconds(5));
        assert_eq!(wishes(TimeDelta::minutes(3)), TimeDelta::minutes(3));
        assert_eq!(wishes(TimeDelta::days(900)), LONGEST_WISH);
    }

    #[test]
    fn retry_after_is_seconds_or_a_time() {
        let now = DateTime::parse_from_rfc3339("1994-11-06T08:49:00Z").unwrap();
        let now = now.to_utc();
        for (text, wish) in [
            ("120", Some(TimeDelta::seconds(120))),
            (" 7 ", Some(TimeDelta::seconds(7))),
            (
                "Sun, 06 Nov 1994 08:49:37 GMT",
                Some(TimeDelta::seconds(37)),
            ),
            ("Sun, 06 Nov 1994 08:48:00 GMT", None),
            ("0", None),
            ("-5", None),
            ("soon", None),
            ("99999999999999999999", None),
            ("", None),
        ] {
            assert_eq!(retry_after(text, now), wish, "{text}");
        }
    }
}
