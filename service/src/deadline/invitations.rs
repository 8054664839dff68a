//! Invitations that nobody answered.

use chrono::TimeDelta;
use entity::membership;
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::{BATCH, Ran, earliest, in_batches};
use crate::error::Result;
use crate::membership::expire;
use crate::store::Store;

/// After so many days an invitation has run out.
pub const INVITATION_DAYS: i64 = 30;

pub(super) async fn run(store: &Store) -> Result<Ran> {
    let life = TimeDelta::days(INVITATION_DAYS);
    let done = in_batches(|| async move {
        let sent_before = store.clock().now() - life;
        let old: Vec<Uuid> = membership::Entity::find()
            .select_only()
            .column(membership::Column::Id)
            .filter(Expr::cust(INVITED))
            .filter(membership::Column::UpdatedAt.lte(sent_before))
            .order_by_asc(membership::Column::UpdatedAt)
            .order_by_asc(membership::Column::Id)
            .limit(BATCH)
            .into_tuple()
            .all(store.reader())
            .await?;
        let found = old.len() as u64;
        for id in old {
            expire(store, id, sent_before).await?;
        }
        Ok(found)
    })
    .await?;
    let first = Query::select()
        .expr(Expr::col(("membership", "updated_at")).min())
        .from("membership")
        .and_where(Expr::cust(INVITED))
        .take();
    let next = earliest(store, first, life).await?;
    Ok(Ran { done, next })
}

/// Written out, so that an index of invitations alone is found.
const INVITED: &str = "membership.state = 'INVITED'";

#[cfg(test)]
mod tests {
    use entity::membership::MembershipState;

    use super::*;

    #[test]
    fn the_state_is_named_as_it_is_stored() {
        assert!(INVITED.contains(&format!("'{}'", MembershipState::Invited.as_str())));
    }
}
