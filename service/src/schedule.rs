//! When something takes place: once, or again and again by an RFC 5545 recurrence rule in a time zone.
//!
//! A rule is expanded in local wall-clock time and each hit is then placed in the zone, so that a meeting at 19:00 in
//! Toronto stays at 19:00 there all year. A time that the clocks skip is read with the offset before the gap, one that
//! they repeat is the first of the two: as RFC 5545 says.

use chrono::{DateTime, LocalResult, NaiveDateTime, Offset, TimeDelta, TimeZone, Timelike, Utc};
use chrono_tz::Tz;
use rrule::{Frequency, RRule, RRuleSet, Unvalidated};

use crate::error::{Error, Fault, FaultCode, Result};
use crate::validation::Faults;

/// The longest range, in days, in which hits can be asked for.
pub const MOST_DAYS: i64 = 400;
/// The most hits that a rule may have in so many days.
pub const MOST_HITS: usize = 500;
/// The longest text of a rule.
const LONGEST_RULE: usize = 500;
/// The longest that one hit may last, in days.
const LONGEST_DAYS: i64 = 31;
/// The years in which something can begin or be due. The first of all times stands in for one that cannot be read, and is
/// none of them.
pub const YEARS: std::ops::RangeInclusive<i32> = 1971..=2199;

/// When something takes place, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Times {
    /// When it begins; of a recurring one, when the first hit does.
    pub starts_at: DateTime<Utc>,
    /// When it ends; of a recurring one, when the first hit does.
    pub ends_at: DateTime<Utc>,
    /// IANA name of a time zone.
    pub time_zone: String,
    /// RFC 5545 RRULE; none when it takes place once.
    pub recurrence: Option<String>,
}

/// Where in an input the parts of a schedule are.
#[derive(Clone, Copy, Debug)]
pub struct Paths {
    /// Of the start.
    pub starts_at: &'static [&'static str],
    /// Of the end.
    pub ends_at: &'static [&'static str],
    /// Of the zone.
    pub time_zone: &'static [&'static str],
    /// Of the rule.
    pub recurrence: &'static [&'static str],
}

/// A time in whole seconds: what rules count in.
#[must_use]
pub fn whole_seconds(time: DateTime<Utc>) -> DateTime<Utc> {
    time.with_nanosecond(0).unwrap_or(time)
}

impl Times {
    /// Notes what is wrong, and answers the times as they are to be stored. May take its time: see [`Times::checked`].
    fn check(mut self, paths: Paths) -> (Self, Faults) {
        let mut faults = Faults::default();
        self.starts_at = whole_seconds(self.starts_at);
        self.ends_at = whole_seconds(self.ends_at);
        check_span(self.starts_at, self.ends_at, paths, &mut faults);
        let zone = self.time_zone.parse::<Tz>();
        if zone.is_err() {
            faults.add(
                FaultCode::Invalid,
                paths.time_zone,
                "There is no time zone of this name; use an IANA name such as America/Toronto.",
            );
        }
        self.recurrence = self.recurrence.map(|text| plain_rule(&text));
        if let (Some(text), Ok(zone), true) = (&self.recurrence, zone, faults.is_empty())
            && let Err(fault) = check_rule(text, zone, self.starts_at, paths.recurrence)
        {
            faults.absorb_fault(fault);
        }
        (self, faults)
    }

    /// Checks the times on a thread where that may take its time.
    pub async fn checked(self, paths: Paths, faults: &mut Faults) -> Result<Self> {
        let (times, found) = blocking(move || Ok(self.check(paths))).await?;
        faults.join(found);
        Ok(times)
    }

    /// How long each hit lasts.
    #[must_use]
    pub fn duration(&self) -> TimeDelta {
        self.ends_at - self.starts_at
    }

    /// The starts from `from` up to and without `to`, as far as `wanted` says; in order, at most so many. Takes time in
    /// proportion to the hits since the first one.
    fn hits(
        &self,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
        most: usize,
        mut wanted: impl FnMut(DateTime<Utc>) -> bool,
    ) -> Result<Vec<DateTime<Utc>>> {
        let Some(rule) = &self.recurrence else {
            let inside = (from..to).contains(&self.starts_at) && wanted(self.starts_at);
            return Ok(if inside {
                vec![self.starts_at]
            } else {
                Vec::new()
            });
        };
        let zone: Tz = self
            .time_zone
            .parse()
            .map_err(|_| Error::internal(format!("{} is no time zone any more", self.time_zone)))?;
        let set = rule_set(rule, zone, self.starts_at).map_err(Error::internal)?;
        let hits = (&set)
            .into_iter()
            .map(|local| placed(zone, local.naive_utc()))
            .take_while(|hit| *hit < to)
            .filter(|hit| *hit >= from && wanted(*hit));
        Ok(hits.take(most).collect())
    }
}

