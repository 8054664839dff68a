//! Lineage: what was made in, captured from, adapted from, superseded by what. Each stated relation is one row.
//!
//! Most relations follow from what somebody did, and stay. Some are stated by hand ([`link_items`]), and some by the
//! content of an item, with which they change ([`follow_content`]).

mod cycle;
mod hand;
mod walk;

#[cfg(test)]
mod tests;

pub(crate) use cycle::refuse_circle;
pub use hand::{BY_HAND, ItemLink, link_items, unlink_items};
pub use walk::{LineageDirection, LineageRequest, Traced, lineage};

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::change::EntityType;
use entity::link::{self, LinkRelation};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, Query};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select,
};
use uuid::Uuid;

use crate::error::Result;
use crate::item::grouped;
use crate::paging::{Cursor, Direction, Keyset, Page, PageRequest, SortValue};
use crate::policy::filter;
use crate::store::{Store, WriteUnit};
use crate::viewer::Viewer;

/// One end of a relation.
pub type End = (EntityType, Uuid);

/// A relation to be stated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewLink {
    /// What it starts from.
    pub from: End,
    /// How they relate.
    pub relation: LinkRelation,
    /// What it leads to.
    pub to: End,
    /// The occurrence of the activity that something was made in.
    pub occurrence: Option<DateTime<Utc>>,
}

/// How many rows one statement inserts at most: SQLite binds at most 32,766 values.
const ROWS: usize = 1_000;

/// States relations; what was stated before stays as it was.
pub(crate) async fn state(unit: &WriteUnit, links: &[NewLink]) -> Result<()> {
    insert(unit, links, None).await
}

async fn insert(unit: &WriteUnit, links: &[NewLink], derived: Option<bool>) -> Result<()> {
    for links in links.chunks(ROWS) {
        let rows = links.iter().map(|new| link::ActiveModel {
            from_id: Set(new.from.1),
            relation: Set(new.relation),
            to_id: Set(new.to.1),
            from_type: Set(new.from.0),
            to_type: Set(new.to.0),
            occurrence: Set(new.occurrence),
            actor_id: Set(unit.actor()),
            at: Set(unit.now()),
            derived: Set(derived),
        });
        link::Entity::insert_many(rows)
            .on_conflict(
                OnConflict::columns([
                    link::Column::FromId,
                    link::Column::Relation,
                    link::Column::ToId,
                ])
                .do_nothing()
                .to_owned(),
            )
            .exec_without_returning(unit.db())
            .await?;
    }
    Ok(())
}

/// What the content of something refers to, as relations.
pub(crate) fn references(from: End, to: &[End]) -> Vec<NewLink> {
    let link = |to: &End| NewLink {
        from,
        relation: LinkRelation::References,
        to: *to,
        occurrence: None,
    };
    to.iter().map(link).collect()
}

/// States what the content of new things refers to; such relations go with that content.
pub(crate) async fn state_content(unit: &WriteUnit, links: &[NewLink]) -> Result<()> {
    insert(unit, links, Some(true)).await
}

/// Keeps the relations in step with what the content of something refers to: before, and now.
pub(crate) async fn follow_content(
    unit: &WriteUnit,
    from: End,
    before: &[End],
    now: &[End],
) -> Result<()> {
    let gone: Vec<Uuid> = before
        .iter()
        .filter(|end| !now.contains(end))
        .map(|end| end.1)
        .collect();
    if !gone.is_empty() {
        link::Entity::delete_many()
            .filter(link::Column::FromId.eq(from.1))
            .filter(link::Column::Relation.eq(LinkRelation::References))
            .filter(link::Column::Derived.eq(true))
            .filter(link::Column::ToId.is_in(gone))
            .exec(unit.db())
            .await?;
    }
    let new: Vec<End> = now
        .iter()
        .copied()
        .filter(|end| !before.contains(end))
        .collect();
    state_content(unit, &references(from, &new)).await
}

/// Forgets every relation of something that is deleted for good.
pub(crate) async fn forget(unit: &WriteUnit, id: Uuid) -> Result<()> {
    link::Entity::delete_many()
        .filter(
            Condition::any()
                .add(link::Column::FromId.eq(id))
                .add(link::Column::ToId.eq(id)),
        )
        .exec(unit.db())
        .await?;
    Ok(())
}

/// Conditions on `link` for those that start from something that the viewer may read.
fn from_readable(viewer: &Viewer) -> Condition {
    let items = Query::select()
        .expr(Expr::value(1))
        .from("item")
        .and_where(Expr::col(("item", "id")).equals(("link", "from_id")))
        .cond_where(filter::readable_items(viewer))
        .take();
    let statements = Query::select()
        .expr(Expr::value(1))
        .from("defining_statement")
        .and_where(Expr::col(("defining_statement", "id")).equals(("link", "from_id")))
        .cond_where(filter::of_whole_communities(viewer, "defining_statement"))
        .take();
    Condition::any()
        .add(Expr::exists(items))
        .add(Expr::exists(statements))
}

