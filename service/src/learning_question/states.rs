//! The life of a question: `OPEN` → `IN_INQUIRY` → `ANSWERED` | `PARKED`, and back from where it was parked.

use entity::change::{EntityType, Operation};
use entity::learning_question::{self, LearningQuestionState};
use entity::link::LinkRelation;
use futures_util::FutureExt;
use uuid::Uuid;

use super::LearningQuestion;
use crate::community::belonging::{Opened, open, record, record_text};
use crate::error::{Error, Result};
use crate::item::insert::{insert_many, replace_row, transition_row};
use crate::item::relate::relate;
use crate::link;
use crate::policy::community as policy;
use crate::store::{Store, Written};
use crate::validation::Faults;
use crate::viewer::{Scope, Viewer};

/// The states that a question may go to from `state`.
#[must_use]
pub fn next_states(state: LearningQuestionState) -> &'static [LearningQuestionState] {
    use LearningQuestionState::{Answered, InInquiry, Open, Parked};
    match state {
        Open => &[InInquiry, Parked],
        InInquiry => &[Answered, Parked],
        Parked => &[InInquiry],
        Answered => &[],
    }
}

/// Says where a question stands, and adds answers: items that the viewer may read. Answers that are there stay.
#[crate::boxed]
pub async fn set_state(
    store: &Store,
    viewer: &Viewer,
    id: Uuid,
    to: LearningQuestionState,
    answers: Vec<Uuid>,
) -> Result<Written<LearningQuestion>> {
    let actor = viewer.require(Scope::Write)?;
    let viewer = viewer.clone();
    store
        .write(Some(actor), move |unit| {
            async move {
                let opened = open::<learning_question::Entity>(unit, &viewer, id).await?;
                policy::manage_learning_agenda(&opened.viewer, &opened.community)
                    .require(&["id"], "learning question")?;
                let Opened {
                    viewer,
                    community,
                    mut row,
                } = opened;
                let mut faults = Faults::default();
                let end = (EntityType::LearningQuestion, id);
                let links = relate(
                    unit,
                    &viewer,
                    &answers,
                    LinkRelation::Answers,
                    end,
                    "answerIds",
                    &mut faults,
                )
                .await?;
                faults.check()?;
                let from = row.state;
                let mut fields = Vec::new();
                if from != to {
                    check_step(from, to)?;
                    row.state = to;
                    fields.push("state");
                }
                if !links.is_empty() {
                    fields.push("answers");
                }
                if fields.is_empty() {
                    return Ok(row);
                }
                row.updated_at = unit.now();
                replace_row(unit, row.clone()).await?;
                link::state(unit, &links).await?;
                if from != to {
                    let step = transition_row(unit, id, Some(from.as_str()), to.as_str(), None);
                    insert_many(unit, vec![step]).await?;
                }
                record::<learning_question::Entity>(
                    unit,
                    &community,
                    &row,
                    Operation::Updated,
                    &fields,
                );
                if from != to {
                    record_text::<learning_question::Entity>(unit, &community);
                }
                Ok(row)
            }
            .boxed()
        })
        .await
}

fn check_step(from: LearningQuestionState, to: LearningQuestionState) -> Result<()> {
    let open = next_states(from);
    if open.contains(&to) {
        return Ok(());
    }
    let names: Vec<_> = open.iter().map(|state| state.as_str()).collect();
    let message = if names.is_empty() {
        format!("A question that is {} stays so.", from.as_str())
    } else {
        format!(
            "From {} a question goes to {}.",
            from.as_str(),
            names.join(" or ")
        )
    };
    Err(Error::not_from_here(&["state"], message))
}
