//! Domains that became part of others, and are still named by older revisions and by other systems.

use std::collections::{HashMap, HashSet};

use entity::{domain, merged_domain};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect,
};
use uuid::Uuid;

use crate::error::Result;
use crate::store::WriteUnit;

/// Ids of one statement.
const CHUNK: usize = 1_000;

/// Where ids of domains lead: to the domain that has it, or to the one that this became part of. Those that lead nowhere
/// are left out.
pub(crate) async fn meant(
    connection: &impl ConnectionTrait,
    ids: Vec<Uuid>,
) -> Result<HashMap<Uuid, Uuid>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let there: Vec<Uuid> = domain::Entity::find()
        .select_only()
        .column(domain::Column::Id)
        .filter(domain::Column::Id.is_in(ids.iter().copied()))
        .into_tuple()
        .all(connection)
        .await?;
    let mut meant: HashMap<Uuid, Uuid> = there.into_iter().map(|id| (id, id)).collect();
    let gone: Vec<Uuid> = ids
        .into_iter()
        .filter(|id| !meant.contains_key(id))
        .collect();
    if gone.is_empty() {
        return Ok(meant);
    }
    let merged: Vec<(Uuid, Uuid)> = merged_domain::Entity::find()
        .select_only()
        .columns([merged_domain::Column::Id, merged_domain::Column::IntoId])
        .filter(merged_domain::Column::Id.is_in(gone))
        .into_tuple()
        .all(connection)
        .await?;
    meant.extend(merged);
    Ok(meant)
}

/// The domains that a list of ids means, each once, in the order of the list.
pub(crate) fn each_once(ids: &[Uuid], meant: &HashMap<Uuid, Uuid>) -> Vec<Uuid> {
    let mut seen = HashSet::new();
    ids.iter()
        .filter_map(|id| meant.get(id).copied())
        .filter(|id| seen.insert(*id))
        .collect()
}

/// Makes the ids that meant one domain, and its own, mean another one from now on.
pub(crate) async fn lead_to(unit: &WriteUnit, from: Uuid, into: Uuid) -> Result<()> {
    merged_domain::Entity::update_many()
        .col_expr(merged_domain::Column::IntoId, Expr::value(into))
        .filter(merged_domain::Column::IntoId.eq(from))
        .exec(unit.db())
        .await?;
    // A file that was restored may have said that it is part of something else.
    let key = OnConflict::column(merged_domain::Column::Id)
        .update_column(merged_domain::Column::IntoId)
        .to_owned();
    insert(unit.db(), into, &[from], key).await?;
    Ok(())
}

/// Makes ids mean a domain. One that means another one already goes on doing so, and one that a domain has means that.
pub(crate) async fn insert_merged(
    connection: &impl ConnectionTrait,
    into: Uuid,
    ids: &[Uuid],
) -> Result<(), DbErr> {
    for ids in ids.chunks(CHUNK) {
        let taken: Vec<Uuid> = domain::Entity::find()
            .select_only()
            .column(domain::Column::Id)
            .filter(domain::Column::Id.is_in(ids.iter().copied()))
            .into_tuple()
            .all(connection)
            .await?;
        let free: Vec<Uuid> = ids
            .iter()
            .copied()
            .filter(|id| !taken.contains(id))
            .collect();
        let key = OnConflict::column(merged_domain::Column::Id)
            .do_nothing()
            .to_owned();
        insert(connection, into, &free, key).await?;
    }
    Ok(())
}

async fn insert(
    connection: &impl ConnectionTrait,
    into: Uuid,
    ids: &[Uuid],
    key: OnConflict,
) -> Result<(), DbErr> {
    if ids.is_empty() {
        return Ok(());
    }
    let rows = ids.iter().map(|id| merged_domain::ActiveModel {
        id: Set(*id),
        into_id: Set(into),
    });
    merged_domain::Entity::insert_many(rows)
        .on_conflict(key)
        .exec_without_returning(connection)
        .await?;
    Ok(())
}
