//! Offering, answering and taking back.

use entity::boundary_share::{self, BoundaryShareState};
use entity::item::{self as item_row, PublicationStatus};
use futures_util::FutureExt;
use sea_orm::{
    ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QuerySelect,
};
use uuid::Uuid;

use super::held::{Opened, Sides, hold, open};
use super::{BoundaryShare, ID, OFFERED_TYPES, WHAT, next_states, not_from_here, record, refused};
use crate::error::{BlockerCode, Error, FaultCode, Result};
use crate::item::gate::check_home;
use crate::item::insert::{insert_many, replace_row, transition_row};
use crate::item::{ItemState, load_for_update};
use crate::policy::boundary_share as policy;
use crate::policy::filter::readable_items;
use crate::policy::item::ItemFacts;
use crate::store::{Store, WriteUnit, Written};
use crate::validation::{Faults, SUMMARY, TextRule};
use crate::viewer::{Scope, Viewer};

/// So many offers of one person wait for an answer at most.
pub const MOST_OPEN: u64 = 100;

const ITEM: &[&str] = &["itemId"];
const TO: &[&str] = &["toCommunityId"];
/// A note is said in few words.
const NOTE: TextRule = TextRule {
    max: 2_000,
    ..SUMMARY
};

/// An item to be offered.
#[derive(Clone, Debug)]
pub struct OfferShare {
    /// The item.
    pub item: Uuid,
    /// The community that it is offered to.
    pub to: Uuid,
    /// What the broker says of it.
    pub note: Option<String>,
}

/// Offers an item to another community, as a member of both, who becomes the broker. What one offers already is answered,
/// and nothing changes.
#[crate::boxed]
pub async fn offer(
    store: &Store,
    viewer: &Viewer,
    input: OfferShare,
) -> Result<Written<BoundaryShare>> {
    let actor = viewer.require(Scope::Write)?;
    let viewer = viewer.clone();
    store
        .write(Some(actor), move |unit| {
            async move { offer_in(unit, &viewer, actor, input).await }.boxed()
        })
        .await
}

async fn offer_in(
    unit: &mut WriteUnit,
    viewer: &Viewer,
    actor: Uuid,
    input: OfferShare,
) -> Result<BoundaryShare> {
    let mut faults = Faults::default();
    let note = faults.optional_text(&["note"], input.note.as_deref(), NOTE);
    let home: Option<Uuid> = item_row::Entity::find_by_id(input.item)
        .select_only()
        .column(item_row::Column::CommunityId)
        .into_tuple()
        .one(unit.db())
        .await?;
    let sides = hold(unit, viewer, home.unwrap_or_default(), input.to).await?;
    let item = faults.absorb(offered(unit, &sides, input.item).await)?;
    let to = match &sides.to {
        Some(to) if Some(to.id) == home => {
            let message = "This is the item's own community.";
            faults.add(FaultCode::Invalid, TO, message);
            None
        }
        Some(to) => {
            let allowed = policy::offer_to(&sides.viewer, to).require(TO, "community");
            faults.absorb(allowed.map(|()| to))?
        }
        None => faults.absorb(Err(Error::not_found(TO, "community")))?,
    };
    faults.check()?;
    let (Some(item), Some(to)) = (item, to) else {
        return Err(Error::internal("a side was lost between two checks"));
    };
    let open = || {
        boundary_share::Entity::find().filter(
            boundary_share::Column::State.is_in(
                BoundaryShareState::ALL
                    .iter()
                    .copied()
                    .filter(|state| !next_states(*state).is_empty()),
            ),
        )
    };
    let known = open()
        .filter(boundary_share::Column::ItemId.eq(input.item))
        .filter(boundary_share::Column::ToCommunityId.eq(to.id))
        .one(unit.db())
        .await?;
    match known {
        Some(known) if known.broker_id == Some(actor) => return Ok(known),
        Some(_) => {
            let message = "This is offered to that community already.";
            return Err(Error::fault(FaultCode::Taken, ITEM, message));
        }
        None => {}
    }
    let waiting = open()
        .filter(boundary_share::Column::BrokerId.eq(actor))
        .filter(boundary_share::Column::State.eq(BoundaryShareState::Offered))
        .count(unit.db())
        .await?;
    if waiting >= MOST_OPEN {
        let message = format!(
            "At most {MOST_OPEN} offers of yours can wait for an answer; wait until some are answered."
        );
        return Err(Error::fault(FaultCode::LimitReached, ITEM, message));
    }
    let new = BoundaryShare {
        id: Uuid::now_v7(),
        item_id: input.item,
        item_type: item.item.item_type,
        from_community_id: item.item.community_id,
        to_community_id: to.id,
        broker_id: Some(actor),
        note,
        state: BoundaryShareState::Offered,
        adaptation_id: None,
        created_at: unit.now(),
        updated_at: unit.now(),
    };
    insert_many(unit, vec![new.clone().into_active_model()]).await?;
    let step = transition_row(unit, new.id, None, new.state.as_str(), None);
    insert_many(unit, vec![step]).await?;
    record(unit, to, None, &new, &[]);
    Ok(new)
}

