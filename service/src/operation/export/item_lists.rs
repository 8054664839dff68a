//! What the lines of items hold besides their rows and content: what they are called in other systems, and whose names
//! their bylines are.

use std::collections::HashMap;

use entity::change::EntityType;
use entity::{external_reference, item_byline};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::Value;
use uuid::Uuid;

use super::Exporter;
use crate::error::Result;
use crate::item::grouped;
use crate::operation::line::{Fields, encode, id_text};

impl Exporter<'_> {
    /// What resources are called in other systems.
    pub(super) async fn external_references(
        &self,
        ids: &[Uuid],
    ) -> Result<HashMap<Uuid, Vec<Value>>> {
        use external_reference::Column;
        let rows = external_reference::Entity::find()
            .filter(Column::ResourceId.is_in(ids.iter().copied()))
            .order_by_asc(Column::Place)
            .order_by_asc(Column::System)
            .order_by_asc(Column::ExternalId)
            .all(self.snapshot)
            .await?;
        let mut pairs = Vec::with_capacity(rows.len());
        for row in rows {
            let resource = row.resource_id;
            let mut fields = Fields::new();
            encode::<external_reference::Entity>(row, "", self.sight.is_whole(), &mut fields)?;
            for name in ["communityId", "resourceId", "place"] {
                fields.remove(name);
            }
            pairs.push((resource, Value::Object(fields)));
        }
        Ok(grouped(pairs.into_iter()))
    }

    /// The users whose names bylines of items are, with the names; for an export of everything alone: it tells what people
    /// were called before.
    pub(super) async fn users_named(&self, ids: &[Uuid]) -> Result<HashMap<Uuid, Fields>> {
        use item_byline::Column;
        if !self.sight.is_whole() {
            return Ok(HashMap::new());
        }
        let rows = item_byline::Entity::find()
            .filter(Column::ItemId.is_in(ids.iter().copied()))
            .order_by_asc(Column::UserId)
            .order_by_asc(Column::Name)
            .all(self.snapshot)
            .await?;
        let named = grouped(rows.into_iter().map(|row| {
            let user = id_text(EntityType::User, row.user_id);
            (row.item_id, (Value::String(row.name), user))
        }));
        let fields = named.into_iter().map(|(item, named)| {
            let (names, users): (Vec<Value>, Vec<Value>) = named.into_iter().unzip();
            let fields: [(String, Value); 2] = [
                ("bylineNames".to_owned(), Value::Array(names)),
                ("bylineUserIds".to_owned(), Value::Array(users)),
            ];
            (item, fields.into_iter().collect::<Fields>())
        });
        Ok(fields.collect())
    }
}
