//! What hashes of this database are salted with: a random text for each purpose, kept with the settings. Whoever has
//! other data about people cannot tell whom a hash is of.

use entity::setting;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait};
use serde_json::{Value, json};

use super::secret::generate;
use crate::error::{Error, Result};
use crate::store::WriteUnit;

/// What hashes of one purpose are salted with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Salt {
    /// The setting that holds it.
    pub(crate) setting: &'static str,
    /// What it begins with.
    pub(crate) prefix: &'static str,
}

impl Salt {
    /// The salt of this database, made when there is none.
    pub(crate) async fn of(self, unit: &WriteUnit) -> Result<String> {
        if let Some(salt) = self.stored(unit.db()).await? {
            return Ok(salt);
        }
        let row = setting::ActiveModel {
            key: Set(self.setting.to_owned()),
            value: Set(json!(generate(self.prefix).expose())),
            updated_at: Set(unit.now()),
        };
        // Whoever comes first makes it.
        let key = OnConflict::column(setting::Column::Key)
            .do_nothing()
            .to_owned();
        setting::Entity::insert(row)
            .on_conflict(key)
            .try_insert()
            .exec_without_returning(unit.db())
            .await?;
        let salt = self.stored(unit.db()).await?;
        salt.ok_or_else(|| Error::internal("no salt was made"))
    }

    /// The salt of this database; none while nothing was hashed for this purpose.
    pub(crate) async fn stored(self, connection: &impl ConnectionTrait) -> Result<Option<String>> {
        let row = setting::Entity::find_by_id(self.setting.to_owned());
        Ok(row.one(connection).await?.and_then(|row| match row.value {
            Value::String(salt) => Some(salt),
            _ => None,
        }))
    }
}
