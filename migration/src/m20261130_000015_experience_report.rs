//! What those who were there tell of pilots and the like. Anonymous reports wait apart for the end of their day.

use sea_orm_migration::prelude::*;

use crate::columns::{
    OnDelete::{Cascade, Restrict, SetNull},
    Tables, date, flag, id, optional_flag, optional_id, optional_number, optional_text,
    optional_time, text,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = Tables::new(manager);
        let mut columns = shared_columns();
        columns.extend([
            optional_id("author_id"),
            flag("anonymous"),
            optional_text("secret_hash"),
            optional_time("created_at"),
        ]);
        tables
            .create(
                "experience_report",
                1,
                columns,
                &[
                    ("community_id", "community", "id", Restrict),
                    ("subject_id", "item", "id", Cascade),
                    ("owner_id", "user", "id", SetNull),
                    ("author_id", "user", "id", SetNull),
                ],
            )
            .await?;
        for columns in [
            ["about_id", "id"].as_slice(),
            &["subject_id", "id"],
            &["community_id", "id"],
            &["author_id", "about_id"],
            &["owner_id"],
        ] {
            tables.index("experience_report", columns).await?;
        }
        let mut columns = shared_columns();
        columns.extend([text("secret_hash"), date("held_until")]);
        tables
            .create(
                "held_report",
                1,
                columns,
                &[
                    ("community_id", "community", "id", Restrict),
                    ("subject_id", "item", "id", Cascade),
                    ("owner_id", "user", "id", SetNull),
                ],
            )
            .await?;
        for columns in [
            ["held_until", "id"].as_slice(),
            &["about_id"],
            &["subject_id"],
        ] {
            tables.index("held_report", columns).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Tables::new(manager)
            .drop(&["held_report", "experience_report"])
            .await
    }
}

fn shared_columns() -> Vec<ColumnDef> {
    vec![
        id("id"),
        text("about_type"),
        id("about_id"),
        optional_id("owner_id"),
        text("subject_type"),
        id("subject_id"),
        id("community_id"),
        text("text"),
        optional_text("media_url"),
        optional_number("rating"),
        optional_flag("would_reuse"),
        text("consent"),
    ]
}
