//! What one community offers to another: those who look after the other are asked, and who brokers is told the answer.

use entity::change::{self, EntityType, Operation};
use entity::membership::{MembershipRole, MembershipState};
use entity::notification::NotificationReason;
use sea_orm::sea_query::{Expr, ExprTrait};

use super::{changed_thing, changes_any, of_change, positions, tell_by, way};
use crate::error::Result;
use crate::policy::work::KEEPERS;
use crate::store::WriteUnit;

fn is_share(row: &change::Model) -> bool {
    row.entity_type == EntityType::BoundaryShare
}

/// Those who may answer an offer.
pub(super) async fn tell_offered(unit: &WriteUnit, rows: &[change::Model]) -> Result<()> {
    let new = positions(rows, |row| {
        is_share(row) && row.operation == Operation::Created
    });
    if new.is_empty() {
        return Ok(());
    }
    let roles = KEEPERS.iter().copied().map(MembershipRole::as_str);
    // The change belongs to the community that it is offered to.
    let mut keepers = way(&new, ("membership", "user_id"), changed_thing());
    keepers
        .inner_join(
            "membership",
            of_change("community_id").equals(("membership", "community_id")),
        )
        .and_where(Expr::col(("membership", "state")).eq(MembershipState::Active.as_str()))
        .and_where(Expr::col(("membership", "role")).is_in(roles));
    tell_by(unit, NotificationReason::Offered, [keepers]).await
}

/// Who brokered what was answered, adapted or taken back.
pub(super) async fn tell_broker(unit: &WriteUnit, rows: &[change::Model]) -> Result<()> {
    let steps = positions(rows, |row| {
        is_share(row) && row.operation == Operation::Updated && changes_any(row, &["state"])
    });
    if steps.is_empty() {
        return Ok(());
    }
    let mut broker = way(&steps, ("boundary_share", "broker_id"), changed_thing());
    broker
        .inner_join(
            "boundary_share",
            of_change("entity_id").equals(("boundary_share", "id")),
        )
        .and_where(Expr::col(("boundary_share", "broker_id")).is_not_null());
    tell_by(unit, NotificationReason::Replied, [broker]).await
}