/// One question about a schedule: its starts in a range, and which of some starts it has.
#[derive(Clone, Debug)]
pub struct Ask {
    /// The schedule.
    pub times: Times,
    /// The first moment of the range.
    pub from: DateTime<Utc>,
    /// The first moment after the range.
    pub to: DateTime<Utc>,
    /// Starts outside the range that are asked about.
    pub others: Vec<DateTime<Utc>>,
}

/// Answers questions about schedules, on a thread where that may take its time: for each the starts that it has, in
/// order, at most [`MOST_HITS`] and the others.
pub async fn ask(questions: Vec<Ask>) -> Result<Vec<Vec<DateTime<Utc>>>> {
    blocking(move || questions.iter().map(Ask::answer).collect()).await
}

/// Whether a schedule has this start.
pub async fn has(times: Times, start: DateTime<Utc>) -> Result<bool> {
    if times.recurrence.is_none() {
        return Ok(times.starts_at == start);
    }
    let question = Ask {
        times,
        from: start,
        to: start + TimeDelta::seconds(1),
        others: Vec::new(),
    };
    Ok(!blocking(move || question.answer()).await?.is_empty())
}

impl Ask {
    fn answer(&self) -> Result<Vec<DateTime<Utc>>> {
        let first = self.others.iter().copied().min();
        let last = self.others.iter().copied().max();
        let from = first.map_or(self.from, |first| first.min(self.from));
        let to = last.map_or(self.to, |last| self.to.max(last + TimeDelta::seconds(1)));
        let range = self.from..self.to;
        self.times
            .hits(from, to, MOST_HITS + self.others.len(), |hit| {
                range.contains(&hit) || self.others.contains(&hit)
            })
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| Error::internal(format!("a recurrence was not expanded: {error}")))?
}

/// Notes what is wrong with a start and an end.
pub fn check_span(
    starts_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
    paths: Paths,
    faults: &mut Faults,
) {
    use chrono::Datelike;
    if !YEARS.contains(&starts_at.year()) {
        let message = format!(
            "The year must be from {} to {}.",
            YEARS.start(),
            YEARS.end()
        );
        faults.add(FaultCode::OutOfRange, paths.starts_at, message);
    }
    if ends_at <= starts_at {
        let message = "It must end after it starts.";
        faults.add(FaultCode::Invalid, paths.ends_at, message);
    } else if ends_at - starts_at > TimeDelta::days(LONGEST_DAYS) {
        let message = format!("It may last {LONGEST_DAYS} days at most.");
        faults.add(FaultCode::OutOfRange, paths.ends_at, message);
    }
}

/// A rule as it is stored: without the name of the property, in upper case.
fn plain_rule(text: &str) -> String {
    let text = text.trim().to_ascii_uppercase();
    match text.strip_prefix("RRULE:") {
        Some(rule) => rule.to_owned(),
        None => text,
    }
}

fn check_rule(
    text: &str,
    zone: Tz,
    starts_at: DateTime<Utc>,
    path: &[&str],
) -> std::result::Result<(), Fault> {
    let invalid = |message: String| Fault::new(FaultCode::Invalid, path, message);
    let plain = text
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"=;,+-".contains(&byte));
    if text.is_empty() || text.len() > LONGEST_RULE || !plain {
        return Err(invalid(format!(
            "This is no RFC 5545 recurrence rule of at most {LONGEST_RULE} characters, such as FREQ=MONTHLY;BYDAY=2TU."
        )));
    }
    let set = rule_set(text, zone, starts_at).map_err(invalid)?;
    let mut hits = (&set)
        .into_iter()
        .map(|local| placed(zone, local.naive_utc()));
    match hits.next() {
        Some(first) if first == starts_at => {}
        Some(first) => {
            return Err(invalid(format!(
                "The first start must be one that the rule gives, and the first that it gives is {}.",
                first.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
            )));
        }
        None => return Err(invalid("The rule gives no start at all.".to_owned())),
    }
    let end = starts_at + TimeDelta::days(MOST_DAYS);
    // The first is counted already.
    let more = hits.take_while(|hit| *hit < end).take(MOST_HITS).count();
    if more >= MOST_HITS {
        return Err(Fault::new(
            FaultCode::OutOfRange,
            path,
            format!("A rule may give {MOST_HITS} starts in {MOST_DAYS} days at most."),
        ));
    }
    Ok(())
}

