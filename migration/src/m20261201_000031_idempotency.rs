//! What became of mutations that were sent with an `Idempotency-Key`, for a day.

use sea_orm_migration::prelude::*;

use crate::columns::{Tables, json, number, text, time};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = Tables::new(manager);
        let position = ColumnDef::new("position").big_integer().take();
        tables
            .create(
                "idempotent_write",
                3,
                vec![
                    tables.key("key_hash"),
                    number("operation"),
                    tables.key("field_hash"),
                    text("fingerprint"),
                    position,
                    json("outcome"),
                    time("created_at"),
                ],
                &[],
            )
            .await?;
        tables.index("idempotent_write", &["created_at"]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Tables::new(manager).drop(&["idempotent_write"]).await
    }
}
