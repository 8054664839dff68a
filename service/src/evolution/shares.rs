//! What communities offer each other, when one of them becomes part of another, or a part of it its own.

use std::collections::{HashMap, HashSet};

use entity::boundary_share::{self, BoundaryShareState};
use entity::change::{EntityType, Operation};
use entity::community;
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::coming::{Coming, ids};
use crate::boundary_share::{BoundaryShare, FROM_COMMUNITY, TO_COMMUNITY, next_states};
use crate::error::{Error, Result};
use crate::item::insert::{insert_many, transition_row};
use crate::policy::audience;
use crate::store::{PendingChange, WriteUnit};

/// Rows in one statement.
const CHUNK: usize = 1_000;

/// Why a share between two communities ends that are one now.
const WITHIN: &str = "The two communities are one now.";
/// Why one of two shares of an item with one community ends.
const TWICE: &str = "The community became part of another, with which the same is shared.";

/// What becomes of a share.
#[derive(Clone, Debug)]
enum Fate {
    /// It goes along.
    Moves(BoundaryShare),
    /// It ends, for this reason.
    Ends(BoundaryShare, &'static str),
}

/// Takes what is open between a community, which is held, and others to the community where its items go: what it offers
/// of these, and, when all of it comes, what it is offered. What would lead from a community to itself, or twice to the
/// same, ends; what was made of it stays. What ended before stays where it was.
pub(super) async fn move_shares(
    unit: &mut WriteUnit,
    from: &community::Model,
    to: &community::Model,
    coming: Coming<'_>,
) -> Result<()> {
    let shares = open_shares(of_those(from, coming)).all(unit.db()).await?;
    if shares.is_empty() {
        return Ok(());
    }
    let fates = fates(unit, from, to, shares).await?;
    // Of two shares of an item with one community, one ends before the other comes.
    for state in [BoundaryShareState::Declined, BoundaryShareState::Withdrawn] {
        end(unit, &fates, state).await?;
    }
    for side in [
        boundary_share::Column::FromCommunityId,
        boundary_share::Column::ToCommunityId,
    ] {
        take_along(unit, &fates, side, from.id, to.id).await?;
    }
    tell(unit, from, to, fates).await
}

/// The shares that something may still become of, held in the order of their ids.
fn open_shares(of: Condition) -> sea_orm::Select<boundary_share::Entity> {
    let open = BoundaryShareState::ALL.iter().copied();
    let open = open.filter(|state| !next_states(*state).is_empty());
    boundary_share::Entity::find()
        .filter(boundary_share::Column::State.is_in(open))
        .filter(of)
        .order_by_asc(boundary_share::Column::Id)
        .lock_exclusive()
}

fn of_those(from: &community::Model, coming: Coming<'_>) -> Condition {
    let offers = boundary_share::Column::FromCommunityId.eq(from.id);
    match coming {
        // Also what it offered of items that are gone.
        Coming::All => Condition::any()
            .add(offers)
            .add(boundary_share::Column::ToCommunityId.eq(from.id)),
        Coming::These(_) => Condition::all()
            .add(offers)
            .add(boundary_share::Column::ItemId.in_subquery(ids(from, coming))),
    }
}

async fn fates(
    unit: &WriteUnit,
    from: &community::Model,
    to: &community::Model,
    shares: Vec<BoundaryShare>,
) -> Result<Vec<Fate>> {
    let mut known = shared_with_both(unit, from, to).await?;
    let mut fates = Vec::with_capacity(shares.len());
    for share in shares {
        let (offers, receives) = (share.from_community_id, share.to_community_id);
        if [offers, receives] == [from.id, to.id] || [offers, receives] == [to.id, from.id] {
            fates.push(Fate::Ends(share, WITHIN));
            continue;
        }
        let same = if receives == from.id {
            known.remove(&share.item_id)
        } else {
            None
        };
        match same {
            Some(same) if progress(same.state) >= progress(share.state) => {
                fates.push(Fate::Ends(share, TWICE));
            }
            Some(same) => {
                fates.push(Fate::Ends(same, TWICE));
                fates.push(Fate::Moves(share));
            }
            None => fates.push(Fate::Moves(share)),
        }
    }
    Ok(fates)
}

/// What is shared with the one community when it is shared with the other too, by the item.
async fn shared_with_both(
    unit: &WriteUnit,
    from: &community::Model,
    to: &community::Model,
) -> Result<HashMap<Uuid, BoundaryShare>> {
    let shared = |column: &'static str| Expr::col(("boundary_share", column));
    let with_one = Query::select()
        .column(("boundary_share", "item_id"))
        .from("boundary_share")
        .and_where(shared("to_community_id").eq(from.id))
        .take();
    let with_both = Condition::all()
        .add(boundary_share::Column::ToCommunityId.eq(to.id))
        .add(boundary_share::Column::FromCommunityId.ne(from.id))
        .add(boundary_share::Column::ItemId.in_subquery(with_one));
    let found = open_shares(with_both).all(unit.db()).await?;
    Ok(found
        .into_iter()
        .map(|share| (share.item_id, share))
        .collect())
}

/// How far a share came.
const fn progress(state: BoundaryShareState) -> u8 {
    match state {
        BoundaryShareState::Declined | BoundaryShareState::Withdrawn => 0,
        BoundaryShareState::Offered => 1,
        BoundaryShareState::Accepted => 2,
        BoundaryShareState::Adapted => 3,
    }
}

/// How a share ends that nobody answered, or that was taken up.
const fn ended(state: BoundaryShareState) -> BoundaryShareState {
    match state {
        BoundaryShareState::Offered | BoundaryShareState::Declined => BoundaryShareState::Declined,
        BoundaryShareState::Accepted
        | BoundaryShareState::Adapted
        | BoundaryShareState::Withdrawn => BoundaryShareState::Withdrawn,
    }
}

async fn end(unit: &WriteUnit, fates: &[Fate], state: BoundaryShareState) -> Result<()> {
    let ending = fates.iter().filter_map(|fate| match fate {
        Fate::Ends(share, reason) if ended(share.state) == state => Some((share, *reason)),
        _ => None,
    });
    let (mut ids, mut steps) = (Vec::new(), Vec::new());
    for (share, reason) in ending {
        let before = Some(share.state.as_str());
        let reason = Some(reason.to_owned());
        ids.push(share.id);
        steps.push(transition_row(
            unit,
            share.id,
            before,
            state.as_str(),
            reason,
        ));
    }
    for chunk in ids.chunks(CHUNK) {
        boundary_share::Entity::update_many()
            .col_expr(boundary_share::Column::State, Expr::value(state.as_str()))
            .col_expr(boundary_share::Column::UpdatedAt, Expr::value(unit.now()))
            .filter(boundary_share::Column::Id.is_in(chunk.iter().copied()))
            .exec(unit.db())
            .await?;
    }
    insert_many(unit, steps).await
}

async fn take_along(
    unit: &WriteUnit,
    fates: &[Fate],
    side: boundary_share::Column,
    from: Uuid,
    to: Uuid,
) -> Result<()> {
    let moving = fates.iter().filter_map(|fate| match fate {
        Fate::Moves(share) => Some(share.id),
        Fate::Ends(..) => None,
    });
    let moving: Vec<Uuid> = moving.collect();
    for chunk in moving.chunks(CHUNK) {
        boundary_share::Entity::update_many()
            .col_expr(side, Expr::value(to))
            .filter(side.eq(from))
            .filter(boundary_share::Column::Id.is_in(chunk.iter().copied()))
            .exec(unit.db())
            .await?;
    }
    Ok(())
}

/// Adds the change rows; a share belongs to the community that it is offered to.
async fn tell(
    unit: &mut WriteUnit,
    from: &community::Model,
    to: &community::Model,
    fates: Vec<Fate>,
) -> Result<()> {
    let receivers: HashSet<Uuid> = fates
        .iter()
        .map(|fate| match fate {
            Fate::Moves(share) | Fate::Ends(share, _) => share.to_community_id,
        })
        .collect();
    let receivers: HashMap<Uuid, community::Model> = community::Entity::find()
        .filter(community::Column::Id.is_in(receivers))
        .all(unit.db())
        .await?
        .into_iter()
        .map(|community| (community.id, community))
        .collect();
    for fate in fates {
        let (before, now, fields) = match fate {
            Fate::Ends(before, _) => {
                let now = BoundaryShare {
                    state: ended(before.state),
                    ..before.clone()
                };
                (before, now, vec!["state".to_owned()])
            }
            Fate::Moves(before) => {
                let mut now = before.clone();
                let field = if before.from_community_id == from.id {
                    now.from_community_id = to.id;
                    FROM_COMMUNITY
                } else {
                    now.to_community_id = to.id;
                    TO_COMMUNITY
                };
                (before, now, vec![field.to_owned()])
            }
        };
        let receiver = receivers
            .get(&before.to_community_id)
            .ok_or_else(|| Error::internal("a share leads to no community"))?;
        let after = if now.to_community_id == to.id {
            to
        } else {
            receiver
        };
        unit.record(PendingChange {
            entity_type: EntityType::BoundaryShare,
            entity_id: now.id,
            operation: Operation::Updated,
            community_id: Some(now.to_community_id),
            fields,
            audience_before: Some(audience::of_boundary_share(&before, receiver)),
            audience_after: Some(audience::of_boundary_share(&now, after)),
        });
    }
    Ok(())
}
