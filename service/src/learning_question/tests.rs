use super::*;

#[test]
fn every_pair_of_states_is_open_or_not() {
    use LearningQuestionState::{Answered, InInquiry, Open, Parked};
    let open = [
        (Open, InInquiry),
        (Open, Parked),
        (InInquiry, Answered),
        (InInquiry, Parked),
        (Parked, InInquiry),
    ];
    for from in LearningQuestionState::ALL {
        for to in LearningQuestionState::ALL {
            assert_eq!(
                next_states(*from).contains(to),
                open.contains(&(*from, *to)),
                "{from:?} → {to:?}"
            );
        }
    }
}
