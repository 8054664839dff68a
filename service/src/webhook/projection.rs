//! The deliveries that follow from the change log, and from what saved searches find in it.

use std::collections::{BTreeSet, HashSet};

use chrono::{DateTime, Utc};
use entity::TextList;
use entity::change;
use entity::webhook::{self, WebhookEvent};
use entity::webhook_delivery::{self, DeliveryState, Operation};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::events::{Facts, is_event};
use super::outbox::hold_webhooks;
use super::sight::{Owner, Seen};
use super::{Delivery, Webhook};
use crate::error::Result;
use crate::item::insert::insert_many;
use crate::link::End;
use crate::projection::Projection;
use crate::store::WriteUnit;
use crate::user::acting;
use crate::viewer::SignedIn;

/// Webhooks that are dealt with at once.
const BATCH: usize = 500;
/// Rows that are kept in memory before they are written.
const ROWS: usize = 1_000;

/// Writes what webhooks are to be told of.
#[derive(Clone, Copy, Debug)]
pub struct Deliveries;

impl Projection for Deliveries {
    fn name(&self) -> &'static str {
        "webhooks"
    }

    fn apply<'a>(
        &'a self,
        unit: &'a mut WriteUnit,
        rows: &'a [change::Model],
    ) -> BoxFuture<'a, Result<()>> {
        queue(unit, rows).boxed()
    }
}

async fn queue(unit: &WriteUnit, rows: &[change::Model]) -> Result<()> {
    let mut webhooks = listening(unit, None).await?;
    if webhooks.is_empty() {
        return Ok(());
    }
    let facts = Facts::load(unit.db(), rows).await?;
    while let Some(last) = webhooks.last().map(|webhook| webhook.id) {
        let owners: BTreeSet<Uuid> = webhooks.iter().map(|webhook| webhook.user_id).collect();
        let people = acting(unit.db(), &owners).await?;
        let mut deliveries = Vec::new();
        for webhook in &webhooks {
            let Some(person) = people.get(&webhook.user_id) else {
                continue;
            };
            let addressee = Addressee::of(person, webhook, &facts);
            for row in rows {
                deliveries.extend(addressee.deliveries(unit, row, &facts));
            }
            if deliveries.len() >= ROWS {
                insert(unit, std::mem::take(&mut deliveries)).await?;
            }
        }
        insert(unit, deliveries).await?;
        webhooks = listening(unit, Some(last)).await?;
    }
    Ok(())
}

/// The next webhooks that are told of anything, in the order of their ids.
async fn listening(unit: &WriteUnit, after: Option<Uuid>) -> Result<Vec<Webhook>> {
    let mut select = webhook::Entity::find()
        .filter(webhook::Column::Enabled.eq(true))
        .order_by_asc(webhook::Column::Id)
        .limit(BATCH as u64);
    if let Some(after) = after {
        select = select.filter(webhook::Column::Id.gt(after));
    }
    Ok(select.all(unit.db()).await?)
}

/// Inserts deliveries, but for those of webhooks that were deleted meanwhile.
pub(super) async fn insert(unit: &WriteUnit, deliveries: Vec<Delivery>) -> Result<()> {
    let webhooks = deliveries.iter().map(|delivery| delivery.webhook_id);
    let there = hold_webhooks(unit, webhooks.collect()).await?;
    let rows = deliveries
        .into_iter()
        .filter(|delivery| there.contains(&delivery.webhook_id))
        .map(IntoActiveModel::into_active_model);
    insert_many(unit, rows.collect()).await
}

/// A webhook with whom it stands for.
struct Addressee<'a> {
    webhook: &'a Webhook,
    owner: Owner,
    /// Communities of changed memberships that the owner may see.
    in_sight: HashSet<Uuid>,
}

impl<'a> Addressee<'a> {
    fn of(person: &SignedIn, webhook: &'a Webhook, facts: &Facts) -> Self {
        let owner = Owner::of(person, webhook);
        Self {
            in_sight: owner.in_sight(&facts.communities),
            owner,
            webhook,
        }
    }

