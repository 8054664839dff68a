//! Dates in queries.

const MICROS_PER_DAY: i64 = 86_400_000_000;

/// The beginning of a year, month or day (`2024`, `2024-05`, `2024-05-17`), in UTC and microseconds since 1970. What
/// follows a `T` is ignored.
pub(crate) fn parse_date(text: &str) -> Option<i64> {
    let date = text.split(['T', 't']).next()?;
    let mut parts = date.split('-');
    let year = number(parts.next()?, 4)?;
    let month = parts.next().map_or(Some(1), |month| number(month, 2))?;
    let day = parts.next().map_or(Some(1), |day| number(day, 2))?;
    if parts.next().is_some()
        || !(1..=12).contains(&month)
        || !(1..=days_in_month(year, month)).contains(&day)
    {
        return None;
    }
    Some(days_since_1970(year, month, day) * MICROS_PER_DAY)
}

fn number(text: &str, digits: usize) -> Option<i64> {
    (text.len() <= digits && text.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| text.parse().ok())?
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Counts in years that begin in March, so that the leap day is the last one.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    // March to January alternate 31 and 30 days, but for July and August, December and January.
    let days_before_month = (153 * month + 2) / 5;
    year * 365 + leap_days + days_before_month + day - 1 - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn years_months_and_days_begin_in_utc() {
        assert_eq!(parse_date("1970"), Some(0));
        assert_eq!(parse_date("1970-01-02"), Some(MICROS_PER_DAY));
        assert_eq!(parse_date("2024-02-29"), Some(1_709_164_800_000_000));
        assert_eq!(parse_date("2024-03"), Some(1_709_251_200_000_000));
        assert_eq!(
            parse_date("2000-01-01T12:00:00Z"),
            Some(946_684_800_000_000)
        );
        assert_eq!(parse_date("1969-12-31"), Some(-MICROS_PER_DAY));
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in [
            "",
            "soon",
            "2023-02-29",
            "2024-13",
            "2024-00",
            "2024-1-1-1",
            "20240",
            "2024-+1",
            "-5",
        ] {
            assert_eq!(parse_date(text), None, "{text}");
        }
    }
}