/// The rule in local wall-clock time, written as if it were UTC. The error is a full sentence.
fn rule_set(
    text: &str,
    zone: Tz,
    starts_at: DateTime<Utc>,
) -> std::result::Result<RRuleSet, String> {
    let understood = |error: &dyn std::fmt::Display| {
        format!("This is no RFC 5545 recurrence rule that can be followed: {error}.")
    };
    for part in text.split(';') {
        if let Some(until) = part.strip_prefix("UNTIL=")
            && !until.ends_with('Z')
        {
            return Err("UNTIL must be a time in UTC, such as 20271231T235959Z.".to_owned());
        }
    }
    let mut rule: RRule<Unvalidated> = text.parse().map_err(|error| understood(&error))?;
    if matches!(
        rule.get_freq(),
        Frequency::Hourly | Frequency::Minutely | Frequency::Secondly
    ) {
        return Err(
            "Nothing here recurs more often than daily; use FREQ=DAILY, WEEKLY, MONTHLY or YEARLY."
                .to_owned(),
        );
    }
    if let Some(until) = rule.get_until().copied() {
        let local = until.with_timezone(&zone).naive_local();
        rule = rule.until(rrule::Tz::UTC.from_utc_datetime(&local));
    }
    let first = starts_at.with_timezone(&zone).naive_local();
    let first = rrule::Tz::UTC.from_utc_datetime(&first);
    let set = rule.build(first).map_err(|error| understood(&error))?;
    // A rule that never hits ends instead of being followed for ever.
    Ok(set.limit())
}

