//! When something takes place: once, or again and again by an RFC 5545 recurrence rule in a time zone.
//!
//! A rule is expanded in local wall-clock time and each hit is then placed in the zone, so that a meeting at 19:00 in
//! Toronto stays at 19:00 there all year. A time that the clocks skip is read with the offset before the gap, one that
//! they repeat is the first of the two: as RFC 5545 says.

use chrono::{DateTime, LocalResult, NaiveDateTime, Offset, TimeDelta, TimeZone, Timelike, Utc};
use chrono_tz::Tz;
use rrule::{Frequency, RRule, RRuleSet, Unvalidated};

use crate::error::{Error, Fault, FaultCode, Result};
use crate::validation::{Faults, YEARS};

/// The longest range, in days, in which hits can be asked for.
pub const MOST_DAYS: i64 = 400;
/// The most hits that a rule may have in so many days.
pub const MOST_HITS: usize = 500;
/// The longest text of a rule.
const LONGEST_RULE: usize = 500;
/// The longest that one hit may last, in days.
const LONGEST_DAYS: i64 = 31;

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
#[crate::boxed]
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
mod tests;
