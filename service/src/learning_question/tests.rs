use sea_orm::ActiveModelTrait;
use sea_orm::ActiveValue::Set;

use super::*;
use crate::transition::testing::{Home, Step, try_step};

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

#[tokio::test]
async fn every_step_is_taken_or_refused_and_what_is_refused_writes_nothing() {
    let home = Home::new().await;
    let (store, facilitator) = (&home.store, &home.facilitator);
    for from in LearningQuestionState::ALL {
        for to in LearningQuestionState::ALL {
            let text = "How far is it?".to_owned();
            let made = add(store, facilitator, home.community.id, text).await;
            let made = made.unwrap().value;
            let id = made.id;
            let mut row = made.into_active_model();
            row.state = Set(*from);
            row.update(store.migration_connection()).await.unwrap();
            let open = next_states(*from).iter().map(|to| to.as_str());
            let step = Step::new(id, (from.as_str(), to.as_str()), open);
            let row = async || {
                let found = learning_question::Entity::find_by_id(id);
                found.one(store.reader()).await.unwrap().unwrap()
            };
            let take = set_state(store, facilitator, id, *to, Vec::new());
            let state = |question: &LearningQuestion| question.state.as_str();
            try_step(store, &step, row, state, take).await;
        }
    }
}
