//! Boundary shares: what one community offers to another, through somebody who belongs to both.
//!
//! OFFERED → ACCEPTED → ADAPTED | DECLINED; what was taken up can be taken back, and what was made of it stays. A share
//! opens nothing: who may read the item may read it, and what is made of it is for no more people than the item itself.

mod adapt;
mod commands;
mod held;
mod queries;

#[cfg(test)]
mod tests;

pub use adapt::adapt;
pub use commands::{MOST_OPEN, OfferShare, offer, respond, withdraw};
pub use queries::{by_ids, count_of_community, page_of_community};

use entity::boundary_share::{self, BoundaryShareState};
use entity::change::{EntityType, Operation};
use entity::community;
use entity::item::ItemType;

use crate::error::{Blocker, BlockerCode, Error};
use crate::policy::audience;
use crate::store::{PendingChange, WriteUnit};

/// A share.
pub type BoundaryShare = boundary_share::Model;

/// What can be offered: that of which the other community can make something of its own.
pub const OFFERED_TYPES: [ItemType; 4] = [
    ItemType::Resource,
    ItemType::Practice,
    ItemType::Innovation,
    ItemType::Collection,
];

/// The field of a share whose change says that what is offered came to another community.
pub(crate) const FROM_COMMUNITY: &str = "fromCommunity";
/// The field of a share whose change says that who is offered it became part of another community.
pub(crate) const TO_COMMUNITY: &str = "toCommunity";

const ID: &[&str] = &["id"];
const WHAT: &str = "boundary share";

/// The states that a share may go to from `state`.
#[must_use]
pub fn next_states(state: BoundaryShareState) -> &'static [BoundaryShareState] {
    use BoundaryShareState::{Accepted, Adapted, Declined, Offered, Withdrawn};
    match state {
        Offered => &[Accepted, Declined],
        Accepted => &[Adapted, Withdrawn],
        Adapted => &[Withdrawn],
        Declined | Withdrawn => &[],
    }
}

fn not_from_here(from: BoundaryShareState, to: BoundaryShareState) -> Error {
    let message = format!(
        "This share cannot become {}: it is {}.",
        to.as_str(),
        from.as_str()
    );
    refused(BlockerCode::NotFromHere, message)
}

fn refused(code: BlockerCode, message: String) -> Error {
    let blocker = Blocker::new(code, message.clone());
    Error::invalid_transition(ID, message, vec![blocker])
}

/// Adds the change row of a share; it belongs to the community that it is offered to.
fn record(
    unit: &mut WriteUnit,
    to: &community::Model,
    before: Option<&BoundaryShare>,
    now: &BoundaryShare,
    fields: &[&str],
) {
    let audience = |share| audience::of_boundary_share(share, to);
    unit.record(PendingChange {
        entity_type: EntityType::BoundaryShare,
        entity_id: now.id,
        operation: before.map_or(Operation::Created, |_| Operation::Updated),
        community_id: Some(to.id),
        fields: fields.iter().map(|&field| field.to_owned()).collect(),
        audience_before: before.map(audience),
        audience_after: Some(audience(now)),
    });
}
