use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait};

use super::*;
use crate::transition::testing::{Home, Step, try_step};

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

#[tokio::test]
async fn every_step_is_taken_or_refused_and_what_is_refused_writes_nothing() {
    let home = Home::new().await;
    let (store, facilitator) = (&home.store, &home.facilitator);
    for individual in [false, true] {
        for from in GoalState::ALL {
            for to in GoalState::ALL {
                let input = CreateGoal {
                    community_id: home.community.id,
                    individual,
                    text: "To walk far.".to_owned(),
                    target_date: None,
                };
                let made = create(store, facilitator, input).await.unwrap().value;
                let id = made.id;
                let mut row = made.into_active_model();
                row.state = Set(*from);
                row.update(store.migration_connection()).await.unwrap();
                let open = next_states(*from).iter().map(|to| to.as_str());
                let step = Step::new(id, (from.as_str(), to.as_str()), open);
                let row = async || {
                    let found = goal::Entity::find_by_id(id).one(store.reader()).await;
                    found.unwrap().unwrap()
                };
                let take = set_state(store, facilitator, id, *to, Vec::new());
                try_step(store, &step, row, |goal: &Goal| goal.state.as_str(), take).await;
            }
        }
    }
}
