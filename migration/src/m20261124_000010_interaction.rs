//! What people follow, what they flag, and what they are told of.

use sea_orm_migration::prelude::*;

use crate::columns::{
    OnDelete::{Cascade, SetNull},
    Tables, id, optional_id, optional_text, optional_time, text, time,
};

/// The projection of the change log that makes notifications.
const PROJECTION: &str = "notifications";

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = Tables::new(manager);
        follows(&tables).await?;
        flags(&tables).await?;
        notifications(&tables).await?;
        // Nobody is told of what happened before.
        let newest = Query::select()
            .expr(Expr::value(PROJECTION))
            .column("position")
            .from("change_head")
            .and_where(Expr::col("id").eq(1))
            .take();
        let mut row = Query::insert();
        row.into_table("projection")
            .columns(["name", "position"])
            .select_from(newest)
            .map_err(|error| DbErr::Migration(error.to_string()))?;
        manager.execute(row).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let row = Query::delete()
            .from_table("projection")
            .and_where(Expr::col("name").eq(PROJECTION))
            .take();
        manager.execute(row).await?;
        Tables::new(manager)
            .drop(&["notification", "flag", "follow"])
            .await
    }
}

async fn follows(tables: &Tables<'_>) -> Result<(), DbErr> {
    tables
        .create(
            "follow",
            2,
            vec![
                id("user_id"),
                id("target_id"),
                text("target_type"),
                time("created_at"),
            ],
            &[("user_id", "user", "id", Cascade)],
        )
        .await?;
    tables.index("follow", &["target_id", "user_id"]).await?;
    tables
        .index("follow", &["user_id", "created_at", "target_id"])
        .await
}

async fn flags(tables: &Tables<'_>) -> Result<(), DbErr> {
    tables
        .create(
            "flag",
            1,
            vec![
                id("id"),
                text("target_type"),
                id("target_id"),
                id("community_id"),
                optional_id("raised_by"),
                text("reason"),
                optional_text("note"),
                text("state"),
                optional_id("decided_by"),
                optional_time("decided_at"),
                optional_text("decision_note"),
                time("created_at"),
            ],
            &[
                ("community_id", "community", "id", Cascade),
                ("raised_by", "user", "id", SetNull),
                ("decided_by", "user", "id", SetNull),
            ],
        )
        .await?;
    // One open flag a person and thing.
    tables
        .unique_while_null("flag", &["raised_by", "target_id"], "decided_at")
        .await?;
    for columns in [
        ["community_id", "state", "id"].as_slice(),
        &["community_id", "id"],
        &["target_id"],
    ] {
        tables.index("flag", columns).await?;
    }
    Ok(())
}

async fn notifications(tables: &Tables<'_>) -> Result<(), DbErr> {
    tables
        .create(
            "notification",
            1,
            vec![
                id("id"),
                id("user_id"),
                text("reason"),
                text("about_type"),
                id("about_id"),
                optional_id("actor_id"),
                time("raised_at"),
                optional_time("read_at"),
                optional_time("mailed_at"),
            ],
            &[
                ("user_id", "user", "id", Cascade),
                ("actor_id", "user", "id", SetNull),
            ],
        )
        .await?;
    // A further one of the same renews the one that is unread.
    tables
        .unique_while_null(
            "notification",
            &["user_id", "about_id", "reason"],
            "read_at",
        )
        .await?;
    for columns in [
        ["user_id", "raised_at", "id"].as_slice(),
        &["about_id"],
        &["read_at"],
        &["raised_at"],
    ] {
        tables.index("notification", columns).await?;
    }
    Ok(())
}