/// A local wall-clock time as a moment.
fn placed(zone: Tz, local: NaiveDateTime) -> DateTime<Utc> {
    match zone.from_local_datetime(&local) {
        LocalResult::Single(time) | LocalResult::Ambiguous(time, _) => time.to_utc(),
        LocalResult::None => {
            // No zone skips more than a day at once.
            let before = zone.offset_from_utc_datetime(&(local - TimeDelta::days(1)));
            (local - before.fix()).and_utc()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATHS: Paths = Paths {
        starts_at: &["input", "startsAt"],
        ends_at: &["input", "endsAt"],
        time_zone: &["input", "timeZone"],
        recurrence: &["input", "recurrence"],
    };

    fn time(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn times(start: &str, zone: &str, rule: Option<&str>) -> Times {
        let starts_at = time(start);
        Times {
            starts_at,
            ends_at: starts_at + TimeDelta::hours(1),
            time_zone: zone.to_owned(),
            recurrence: rule.map(str::to_owned),
        }
    }

    fn faults(times: Times) -> Vec<Fault> {
        let (_, faults) = times.check(PATHS);
        match faults.check() {
            Ok(()) => Vec::new(),
            Err(Error::Refused(faults)) => faults,
            Err(other) => panic!("{other}"),
        }
    }

    fn starts(times: &Times, from: &str, to: &str) -> Vec<String> {
        let hits = times.hits(time(from), time(to), MOST_HITS, |_| true);
        let text = |hit: DateTime<Utc>| hit.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
        hits.unwrap().into_iter().map(text).collect()
    }

    #[test]
    fn a_meeting_keeps_its_local_time_when_the_clocks_change() {
        // 19:00 in Toronto on the second Sunday, on which the clocks go forward in March.
        let rule = Some("FREQ=MONTHLY;BYDAY=2SU");
        let meeting = times("2026-02-09T00:00:00Z", "America/Toronto", rule);
        assert_eq!(faults(meeting.clone()), []);
        assert_eq!(
            starts(&meeting, "2026-01-01T00:00:00Z", "2026-12-31T00:00:00Z"),
            [
                "2026-02-09T00:00:00Z",
                "2026-03-08T23:00:00Z",
                "2026-04-12T23:00:00Z",
                "2026-05-10T23:00:00Z",
                "2026-06-14T23:00:00Z",
                "2026-07-12T23:00:00Z",
                "2026-08-09T23:00:00Z",
                "2026-09-13T23:00:00Z",
                "2026-10-11T23:00:00Z",
                "2026-11-09T00:00:00Z",
                "2026-12-14T00:00:00Z",
            ]
        );
    }

    #[test]
    fn a_time_that_the_clocks_skip_or_repeat_is_read_as_the_standard_says() {
        let skipped = times(
            "2026-03-07T07:30:00Z",
            "America/Toronto",
            Some("FREQ=DAILY"),
        );
        assert_eq!(
            starts(&skipped, "2026-03-07T00:00:00Z", "2026-03-10T00:00:00Z"),
            [
                "2026-03-07T07:30:00Z",
                "2026-03-08T07:30:00Z",
                "2026-03-09T06:30:00Z"
            ],
            "02:30 is read as 03:30 where it does not exist"
        );
        let repeated = times(
            "2026-10-31T05:30:00Z",
            "America/Toronto",
            Some("FREQ=DAILY"),
        );
        assert_eq!(
            starts(&repeated, "2026-10-31T00:00:00Z", "2026-11-03T00:00:00Z"),
            [
                "2026-10-31T05:30:00Z",
                "2026-11-01T05:30:00Z",
                "2026-11-02T06:30:00Z"
            ],
            "the first of the two"
        );
    }

    #[test]
    fn a_rule_ends_at_its_last_moment_in_utc() {
        let rule = Some("FREQ=DAILY;UNTIL=20260703T230000Z");
        let meeting = times("2026-07-01T23:00:00Z", "America/Toronto", rule);
        assert_eq!(faults(meeting.clone()), []);
        assert_eq!(
            starts(&meeting, "2026-07-01T00:00:00Z", "2026-08-01T00:00:00Z"),
            [
                "2026-07-01T23:00:00Z",
                "2026-07-02T23:00:00Z",
                "2026-07-03T23:00:00Z"
            ]
        );
    }

    #[test]
    fn what_never_ends_is_fine_and_what_explodes_is_refused() {
        let start = "2026-01-05T10:00:00Z";
        for fine in [
            "FREQ=DAILY",
            "RRULE:FREQ=WEEKLY",
            "freq=monthly",
            "FREQ=YEARLY",
            "FREQ=DAILY;COUNT=3",
            "FREQ=WEEKLY;BYDAY=MO,WE",
            "FREQ=MONTHLY;BYDAY=1MO",
        ] {
            assert_eq!(
                faults(times(start, "Europe/Paris", Some(fine))),
                [],
                "{fine}"
            );
        }
        for refused in [
            "FREQ=SECONDLY",
            "FREQ=MINUTELY;INTERVAL=1000",
            "FREQ=HOURLY",
            "FREQ=DAILY;BYHOUR=11,13",
            "FREQ=DAILY;BYHOUR=11;BYMINUTE=0,1,2,3,4,5,6,7,8,9",
            "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
            "FREQ=WEEKLY;BYDAY=TU",
            "FREQ=DAILY;UNTIL=20260701",
            "FREQ=DAILY;UNTIL=20250101T000000Z",
            "FREQ=DAILY;INTERVAL=0",
            "FREQ=DAILY;COUNT=0",
            "FREQ=NEVER",
            "",
            "every month",
            "FREQ=DAILY\nEXDATE:20260105T100000Z",
        ] {
            let found = faults(times(start, "Europe/Paris", Some(refused)));
            assert_eq!(found.len(), 1, "{refused}");
            assert_eq!(found[0].field, PATHS.recurrence, "{refused}");
            assert!(found[0].message.ends_with('.'), "{}", found[0].message);
        }
    }

    #[test]
    fn zones_and_ends_are_checked() {
        for zone in ["Mars/Olympus", "EST5EDT4", "", "america/toronto "] {
            let found = faults(times("2026-01-05T10:00:00Z", zone, None));
            assert_eq!(found[0].field, PATHS.time_zone, "{zone}");
        }
        let mut wrong = times("2026-01-05T10:00:00Z", "UTC", None);
        wrong.ends_at = wrong.starts_at;
        assert_eq!(faults(wrong.clone())[0].field, PATHS.ends_at);
        wrong.ends_at = wrong.starts_at + TimeDelta::days(32);
        assert_eq!(faults(wrong.clone())[0].field, PATHS.ends_at);
        let early = times("1970-12-31T10:00:00Z", "UTC", None);
        assert_eq!(faults(early)[0].field, PATHS.starts_at);
    }

    #[tokio::test]
    async fn a_schedule_says_whether_it_has_a_start() {
        let once = times("2026-01-05T10:00:00Z", "UTC", None);
        let weekly = times("2026-01-05T10:00:00Z", "UTC", Some("FREQ=WEEKLY"));
        for (times, start, expected) in [
            (&once, "2026-01-05T10:00:00Z", true),
            (&once, "2026-01-12T10:00:00Z", false),
            (&weekly, "2026-01-12T10:00:00Z", true),
            (&weekly, "2026-01-12T10:00:01Z", false),
            (&weekly, "2025-12-29T10:00:00Z", false),
        ] {
            assert_eq!(
                has(times.clone(), time(start)).await.unwrap(),
                expected,
                "{start}"
            );
        }
        let question = Ask {
            times: weekly,
            from: time("2026-02-01T00:00:00Z"),
            to: time("2026-02-08T00:00:00Z"),
            others: vec![time("2026-01-12T10:00:00Z"), time("2026-03-03T10:00:00Z")],
        };
        let answers = ask(vec![question]).await.unwrap();
        assert_eq!(
            answers,
            [[time("2026-01-12T10:00:00Z"), time("2026-02-02T10:00:00Z")]]
        );
    }
}
