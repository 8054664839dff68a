//! Supporting an innovation: one support each, counted in the same transaction.

use std::collections::HashSet;

use entity::change::Operation;
use entity::item::ItemType;
use entity::{innovation, support};
use futures_util::FutureExt;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::change::row_changed;
use crate::error::{Error, Result};
use crate::item::gate::{Opened, open};
use crate::item::{Details, ItemState};
use crate::policy::audience;
use crate::policy::item as policy;
use crate::store::{Store, WriteUnit, Written};
use crate::viewer::{Scope, Viewer};

/// Adds the viewer's support. Supporting twice changes nothing.
#[crate::boxed]
pub async fn support(store: &Store, viewer: &Viewer, id: Uuid) -> Result<Written<ItemState>> {
    let actor = viewer.require(Scope::Write)?;
    let viewer = viewer.clone();
    store
        .write(Some(actor), move |unit| {
            async move {
                let opened = open(
                    unit,
                    &viewer,
                    Some(ItemType::Innovation),
                    id,
                    policy::support,
                )
                .await?;
                let row = support::ActiveModel {
                    innovation_id: Set(id),
                    user_id: Set(actor),
                    created_at: Set(unit.now()),
                };
                let added = support::Entity::insert(row)
                    .on_conflict(
                        OnConflict::columns(["innovation_id", "user_id"])
                            .do_nothing()
                            .to_owned(),
                    )
                    .exec_without_returning(unit.db())
                    .await?;
                counted(unit, opened, i32::try_from(added).unwrap_or(0)).await
            }
            .boxed()
        })
        .await
}

/// Takes the viewer's support back. Whoever gave none changes nothing.
#[crate::boxed]
pub async fn withdraw_support(
    store: &Store,
    viewer: &Viewer,
    id: Uuid,
) -> Result<Written<ItemState>> {
    let actor = viewer.require(Scope::Write)?;
    let viewer = viewer.clone();
    store
        .write(Some(actor), move |unit| {
            async move {
                let opened = open(
                    unit,
                    &viewer,
                    Some(ItemType::Innovation),
                    id,
                    policy::support,
                )
                .await?;
                let removed = support::Entity::delete_by_id((id, actor))
                    .exec(unit.db())
                    .await?;
                counted(
                    unit,
                    opened,
                    -i32::try_from(removed.rows_affected).unwrap_or(0),
                )
                .await
            }
            .boxed()
        })
        .await
}

async fn counted(unit: &mut WriteUnit, opened: Opened, difference: i32) -> Result<ItemState> {
    let Opened {
        community,
        mut state,
        ..
    } = opened;
    if difference == 0 {
        return Ok(state);
    }
    let Details::Innovation(row) = &mut state.details else {
        return Err(Error::internal(format!(
            "innovation {} lacks its details",
            state.item.id
        )));
    };
    innovation::Entity::update_many()
        .col_expr(
            innovation::Column::SupporterCount,
            Expr::col("supporter_count").add(difference),
        )
        .filter(innovation::Column::Id.eq(row.id))
        .exec(unit.db())
        .await?;
    row.supporter_count += difference;
    let audience = audience::of_item(&community, &state.item, &state.authors);
    unit.record(row_changed(
        &state.item,
        Operation::Updated,
        vec!["supporterCount".into()],
        audience,
    ));
    Ok(state)
}

/// Which of the innovations the viewer supports.
#[crate::boxed]
pub async fn supported_by_viewer(
    store: &Store,
    viewer: &Viewer,
    ids: &[Uuid],
) -> Result<HashSet<Uuid>> {
    let Some(user) = viewer.user_id() else {
        return Ok(HashSet::new());
    };
    let supported = support::Entity::find()
        .select_only()
        .column(support::Column::InnovationId)
        .filter(support::Column::UserId.eq(user))
        .filter(support::Column::InnovationId.is_in(ids.iter().copied()))
        .into_tuple::<Uuid>()
        .all(store.reader())
        .await?;
    Ok(supported.into_iter().collect())
}
