//! What one community offers to another. An item that is gone leaves its share behind, as one that may not be seen does.

use sea_orm_migration::prelude::*;

use crate::columns::{
    OnDelete::{Cascade, SetNull},
    Tables, id, optional_id, optional_text, text, time,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// One open share of an item with a community.
const ONE_OPEN: &str = "CREATE UNIQUE INDEX boundary_share_open_key
    ON boundary_share (item_id, to_community_id) WHERE state IN ('OFFERED', 'ACCEPTED', 'ADAPTED')";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = Tables::new(manager);
        tables
            .create(
                "boundary_share",
                1,
                vec![
                    id("id"),
                    id("item_id"),
                    text("item_type"),
                    id("from_community_id"),
                    id("to_community_id"),
                    optional_id("broker_id"),
                    optional_text("note"),
                    text("state"),
                    optional_id("adaptation_id"),
                    time("created_at"),
                    time("updated_at"),
                ],
                &[
                    ("from_community_id", "community", "id", Cascade),
                    ("to_community_id", "community", "id", Cascade),
                    ("broker_id", "user", "id", SetNull),
                ],
            )
            .await?;
        tables
            .index("boundary_share", &["from_community_id", "id"])
            .await?;
        tables
            .index("boundary_share", &["to_community_id", "id"])
            .await?;
        tables
            .index("boundary_share", &["broker_id", "state", "id"])
            .await?;
        let connection = manager.get_connection();
        connection.execute_unprepared(ONE_OPEN).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Tables::new(manager).drop(&["boundary_share"]).await
    }
}
