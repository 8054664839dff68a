//! Taking items to another community, in a few statements however many they are, but for their change rows.

use std::collections::HashMap;

use entity::change::{EntityType, Operation};
use entity::item;
use entity::link::LinkRelation;
use entity::{community, flag, item_author, likely_duplicate};
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, Query, SelectStatement};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;

use super::coming::{Coming, ids};
use super::shares::move_shares;
use crate::error::{Error, Result};
use crate::external_reference::move_along;
use crate::item::below::tell_moved;
use crate::item::{entity_type, grouped};
use crate::policy::audience;
use crate::store::{MOVED, PendingChange, WriteUnit};

/// Takes items from one community, which is held, to another, with what is shared of them; of a whole community also what
/// is shared with it.
pub(super) async fn move_items(
    unit: &mut WriteUnit,
    from: &community::Model,
    to: &community::Model,
    coming: Coming<'_>,
) -> Result<()> {
    move_shares(unit, from, to, coming).await?;
    let items = item::Entity::find()
        .filter(item::Column::Id.in_subquery(ids(from, coming)))
        .order_by_asc(item::Column::Id)
        .lock_exclusive()
        .all(unit.db())
        .await?;
    if items.is_empty() {
        return Ok(());
    }
    let mut authors = authors(unit, ids(from, coming)).await?;
    state_origins(unit, from, ids(from, coming)).await?;
    // What is found by its item is moved before the item is.
    for (table, key) in [
        ("discussion", "id"),
        ("post", "discussion_id"),
        ("adoption", "subject_id"),
        ("pilot", "subject_id"),
        ("experience_report", "subject_id"),
        ("held_report", "subject_id"),
    ] {
        let update = Query::update()
            .table(table)
            .value("community_id", to.id)
            .and_where(Expr::col(key).in_subquery(ids(from, coming)))
            .take();
        unit.db().execute(&update).await?;
    }
    move_along(unit, &ids(from, coming), to.id).await?;
    for part in coming.parts() {
        move_flags(unit, from, to, on_items(from, part)).await?;
    }
    forget_duplicates(unit, from, coming).await?;
    let moved = item::Entity::update_many()
        .col_expr(item::Column::CommunityId, Expr::value(to.id))
        // They are compared anew, with what is in the other community.
        .col_expr(item::Column::ComparedRevision, Expr::value(None::<i32>))
        .filter(item::Column::Id.in_subquery(ids(from, coming)))
        .exec(unit.db())
        .await?;
    if moved.rows_affected != items.len() as u64 {
        return Err(Error::internal("items were made while others were moved"));
    }
    let items: Vec<(item::Model, Vec<Uuid>)> = items
        .into_iter()
        .map(|item| {
            let authors = authors.remove(&item.id).unwrap_or_default();
            (item, authors)
        })
        .collect();
    for (item, authors) in &items {
        unit.record(PendingChange {
            entity_type: entity_type(item.item_type),
            entity_id: item.id,
            operation: Operation::Updated,
            community_id: Some(to.id),
            fields: vec![MOVED.to_owned()],
            audience_before: Some(audience::of_item(from, item, authors)),
            audience_after: Some(audience::of_item(to, item, authors)),
        });
    }
    tell_moved(unit, from, to, &items).await
}

async fn authors(unit: &WriteUnit, items: SelectStatement) -> Result<HashMap<Uuid, Vec<Uuid>>> {
    let rows: Vec<(Uuid, Uuid)> = item_author::Entity::find()
        .select_only()
        .columns([item_author::Column::ItemId, item_author::Column::UserId])
        .filter(item_author::Column::ItemId.in_subquery(items))
        .order_by_asc(item_author::Column::Place)
        .into_tuple()
        .all(unit.db())
        .await?;
    Ok(grouped(rows.into_iter()))
}

/// States of items which community they came from.
async fn state_origins(
    unit: &WriteUnit,
    from: &community::Model,
    items: SelectStatement,
) -> Result<()> {
    let origins = Query::select()
        .column(("item", "id"))
        .expr(Expr::value(LinkRelation::CameFrom.as_str()))
        .expr(Expr::value(from.id))
        .column(("item", "item_type"))
        .expr(Expr::value(EntityType::Community.as_str()))
        .expr(Expr::value(unit.actor()))
        .expr(Expr::value(unit.now()))
        .from("item")
        .and_where(Expr::col(("item", "id")).in_subquery(items))
        .take();
    let mut insert = Query::insert();
    insert
        .into_table("link")
        .columns([
            "from_id",
            "relation",
            "to_id",
            "from_type",
            "to_type",
            "actor_id",
            "at",
        ])
        .select_from(origins)
        .map_err(Error::internal)?
        .on_conflict(
            OnConflict::columns(["from_id", "relation", "to_id"])
                .do_nothing()
                .to_owned(),
        );
    unit.db().execute(&insert).await?;
    Ok(())
}

/// The condition on `flag` for those on items and on what stands below them.
fn on_items(from: &community::Model, coming: Coming<'_>) -> Condition {
    let of = |table: &'static str, key: &'static str| {
        Query::select()
            .column((table, "id"))
            .from(table)
            .and_where(Expr::col((table, key)).in_subquery(ids(from, coming)))
            .take()
    };
    Condition::any()
        .add(flag::Column::TargetId.in_subquery(ids(from, coming)))
        .add(flag::Column::TargetId.in_subquery(of("experience_report", "subject_id")))
        .add(flag::Column::TargetId.in_subquery(of("adoption", "subject_id")))
        .add(flag::Column::TargetId.in_subquery(of("post", "discussion_id")))
}

/// Those who look after the other community decide what is flagged there.
pub(super) async fn move_flags(
    unit: &mut WriteUnit,
    from: &community::Model,
    to: &community::Model,
    on_them: Condition,
) -> Result<()> {
    let flags = flag::Entity::find()
        .filter(on_them.clone())
        .order_by_asc(flag::Column::Id)
        .all(unit.db())
        .await?;
    if flags.is_empty() {
        return Ok(());
    }
    flag::Entity::update_many()
        .col_expr(flag::Column::CommunityId, Expr::value(to.id))
        .filter(on_them)
        .exec(unit.db())
        .await?;
    for flag in flags {
        unit.record(PendingChange {
            entity_type: EntityType::Flag,
            entity_id: flag.id,
            operation: Operation::Updated,
            community_id: Some(to.id),
            fields: vec![MOVED.to_owned()],
            audience_before: Some(audience::of_flag(from.id, flag.raised_by)),
            audience_after: Some(audience::of_flag(to.id, flag.raised_by)),
        });
    }
    Ok(())
}

/// What is likely the same is so within one community.
async fn forget_duplicates(
    unit: &WriteUnit,
    from: &community::Model,
    coming: Coming<'_>,
) -> Result<()> {
    likely_duplicate::Entity::delete_many()
        .filter(
            Condition::any()
                .add(likely_duplicate::Column::ItemId.in_subquery(ids(from, coming)))
                .add(likely_duplicate::Column::OtherId.in_subquery(ids(from, coming))),
        )
        .exec(unit.db())
        .await?;
    Ok(())
}
