use super::*;

#[test]
fn every_pair_of_states_is_open_or_not() {
    use GoalState::{Dropped, Met, Open};
    for (from, to, open) in [
        (Open, Open, false),
        (Open, Met, true),
        (Open, Dropped, true),
        (Met, Open, false),
        (Met, Met, false),
        (Met, Dropped, false),
        (Dropped, Open, false),
        (Dropped, Met, false),
        (Dropped, Dropped, false),
    ] {
        assert_eq!(next_states(from).contains(&to), open, "{from:?} → {to:?}");
    }
}