/// The item, when the viewer may offer it to others and it is in what its community offers.
async fn offered(unit: &WriteUnit, sides: &Sides, id: Uuid) -> Result<ItemState> {
    let absent = || Error::not_found(ITEM, "item");
    let state = load_for_update(unit.db(), None, id)
        .await?
        .ok_or_else(absent)?;
    let community = sides.from.as_ref().ok_or_else(absent)?;
    check_home(state.item.community_id, community)?;
    let facts = ItemFacts {
        community,
        item: &state.item,
        authors: &state.authors,
    };
    policy::offer(&sides.viewer, facts).require(ITEM, "item")?;
    let invalid = |message: &str| Err(Error::fault(FaultCode::Invalid, ITEM, message));
    if !OFFERED_TYPES.contains(&state.item.item_type) {
        return invalid(
            "Resources, practices, innovations and collections are offered to other communities.",
        );
    }
    if !state.item.published {
        return invalid("Only what is published is offered to other communities.");
    }
    if state.item.status == Some(PublicationStatus::Archived) {
        return invalid("This is archived; its own community does not offer it any more.");
    }
    Ok(state)
}

/// Accepts or declines what is offered; for those who look after the community that it is offered to. The same answer
/// again changes nothing.
#[crate::boxed]
pub async fn respond(
    store: &Store,
    viewer: &Viewer,
    id: Uuid,
    accept: bool,
) -> Result<Written<BoundaryShare>> {
    let actor = viewer.require(Scope::Write)?;
    let viewer = viewer.clone();
    store
        .write(Some(actor), move |unit| {
            async move {
                let opened = open(unit, &viewer, id).await?;
                policy::respond(&opened.viewer, &opened.share, &opened.to).require(ID, WHAT)?;
                let to = if accept {
                    BoundaryShareState::Accepted
                } else {
                    BoundaryShareState::Declined
                };
                if accept && opened.share.state == BoundaryShareState::Offered {
                    check_seen(unit, &opened).await?;
                }
                step(unit, opened, to).await
            }
            .boxed()
        })
        .await
}

/// Nobody takes up for others what they may not see themselves.
async fn check_seen(unit: &WriteUnit, opened: &Opened) -> Result<()> {
    let seen = item_row::Entity::find_by_id(opened.share.item_id)
        .filter(readable_items(&opened.viewer))
        .one(unit.db())
        .await?;
    if seen.is_some() {
        return Ok(());
    }
    let message = "You may not see what is offered, or it is gone; it can only be declined.";
    Err(refused(BlockerCode::CriterionUnmet, message.to_owned()))
}

/// Takes a share back that was taken up; for its broker, and those who look after the community that offered it. What was
/// made of it stays. Taking back twice changes nothing.
#[crate::boxed]
pub async fn withdraw(store: &Store, viewer: &Viewer, id: Uuid) -> Result<Written<BoundaryShare>> {
    let actor = viewer.require(Scope::Write)?;
    let viewer = viewer.clone();
    store
        .write(Some(actor), move |unit| {
            async move {
                let opened = open(unit, &viewer, id).await?;
                let Opened {
                    viewer,
                    from,
                    to,
                    share,
                } = &opened;
                policy::withdraw(viewer, share, from, to).require(ID, WHAT)?;
                step(unit, opened, BoundaryShareState::Withdrawn).await
            }
            .boxed()
        })
        .await
}

/// Moves a share to another state; to the one that it is in nothing changes.
pub(super) async fn step(
    unit: &mut WriteUnit,
    opened: Opened,
    to: BoundaryShareState,
) -> Result<BoundaryShare> {
    let before = opened.share;
    if before.state == to {
        return Ok(before);
    }
    if !next_states(before.state).contains(&to) {
        return Err(not_from_here(before.state, to));
    }
    let now = BoundaryShare {
        state: to,
        updated_at: unit.now(),
        ..before.clone()
    };
    replace_row(unit, now.clone()).await?;
    let from = Some(before.state.as_str());
    let step = transition_row(unit, now.id, from, to.as_str(), None);
    insert_many(unit, vec![step]).await?;
    record(unit, &opened.to, Some(&before), &now, &["state"]);
    Ok(now)
}
