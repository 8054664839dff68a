//! What practitioners of a domain can do.

use sea_orm_migration::prelude::*;

use crate::columns::{Tables, json};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLE: &str = "domain";

/// None, so that the previous version can go on writing rows.
fn competencies() -> ColumnDef {
    json("competencies").default("[]").take()
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Tables::new(manager).add(TABLE, competencies()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Tables::new(manager).remove(TABLE, &competencies()).await
    }
}
