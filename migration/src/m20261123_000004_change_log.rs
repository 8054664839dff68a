//! The change log: its head, its rows and the tombstones of what was deleted.

use sea_orm_migration::prelude::*;

use crate::columns::{
    Tables, flag, id, json, number, optional_id, optional_json, position, text, time,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = Tables::new(manager);
        tables
            .create("change_head", 1, vec![number("id"), position()], &[])
            .await?;
        manager
            .exec_stmt(
                Query::insert()
                    .into_table("change_head")
                    .columns(["id", "position"])
                    .values_panic([1.into(), 0_i64.into()])
                    .take(),
            )
            .await?;
        tables
            .create(
                "change",
                1,
                vec![
                    position(),
                    text("entity_type"),
                    id("entity_id"),
                    text("operation"),
                    optional_id("community_id"),
                    optional_id("actor_id"),
                    time("at"),
                    json("fields"),
                    optional_json("audience_before"),
                    optional_json("audience_after"),
                    flag("narrowed"),
                ],
                &[],
            )
            .await?;
        tables.index("change", &["entity_id", "position"]).await?;
        tables
            .index("change", &["community_id", "position"])
            .await?;
        tables.index("change", &["narrowed", "position"]).await?;
        tables
            .create(
                "tombstone",
                1,
                vec![
                    id("entity_id"),
                    text("entity_type"),
                    optional_id("community_id"),
                    position(),
                    time("deleted_at"),
                ],
                &[],
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Tables::new(manager)
            .drop(&["tombstone", "change", "change_head"])
            .await
    }
}
