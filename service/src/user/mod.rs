//! To come.
use crate::{error::Result, store::Store, viewer::Viewer};
use entity::user;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use std::collections::HashMap;
use uuid::Uuid;
/// Users by id.
pub async fn by_ids(
    store: &Store,
    _viewer: &Viewer,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, user::Model>> {
    let rows = user::Entity::find()
        .filter(user::Column::Id.is_in(ids.iter().copied()))
        .all(store.reader())
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}
