//! Every step from stage to stage: taken, nothing, or refused without a trace.

use entity::{item, transition};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel};

use super::*;
use crate::transition::testing::{Step, try_step};

/// An innovation that is in a stage; a parked one was parked in `parked_in`.
async fn at(school: &School, stage: InnovationStage, parked_in: Option<InnovationStage>) -> Uuid {
    let connection = school.store.migration_connection();
    let input = CreateInnovation {
        community_id: school.community.id,
        content: ItemContent {
            title: Patch::Value("Lessons on paper".to_owned()),
            ..ItemContent::default()
        },
        innovation: InnovationContent {
            idea: Patch::Value("No screens.".to_owned()),
            ..InnovationContent::default()
        },
    };
    let made = create(&school.store, &school.author, input).await.unwrap();
    let id = made.value.item.id;
    let found = innovation::Entity::find_by_id(id).one(connection).await;
    let mut row = found.unwrap().unwrap().into_active_model();
    row.stage = Set(stage);
    row.update(connection).await.unwrap();
    if let Some(parked_in) = parked_in {
        let step = transition::Model {
            id: Uuid::now_v7(),
            entity_id: id,
            from_state: Some(parked_in.as_str().to_owned()),
            to_state: Parked.as_str().to_owned(),
            actor_id: None,
            reason: None,
            at: school.store.clock().now(),
            outcome: None,
            overrode: None,
        };
        step.into_active_model().insert(connection).await.unwrap();
    }
    id
}

/// What holds the step back where there is neither a pilot nor a word of what was learned.
fn guard(from: InnovationStage, to: InnovationStage, learned: bool) -> Option<BlockerCode> {
    match to {
        // What was parked has passed these before.
        Piloting | Validated => (from != Parked).then_some(BlockerCode::PilotMissing),
        Promoted => Some(BlockerCode::PromotedItemMissing),
        Abandoned => (!learned).then_some(BlockerCode::LearningMissing),
        Idea | Exploring | Parked => None,
    }
}

async fn try_steps_from(
    school: &School,
    from: InnovationStage,
    parked_in: Option<InnovationStage>,
) {
    let store = &school.store;
    for to in InnovationStage::ALL.iter().copied() {
        let learnings: &[Option<&str>] = if to == Abandoned {
            &[None, Some("Paper tears.")]
        } else {
            &[None]
        };
        for learning in learnings {
            let id = at(school, from, parked_in).await;
            let open = next_stages(from, parked_in);
            let held_back = guard(from, to, learning.is_some());
            let step = Step {
                of: id,
                from: from.as_str(),
                to: to.as_str(),
                guard: held_back.filter(|_| open.contains(&to)),
                open: open.into_iter().map(InnovationStage::as_str).collect(),
            };
            let rows = async || {
                let details = innovation::Entity::find_by_id(id).one(store.reader()).await;
                let item = item::Entity::find_by_id(id).one(store.reader()).await;
                (details.unwrap().unwrap(), item.unwrap().unwrap())
            };
            let stage = |rows: &(innovation::Model, item::Model)| rows.0.stage.as_str();
            let learning = learning.map(str::to_owned);
            let take = advance(store, &school.author, id, to, None, learning, None);
            try_step(store, &step, rows, stage, take).await;
        }
    }
}

#[tokio::test]
async fn every_step_is_taken_or_refused_and_what_is_refused_writes_nothing() {
    let school = School::new(CommunityVisibility::Public).await;
    for from in [Idea, Exploring, Piloting, Validated, Promoted, Abandoned] {
        try_steps_from(&school, from, None).await;
    }
    for parked_in in [Idea, Exploring, Piloting, Validated] {
        try_steps_from(&school, Parked, Some(parked_in)).await;
    }
}
