//! The items of the demonstration on their way to its readers: kept by a steward, handed in and approved by its people
//! as far as each community asks for it.

use std::collections::HashMap;

use chrono::TimeDelta;
use entity::community;
use entity::item::{ItemType, ItemVisibility};
use entity::membership::MembershipRole;
use entity::review::ReviewVerdict;
use futures_util::future::try_join_all;
use sea_orm::EntityTrait;
use uuid::Uuid;

use super::people::{FACILITATOR, People, REVIEWER, STEWARD};
use crate::community::kind;
use crate::error::Result;
use crate::review::{ReviewInput, review, set_steward};
use crate::store::Store;
use crate::validation::Patch;

/// How many items go their way side by side.
const AT_ONCE: usize = 50;

/// An item that its readers are to see.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unpublished {
    pub(super) id: Uuid,
    pub(super) author: &'static str,
    pub(super) item_type: ItemType,
    pub(super) community: Uuid,
    pub(super) visibility: ItemVisibility,
}

/// The communities by id.
pub(super) struct Communities(HashMap<Uuid, community::Model>);

impl Communities {
    pub(super) async fn load(store: &Store) -> Result<Self> {
        let rows = community::Entity::find().all(store.reader()).await?;
        Ok(Self(rows.into_iter().map(|row| (row.id, row)).collect()))
    }

    /// Whether an item of this type is published as it is made.
    pub(super) fn publishes_at_once(&self, id: Uuid, item_type: ItemType) -> bool {
        self.0.get(&id).is_some_and(|row| {
            kind::policy_of(row).approvals(item_type).needed == 0
                && kind::of(row.kind).published_needs.is_empty()
        })
    }
}

/// Brings items to their readers, by the same steps as anybody's.
pub(super) async fn publish(
    store: &Store,
    people: &People,
    communities: &Communities,
    items: &[Unpublished],
) -> Result<()> {
    for chunk in items.chunks(AT_ONCE) {
        // Writes that wait together share a commit.
        let publishing = chunk
            .iter()
            .map(|item| publish_one(store, people, communities, *item));
        try_join_all(publishing).await?;
    }
    Ok(())
}

async fn publish_one(
    store: &Store,
    people: &People,
    communities: &Communities,
    item: Unpublished,
) -> Result<()> {
    let Some(community) = communities.0.get(&item.community) else {
        return Ok(());
    };
    let policy = kind::policy_of(community);
    if let Some(days) = policy.review_interval_days {
        let steward = Patch::Value(people.get(STEWARD)?.require_user()?);
        let due_at = Patch::Value(store.clock().now() + TimeDelta::days(days.into()));
        let facilitator = people.get(FACILITATOR)?;
        set_steward(store, facilitator, item.id, steward, due_at).await?;
    }
    let author = people.get(item.author)?;
    let needed = policy.approvals(item.item_type);
    if needed.needed == 0 {
        crate::item::publish(store, author, item.item_type, item.id, None).await?;
        return Ok(());
    }
    crate::item::submit(store, author, item.id).await?;
    let stewards_only =
        item.visibility == ItemVisibility::Stewards || needed.by == MembershipRole::Steward;
    let reviewers: &[&str] = if stewards_only {
        &[STEWARD, FACILITATOR]
    } else {
        &[REVIEWER, STEWARD, FACILITATOR]
    };
    let others = reviewers.iter().filter(|handle| **handle != item.author);
    for handle in others.take(usize::try_from(needed.needed).unwrap_or(0)) {
        let input = ReviewInput {
            id: item.id,
            verdict: ReviewVerdict::Approve,
            comment: None,
            revision: 1,
        };
        review(store, people.get(handle)?, input).await?;
    }
    Ok(())
}
