//! Reading one's webhooks and their deliveries.

use std::collections::HashMap;

use entity::{webhook, webhook_delivery};
use sea_orm::{ColumnTrait, EntityTrait, JoinType, QueryFilter, QuerySelect, QueryTrait, Select};
use uuid::Uuid;

use super::{Delivery, Webhook};
use crate::error::Result;
use crate::paging::{Cursor, Direction, Keyset, Page, PageRequest, SortValue};
use crate::policy::webhook::readable;
use crate::store::Store;
use crate::viewer::Viewer;

const NEWEST_FIRST: Keyset = Keyset {
    table: "webhook",
    column: None,
    id_column: "id",
    nullable: false,
    direction: Direction::Descending,
};

const NEWEST_DELIVERY_FIRST: Keyset = Keyset {
    table: "webhook_delivery",
    ..NEWEST_FIRST
};

/// The viewer's webhooks; none for whom there are none.
fn own(viewer: &Viewer) -> Option<Select<webhook::Entity>> {
    Some(webhook::Entity::find().filter(readable(viewer)?))
}

/// The deliveries of the viewer's webhooks.
fn own_deliveries(viewer: &Viewer) -> Option<Select<webhook_delivery::Entity>> {
    let its_webhook = webhook_delivery::Entity::belongs_to(webhook::Entity)
        .from(webhook_delivery::Column::WebhookId)
        .to(webhook::Column::Id);
    Some(
        webhook_delivery::Entity::find()
            .join(JoinType::InnerJoin, its_webhook.into())
            .filter(readable(viewer)?),
    )
}

/// A page of the viewer's webhooks, the newest first.
#[crate::boxed]
pub async fn page(store: &Store, viewer: &Viewer, request: &PageRequest) -> Result<Page<Webhook>> {
    let window = request.check(&NEWEST_FIRST)?;
    let Some(mut select) = own(viewer) else {
        return Ok(Page::empty());
    };
    window.apply(QueryTrait::query(&mut select), &NEWEST_FIRST);
    let rows = store.list(select).await?;
    Ok(window.page(&NEWEST_FIRST, rows, |row| Cursor {
        value: SortValue::Id,
        id: row.id,
    }))
}

/// How many webhooks [`page`] lists.
#[crate::boxed]
pub async fn count(store: &Store, viewer: &Viewer) -> Result<u64> {
    match own(viewer) {
        Some(select) => store.count(select.into_query()).await,
        None => Ok(0),
    }
}

/// Those of the webhooks that are the viewer's.
#[crate::boxed]
pub async fn by_ids(
    store: &Store,
    viewer: &Viewer,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, Webhook>> {
    let Some(select) = own(viewer) else {
        return Ok(HashMap::new());
    };
    let rows = select
        .filter(webhook::Column::Id.is_in(ids.iter().copied()))
        .all(store.reader())
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// A page of the deliveries of a webhook that the viewer was shown, the newest first.
#[crate::boxed]
pub async fn page_of_deliveries(
    store: &Store,
    webhook: Uuid,
    request: &PageRequest,
) -> Result<Page<Delivery>> {
    let window = request.check(&NEWEST_DELIVERY_FIRST)?;
    let mut select = of_webhook(webhook);
    window.apply(QueryTrait::query(&mut select), &NEWEST_DELIVERY_FIRST);
    let rows = store.list(select).await?;
    Ok(window.page(&NEWEST_DELIVERY_FIRST, rows, |row| Cursor {
        value: SortValue::Id,
        id: row.id,
    }))
}

/// How many deliveries [`page_of_deliveries`] lists.
#[crate::boxed]
pub async fn delivery_count(store: &Store, webhook: Uuid) -> Result<u64> {
    store.count(of_webhook(webhook).into_query()).await
}

fn of_webhook(webhook: Uuid) -> Select<webhook_delivery::Entity> {
    webhook_delivery::Entity::find().filter(webhook_delivery::Column::WebhookId.eq(webhook))
}

/// Those of the deliveries that are the viewer's webhooks'.
pub async fn deliveries_by_ids(
    store: &Store,
    viewer: &Viewer,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, Delivery>> {
    let Some(select) = own_deliveries(viewer) else {
        return Ok(HashMap::new());
    };
    let rows = select
        .filter(webhook_delivery::Column::Id.is_in(ids.iter().copied()))
        .all(store.reader())
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}
