//! Searches that found nothing: what was searched for, on which day, and by how many, without saying by whom.

use sea_orm_migration::prelude::*;

use crate::columns::{OnDelete::Cascade, Tables, date, id, text};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = Tables::new(manager);
        tables
            .create(
                "missed_search",
                4,
                vec![
                    id("community_id"),
                    tables.key("query"),
                    date("day"),
                    text("person"),
                ],
                &[("community_id", "community", "id", Cascade)],
            )
            .await?;
        tables.index("missed_search", &["day"]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Tables::new(manager).drop(&["missed_search"]).await
    }
}
