//! Asking for a delivery anew.

use chrono::{DateTime, Utc};
use entity::webhook;
use entity::webhook_delivery::{self, DeliveryState};
use futures_util::FutureExt;
use sea_orm::sea_query::LockType;
use sea_orm::{EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::Delivery;
use crate::error::{Error, FaultCode, Result};
use crate::item::insert::replace_row;
use crate::policy::webhook as policy;
use crate::store::{Store, WriteUnit, Written};
use crate::viewer::{Scope, Viewer};

const FIELD: &[&str] = &["deliveryId"];
const WHAT: &str = "delivery";

/// Sends a delivery of a webhook of the viewer's again, now and under the same id, whatever became of it. What waits
/// for its first attempt stays as it is.
#[crate::boxed]
pub async fn redeliver(store: &Store, viewer: &Viewer, id: Uuid) -> Result<Written<Delivery>> {
    let actor = viewer.require(Scope::Sync)?;
    let viewer = viewer.clone();
    store
        .write(Some(actor), move |unit| {
            async move { redeliver_in(unit, &viewer, id).await }.boxed()
        })
        .await
}

async fn redeliver_in(unit: &WriteUnit, viewer: &Viewer, id: Uuid) -> Result<Delivery> {
    let not_found = || Error::not_found(FIELD, WHAT);
    let mut row = webhook_delivery::Entity::find_by_id(id)
        .lock(LockType::Update)
        .one(unit.db())
        .await?
        .ok_or_else(not_found)?;
    let own = webhook::Entity::find_by_id(row.webhook_id)
        .filter(policy::readable(viewer).ok_or_else(not_found)?)
        .one(unit.db())
        .await?
        .ok_or_else(not_found)?;
    if !own.enabled {
        let message = "The webhook is switched off; enable it first, by updateWebhook.";
        return Err(Error::fault(FaultCode::InvalidTransition, FIELD, message));
    }
    if row.state == DeliveryState::Pending && row.due_at <= unit.now() {
        return Ok(row);
    }
    row.state = DeliveryState::Pending;
    row.earlier_attempts = row.attempts;
    row.due_at = unit.now();
    // Whoever is sending it now settles nothing any more.
    row.leased_until = None::<DateTime<Utc>>;
    row.finished_at = None;
    replace_row(unit, row.clone()).await?;
    Ok(row)
}
