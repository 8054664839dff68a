//! How far back the change log is kept, beside its newest position.

use sea_orm_migration::prelude::*;

use crate::columns::Tables;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// The position up to which rows were removed.
fn kept_after() -> ColumnDef {
    ColumnDef::new("kept_after")
        .big_integer()
        .not_null()
        .default(0)
        .take()
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = Tables::new(manager);
        tables.add("change_head", kept_after()).await?;
        // What is kept of deleted things goes with their rows of the log.
        tables.index("tombstone", &["position"]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_index(
                Index::drop()
                    .name("tombstone_position_idx")
                    .table("tombstone")
                    .to_owned(),
            )
            .await?;
        Tables::new(manager)
            .remove("change_head", &kept_after())
            .await
    }
}
