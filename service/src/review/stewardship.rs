//! Who keeps an item, and when it is to be reviewed next.

use chrono::{DateTime, SubsecRound, Utc};
use entity::change::Operation;
use entity::membership::{self, MembershipState};
use futures_util::FutureExt;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use uuid::Uuid;

use crate::change::row_changed;
use crate::community::kind;
use crate::error::{Error, FaultCode, Result};
use crate::item::ItemState;
use crate::item::gate::{Opened, open};
use crate::item::insert::replace_row;
use crate::item::renewal::first_reminder;
use crate::item::update::keeps_what_it_needs;
use crate::policy::audience;
use crate::policy::item as policy;
use crate::store::{Store, WriteUnit, Written};
use crate::validation::Patch;
use crate::viewer::{Scope, Viewer};

/// Names who keeps an item, and sets the date of its next review; null empties either. The steward is an active member
/// of the community.
#[crate::boxed]
pub async fn set_steward(
    store: &Store,
    viewer: &Viewer,
    id: Uuid,
    steward: Patch<Uuid>,
    due_at: Patch<DateTime<Utc>>,
) -> Result<Written<ItemState>> {
    let actor = viewer.require(Scope::Write)?;
    let viewer = viewer.clone();
    store
        .write(Some(actor), move |unit| {
            async move {
                let opened = open(unit, &viewer, None, id, policy::set_steward).await?;
                if let Patch::Value(user) = steward {
                    check_member(unit, opened.community.id, user).await?;
                }
                let mut new = opened.state.clone();
                new.item.steward_id = steward.or_keep(new.item.steward_id);
                new.item.review_due_at = due_at
                    .or_keep(new.item.review_due_at)
                    // What both databases keep.
                    .map(|time| time.trunc_subsecs(6));
                keep(unit, opened, new).await
            }
            .boxed()
        })
        .await
}

/// Says that an item was looked at and still holds: its next review is due after the interval of its community.
#[crate::boxed]
pub async fn renew_review(store: &Store, viewer: &Viewer, id: Uuid) -> Result<Written<ItemState>> {
    let actor = viewer.require(Scope::Write)?;
    let viewer = viewer.clone();
    store
        .write(Some(actor), move |unit| {
            async move {
                let opened = open(unit, &viewer, None, id, policy::set_steward).await?;
                let rules = kind::policy_of(&opened.community);
                let Some(next) = rules.next_review(unit.now()) else {
                    let message = "This community has no review interval: set one with `updateCommunityPolicy`, or a \
                                   date with `setSteward`.";
                    return Err(Error::fault(FaultCode::Invalid, &["id"], message));
                };
                let mut new = opened.state.clone();
                new.item.review_due_at = Some(next);
                keep(unit, opened, new).await
            }
            .boxed()
        })
        .await
}

async fn check_member(unit: &WriteUnit, community: Uuid, user: Uuid) -> Result<()> {
    let active = membership::Entity::find()
        .filter(membership::Column::CommunityId.eq(community))
        .filter(membership::Column::UserId.eq(user))
        .filter(membership::Column::State.eq(MembershipState::Active))
        .count(unit.db())
        .await?;
    if active > 0 {
        return Ok(());
    }
    let message = "There is no active member of the community with this id.";
    Err(Error::fault(FaultCode::NotFound, &["userId"], message))
}

async fn keep(unit: &mut WriteUnit, opened: Opened, mut new: ItemState) -> Result<ItemState> {
    let (old, community) = (opened.state, opened.community);
    let mut fields = Vec::new();
    if new.item.steward_id != old.item.steward_id {
        fields.push("steward".to_owned());
    }
    if new.item.review_due_at != old.item.review_due_at {
        fields.push("reviewDueAt".to_owned());
        new.item.review_reminder_at = first_reminder(new.item.review_due_at);
    }
    if fields.is_empty() {
        return Ok(old);
    }
    keeps_what_it_needs(&community, &old, &new)?;
    new.item.updated_at = unit.now();
    replace_row(unit, new.item.clone()).await?;
    let audience = audience::of_item(&community, &new.item, &new.authors);
    let change = row_changed(&new.item, Operation::Updated, fields, audience);
    unit.record(change);
    Ok(new)
}
