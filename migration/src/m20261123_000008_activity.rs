//! What members do together, and what they say of their community: activities with occurrences and attendance,
//! defining statements, goals, the learning agenda.

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
        activities(&tables).await?;
        statements(&tables).await?;
        aims(&tables).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Tables::new(manager)
            .drop(&[
                "learning_question",
                "goal",
                "endorsement",
                "defining_statement",
                "attendance",
                "occurrence",
                "activity",
            ])
            .await
    }
}

async fn activities(tables: &Tables<'_>) -> Result<(), DbErr> {
    tables
        .create(
            "activity",
            1,
            vec![
                id("id"),
                text("mode"),
                text("state"),
                time("starts_at"),
                time("ends_at"),
                text("time_zone"),
                optional_text("recurrence"),
                optional_text("place"),
                optional_text("join_url"),
                optional_text("recording_url"),
                optional_text("agenda"),
                optional_text("notes"),
            ],
            &[("id", "item", "id", Cascade)],
        )
        .await?;
    tables.index("activity", &["starts_at", "id"]).await?;
    tables.index("activity", &["state", "id"]).await?;
    tables
        .create(
            "occurrence",
            2,
            vec![
                id("activity_id"),
                time("recurrence_id"),
                time("starts_at"),
                time("ends_at"),
                optional_text("state"),
                optional_text("agenda"),
                optional_text("notes"),
                optional_text("recording_url"),
            ],
            &[("activity_id", "activity", "id", Cascade)],
        )
        .await?;
    tables
        .index("occurrence", &["activity_id", "starts_at"])
        .await?;
    tables
        .create(
            "attendance",
            3,
            vec![
                id("activity_id"),
                time("recurrence_id"),
                id("user_id"),
                text("state"),
                time("updated_at"),
            ],
            &[
                ("activity_id", "activity", "id", Cascade),
                ("user_id", "user", "id", Cascade),
            ],
        )
        .await?;
    tables
        .index("attendance", &["user_id", "activity_id", "recurrence_id"])
        .await
}

async fn statements(tables: &Tables<'_>) -> Result<(), DbErr> {
    tables
        .create(
            "defining_statement",
            1,
            vec![
                id("id"),
                id("community_id"),
                optional_id("author_id"),
                text("text"),
                text("aspect"),
                text("state"),
                number("endorsement_count"),
                optional_id("supersedes_id"),
                optional_id("superseded_by_id"),
                time("created_at"),
                time("updated_at"),
            ],
            &[
                ("community_id", "community", "id", Cascade),
                ("author_id", "user", "id", SetNull),
                ("supersedes_id", "defining_statement", "id", SetNull),
                ("superseded_by_id", "defining_statement", "id", SetNull),
            ],
        )
        .await?;
    tables
        .index("defining_statement", &["community_id", "state", "id"])
        .await?;
    tables
        .create(
            "endorsement",
            2,
            vec![id("statement_id"), id("user_id"), time("created_at")],
            &[
                ("statement_id", "defining_statement", "id", Cascade),
                ("user_id", "user", "id", Cascade),
            ],
        )
        .await?;
    tables
        .index("endorsement", &["user_id", "statement_id"])
        .await
}

async fn aims(tables: &Tables<'_>) -> Result<(), DbErr> {
    tables
        .create(
            "goal",
            1,
            vec![
                id("id"),
                id("community_id"),
                optional_id("membership_id"),
                text("text"),
                ColumnDef::new("target_date").date().take(),
                text("state"),
                time("created_at"),
                time("updated_at"),
            ],
            &[
                ("community_id", "community", "id", Cascade),
                ("membership_id", "membership", "id", Cascade),
            ],
        )
        .await?;
    tables
        .index("goal", &["community_id", "state", "id"])
        .await?;
    tables.index("goal", &["membership_id", "id"]).await?;
    tables
        .create(
            "learning_question",
            1,
            vec![
                id("id"),
                id("community_id"),
                optional_id("author_id"),
                text("text"),
                number("rank"),
                text("state"),
                time("created_at"),
                time("updated_at"),
            ],
            &[
                ("community_id", "community", "id", Cascade),
                ("author_id", "user", "id", SetNull),
            ],
        )
        .await?;
    tables
        .index("learning_question", &["community_id", "rank", "id"])
        .await
}
