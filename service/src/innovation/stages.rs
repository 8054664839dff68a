//! The stages of an innovation, which steps are open, and the history of the steps taken.

use std::collections::HashMap;

use entity::change::Operation;
use entity::innovation::{self, InnovationStage};
use entity::item::ItemType;
use entity::pilot::{self, PilotOutcome, PilotState};
use entity::{community, transition};
use futures_util::FutureExt;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::change::row_changed;
use crate::error::{Blocker, BlockerCode, Error, Result};
use crate::evidence::formula::worked;
use crate::item::gate::open;
use crate::item::insert::{insert_many, replace_row, revision_row, transition_row};
use crate::item::update::check_revision;
use crate::item::{Details, ItemState, waiting};
use crate::policy::audience;
use crate::policy::item as item_policy;
use crate::store::{Store, WriteUnit, Written};
use crate::validation::{Faults, SUMMARY};
use crate::viewer::{Scope, Viewer};

/// The stages that an innovation may go to from `stage`. A parked one goes back to where it was parked from.
#[must_use]
pub fn next_stages(
    stage: InnovationStage,
    parked_from: Option<InnovationStage>,
) -> Vec<InnovationStage> {
    use InnovationStage::{Abandoned, Exploring, Idea, Parked, Piloting, Promoted, Validated};
    match stage {
        Idea => vec![Exploring, Parked, Abandoned],
        Exploring => vec![Piloting, Idea, Parked, Abandoned],
        Piloting => vec![Validated, Exploring, Parked, Abandoned],
        Validated => vec![Promoted, Piloting, Parked, Abandoned],
        Parked => vec![parked_from.unwrap_or(Idea), Abandoned],
        Promoted | Abandoned => Vec::new(),
    }
}

/// Moves an innovation to another stage. ABANDONED needs `learning`, unless it is written down already. Moving it to
/// where it is changes nothing.
#[crate::boxed]
pub async fn advance(
    store: &Store,
    viewer: &Viewer,
    id: Uuid,
    to: InnovationStage,
    reason: Option<String>,
    learning: Option<String>,
    expected_revision: Option<i32>,
) -> Result<Written<ItemState>> {
    let actor = viewer.require(Scope::Write)?;
    let mut faults = Faults::default();
    let reason = faults.optional_text(&["reason"], reason.as_deref(), SUMMARY);
    let learning = faults.optional_text(&["learning"], learning.as_deref(), SUMMARY);
    faults.check()?;
    let viewer = viewer.clone();
    store
        .write(Some(actor), move |unit| {
            async move {
                let opened = open(
                    unit,
                    &viewer,
                    Some(ItemType::Innovation),
                    id,
                    item_policy::advance,
                )
                .await?;
                check_revision(expected_revision, opened.state.item.revision)?;
                let state = opened.state;
                let Details::Innovation(row) = &state.details else {
                    return Err(Error::internal(format!(
                        "innovation {id} lacks its details"
                    )));
                };
                if row.stage == to {
                    return Ok(state);
                }
                check_step(unit.db(), row, to, learning.is_some()).await?;
                let step = Step {
                    to,
                    reason,
                    learning,
                };
                move_on(unit, &opened.community, state, step).await
            }
            .boxed()
        })
        .await
}

/// A step that is open.
pub(super) struct Step {
    pub(super) to: InnovationStage,
    pub(super) reason: Option<String>,
    pub(super) learning: Option<String>,
}

/// Takes a step that is open.
pub(super) async fn move_on(
    unit: &mut WriteUnit,
    community: &community::Model,
    mut state: ItemState,
    step: Step,
) -> Result<ItemState> {
    let id = state.item.id;
    let Details::Innovation(row) = &mut state.details else {
        return Err(Error::internal(format!(
            "innovation {id} lacks its details"
        )));
    };
    let (from, to) = (row.stage, step.to);
    row.stage = to;
    let mut fields = vec!["stage".to_owned()];
    let learned = step.learning.is_some() && step.learning != row.learning;
    if learned {
        row.learning = step.learning;
        fields.push("learning".into());
    }
    replace_row(unit, row.clone()).await?;
    waiting::restart(&mut state.item, waiting::for_decision(to), unit.now());
    touch(unit, &mut state, learned).await?;
    let row = transition_row(unit, id, Some(from.as_str()), to.as_str(), step.reason);
    insert_many(unit, vec![row]).await?;
    let audience = audience::of_item(community, &state.item, &state.authors);
    unit.record(row_changed(
        &state.item,
        Operation::Updated,
        fields,
        audience,
    ));
    Ok(state)
}

/// Stamps the item; what was learned is editable content, so writing it down makes a revision.
async fn touch(unit: &WriteUnit, state: &mut ItemState, learned: bool) -> Result<()> {
    state.item.updated_at = unit.now();
    if learned {
        state.item.revision += 1;
        insert_many(unit, vec![revision_row(unit, state, None)]).await?;
    }
    replace_row(unit, state.item.clone()).await?;
    Ok(())
}

