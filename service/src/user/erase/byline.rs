//! A person's name among the bylines of items, where their work went on as the item of others.

use std::collections::{BTreeSet, HashMap, HashSet};

use entity::{TextList, item, item_byline, revision};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::{Value, json};
use uuid::Uuid;

use super::handover::record;
use crate::error::{Error, Result};
use crate::item::grouped;
use crate::item::insert::replace_row;
use crate::policy::audience;
use crate::store::WriteUnit;
use crate::user::FORMER_MEMBER;

/// Items at once.
const CHUNK: usize = 100;
/// Revisions at once, each with all that its item held.
const REVISIONS: u64 = 20;

/// Puts [`FORMER_MEMBER`] in the place of the name of a person, who is held, among the bylines of items and of all their
/// revisions. What is the name of somebody else there as well stays.
pub(super) async fn forget(unit: &mut WriteUnit, user: Uuid) -> Result<()> {
    let named: Vec<Uuid> = item_byline::Entity::find()
        .select_only()
        .column(item_byline::Column::ItemId)
        .filter(item_byline::Column::UserId.eq(user))
        .into_tuple()
        .all(unit.db())
        .await?;
    let named: BTreeSet<Uuid> = named.into_iter().collect();
    let named: Vec<Uuid> = named.into_iter().collect();
    for items in named.chunks(CHUNK) {
        let gone = gone(unit, user, items).await?;
        let changed = in_items(unit, items, &gone).await?;
        in_revisions(unit, &gone).await?;
        record(unit, &changed, "bylines", audience::of_item).await?;
    }
    item_byline::Entity::delete_many()
        .filter(item_byline::Column::UserId.eq(user))
        .exec(unit.db())
        .await?;
    Ok(())
}

/// The bylines that go, by item.
async fn gone(unit: &WriteUnit, user: Uuid, items: &[Uuid]) -> Result<HashMap<Uuid, Vec<String>>> {
    let rows = item_byline::Entity::find()
        .filter(item_byline::Column::ItemId.is_in(items.iter().copied()))
        .all(unit.db())
        .await?;
    let (own, others): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row.user_id == user);
    let others: HashSet<(Uuid, String)> = others
        .into_iter()
        .map(|row| (row.item_id, row.name))
        .collect();
    let own = own.into_iter().map(|row| (row.item_id, row.name));
    Ok(grouped(own.filter(|byline| !others.contains(byline))))
}

/// Answers the items that readers are shown otherwise now.
async fn in_items(
    unit: &WriteUnit,
    items: &[Uuid],
    gone: &HashMap<Uuid, Vec<String>>,
) -> Result<Vec<item::Model>> {
    let rows = item::Entity::find()
        .filter(item::Column::Id.is_in(items.iter().copied()))
        .order_by_asc(item::Column::Id)
        .lock_exclusive()
        .all(unit.db())
        .await?;
    let mut changed = Vec::new();
    for mut row in rows {
        let names = gone.get(&row.id).map(Vec::as_slice).unwrap_or_default();
        if let Some(bylines) = without(&row.bylines.0, names) {
            row.bylines = TextList(bylines);
            row.updated_at = unit.now();
            replace_row(unit, row.clone()).await?;
            changed.push(row);
        }
    }
    Ok(changed)
}

async fn in_revisions(unit: &WriteUnit, gone: &HashMap<Uuid, Vec<String>>) -> Result<()> {
    for (item, names) in gone {
        let mut last = 0;
        loop {
            let rows: Vec<(i32, Uuid, Value)> = revision::Entity::find()
                .select_only()
                .column(revision::Column::Number)
                .columns([revision::Column::Id, revision::Column::Content])
                .filter(revision::Column::ItemId.eq(*item))
                .filter(revision::Column::Number.gt(last))
                .order_by_asc(revision::Column::Number)
                .limit(REVISIONS)
                .into_tuple()
                .all(unit.db())
                .await?;
            let Some((number, _, _)) = rows.last() else {
                break;
            };
            last = *number;
            for (_, id, content) in rows {
                in_revision(unit, id, content, names).await?;
            }
        }
    }
    Ok(())
}

async fn in_revision(
    unit: &WriteUnit,
    id: Uuid,
    mut content: Value,
    names: &[String],
) -> Result<()> {
    let Some(said) = content.get_mut("bylines") else {
        return Ok(());
    };
    let bylines: Option<Vec<String>> =
        serde_json::from_value(said.take()).map_err(Error::internal)?;
    let Some(bylines) = without(&bylines.unwrap_or_default(), names) else {
        return Ok(());
    };
    *said = json!(bylines);
    revision::Entity::update_many()
        .col_expr(revision::Column::Content, Expr::value(content))
        .filter(revision::Column::Id.eq(id))
        .exec(unit.db())
        .await?;
    Ok(())
}

/// Bylines with [`FORMER_MEMBER`], once, in the place of some; none where none of these is there.
fn without(bylines: &[String], gone: &[String]) -> Option<Vec<String>> {
    if !bylines.iter().any(|byline| gone.contains(byline)) {
        return None;
    }
    let mut seen = HashSet::new();
    let bylines = bylines.iter().map(|byline| {
        if gone.contains(byline) {
            FORMER_MEMBER
        } else {
            byline.as_str()
        }
    });
    let bylines = bylines.filter(|byline| seen.insert(*byline));
    Some(bylines.map(str::to_owned).collect())
}
