//! Pilots: a resource, a practice or an innovation is tried out, and what was found is written down.

mod content;
mod gate;
mod plan;
mod queries;
mod states;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

pub use content::{PilotContent, PlanPilot};
pub(crate) use gate::open;
pub use plan::{plan, update};
pub use queries::{PilotScope, by_ids, count, page, reported};
pub use states::{Step, next_states, set_state, transitions};

use std::collections::BTreeSet;

use entity::change::{EntityType, Operation};
use entity::pilot;

use crate::change::row_changed;
use crate::item;
use crate::policy::audience;
use crate::store::{PendingChange, WriteUnit};

/// A pilot.
pub type Pilot = pilot::Model;

/// The field of an item whose change says that something about its pilots is new: its document holds their texts.
pub(crate) const PILOTS: &str = "pilots";

/// The name of the item's field and the change row of the pilot itself, for those who read the item.
fn record(
    unit: &mut WriteUnit,
    subject: &item::gate::Opened,
    pilot: &Pilot,
    operation: Operation,
    fields: &[&str],
) {
    let audience: BTreeSet<String> = audience::of_item(
        &subject.community,
        &subject.state.item,
        &subject.state.authors,
    );
    unit.record(PendingChange {
        entity_type: EntityType::Pilot,
        entity_id: pilot.id,
        operation,
        community_id: Some(pilot.community_id),
        fields: fields.iter().map(|&field| field.to_owned()).collect(),
        audience_before: (operation != Operation::Created).then(|| audience.clone()),
        audience_after: Some(audience.clone()),
    });
    unit.record(row_changed(
        &subject.state.item,
        Operation::Updated,
        vec![PILOTS.to_owned()],
        audience,
    ));
}
