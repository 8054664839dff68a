//! How often a community means to meet.

use sea_orm_migration::prelude::*;

use crate::columns::{Tables, optional_text};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLE: &str = "community";

fn cadence() -> ColumnDef {
    optional_text("cadence")
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Tables::new(manager).add(TABLE, cadence()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Tables::new(manager).remove(TABLE, &cadence()).await
    }
}
