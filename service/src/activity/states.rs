//! The life of an activity and of each of its occurrences: PLANNED → HELD | CANCELLED.

use entity::activity::ActivityState;
use entity::change::Operation;
use entity::item::ItemType;
use entity::occurrence;
use futures_util::FutureExt;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::row;
use crate::change::row_changed;
use crate::error::{Error, FaultCode, Result};
use crate::item::gate::open;
use crate::item::insert::{insert_many, replace_row, transition_row};
use crate::item::{Details, ItemState};
use crate::policy::audience;
use crate::policy::item as policy;
use crate::store::{Store, Written};
use crate::validation::{Faults, SUMMARY};
use crate::viewer::{Scope, Viewer};

/// The states that an activity, or one occurrence, may go to from `state`.
#[must_use]
pub fn next_states(state: ActivityState) -> &'static [ActivityState] {
    match state {
        ActivityState::Planned => &[ActivityState::Held, ActivityState::Cancelled],
        ActivityState::Held | ActivityState::Cancelled => &[],
    }
}

/// Refuses a step that is not open.
pub(super) fn check_step(from: ActivityState, to: ActivityState, field: &[&str]) -> Result<()> {
    if next_states(from).contains(&to) {
        return Ok(());
    }
    let message = format!(
        "It is {}, and only what is PLANNED becomes HELD or CANCELLED.",
        from.as_str()
    );
    Err(Error::not_from_here(field, message))
}

/// Says that an activity was held, or cancels it with a reason. Its occurrences follow it, unless one has a state of its
/// own. Setting the state that it has changes nothing.
#[crate::boxed]
pub async fn set_state(
    store: &Store,
    viewer: &Viewer,
    id: Uuid,
    to: ActivityState,
    reason: Option<String>,
) -> Result<Written<ItemState>> {
    let actor = viewer.require(Scope::Write)?;
    let mut faults = Faults::default();
    let reason = faults.optional_text(&["reason"], reason.as_deref(), SUMMARY);
    faults.check()?;
    let viewer = viewer.clone();
    store
        .write(Some(actor), move |unit| {
            async move {
                let opened = open(
                    unit,
                    &viewer,
                    Some(ItemType::Activity),
                    id,
                    policy::run_activity,
                )
                .await?;
                let mut state = opened.state;
                let mut activity = row(&state)?.clone();
                let from = activity.state;
                if from == to {
                    return Ok(state);
                }
                check_step(from, to, &["state"])?;
                if to == ActivityState::Cancelled && reason.is_none() {
                    let message = "Say why it is cancelled.";
                    return Err(Error::fault(FaultCode::Required, &["reason"], message));
                }
                if activity.recurrence.is_none() {
                    // A single activity and its one occurrence stand alike.
                    occurrence::Entity::update_many()
                        .col_expr(
                            occurrence::Column::State,
                            Expr::value(Option::<String>::None),
                        )
                        .filter(occurrence::Column::ActivityId.eq(id))
                        .exec(unit.db())
                        .await?;
                }
                activity.state = to;
                replace_row(unit, activity.clone()).await?;
                state.details = Details::Activity(activity);
                state.item.updated_at = unit.now();
                replace_row(unit, state.item.clone()).await?;
                let step = transition_row(unit, id, Some(from.as_str()), to.as_str(), reason);
                insert_many(unit, vec![step]).await?;
                let audience = audience::of_item(&opened.community, &state.item, &state.authors);
                let fields = vec!["state".to_owned()];
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

#[cfg(test)]
mod tests {
    use super::*;
    use ActivityState::{Cancelled, Held, Planned};

    #[test]
    fn every_pair_of_states_is_open_or_not() {
        for (from, to, open) in [
            (Planned, Planned, false),
            (Planned, Held, true),
            (Planned, Cancelled, true),
            (Held, Planned, false),
            (Held, Held, false),
            (Held, Cancelled, false),
            (Cancelled, Planned, false),
            (Cancelled, Held, false),
            (Cancelled, Cancelled, false),
        ] {
            assert_eq!(
                check_step(from, to, &["state"]).is_ok(),
                open,
                "{from:?} → {to:?}"
            );
        }
    }
}
