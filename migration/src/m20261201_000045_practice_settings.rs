//! Where people practise.

use sea_orm_migration::prelude::*;

use crate::columns::{Tables, json};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLE: &str = "user";

/// None, so that the previous version can go on writing rows.
fn practice_settings() -> ColumnDef {
    json("practice_settings").default("[]").take()
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Tables::new(manager).add(TABLE, practice_settings()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Tables::new(manager)
            .remove(TABLE, &practice_settings())
            .await
    }
}
