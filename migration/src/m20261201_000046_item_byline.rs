//! Whose names the bylines of items are, where they were made of the names of users.

use sea_orm_migration::prelude::*;

use crate::columns::{
    OnDelete::{Cascade, Restrict},
    Tables, id, text,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLE: &str = "item_byline";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = Tables::new(manager);
        tables
            .create(
                TABLE,
                3,
                vec![id("item_id"), id("user_id"), text("name")],
                &[
                    ("item_id", "item", "id", Cascade),
                    ("user_id", "user", "id", Restrict),
                ],
            )
            .await?;
        tables.index(TABLE, &["user_id", "item_id"]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Tables::new(manager).drop(&[TABLE]).await
    }
}
