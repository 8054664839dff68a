//! Deleting an item for good; a tombstone and the change log remember that it was there.

use entity::change::Operation;
use entity::item::{self, ItemType};
use entity::{pilot, transition};
use futures_util::FutureExt;
use sea_orm::sea_query::{Condition, Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::gate::open;
use super::{below, entity_type};
use crate::error::Result;
use crate::link;
use crate::policy::{audience, item as policy};
use crate::store::{PendingChange, Store, WriteUnit, Written};
use crate::viewer::{Scope, Viewer};

/// Ids in one statement.
const CHUNK: usize = 500;

/// Deletes an item with its revisions, and answers its id.
#[crate::boxed]
pub async fn delete(
    store: &Store,
    viewer: &Viewer,
    item_type: ItemType,
    id: Uuid,
) -> Result<Written<Uuid>> {
    let actor = viewer.require(Scope::Write)?;
    let viewer = viewer.clone();
    store
        .write(Some(actor), move |unit| {
            async move { delete_in(unit, &viewer, item_type, id).await }.boxed()
        })
        .await
}

/// The same within a unit of work.
pub(crate) async fn delete_in(
    unit: &mut WriteUnit,
    viewer: &Viewer,
    item_type: ItemType,
    id: Uuid,
) -> Result<Uuid> {
    let opened = open(unit, viewer, Some(item_type), id, policy::delete).await?;
    let revisions = Query::select()
        .column(("revision", "id"))
        .from("revision")
        .and_where(Expr::col(("revision", "item_id")).eq(id))
        .take();
    transition::Entity::delete_many()
        .filter(
            Condition::any()
                .add(transition::Column::EntityId.eq(id))
                .add(transition::Column::EntityId.in_subquery(revisions)),
        )
        .exec(unit.db())
        .await?;
    let below = below::gone(unit, opened.facts()).await?;
    forget_pilots(unit, id).await?;
    link::forget(unit, id).await?;
    item::Entity::delete_by_id(id).exec(unit.db()).await?;
    unit.record(PendingChange {
        entity_type: entity_type(item_type),
        entity_id: id,
        operation: Operation::Deleted,
        community_id: Some(opened.community.id),
        fields: Vec::new(),
        audience_before: Some(audience::of_item(
            &opened.community,
            &opened.state.item,
            &opened.state.authors,
        )),
        audience_after: None,
    });
    for change in below {
        unit.record(change);
    }
    Ok(id)
}

/// What is beside the rows of the pilots of an item, which go with it, is forgotten.
async fn forget_pilots(unit: &WriteUnit, item: Uuid) -> Result<()> {
    let ids: Vec<Uuid> = pilot::Entity::find()
        .select_only()
        .column(pilot::Column::Id)
        .filter(pilot::Column::SubjectId.eq(item))
        .into_tuple()
        .all(unit.db())
        .await?;
    for ids in ids.chunks(CHUNK) {
        transition::Entity::delete_many()
            .filter(transition::Column::EntityId.is_in(ids.iter().copied()))
            .exec(unit.db())
            .await?;
    }
    for id in ids {
        link::forget(unit, id).await?;
    }
    Ok(())
}
