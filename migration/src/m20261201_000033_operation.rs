//! Long work with progress: imports and exports, what they could not do, and what they made.

use sea_orm_migration::prelude::*;

use crate::columns::{
    OnDelete::Cascade, Tables, flag, id, json, number, optional_id, optional_number, optional_text,
    optional_time, text, time,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// Those that somebody has to do with: few, among all that were.
const UNFINISHED: &str =
    "CREATE INDEX operation_unfinished_idx ON operation (id) WHERE finished_at IS NULL";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = Tables::new(manager);
        operations(&tables).await?;
        manager
            .get_connection()
            .execute_unprepared(UNFINISHED)
            .await?;
        tables
            .create(
                "operation_error",
                1,
                vec![
                    id("id"),
                    id("operation_id"),
                    optional_number("line"),
                    text("message"),
                ],
                &[("operation_id", "operation", "id", Cascade)],
            )
            .await?;
        tables
            .index("operation_error", &["operation_id", "id"])
            .await?;
        tables
            .create(
                "operation_community",
                2,
                vec![id("operation_id"), id("community_id")],
                &[
                    ("operation_id", "operation", "id", Cascade),
                    ("community_id", "community", "id", Cascade),
                ],
            )
            .await?;
        tables
            .index("operation_community", &["community_id"])
            .await?;
        tables
            .create(
                "imported_item",
                3,
                vec![
                    id("community_id"),
                    id("user_id"),
                    tables.key("source"),
                    id("item_id"),
                ],
                &[
                    ("community_id", "community", "id", Cascade),
                    ("user_id", "user", "id", Cascade),
                    ("item_id", "item", "id", Cascade),
                ],
            )
            .await?;
        tables.index("imported_item", &["user_id"]).await?;
        tables.index("imported_item", &["item_id"]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Tables::new(manager)
            .drop(&[
                "imported_item",
                "operation_community",
                "operation_error",
                "operation",
            ])
            .await
    }
}

async fn operations(tables: &Tables<'_>) -> Result<(), DbErr> {
    let large = |name: &'static str| ColumnDef::new(name).big_integer().take();
    tables
        .create(
            "operation",
            1,
            vec![
                id("id"),
                id("user_id"),
                text("kind"),
                text("format"),
                flag("restore"),
                text("state"),
                optional_id("community_id"),
                json("scopes"),
                optional_id("only_community"),
                optional_id("api_token_id"),
                number("done"),
                optional_number("total"),
                number("created"),
                number("unchanged"),
                number("failed"),
                large("position"),
                optional_text("upload_hash"),
                optional_time("uploaded_at"),
                optional_text("file"),
                large("file_bytes"),
                optional_id("place"),
                optional_id("lease_owner"),
                optional_time("lease_until"),
                ColumnDef::new("read_to").big_integer().not_null().take(),
                time("created_at"),
                optional_time("finished_at"),
            ],
            &[("user_id", "user", "id", Cascade)],
        )
        .await?;
    tables.index("operation", &["user_id", "id"]).await?;
    tables.index("operation", &["finished_at"]).await
}
