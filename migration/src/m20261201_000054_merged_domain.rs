//! Under which ids domains are still named that became part of others.

use sea_orm_migration::prelude::*;

use crate::columns::{OnDelete::Cascade, Tables, id};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = Tables::new(manager);
        tables
            .create(
                "merged_domain",
                1,
                vec![id("id"), id("into_id")],
                &[("into_id", "domain", "id", Cascade)],
            )
            .await?;
        // For another merge, and for the deletion of a domain.
        tables.index("merged_domain", &["into_id"]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Tables::new(manager).drop(&["merged_domain"]).await
    }
}
