//! What people take back to their own practice.

use sea_orm_migration::prelude::*;

use crate::columns::{
    OnDelete::{Cascade, SetNull},
    Tables, id, number, optional_id, optional_text, text, time,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = Tables::new(manager);
        tables
            .create(
                "adoption",
                1,
                vec![
                    id("id"),
                    text("subject_type"),
                    id("subject_id"),
                    id("community_id"),
                    optional_id("adopter_id"),
                    optional_id("organization_id"),
                    text("setting"),
                    tables.key("setting_key"),
                    optional_text("adaptation"),
                    number("revision_used"),
                    text("state"),
                    optional_text("outcome"),
                    optional_text("story"),
                    time("created_at"),
                    time("updated_at"),
                ],
                &[
                    ("subject_id", "item", "id", Cascade),
                    ("community_id", "community", "id", Cascade),
                    ("adopter_id", "user", "id", SetNull),
                    ("organization_id", "organization", "id", SetNull),
                ],
            )
            .await?;
        for columns in [
            ["subject_id", "id"].as_slice(),
            &["community_id", "created_at"],
            &["adopter_id", "subject_id"],
            &["organization_id"],
        ] {
            tables.index("adoption", columns).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Tables::new(manager).drop(&["adoption"]).await
    }
}
