//! Discussions with their posts and mentions, and what people are known to know.

use sea_orm_migration::prelude::*;

use crate::columns::{
    OnDelete::{Cascade, SetNull},
    Tables, flag, id, number, optional_id, optional_text, optional_time, text, time,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = Tables::new(manager);
        discussions(&tables).await?;
        posts(&tables).await?;
        mentions(&tables).await?;
        expertise(&tables).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Tables::new(manager)
            .drop(&["expertise", "mention", "post", "discussion"])
            .await
    }
}

async fn discussions(tables: &Tables<'_>) -> Result<(), DbErr> {
    tables
        .create(
            "discussion",
            1,
            vec![
                id("id"),
                id("community_id"),
                text("kind"),
                text("state"),
                optional_text("close_reason"),
                optional_text("about_type"),
                optional_id("about_id"),
                optional_id("accepted_post_id"),
                optional_time("first_answered_at"),
                optional_time("resolved_at"),
                number("post_count"),
                optional_time("last_post_at"),
                time("last_activity_at"),
            ],
            &[
                ("id", "item", "id", Cascade),
                ("about_id", "item", "id", SetNull),
            ],
        )
        .await?;
    for columns in [
        ["community_id", "last_activity_at", "id"].as_slice(),
        &["community_id", "kind", "state", "last_activity_at", "id"],
        &[
            "community_id",
            "first_answered_at",
            "last_activity_at",
            "id",
        ],
        &["about_id", "id"],
    ] {
        tables.index("discussion", columns).await?;
    }
    Ok(())
}

async fn posts(tables: &Tables<'_>) -> Result<(), DbErr> {
    tables
        .create(
            "post",
            1,
            vec![
                id("id"),
                id("discussion_id"),
                id("community_id"),
                optional_id("parent_id"),
                number("number"),
                number("depth"),
                tables.key("path"),
                optional_id("author_id"),
                text("body"),
                flag("hidden"),
                optional_id("hidden_by"),
                optional_text("hidden_reason"),
                time("created_at"),
                time("updated_at"),
            ],
            &[
                ("discussion_id", "discussion", "id", Cascade),
                ("parent_id", "post", "id", Cascade),
                ("author_id", "user", "id", SetNull),
                ("hidden_by", "user", "id", SetNull),
            ],
        )
        .await?;
    tables
        .unique("post", &["discussion_id", "path", "id"])
        .await?;
    tables.index("post", &["parent_id"]).await?;
    tables
        .index("post", &["author_id", "created_at", "discussion_id"])
        .await
}

async fn mentions(tables: &Tables<'_>) -> Result<(), DbErr> {
    tables
        .create(
            "mention",
            2,
            vec![
                id("source_id"),
                id("user_id"),
                text("source_type"),
                id("discussion_id"),
                time("at"),
            ],
            &[
                ("user_id", "user", "id", Cascade),
                ("discussion_id", "discussion", "id", Cascade),
            ],
        )
        .await?;
    tables.index("mention", &["discussion_id"]).await?;
    tables.index("mention", &["user_id", "at"]).await
}

async fn expertise(tables: &Tables<'_>) -> Result<(), DbErr> {
    tables
        .create(
            "expertise",
            4,
            vec![
                id("user_id"),
                text("source"),
                tables.key("subject"),
                id("witness_id"),
                optional_id("domain_id"),
                tables.key("tag_key"),
                optional_text("tag"),
                optional_id("discussion_id"),
                time("at"),
            ],
            &[
                ("user_id", "user", "id", Cascade),
                ("domain_id", "domain", "id", Cascade),
                ("discussion_id", "discussion", "id", Cascade),
            ],
        )
        .await?;
    for columns in [
        ["domain_id", "user_id"].as_slice(),
        &["tag_key", "user_id"],
        &["discussion_id"],
    ] {
        tables.index("expertise", columns).await?;
    }
    Ok(())
}
