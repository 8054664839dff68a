//! The learning agenda of a community: what its members want to find out, in order, and what answers it.

mod queries;
mod states;

#[cfg(test)]
mod tests;

pub use queries::{answers_of, by_ids, count_of_community, page_of_community};
pub use states::{next_states, set_state};

use entity::change::{EntityType, Operation};
use entity::learning_question::{self, LearningQuestionState};
use futures_util::FutureExt;
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};
use uuid::Uuid;

use crate::community::belonging::{self, Belonging};
use crate::error::Result;
use crate::item::insert::{insert_many, transition_row};
use crate::membership::Hold;
use crate::policy::community as policy;
use crate::store::{Store, Written};
use crate::validation::{Faults, SUMMARY, TextRule};
use crate::viewer::{Scope, Viewer};

/// A question of a learning agenda.
pub type LearningQuestion = learning_question::Model;

/// A question is asked in few words.
const TEXT: TextRule = TextRule {
    max: 2_000,
    ..SUMMARY
};

impl Belonging for learning_question::Entity {
    const ENTITY_TYPE: EntityType = EntityType::LearningQuestion;
    const NOUN: &'static str = "learning question";
    const FIELD: &'static str = "learningAgenda";

    fn id(row: &LearningQuestion) -> Uuid {
        row.id
    }

    fn community(row: &LearningQuestion) -> Uuid {
        row.community_id
    }
}

/// Adds a question at the end of a community's agenda.
#[crate::boxed]
pub async fn add(
    store: &Store,
    viewer: &Viewer,
    community: Uuid,
    text: String,
) -> Result<Written<LearningQuestion>> {
    let actor = viewer.require(Scope::Write)?;
    let viewer = viewer.clone();
    store
        .write(Some(actor), move |unit| {
            async move {
                // Held alone, so that no two questions get the same rank.
                let home = belonging::home(unit, &viewer, community, Hold::Exclusive).await;
                let (viewer, community) = home.map_err(at_community)?;
                let mut faults = Faults::default();
                let text = faults.text(&["text"], &text, TEXT);
                let decision = policy::ask_learning_question(&viewer, &community);
                faults.absorb(decision.require(&["communityId"], "community"))?;
                faults.check()?;
                let last = learning_question::Entity::find()
                    .filter(learning_question::Column::CommunityId.eq(community.id))
                    .order_by_desc(learning_question::Column::Rank)
                    .one(unit.db())
                    .await?;
                let new = LearningQuestion {
                    id: Uuid::now_v7(),
                    community_id: community.id,
                    author_id: unit.actor(),
                    text,
                    rank: last.map_or(1, |last| last.rank.saturating_add(1)),
                    state: LearningQuestionState::Open,
                    created_at: unit.now(),
                    updated_at: unit.now(),
                };
                insert_many(unit, vec![new.clone().into_active_model()]).await?;
                let step = transition_row(unit, new.id, None, new.state.as_str(), None);
                insert_many(unit, vec![step]).await?;
                belonging::record::<learning_question::Entity>(
                    unit,
                    &community,
                    &new,
                    Operation::Created,
                    &[],
                );
                belonging::record_text::<learning_question::Entity>(unit, &community);
                Ok(new)
            }
            .boxed()
        })
        .await
}

/// This mutation names the community outside of an input.
fn at_community(error: crate::error::Error) -> crate::error::Error {
    use crate::error::Error;
    match error {
        Error::Refused(_) => Error::not_found(&["communityId"], "community"),
        other => other,
    }
}
