use entity::community::CommunityKind;

use crate::community::kind::{WorkReason, of};

#[test]
fn every_kind_ranks_each_reason_once_and_begins_with_what_it_is_for() {
    for (kind, first) in [
        (CommunityKind::Helping, WorkReason::Unanswered),
        (CommunityKind::BestPractice, WorkReason::AwaitingReview),
        (
            CommunityKind::KnowledgeStewarding,
            WorkReason::ReviewOverdue,
        ),
        (CommunityKind::Innovation, WorkReason::Undecided),
    ] {
        let work = of(kind).work;
        assert_eq!(work.first(), Some(&first), "{kind:?}");
        for (place, reason) in work.iter().enumerate() {
            assert!(!work[..place].contains(reason), "{kind:?}: {reason:?}");
        }
        // Nobody waits in vain for want of a kind: people, questions, reviews and reports are everywhere.
        for reason in [
            WorkReason::Unanswered,
            WorkReason::AwaitingReview,
            WorkReason::MembershipRequest,
            WorkReason::Flag,
        ] {
            assert!(work.contains(&reason), "{kind:?}: {reason:?}");
        }
    }
}
