//! Making, changing and removing webhooks, and their secrets.

use chrono::TimeDelta;
use entity::change::Operation;
use entity::webhook::{self, DisabledReason, EventList, WebhookEvent};
use entity::{change_head, community, webhook_secret};
use futures_util::FutureExt;
use sea_orm::sea_query::{Expr, LockType};
use sea_orm::{
    ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;

use super::health::changed;
use super::{WHAT, Webhook, WebhookOptions, address, signature};
use crate::auth::{Secret, held_viewer};
use crate::error::{Error, FaultCode, Result};
use crate::item::insert::{insert_many, replace_row};
use crate::membership::refresh;
use crate::policy::webhook as policy;
use crate::store::{Store, WriteUnit, Written};
use crate::validation::Faults;
use crate::viewer::{Scope, Viewer};

/// So many webhooks one person has at most.
pub const MOST_WEBHOOKS: u64 = 20;
/// So many secrets sign at the same time at most.
pub const MOST_SECRETS: u64 = 5;
/// For so long an old secret signs beside a new one.
const OVERLAP: TimeDelta = TimeDelta::days(1);

/// A webhook to be made.
#[derive(Clone, Debug)]
pub struct CreateWebhook {
    /// Where to post to.
    pub url: String,
    /// What it is told of; at least one.
    pub events: Vec<WebhookEvent>,
    /// The one community that it is told of; all if none.
    pub community_id: Option<Uuid>,
}

/// What a webhook becomes; what is none stays as it is.
#[derive(Clone, Debug, Default)]
pub struct UpdateWebhook {
    /// Where to post to.
    pub url: Option<String>,
    /// What it is told of; at least one.
    pub events: Option<Vec<WebhookEvent>>,
    /// Whether it is told at all.
    pub enabled: Option<bool>,
}

/// A webhook, with the secret that was made for it.
#[derive(Clone, Debug)]
pub struct WithSecret {
    /// The webhook.
    pub webhook: Webhook,
    /// The secret, which is shown this once.
    pub secret: Option<Secret>,
}

/// Makes a webhook of the viewer's.
#[crate::boxed]
pub async fn create(
    store: &Store,
    options: WebhookOptions,
    viewer: &Viewer,
    input: CreateWebhook,
) -> Result<Written<WithSecret>> {
    let actor = viewer.require(Scope::Sync)?;
    let viewer = viewer.clone();
    store
        .write(Some(actor), move |unit| {
            async move { create_in(unit, &viewer, actor, options, input).await }.boxed()
        })
        .await
}

async fn create_in(
    unit: &mut WriteUnit,
    viewer: &Viewer,
    owner: Uuid,
    options: WebhookOptions,
    input: CreateWebhook,
) -> Result<WithSecret> {
    let mut faults = Faults::default();
    let url = check_url(&mut faults, &["input", "url"], &input.url, options);
    let events = check_events(&mut faults, &["input", "events"], &input.events);
    let checked = check_community(unit, viewer, input.community_id).await;
    faults.absorb(checked)?;
    // One at a time of each person, or together they would be too many.
    held_viewer(unit, viewer).await?;
    let others = webhook::Entity::find()
        .filter(webhook::Column::UserId.eq(owner))
        .count(unit.db())
        .await?;
    if others >= MOST_WEBHOOKS {
        let message = format!("One person has {MOST_WEBHOOKS} webhooks at most; delete one first.");
        faults.add(FaultCode::LimitReached, &[], message);
    }
    faults.check()?;
    let head = change_head::Entity::find_by_id(1).one(unit.db()).await?;
    let head = head.ok_or_else(|| Error::internal("the change log has no head"))?;
    let row = webhook::Model {
        id: Uuid::now_v7(),
        user_id: owner,
        url,
        events,
        community_id: input.community_id,
        position: head.position,
        enabled: true,
        disabled_reason: None,
        failing_since: None,
        failures: 0,
        created_at: unit.now(),
        updated_at: unit.now(),
    };
    insert_many(unit, vec![row.clone().into_active_model()]).await?;
    let secret = add_secret(unit, row.id).await?;
    unit.record(changed(&row, Operation::Created, &[]));
    Ok(WithSecret {
        webhook: row,
        secret: Some(secret),
    })
}

fn check_url(faults: &mut Faults, path: &[&str], text: &str, options: WebhookOptions) -> String {
    if let Err(message) = address::check(text, options.allow_private_addresses) {
        faults.add(FaultCode::Invalid, path, message);
    }
    text.trim().to_owned()
}

/// Each event once, in declared order.
fn check_events(faults: &mut Faults, path: &[&str], events: &[WebhookEvent]) -> EventList {
    if events.is_empty() {
        let message = "Name at least one event.";
        faults.add(FaultCode::Required, path, message);
    }
    let all = WebhookEvent::ALL.iter().copied();
    EventList(all.filter(|event| events.contains(event)).collect())
}

async fn check_community(unit: &WriteUnit, viewer: &Viewer, community: Option<Uuid>) -> Result<()> {
    let field = &["input", "communityId"];
    let ids: Vec<Uuid> = community.into_iter().collect();
    let viewer = refresh(unit, viewer, &ids).await?;
    let found = match community {
        Some(id) => {
            let found = community::Entity::find_by_id(id).one(unit.db()).await?;
            Some(found.ok_or_else(|| Error::not_found(field, "community"))?)
        }
        None => None,
    };
    policy::create(&viewer, found.as_ref()).require(field, "community")
}

/// Makes the secret that signs from now on.
async fn add_secret(unit: &WriteUnit, webhook: Uuid) -> Result<Secret> {
    let secret = signature::generate();
    let row = webhook_secret::Model {
        id: Uuid::now_v7(),
        webhook_id: webhook,
        secret: secret.expose().to_owned(),
        ends_at: None,
        created_at: unit.now(),
    };
    insert_many(unit, vec![row.into_active_model()]).await?;
    Ok(secret)
}

/// Changes a webhook of the viewer's. Enabling one that was switched off forgets how it failed; what waits for it goes
/// on. The same again changes nothing.
#[crate::boxed]
pub async fn update(
    store: &Store,
    options: WebhookOptions,
    viewer: &Viewer,
    id: Uuid,
    input: UpdateWebhook,
) -> Result<Written<WithSecret>> {
    let actor = viewer.require(Scope::Sync)?;
    let viewer = viewer.clone();
    store
        .write(Some(actor), move |unit| {
            async move { update_in(unit, &viewer, options, id, input).await }.boxed()
        })
        .await
}

async fn update_in(
    unit: &mut WriteUnit,
    viewer: &Viewer,
    options: WebhookOptions,
    id: Uuid,
    input: UpdateWebhook,
) -> Result<WithSecret> {
    let old = open(unit, viewer, id).await?;
    let mut row = old.clone();
    let mut faults = Faults::default();
    if let Some(url) = input.url {
        row.url = check_url(&mut faults, &["url"], &url, options);
    }
    if let Some(events) = input.events {
        row.events = check_events(&mut faults, &["events"], &events);
    }
    if let Some(enabled) = input.enabled.filter(|enabled| *enabled != row.enabled) {
        row.enabled = enabled;
        row.disabled_reason = (!enabled).then_some(DisabledReason::Owner);
        row.failing_since = None;
        row.failures = 0;
    }
    faults.check()?;
    let fields: Vec<&str> = [
        ("url", row.url != old.url),
        ("events", row.events != old.events),
        ("enabled", row.enabled != old.enabled),
    ]
    .into_iter()
    .filter_map(|(field, is_changed)| is_changed.then_some(field))
    .collect();
    if !fields.is_empty() {
        row.updated_at = unit.now();
        replace_row(unit, row.clone()).await?;
        unit.record(changed(&row, Operation::Updated, &fields));
    }
    Ok(WithSecret {
        webhook: row,
        secret: None,
    })
}

/// A webhook of the viewer's, held until the commit.
async fn open(unit: &WriteUnit, viewer: &Viewer, id: Uuid) -> Result<Webhook> {
    let found = webhook::Entity::find_by_id(id)
        .lock(LockType::Update)
        .one(unit.db())
        .await?;
    let row = found.ok_or_else(|| Error::not_found(&["id"], WHAT))?;
    policy::change(viewer, &row).require(&["id"], WHAT)?;
    Ok(row)
}

/// Deletes a webhook of the viewer's with its deliveries: nothing is sent to it any more.
#[crate::boxed]
pub async fn delete(store: &Store, viewer: &Viewer, id: Uuid) -> Result<Written<()>> {
    let actor = viewer.require(Scope::Sync)?;
    let viewer = viewer.clone();
    store
        .write(Some(actor), move |unit| {
            async move {
                let row = open(unit, &viewer, id).await?;
                webhook::Entity::delete_by_id(id).exec(unit.db()).await?;
                unit.record(changed(&row, Operation::Deleted, &[]));
                Ok(())
            }
            .boxed()
        })
        .await
}

/// Deletes all webhooks of somebody with their deliveries: nothing is sent to them any more.
pub(crate) async fn remove_all(unit: &mut WriteUnit, owner: Uuid) -> Result<()> {
    let of_owner = webhook::Column::UserId.eq(owner);
    let rows = webhook::Entity::find()
        .filter(of_owner.clone())
        .order_by_asc(webhook::Column::Id)
        .lock(LockType::Update)
        .all(unit.db())
        .await?;
    if rows.is_empty() {
        return Ok(());
    }
    webhook::Entity::delete_many()
        .filter(of_owner)
        .exec(unit.db())
        .await?;
    for row in &rows {
        unit.record(changed(row, Operation::Deleted, &[]));
    }
    Ok(())
}

/// Makes a new secret for a webhook of the viewer's. The one before signs too for a day.
#[crate::boxed]
pub async fn rotate_secret(
    store: &Store,
    viewer: &Viewer,
    id: Uuid,
) -> Result<Written<WithSecret>> {
    let actor = viewer.require(Scope::Sync)?;
    let viewer = viewer.clone();
    store
        .write(Some(actor), move |unit| {
            async move { rotate_in(unit, &viewer, id).await }.boxed()
        })
        .await
}

async fn rotate_in(unit: &mut WriteUnit, viewer: &Viewer, id: Uuid) -> Result<WithSecret> {
    let row = open(unit, viewer, id).await?;
    let of_webhook = webhook_secret::Column::WebhookId.eq(id);
    webhook_secret::Entity::delete_many()
        .filter(of_webhook.clone())
        .filter(webhook_secret::Column::EndsAt.lte(unit.now()))
        .exec(unit.db())
        .await?;
    let signing = webhook_secret::Entity::find()
        .filter(of_webhook.clone())
        .count(unit.db())
        .await?;
    if signing >= MOST_SECRETS {
        let message = format!(
            "{MOST_SECRETS} secrets of this webhook sign already; wait until an old one ends, a day after it was replaced."
        );
        return Err(Error::fault(FaultCode::LimitReached, &["id"], message));
    }
    webhook_secret::Entity::update_many()
        .col_expr(
            webhook_secret::Column::EndsAt,
            Expr::value(unit.now() + OVERLAP),
        )
        .filter(of_webhook)
        .filter(webhook_secret::Column::EndsAt.is_null())
        .exec(unit.db())
        .await?;
    let secret = add_secret(unit, id).await?;
    unit.record(changed(&row, Operation::Updated, &["secret"]));
    Ok(WithSecret {
        webhook: row,
        secret: Some(secret),
    })
}
