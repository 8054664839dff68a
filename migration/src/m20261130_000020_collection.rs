//! Collections: ordered paths through items, and saved searches.

use sea_orm_migration::prelude::*;

use crate::columns::{OnDelete::Cascade, Tables, id, number, optional_text, text};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = Tables::new(manager);
        tables
            .create(
                "collection",
                1,
                vec![
                    id("id"),
                    optional_text("description"),
                    optional_text("search_query"),
                ],
                &[("id", "item", "id", Cascade)],
            )
            .await?;
        tables
            .create(
                "collection_entry",
                2,
                vec![
                    id("collection_id"),
                    id("item_id"),
                    text("item_type"),
                    number("place"),
                    optional_text("note"),
                ],
                &[
                    ("collection_id", "collection", "id", Cascade),
                    ("item_id", "item", "id", Cascade),
                ],
            )
            .await?;
        tables
            .index("collection_entry", &["collection_id", "place", "item_id"])
            .await?;
        tables.index("collection_entry", &["item_id"]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Tables::new(manager)
            .drop(&["collection_entry", "collection"])
            .await
    }
}