    /// What the webhook is to be told of a change, an event each.
    fn deliveries(&self, unit: &WriteUnit, row: &change::Model, facts: &Facts) -> Vec<Delivery> {
        let only = self.webhook.community_id;
        let is_elsewhere = only.is_some() && only != row.community_id;
        // A receiver that learned of its own webhook could do nothing with it.
        let is_itself = row.entity_id == self.webhook.id;
        if is_elsewhere || is_itself || row.position <= self.webhook.position {
            return Vec::new();
        }
        let seen = self.owner.sees(row);
        let events = self.webhook.events.0.iter().copied();
        events
            .filter_map(|event| {
                let seen = if event == WebhookEvent::Change {
                    self.owner.is_told(row, &self.in_sight)?
                } else {
                    let seen = seen.as_ref()?;
                    is_event(event, row, seen, facts).then(|| seen.clone())?
                };
                let about = About {
                    event,
                    community: row.community_id,
                    position: row.position,
                    at: row.at,
                    saved_search: None,
                };
                Some(delivery(unit, self.webhook, &about, seen))
            })
            .collect()
    }
}

/// What a delivery tells of.
struct About {
    event: WebhookEvent,
    community: Option<Uuid>,
    position: i64,
    at: DateTime<Utc>,
    saved_search: Option<Uuid>,
}

fn delivery(unit: &WriteUnit, webhook: &Webhook, about: &About, seen: Seen) -> Delivery {
    let (entity_type, entity_id) = seen.thing;
    webhook_delivery::Model {
        id: Uuid::now_v7(),
        webhook_id: webhook.id,
        event: about.event,
        position: about.position,
        entity_type,
        entity_id,
        operation: seen.operation,
        whole_community: seen.whole_community,
        community_id: about.community,
        fields: seen.fields,
        saved_search_id: about.saved_search,
        seen_by: seen.tokens,
        happened_at: about.at,
        state: DeliveryState::Pending,
        attempts: 0,
        earlier_attempts: 0,
        due_at: unit.now(),
        leased_until: None,
        last_status: None,
        last_error: None,
        created_at: unit.now(),
        finished_at: None,
    }
}

/// Something that a saved search found newly.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Found {
    /// The search.
    pub(crate) saved_search: Uuid,
    /// Whose it is.
    pub(crate) user: Uuid,
    /// What it found.
    pub(crate) about: End,
    /// The community of that.
    pub(crate) community: Option<Uuid>,
    /// The place of the change in the log by which it was found.
    pub(crate) position: i64,
    /// When that was.
    pub(crate) at: DateTime<Utc>,
}

/// Queues what saved searches found for the webhooks of those whose searches they are.
pub(crate) async fn queue_found(unit: &WriteUnit, found: &[Found]) -> Result<()> {
    let users: BTreeSet<Uuid> = found.iter().map(|found| found.user).collect();
    if users.is_empty() {
        return Ok(());
    }
    let webhooks = webhook::Entity::find()
        .filter(webhook::Column::UserId.is_in(users))
        .filter(webhook::Column::Enabled.eq(true))
        .all(unit.db())
        .await?;
    let mut deliveries = Vec::new();
    let told = webhooks.iter().filter(|webhook| {
        let mut events = webhook.events.0.iter();
        events.any(|event| *event == WebhookEvent::SearchAlert)
    });
    for webhook in told {
        let its = found.iter().filter(|found| {
            found.user == webhook.user_id
                && (webhook.community_id.is_none() || webhook.community_id == found.community)
                && found.position > webhook.position
        });
        deliveries.extend(its.map(|found| {
            let about = About {
                event: WebhookEvent::SearchAlert,
                community: found.community,
                position: found.position,
                at: found.at,
                saved_search: Some(found.saved_search),
            };
            // The search asked already whether they may see it, and it is asked again when it is sent.
            let seen = Seen {
                thing: found.about,
                operation: Operation::Created,
                whole_community: false,
                fields: TextList::default(),
                tokens: TextList::default(),
            };
            delivery(unit, webhook, &about, seen)
        }));
    }
    insert(unit, deliveries).await
}
