//! The stages of an innovation, which steps are open, and the history of the steps taken.

use std::collections::HashMap;

use entity::change::Operation;
use entity::innovation::{self, InnovationStage};
use entity::item::ItemType;
use entity::transition;
use futures_util::FutureExt;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use crate::change::row_changed;
use crate::error::{Blocker, BlockerCode, Error, Result};
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
                let audience =
                    audience::of_item(&opened.community, &opened.state.item, &opened.state.authors);
                let mut state = opened.state;
                let Details::Innovation(row) = &state.details else {
                    return Err(Error::internal(format!(
                        "innovation {id} lacks its details"
                    )));
                };
                if row.stage == to {
                    return Ok(state);
                }
                let mut row = row.clone();
                check_step(unit.db(), &row, to, learning.is_some()).await?;
                let from = row.stage;
                row.stage = to;
                let mut fields = vec!["stage".to_owned()];
                let learned = learning.is_some() && learning != row.learning;
                if learned {
                    row.learning = learning;
                    fields.push("learning".into());
                }
                replace_row(unit, row.clone()).await?;
                waiting::restart(&mut state.item, waiting::for_decision(to), unit.now());
                state.details = Details::Innovation(row);
                touch(unit, &mut state, learned).await?;
                let step = transition_row(unit, id, Some(from.as_str()), to.as_str(), reason);
                insert_many(unit, vec![step]).await?;
                unit.record(row_changed(
                    &state.item,
                    Operation::Updated,
                    fields,
                    audience,
                ));
                Ok(state)
            }
            .boxed()
        })
        .await
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
    if !learning_given {
        blockers.extend(guard(row, to));
    }
    if blockers.is_empty() {
        return Ok(());
    }
    let message = format!("This innovation cannot become {} now.", to.as_str());
    Err(Error::invalid_transition(&["to"], message, blockers))
}

/// What holds an innovation back from a stage as long as nothing more is said.
#[must_use]
pub fn guard(row: &innovation::Model, to: InnovationStage) -> Option<Blocker> {
    let missing = to == InnovationStage::Abandoned && row.learning.is_none();
    missing.then(|| {
        let message = "Write down in `learning` what was learned: failures stay in the repertoire.";
        Blocker::new(BlockerCode::LearningMissing, message)
    })
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
