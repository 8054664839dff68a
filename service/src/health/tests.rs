use super::*;

fn hours(numbers: &[i64]) -> Vec<TimeDelta> {
    numbers
        .iter()
        .map(|hours| TimeDelta::hours(*hours))
        .collect()
}

#[test]
fn a_median_is_the_middle_one_or_between_two() {
    let median = |numbers: &[i64]| Figure::median(hours(numbers), TimeDelta::hours(1));
    assert_eq!(median(&[]), Figure::default());
    assert_eq!(median(&[9, 1, 2]).value, Some(2.0));
    assert_eq!(median(&[4, 1, 2, 9]).value, Some(3.0));
    assert_eq!(median(&[4, 1, 2, 9]).sample_size, 4);
}

#[test]
fn a_share_of_nothing_is_no_figure() {
    assert_eq!(Figure::share(0, 0), Figure::default());
    assert_eq!(Figure::share(0, 4).value, Some(0.0));
    assert_eq!(Figure::share(1, 4).value, Some(0.25));
    assert_eq!(Figure::count(3, 4).value, Some(3.0));
    assert_eq!(Figure::count(0, 0).value, None);
}

#[test]
fn a_window_has_bounds() {
    assert_eq!(check_window(None).unwrap(), TimeDelta::days(90));
    assert_eq!(check_window(Some(1)).unwrap(), TimeDelta::days(1));
    for days in [0, -1, 1_096, i32::MAX] {
        assert!(check_window(Some(days)).is_err(), "{days}");
    }
}

#[test]
fn searches_are_kept_for_the_longest_window() {
    assert!(crate::search::COUNTED_DAYS >= *WINDOW_DAYS.end());
}

#[test]
fn every_kind_looks_at_something_of_its_own_and_no_key_is_there_twice() {
    for kind in CommunityKind::ALL {
        let keys: Vec<String> = of(*kind)
            .health
            .iter()
            .map(|indicator| indicator.key())
            .collect();
        assert!(!keys.is_empty());
        let mut distinct = keys.clone();
        distinct.sort_unstable();
        distinct.dedup();
        assert_eq!(distinct.len(), keys.len(), "{kind:?}");
    }
}
