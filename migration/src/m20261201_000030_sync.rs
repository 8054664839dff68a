//! What resources are called in other systems, and synchronization with these: what happens to local edits, and which
//! resources a run has listed.

use sea_orm_migration::prelude::*;

use crate::columns::{
    OnDelete::Cascade, Tables, id, number, optional_number, optional_text, optional_time, text,
    time,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = Tables::new(manager);
        references(&tables).await?;
        runs(&tables).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Tables::new(manager)
            .drop(&[
                "sync_listing",
                "sync_run",
                "sync_source",
                "external_reference",
            ])
            .await
    }
}

async fn references(tables: &Tables<'_>) -> Result<(), DbErr> {
    tables
        .create(
            "external_reference",
            3,
            vec![
                id("community_id"),
                tables.key("system"),
                tables.key("external_id"),
                id("resource_id"),
                optional_text("url"),
                number("place"),
                optional_text("sent_hash"),
                optional_number("synced_revision"),
                optional_time("archived_at"),
            ],
            &[
                ("community_id", "community", "id", Cascade),
                ("resource_id", "resource", "id", Cascade),
            ],
        )
        .await?;
    tables
        .index("external_reference", &["resource_id", "place"])
        .await?;
    // For lists of what a system knows, whatever the community.
    tables
        .index("external_reference", &["system", "resource_id"])
        .await
}

async fn runs(tables: &Tables<'_>) -> Result<(), DbErr> {
    tables
        .create(
            "sync_source",
            1,
            vec![
                id("id"),
                id("community_id"),
                tables.key("system"),
                text("on_conflict"),
                time("created_at"),
            ],
            &[("community_id", "community", "id", Cascade)],
        )
        .await?;
    tables
        .unique("sync_source", &["community_id", "system"])
        .await?;
    tables
        .create(
            "sync_run",
            1,
            vec![
                id("id"),
                id("source_id"),
                tables.key("name"),
                time("started_at"),
                optional_time("finished_at"),
            ],
            &[("source_id", "sync_source", "id", Cascade)],
        )
        .await?;
    tables.unique("sync_run", &["source_id", "name"]).await?;
    tables
        .create(
            "sync_listing",
            2,
            vec![id("run_id"), id("resource_id")],
            // No key on the resource: deleting one would have to look here, and a row too many does no harm.
            &[("run_id", "sync_run", "id", Cascade)],
        )
        .await
}
