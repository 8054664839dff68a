//! The approvals of an item's newest revision: who gave them, and whether they are enough.

use std::collections::{BTreeMap, HashMap};

use entity::change::{EntityType, Operation};
use entity::membership::MembershipRole;
use entity::review::{self, ReviewVerdict};
use entity::{community, item, revision};
use sea_orm::sea_query::{Expr, ExprTrait, Func, Query, SelectStatement, SimpleExpr};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, JoinType, QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;

use super::ItemState;
use crate::community::kind::{self, Approvals};
use crate::error::{Blocker, BlockerCode, Result};
use crate::policy::audience;
use crate::policy::item::counts_as;
use crate::store::{PendingChange, WriteUnit};

/// Somebody who approves of a revision, and as what.
pub type Approver = (Uuid, MembershipRole);

/// Those whose last verdict on the newest revision of an item, pending or not, approves of it; by item.
pub async fn approvers_of(
    connection: &impl ConnectionTrait,
    items: &[Uuid],
) -> Result<HashMap<Uuid, Vec<Approver>>> {
    approvers(connection, items, newest_revision()).await
}

/// The same of the revision that readers are shown.
pub async fn approvers_of_shown(
    connection: &impl ConnectionTrait,
    items: &[Uuid],
) -> Result<HashMap<Uuid, Vec<Approver>>> {
    approvers(connection, items, Expr::col(("item", "revision"))).await
}

async fn approvers(
    connection: &impl ConnectionTrait,
    items: &[Uuid],
    revision: SimpleExpr,
) -> Result<HashMap<Uuid, Vec<Approver>>> {
    use review::Column;
    let of_item = review::Entity::belongs_to(item::Entity)
        .from(Column::ItemId)
        .to(item::Column::Id);
    let rows: Vec<(Uuid, Option<Uuid>, MembershipRole, ReviewVerdict)> = review::Entity::find()
        .select_only()
        .columns([
            Column::ItemId,
            Column::AuthorId,
            Column::Role,
            Column::Verdict,
        ])
        .join(JoinType::InnerJoin, of_item.into())
        .filter(Column::ItemId.is_in(items.iter().copied()))
        .filter(Column::Verdict.ne(ReviewVerdict::Comment))
        .filter(Expr::col(("review", "revision")).eq(revision))
        .order_by_asc(Column::Id)
        .into_tuple()
        .all(connection)
        .await?;
    let mut last: BTreeMap<(Uuid, Uuid), (MembershipRole, ReviewVerdict)> = BTreeMap::new();
    for (item, author, role, verdict) in rows {
        if let Some(author) = author {
            last.insert((item, author), (role, verdict));
        }
    }
    let mut approvers: HashMap<Uuid, Vec<Approver>> = HashMap::new();
    for ((item, author), (role, verdict)) in last {
        if verdict == ReviewVerdict::Approve {
            approvers.entry(item).or_default().push((author, role));
        }
    }
    Ok(approvers)
}

/// Who made the newest revision of an item, pending or not; by item. Those who were erased made nothing.
pub async fn makers_of(
    connection: &impl ConnectionTrait,
    items: &[Uuid],
) -> Result<HashMap<Uuid, Uuid>> {
    let of_item = revision::Entity::belongs_to(item::Entity)
        .from(revision::Column::ItemId)
        .to(item::Column::Id);
    let rows: Vec<(Uuid, Option<Uuid>)> = revision::Entity::find()
        .select_only()
        .columns([revision::Column::ItemId, revision::Column::AuthorId])
        .join(JoinType::InnerJoin, of_item.into())
        .filter(revision::Column::ItemId.is_in(items.iter().copied()))
        .filter(Expr::col(("revision", "number")).eq(newest_revision()))
        .into_tuple()
        .all(connection)
        .await?;
    Ok(rows
        .into_iter()
        .filter_map(|(item, maker)| Some((item, maker?)))
        .collect())
}

/// The condition on `item` that this user made its newest revision: nobody reviews what they made, as an author or not.
pub(crate) fn made_by(user: impl Into<SimpleExpr>) -> SelectStatement {
    Query::select()
        .expr(Expr::value(1))
        .from("revision")
        .and_where(Expr::col(("revision", "item_id")).equals(("item", "id")))
        .and_where(Expr::col(("revision", "number")).eq(newest_revision()))
        .and_where(Expr::col(("revision", "author_id")).eq(user.into()))
        .take()
}

