//! The life of resources and practices: DRAFT → PUBLISHED → ARCHIVED, and back from the archive.

use entity::change::Operation;
use entity::item::{ItemType, PublicationStatus};
use entity::revision;
use futures_util::FutureExt;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::gate::{Opened, open};
use super::insert::{insert_many, replace_row, transition_row};
use super::update::check_revision;
use super::{ItemState, entity_type, noun};
use crate::error::{Blocker, BlockerCode, Error, Result};
use crate::policy::audience;
use crate::policy::item as policy;
use crate::store::{PendingChange, Store, WriteUnit, Written};
use crate::validation::{Faults, SUMMARY};
use crate::viewer::{Scope, Viewer};

/// Publishes a draft. Publishing what is published changes nothing.
pub async fn publish(
    store: &Store,
    viewer: &Viewer,
    item_type: ItemType,
    id: Uuid,
    expected_revision: Option<i32>,
) -> Result<Written<ItemState>> {
    let actor = viewer.require(Scope::Write)?;
    let viewer = viewer.clone();
    store
        .write(Some(actor), move |unit| {
            async move {
                let opened = open(unit, &viewer, Some(item_type), id, policy::publish).await?;
                check_revision(expected_revision, opened.state.item.revision)?;
                let from = &[PublicationStatus::Draft];
                step(unit, opened, from, PublicationStatus::Published, None).await
            }
            .boxed()
        })
        .await
}

/// Takes a published item out of what is offered; it stays readable. Archiving what is archived changes nothing.
pub async fn archive(
    store: &Store,
    viewer: &Viewer,
    item_type: ItemType,
    id: Uuid,
    reason: Option<String>,
) -> Result<Written<ItemState>> {
    let actor = viewer.require(Scope::Write)?;
    let mut faults = Faults::default();
    let reason = faults.optional_text(&["reason"], reason.as_deref(), SUMMARY);
    faults.check()?;
    let viewer = viewer.clone();
    store
        .write(Some(actor), move |unit| {
            async move {
                let opened = open(unit, &viewer, Some(item_type), id, policy::archive).await?;
                let from = &[PublicationStatus::Published];
                step(unit, opened, from, PublicationStatus::Archived, reason).await
            }
            .boxed()
        })
        .await
}

/// Brings an archived item of any type back. Restoring what is published changes nothing.
pub async fn restore(store: &Store, viewer: &Viewer, id: Uuid) -> Result<Written<ItemState>> {
    let actor = viewer.require(Scope::Write)?;
    let viewer = viewer.clone();
    store
        .write(Some(actor), move |unit| {
            async move {
                let opened = open(unit, &viewer, None, id, policy::archive).await?;
                let from = &[PublicationStatus::Archived];
                step(unit, opened, from, PublicationStatus::Published, None).await
            }
            .boxed()
        })
        .await
}

async fn step(
    unit: &mut WriteUnit,
    opened: Opened,
    from: &[PublicationStatus],
    to: PublicationStatus,
    reason: Option<String>,
) -> Result<ItemState> {
    let Opened {
        community,
        mut state,
        ..
    } = opened;
    let status = state.item.status;
    if status == Some(to) {
        return Ok(state);
    }
    let Some(present) = status.filter(|status| from.contains(status)) else {
        return Err(not_from_here(&state, to));
    };
    let before = audience::of_item(&community, &state.item, &state.authors);
    let mut fields = vec!["status".to_owned()];
    state.item.status = Some(to);
    state.item.published = true;
    if state.item.published_at.is_none() {
        state.item.published_at = Some(unit.now());
        fields.push("publishedAt".into());
    }
    state.item.updated_at = unit.now();
    replace_row(unit, state.item.clone()).await?;
    revision::Entity::update_many()
        .col_expr(revision::Column::State, Expr::value(to.as_str()))
        .filter(revision::Column::ItemId.eq(state.item.id))
        .filter(revision::Column::Number.eq(state.item.revision))
        .exec(unit.db())
        .await?;
    let row = transition_row(
        unit,
        state.item.id,
        Some(present.as_str()),
        to.as_str(),
        reason,
    );
    insert_many(unit, vec![row]).await?;
    unit.record(PendingChange {
        entity_type: entity_type(state.item.item_type),
        entity_id: state.item.id,
        operation: Operation::Updated,
        community_id: Some(community.id),
        fields,
        audience_before: Some(before),
        audience_after: Some(audience::of_item(&community, &state.item, &state.authors)),
    });
    Ok(state)
}

fn not_from_here(state: &ItemState, to: PublicationStatus) -> Error {
    let what = noun(state.item.item_type);
    let from = state.item.status.map_or("none", PublicationStatus::as_str);
    let message = format!("This {what} cannot become {}: it is {from}.", to.as_str());
    let blocker = Blocker {
        code: BlockerCode::NotFromHere,
        message: message.clone(),
    };
    Error::invalid_transition(&["id"], message, vec![blocker])
}
