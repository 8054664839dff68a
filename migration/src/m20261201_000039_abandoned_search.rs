//! Searches that found something of which nothing was opened, beside those that found nothing.

use sea_orm_migration::prelude::*;

use crate::columns::{Tables, text};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLE: &str = "missed_search";

/// What was noted so far found nothing.
fn outcome() -> ColumnDef {
    text("outcome").default("NOTHING_FOUND").take()
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Tables::new(manager).add(TABLE, outcome()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Tables::new(manager).remove(TABLE, &outcome()).await
    }
}
