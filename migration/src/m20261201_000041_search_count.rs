//! How many searches of a community there were on each day, and how many of them found nothing.

use sea_orm_migration::prelude::*;

use crate::columns::{OnDelete::Cascade, Tables, count, date, id};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = Tables::new(manager);
        tables
            .create(
                "search_count",
                2,
                vec![
                    id("community_id"),
                    date("day"),
                    count("searches"),
                    count("found_nothing"),
                ],
                &[("community_id", "community", "id", Cascade)],
            )
            .await?;
        tables.index("search_count", &["day"]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Tables::new(manager).drop(&["search_count"]).await
    }
}
