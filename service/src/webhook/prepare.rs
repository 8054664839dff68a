//! What is needed to send deliveries that were taken, and whether they may be told still.

use std::collections::{BTreeSet, HashMap, HashSet};

use entity::{community, webhook, webhook_secret};
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, JoinType, QueryFilter, QueryOrder,
};
use uuid::Uuid;

use super::sight::Owner;
use super::{Delivery, Webhook};
use crate::auth::Secret;
use crate::error::Result;
use crate::policy::filter::Reader;
use crate::policy::reference::Reference;
use crate::policy::webhook::still_told;
use crate::store::Store;
use crate::user::acting;

/// Where a delivery goes, and what signs it.
#[derive(Clone, Debug)]
pub(super) struct Target {
    pub(super) url: String,
    /// The newest first.
    pub(super) secrets: Vec<Secret>,
}

/// Deliveries, each with where it goes; with nothing where it may not be told any more.
pub(super) async fn prepare(
    store: &Store,
    deliveries: Vec<Delivery>,
) -> Result<Vec<(Delivery, Option<Target>)>> {
    let webhooks = webhooks_of(store, &deliveries).await?;
    let owners: BTreeSet<Uuid> = webhooks.values().map(|webhook| webhook.user_id).collect();
    let people = acting(store.reader(), &owners).await?;
    let standing: HashMap<Uuid, Owner> = webhooks
        .iter()
        .filter_map(|(id, webhook)| {
            let person = people.get(&webhook.user_id)?;
            Some((*id, Owner::of(person, webhook)))
        })
        .collect();
    let communities = communities_of(store, &deliveries).await?;
    let readable = readable(store, &deliveries).await?;
    let secrets = secrets_of(store, &webhooks).await?;
    let target = |delivery: &Delivery| {
        let owner = standing.get(&delivery.webhook_id)?;
        let community = delivery.community_id.and_then(|id| communities.get(&id));
        let is_readable = readable.contains(&delivery.id);
        let tokens = &owner.tokens;
        if !still_told(&owner.viewer, tokens, delivery, community, is_readable) {
            return None;
        }
        Some(Target {
            url: webhooks.get(&delivery.webhook_id)?.url.clone(),
            secrets: secrets.get(&delivery.webhook_id)?.clone(),
        })
    };
    Ok(deliveries
        .into_iter()
        .map(|delivery| {
            let target = target(&delivery);
            (delivery, target)
        })
        .collect())
}

async fn webhooks_of(store: &Store, deliveries: &[Delivery]) -> Result<HashMap<Uuid, Webhook>> {
    let ids: BTreeSet<Uuid> = deliveries
        .iter()
        .map(|delivery| delivery.webhook_id)
        .collect();
    let rows = webhook::Entity::find()
        .filter(webhook::Column::Id.is_in(ids))
        .all(store.reader())
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

async fn communities_of(
    store: &Store,
    deliveries: &[Delivery],
) -> Result<HashMap<Uuid, community::Model>> {
    let ids: BTreeSet<Uuid> = deliveries
        .iter()
        .filter_map(|delivery| delivery.community_id)
        .collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = community::Entity::find()
        .filter(community::Column::Id.is_in(ids))
        .all(store.reader())
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// The deliveries that tell of what is there and what their webhooks' owners may read.
async fn readable(store: &Store, deliveries: &[Delivery]) -> Result<HashSet<Uuid>> {
    let ids = deliveries.iter().map(|delivery| delivery.id);
    let about = Reference::named_by("webhook_delivery", "entity_type", "entity_id");
    let select = Query::select()
        .column(("webhook_delivery", "id"))
        .from("webhook_delivery")
        // Under a name of its own: what is read may be a webhook too.
        .join_as(
            JoinType::InnerJoin,
            "webhook",
            "told",
            Expr::col(("told", "id")).equals(("webhook_delivery", "webhook_id")),
        )
        .and_where(Expr::col(("webhook_delivery", "id")).is_in(ids))
        .cond_where(about.readable_by(&Reader::named_by("told", "user_id")))
        .take();
    let rows = store.reader().query_all(&select).await?;
    rows.iter().map(|row| Ok(row.try_get("", "id")?)).collect()
}

/// The secrets that sign now.
async fn secrets_of(
    store: &Store,
    webhooks: &HashMap<Uuid, Webhook>,
) -> Result<HashMap<Uuid, Vec<Secret>>> {
    let now = store.clock().now();
    let signing = Condition::any()
        .add(webhook_secret::Column::EndsAt.is_null())
        .add(webhook_secret::Column::EndsAt.gt(now));
    let rows = webhook_secret::Entity::find()
        .filter(webhook_secret::Column::WebhookId.is_in(webhooks.keys().copied()))
        .filter(signing)
        .order_by_desc(webhook_secret::Column::Id)
        .all(store.reader())
        .await?;
    let mut secrets: HashMap<Uuid, Vec<Secret>> = HashMap::new();
    for row in rows {
        let its = secrets.entry(row.webhook_id).or_default();
        its.push(Secret::from(row.secret));
    }
    Ok(secrets)
}
