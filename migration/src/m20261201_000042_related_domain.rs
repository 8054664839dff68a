//! Which domains are related, in a row for each direction.

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
                "related_domain",
                2,
                vec![id("domain_id"), id("related_id")],
                &[
                    ("domain_id", "domain", "id", Cascade),
                    ("related_id", "domain", "id", Cascade),
                ],
            )
            .await?;
        // For the deletion of a domain.
        tables.index("related_domain", &["related_id"]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Tables::new(manager).drop(&["related_domain"]).await
    }
}
