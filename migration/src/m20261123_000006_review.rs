//! Review and stewardship: a community's own settings of its kind, who keeps an item, pending revisions and reviews.

use sea_orm_migration::prelude::*;

use crate::columns::{
    OnDelete::{Cascade, SetNull},
    Tables, id, number, optional_id, optional_number, optional_text, optional_time, text, time,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

fn settings() -> [ColumnDef; 6] {
    [
        optional_text("resource_review"),
        optional_number("practice_quorum"),
        optional_number("statement_quorum"),
        optional_number("first_answer_target_hours"),
        optional_number("review_interval_days"),
        optional_number("stage_age_limit_days"),
    ]
}

fn stewardship() -> [ColumnDef; 4] {
    [
        optional_number("pending_revision"),
        optional_text("pending_status"),
        optional_id("steward_id"),
        optional_time("review_due_at"),
    ]
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = Tables::new(manager);
        for column in settings() {
            tables.add("community", column).await?;
        }
        for column in stewardship() {
            tables.add("item", column).await?;
        }
        tables
            .create(
                "review",
                1,
                vec![
                    id("id"),
                    id("item_id"),
                    text("item_type"),
                    id("revision_id"),
                    number("revision"),
                    optional_id("author_id"),
                    text("role"),
                    text("verdict"),
                    optional_text("comment"),
                    time("created_at"),
                ],
                &[
                    ("item_id", "item", "id", Cascade),
                    ("revision_id", "revision", "id", Cascade),
                    ("author_id", "user", "id", SetNull),
                ],
            )
            .await?;
        tables.index("review", &["item_id", "id"]).await?;
        tables.index("review", &["revision_id", "id"]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = Tables::new(manager);
        tables.drop(&["review"]).await?;
        for column in stewardship() {
            tables.remove("item", &column).await?;
        }
        for column in settings() {
            tables.remove("community", &column).await?;
        }
        Ok(())
    }
}
