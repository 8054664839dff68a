//! The lists that belong to items, for many items in one statement.

use std::collections::HashMap;
use std::hash::Hash;

use entity::{item_author, item_domain, item_tag, item_text};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, TryGetable,
};
use uuid::Uuid;

use crate::error::Result;

/// Collects pairs by their first part, in order.
pub(crate) fn grouped<K: Hash + Eq, V>(pairs: impl Iterator<Item = (K, V)>) -> HashMap<K, Vec<V>> {
    let mut groups: HashMap<K, Vec<V>> = HashMap::new();
    for (key, value) in pairs {
        groups.entry(key).or_default().push(value);
    }
    groups
}

/// The Markdown bodies of items that have one.
pub async fn bodies_of(
    connection: &impl ConnectionTrait,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, String>> {
    let rows = item_text::Entity::find()
        .filter(item_text::Column::ItemId.is_in(ids.iter().copied()))
        .all(connection)
        .await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.item_id, row.body))
        .collect())
}

/// What a table of entries holds of items, by its columns of the item, of what it holds and of the place.
async fn lists_of<E, V>(
    connection: &impl ConnectionTrait,
    ids: &[Uuid],
    [item, value, place]: [E::Column; 3],
) -> Result<HashMap<Uuid, Vec<V>>>
where
    E: EntityTrait,
    V: TryGetable + Send + Sync,
{
    let rows: Vec<(Uuid, V)> = E::find()
        .select_only()
        .columns([item, value])
        .filter(item.is_in(ids.iter().copied()))
        .order_by_asc(place)
        .into_tuple()
        .all(connection)
        .await?;
    Ok(grouped(rows.into_iter()))
}

/// The ids of the authors of items, in order.
pub async fn authors_of(
    connection: &impl ConnectionTrait,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, Vec<Uuid>>> {
    use item_author::Column::{ItemId, Place, UserId};
    lists_of::<item_author::Entity, _>(connection, ids, [ItemId, UserId, Place]).await
}

/// The ids of the domains of items, in order.
pub async fn domains_of(
    connection: &impl ConnectionTrait,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, Vec<Uuid>>> {
    use item_domain::Column::{DomainId, ItemId, Place};
    lists_of::<item_domain::Entity, _>(connection, ids, [ItemId, DomainId, Place]).await
}

/// The tags of items as written, in order.
pub async fn tags_of(
    connection: &impl ConnectionTrait,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, Vec<String>>> {
    use item_tag::Column::{ItemId, Place, Tag};
    lists_of::<item_tag::Entity, _>(connection, ids, [ItemId, Tag, Place]).await
}
