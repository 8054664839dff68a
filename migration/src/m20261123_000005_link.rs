//! Lineage: every stated relation between two things.

use sea_orm_migration::prelude::*;

use crate::columns::{OnDelete::SetNull, Tables, id, optional_id, optional_time, text, time};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = Tables::new(manager);
        tables
            .create(
                "link",
                3,
                vec![
                    id("from_id"),
                    text("relation"),
                    id("to_id"),
                    text("from_type"),
                    text("to_type"),
                    optional_time("occurrence"),
                    optional_id("actor_id"),
                    time("at"),
                ],
                &[("actor_id", "user", "id", SetNull)],
            )
            .await?;
        tables
            .index("link", &["to_id", "relation", "occurrence", "from_id"])
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Tables::new(manager).drop(&["link"]).await
    }
}
