//! Reading what was counted.

use std::collections::HashMap;

use entity::evidence;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::formula::Counts;
use crate::error::Result;

/// What was counted of items that the viewer was shown; those without a row have nothing.
pub async fn of_items(
    connection: &impl ConnectionTrait,
    items: &[Uuid],
) -> Result<HashMap<Uuid, evidence::Model>> {
    let rows = evidence::Entity::find()
        .filter(evidence::Column::ItemId.is_in(items.iter().copied()))
        .all(connection)
        .await?;
    Ok(rows.into_iter().map(|row| (row.item_id, row)).collect())
}

/// The same of one item.
pub(crate) async fn counts_of(connection: &impl ConnectionTrait, item: Uuid) -> Result<Counts> {
    let row = evidence::Entity::find_by_id(item).one(connection).await?;
    Ok(row.map(Counts::from).unwrap_or_default())
}

impl From<evidence::Model> for Counts {
    fn from(row: evidence::Model) -> Self {
        Self {
            concluded: row.concluded,
            worked: row.worked,
            reports: row.reports,
            adoptions: row.adoptions,
            confirmed: row.confirmed,
            settings: row.settings,
        }
    }
}
