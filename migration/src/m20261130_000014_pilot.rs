//! What is tried out, and what came of it.

use sea_orm_migration::prelude::*;

use crate::columns::{
    OnDelete::{Cascade, Restrict, SetNull},
    Tables, id, json, optional_date, optional_id, optional_number, optional_text, text, time,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = Tables::new(manager);
        tables
            .create(
                "pilot",
                1,
                vec![
                    id("id"),
                    id("community_id"),
                    text("subject_type"),
                    id("subject_id"),
                    optional_id("planner_id"),
                    text("question"),
                    text("setting"),
                    optional_text("audience"),
                    json("sites"),
                    json("measures"),
                    optional_number("participant_count"),
                    optional_date("starts_on"),
                    optional_date("ends_on"),
                    text("state"),
                    optional_text("outcome"),
                    optional_text("findings"),
                    time("created_at"),
                    time("updated_at"),
                ],
                &[
                    ("community_id", "community", "id", Restrict),
                    ("subject_id", "item", "id", Cascade),
                    ("planner_id", "user", "id", SetNull),
                ],
            )
            .await?;
        for columns in [
            ["community_id", "state", "id"].as_slice(),
            &["community_id", "id"],
            &["subject_id", "id"],
            &["planner_id"],
        ] {
            tables.index("pilot", columns).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Tables::new(manager).drop(&["pilot"]).await
    }
}
