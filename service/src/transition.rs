//! The rows of the steps in a life: of items, memberships, communities and what belongs to them.

use entity::transition;
use sea_orm::ActiveValue::Set;
use uuid::Uuid;

use crate::store::WriteUnit;

/// The row of one step, by whoever writes, now.
pub(crate) fn transition_row(
    unit: &WriteUnit,
    entity_id: Uuid,
    from: Option<&str>,
    to: &str,
    reason: Option<String>,
) -> transition::ActiveModel {
    transition::ActiveModel {
        id: Set(Uuid::now_v7()),
        entity_id: Set(entity_id),
        from_state: Set(from.map(str::to_owned)),
        to_state: Set(to.to_owned()),
        actor_id: Set(unit.actor()),
        reason: Set(reason),
        at: Set(unit.now()),
        outcome: Set(None),
        overrode: Set(None),
    }
}