/// By when they were made: ids are of rising time.
const OLDEST_FIRST: Keyset = Keyset {
    table: "link",
    column: None,
    id_column: "from_id",
    nullable: false,
    direction: Direction::Ascending,
};

fn outputs(
    viewer: &Viewer,
    activity: Uuid,
    occurrence: Option<DateTime<Utc>>,
) -> Select<link::Entity> {
    let select = link::Entity::find()
        .filter(link::Column::ToId.eq(activity))
        .filter(link::Column::Relation.eq(LinkRelation::MadeIn))
        .filter(from_readable(viewer));
    match occurrence {
        Some(occurrence) => select.filter(link::Column::Occurrence.eq(occurrence)),
        None => select,
    }
}

/// A page of what says that it was made in an activity, or in one occurrence of it, as far as the viewer may see it.
#[crate::boxed]
pub async fn page_of_outputs(
    store: &Store,
    viewer: &Viewer,
    activity: Uuid,
    occurrence: Option<DateTime<Utc>>,
    request: &PageRequest,
) -> Result<Page<End>> {
    let window = request.check(&OLDEST_FIRST)?;
    let mut select = outputs(viewer, activity, occurrence);
    window.apply(QueryTrait::query(&mut select), &OLDEST_FIRST);
    let rows = store.list(select).await?;
    let page = window.page(&OLDEST_FIRST, rows, |row| Cursor {
        value: SortValue::Id,
        id: row.from_id,
    });
    Ok(page.map(|row| (row.from_type, row.from_id)))
}

/// How many things [`page_of_outputs`] lists.
#[crate::boxed]
pub async fn output_count(
    store: &Store,
    viewer: &Viewer,
    activity: Uuid,
    occurrence: Option<DateTime<Utc>>,
) -> Result<u64> {
    let counted = outputs(viewer, activity, occurrence);
    store.count(counted.into_query()).await
}

/// The activities that things were made in, each with the occurrence; whether the viewer may see them is to be asked.
#[crate::boxed]
pub async fn made_in(
    store: &Store,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, (Uuid, Option<DateTime<Utc>>)>> {
    let rows: Vec<(Uuid, Uuid, Option<DateTime<Utc>>)> = link::Entity::find()
        .select_only()
        .columns([
            link::Column::FromId,
            link::Column::ToId,
            link::Column::Occurrence,
        ])
        .filter(link::Column::FromId.is_in(ids.iter().copied()))
        .filter(link::Column::Relation.eq(LinkRelation::MadeIn))
        .into_tuple()
        .all(store.reader())
        .await?;
    Ok(rows
        .into_iter()
        .map(|(from, to, occurrence)| (from, (to, occurrence)))
        .collect())
}

/// The items that each of some things leads to by a relation, as far as the viewer may read them, the first stated first.
pub(crate) async fn led_to(
    store: &Store,
    viewer: &Viewer,
    relation: LinkRelation,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, Vec<End>>> {
    let readable = Query::select()
        .expr(Expr::value(1))
        .from("item")
        .and_where(Expr::col(("item", "id")).equals(("link", "to_id")))
        .cond_where(filter::readable_items(viewer))
        .take();
    let rows = link::Entity::find()
        .filter(link::Column::FromId.is_in(ids.iter().copied()))
        .filter(link::Column::Relation.eq(relation))
        .filter(Expr::exists(readable))
        .order_by_asc(link::Column::At)
        .order_by_asc(link::Column::ToId)
        .all(store.reader())
        .await?;
    Ok(grouped(
        rows.into_iter()
            .map(|row| (row.from_id, (row.to_type, row.to_id))),
    ))
}

/// What leads to each of some things by a relation, as far as the viewer may read it, the first stated first.
pub(crate) async fn leading_to(
    store: &Store,
    viewer: &Viewer,
    relation: LinkRelation,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, Vec<End>>> {
    let rows = link::Entity::find()
        .filter(link::Column::ToId.is_in(ids.iter().copied()))
        .filter(link::Column::Relation.eq(relation))
        .filter(from_readable(viewer))
        .order_by_asc(link::Column::At)
        .order_by_asc(link::Column::FromId)
        .all(store.reader())
        .await?;
    Ok(grouped(
        rows.into_iter()
            .map(|row| (row.to_id, (row.from_type, row.from_id))),
    ))
}