async fn check_step(
    connection: &impl ConnectionTrait,
    row: &innovation::Model,
    to: InnovationStage,
    learning_given: bool,
) -> Result<()> {
    let parked_from = if row.stage == InnovationStage::Parked {
        let parked = parked_from(connection, &[row.id]).await?;
        parked.get(&row.id).copied()
    } else {
        None
    };
    let open = next_stages(row.stage, parked_from);
    let mut blockers = Vec::new();
    if !open.contains(&to) {
        let names: Vec<_> = open.iter().map(|stage| stage.as_str()).collect();
        let message = if names.is_empty() {
            format!("{} is the end of an innovation's way.", row.stage.as_str())
        } else {
            format!(
                "From {} an innovation goes to {}.",
                row.stage.as_str(),
                names.join(", ")
            )
        };
        blockers.push(Blocker::new(BlockerCode::NotFromHere, message));
    }
    let tried = pilots_of(connection, &[row.id]).await?;
    let tried = tried.get(&row.id).copied().unwrap_or_default();
    let held_back = guards(row, tried, to).into_iter();
    blockers.extend(
        held_back
            .filter(|blocker| !(learning_given && blocker.code == BlockerCode::LearningMissing)),
    );
    if blockers.is_empty() {
        return Ok(());
    }
    let message = format!("This innovation cannot become {} now.", to.as_str());
    Err(Error::invalid_transition(&["to"], message, blockers))
}

/// Whether an innovation was tried out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tried {
    /// A pilot of it is planned, or runs.
    pub is_tried: bool,
    /// A pilot of it worked, with changes or without.
    pub worked: bool,
}

/// Whether innovations were tried out, by innovation; those without such pilots are left out.
pub async fn pilots_of(
    connection: &impl ConnectionTrait,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, Tried>> {
    let found: Vec<(Uuid, PilotState, Option<PilotOutcome>)> = pilot::Entity::find()
        .select_only()
        .columns([
            pilot::Column::SubjectId,
            pilot::Column::State,
            pilot::Column::Outcome,
        ])
        .distinct()
        .filter(pilot::Column::SubjectId.is_in(ids.iter().copied()))
        .into_tuple()
        .all(connection)
        .await?;
    let mut tried: HashMap<Uuid, Tried> = HashMap::new();
    for (innovation, state, outcome) in found {
        let tried = tried.entry(innovation).or_default();
        tried.is_tried |= matches!(state, PilotState::Planned | PilotState::Running);
        tried.worked |= state == PilotState::Concluded && outcome.is_some_and(worked);
    }
    Ok(tried)
}

/// What holds an innovation back from a stage as long as nothing more is said. What comes back from where it was parked
/// has passed the guard of its stage before.
#[must_use]
pub fn guards(row: &innovation::Model, tried: Tried, to: InnovationStage) -> Vec<Blocker> {
    let comes_back = row.stage == InnovationStage::Parked;
    let (unmet, code, message) = match to {
        InnovationStage::Piloting => (
            !tried.is_tried && !comes_back,
            BlockerCode::PilotMissing,
            "Plan a pilot of it first: `planPilot`.",
        ),
        InnovationStage::Validated => (
            !tried.worked && !comes_back,
            BlockerCode::PilotMissing,
            "A pilot of it must be concluded first that worked, with changes or without.",
        ),
        InnovationStage::Promoted => (
            true,
            BlockerCode::PromotedItemMissing,
            "Make a practice or a resource of it: `promoteInnovation`.",
        ),
        InnovationStage::Abandoned => (
            row.learning.is_none(),
            BlockerCode::LearningMissing,
            "Write down in `learning` what was learned: failures stay in the repertoire.",
        ),
        InnovationStage::Idea | InnovationStage::Exploring | InnovationStage::Parked => {
            return Vec::new();
        }
    };
    if unmet {
        vec![Blocker::new(code, message)]
    } else {
        Vec::new()
    }
}

/// The stages from which innovations were parked last, by innovation.
pub async fn parked_from(
    connection: &impl ConnectionTrait,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, InnovationStage>> {
    let steps = transition::Entity::find()
        .filter(transition::Column::EntityId.is_in(ids.iter().copied()))
        .filter(transition::Column::ToState.eq(InnovationStage::Parked.as_str()))
        .order_by_asc(transition::Column::Id)
        .all(connection)
        .await?;
    // The last of each innovation stays.
    Ok(steps
        .into_iter()
        .filter_map(|step| {
            let from = InnovationStage::parse(step.from_state.as_deref()?)?;
            Some((step.entity_id, from))
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_open_stage_can_be_parked_and_abandoned_and_ends_have_no_way_on() {
        for stage in InnovationStage::ALL {
            let open = next_stages(*stage, None);
            let ended = matches!(
                stage,
                InnovationStage::Promoted | InnovationStage::Abandoned
            );
            assert_eq!(open.is_empty(), ended, "{stage:?}");
            assert_eq!(
                open.contains(&InnovationStage::Abandoned),
                !ended,
                "{stage:?}"
            );
            assert!(!open.contains(stage), "{stage:?} leads to itself");
        }
    }

    #[test]
    fn the_ways_between_all_pairs_of_stages() {
        use InnovationStage::{Abandoned, Exploring, Idea, Parked, Piloting, Promoted, Validated};
        let open = [
            (Idea, Exploring),
            (Exploring, Piloting),
            (Exploring, Idea),
            (Piloting, Validated),
            (Piloting, Exploring),
            (Validated, Promoted),
            (Validated, Piloting),
            (Parked, Idea),
        ];
        for from in InnovationStage::ALL {
            for to in InnovationStage::ALL {
                let ended = matches!(from, Promoted | Abandoned);
                let set_aside = *to == Parked && *from != Parked;
                let expected =
                    open.contains(&(*from, *to)) || (!ended && (set_aside || *to == Abandoned));
                assert_eq!(
                    next_stages(*from, None).contains(to),
                    expected,
                    "{from:?} to {to:?}"
                );
            }
        }
    }

    #[test]
    fn a_parked_innovation_goes_back_to_where_it_was() {
        let open = next_stages(InnovationStage::Parked, Some(InnovationStage::Piloting));
        assert_eq!(
            open,
            [InnovationStage::Piloting, InnovationStage::Abandoned]
        );
    }
}