/// The number of the newest revision of `item`, pending or not.
pub(crate) fn newest_revision() -> SimpleExpr {
    Func::coalesce([
        Expr::col(("item", "pending_revision")),
        Expr::col(("item", "revision")),
    ])
    .into()
}

/// What is missing where so many of those needed approve.
#[must_use]
pub fn missing(needed: Approvals, approvers: &[Approver]) -> Vec<Blocker> {
    let counting = approvers
        .iter()
        .filter(|(_, role)| counts_as(*role, needed.by))
        .count();
    let given = i32::try_from(counting).unwrap_or(i32::MAX);
    if given >= needed.needed {
        return Vec::new();
    }
    let who = if needed.by == MembershipRole::Steward {
        "steward"
    } else {
        "reviewer"
    };
    let mut blockers = Vec::new();
    if given == 0 {
        blockers.push(Blocker::new(
            BlockerCode::ReviewMissing,
            format!(
                "This community publishes what a {who} has approved: hand it in with `submitForReview`."
            ),
        ));
    }
    if needed.needed > 1 {
        blockers.push(Blocker::new(
            BlockerCode::QuorumMissing,
            format!(
                "{given} of the {} approvals that this community asks for are given.",
                needed.needed
            ),
        ));
    }
    blockers
}

/// What is missing of the approvals that an item's community asks for.
pub(crate) async fn missing_approvals(
    connection: &impl ConnectionTrait,
    community: &community::Model,
    state: &ItemState,
) -> Result<Vec<Blocker>> {
    let needed = kind::policy_of(community).approvals(state.item.item_type);
    if needed.needed == 0 {
        return Ok(Vec::new());
    }
    let approvers = approvers_of(connection, &[state.item.id]).await?;
    let given = approvers.get(&state.item.id).map(Vec::as_slice);
    Ok(missing(needed, given.unwrap_or_default()))
}

/// Tells the readers of a revision that is shown from now on of its reviews.
pub(crate) async fn reveal(
    unit: &mut WriteUnit,
    community: &community::Model,
    state: &ItemState,
) -> Result<()> {
    let ids: Vec<Uuid> = review::Entity::find()
        .select_only()
        .column(review::Column::Id)
        .filter(review::Column::ItemId.eq(state.item.id))
        .filter(review::Column::Revision.eq(state.item.revision))
        .order_by_asc(review::Column::Id)
        .into_tuple()
        .all(unit.db())
        .await?;
    for id in ids {
        let before = audience::of_draft(community, &state.item, &state.authors);
        let after = audience::of_item(community, &state.item, &state.authors);
        unit.record(PendingChange {
            entity_type: EntityType::Review,
            entity_id: id,
            operation: Operation::Updated,
            community_id: Some(community.id),
            fields: vec!["subject".to_owned()],
            audience_before: Some(before),
            audience_after: Some(after),
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_said_by_name() {
        use BlockerCode::{QuorumMissing, ReviewMissing};
        use MembershipRole::{Facilitator, Reviewer, Steward};
        let codes = |needed, by, roles: &[MembershipRole]| -> Vec<BlockerCode> {
            let approvers: Vec<_> = roles.iter().map(|role| (Uuid::now_v7(), *role)).collect();
            missing(Approvals { needed, by }, &approvers)
                .into_iter()
                .map(|blocker| blocker.code)
                .collect()
        };
        assert_eq!(codes(0, Reviewer, &[]), []);
        assert_eq!(codes(1, Reviewer, &[]), [ReviewMissing]);
        assert_eq!(codes(1, Reviewer, &[Reviewer]), []);
        assert_eq!(codes(1, Steward, &[Reviewer]), [ReviewMissing]);
        assert_eq!(codes(1, Steward, &[Facilitator]), []);
        assert_eq!(codes(2, Reviewer, &[]), [ReviewMissing, QuorumMissing]);
        assert_eq!(codes(2, Reviewer, &[Steward]), [QuorumMissing]);
        assert_eq!(codes(2, Reviewer, &[Steward, Reviewer]), []);
    }
}
