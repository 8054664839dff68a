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
