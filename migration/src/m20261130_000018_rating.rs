//! How good people find resources, with the number and the sum of the ratings kept beside; and the names that communities
//! give the stages of innovations.

use sea_orm_migration::prelude::*;

use crate::columns::{OnDelete::Cascade, Tables, id, number, optional_json, optional_text, time};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const LABELS: &str = "stage_labels";

fn counters() -> [ColumnDef; 2] {
    ["rating_count", "rating_sum"].map(|name| number(name).default(0).take())
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = Tables::new(manager);
        for column in counters() {
            tables.add("resource", column).await?;
        }
        tables.add("community", optional_json(LABELS)).await?;
        tables
            .create(
                "rating",
                2,
                vec![
                    id("resource_id"),
                    id("user_id"),
                    number("rating"),
                    optional_text("comment"),
                    time("created_at"),
                    time("updated_at"),
                ],
                &[
                    ("resource_id", "resource", "id", Cascade),
                    ("user_id", "user", "id", Cascade),
                ],
            )
            .await?;
        tables
            .index("rating", &["resource_id", "updated_at", "user_id"])
            .await?;
        tables.index("rating", &["user_id"]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = Tables::new(manager);
        tables.drop(&["rating"]).await?;
        tables.remove("community", &optional_json(LABELS)).await?;
        for column in counters() {
            tables.remove("resource", &column).await?;
        }
        Ok(())
    }
}
