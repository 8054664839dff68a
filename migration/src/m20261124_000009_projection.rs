//! How far each thing that is derived from the change log has come. The migration that makes such a thing adds its row.

use sea_orm_migration::prelude::*;

use crate::columns::{Tables, position, text};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Tables::new(manager)
            .create("projection", 1, vec![text("name"), position()], &[])
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Tables::new(manager).drop(&["projection"]).await
    }
}
