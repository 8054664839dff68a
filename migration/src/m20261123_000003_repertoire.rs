//! The shared repertoire: items of every type, with their revisions and transitions.

use sea_orm_migration::prelude::*;

use crate::columns::{
    OnDelete::{Cascade, Restrict, SetNull},
    Tables, flag, id, json, number, optional_id, optional_text, optional_time, text, time,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = Tables::new(manager);
        items(&tables).await?;
        item_lists(&tables).await?;
        item_types(&tables).await?;
        history(&tables).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Tables::new(manager)
            .drop(&[
                "transition",
                "revision",
                "support",
                "innovation",
                "practice_resource",
                "practice",
                "resource",
                "item_tag",
                "item_domain",
                "item_author",
                "item_text",
                "item",
            ])
            .await
    }
}

async fn items(tables: &Tables<'_>) -> Result<(), DbErr> {
    tables
        .create(
            "item",
            1,
            vec![
                id("id"),
                text("item_type"),
                id("community_id"),
                text("title"),
                tables.key("title_key"),
                optional_text("kind"),
                optional_text("status"),
                flag("published"),
                optional_time("published_at"),
                text("visibility"),
                optional_text("language"),
                optional_text("licence"),
                optional_text("attribution"),
                optional_text("url"),
                json("bylines"),
                number("revision"),
                time("created_at"),
                time("updated_at"),
            ],
            &[("community_id", "community", "id", Restrict)],
        )
        .await?;
    for order in ["title_key", "created_at", "updated_at", "published_at"] {
        tables.index("item", &["item_type", order, "id"]).await?;
        tables
            .index("item", &["community_id", "item_type", order, "id"])
            .await?;
    }
    for filter in ["kind", "status", "language", "licence"] {
        tables
            .index("item", &["item_type", filter, "updated_at", "id"])
            .await?;
    }
    tables
        .create(
            "item_text",
            1,
            vec![id("item_id"), text("body")],
            &[("item_id", "item", "id", Cascade)],
        )
        .await
}

async fn item_lists(tables: &Tables<'_>) -> Result<(), DbErr> {
    let of_item = ("item_id", "item", "id", Cascade);
    tables
        .create(
            "item_author",
            2,
            vec![id("item_id"), id("user_id"), number("place")],
            &[of_item, ("user_id", "user", "id", Restrict)],
        )
        .await?;
    tables.index("item_author", &["user_id", "item_id"]).await?;
    tables
        .create(
            "item_domain",
            2,
            vec![id("item_id"), id("domain_id"), number("place")],
            &[of_item, ("domain_id", "domain", "id", Restrict)],
        )
        .await?;
    tables
        .index("item_domain", &["domain_id", "item_id"])
        .await?;
    tables
        .create(
            "item_tag",
            2,
            vec![
                id("item_id"),
                tables.key("tag_key"),
                text("tag"),
                number("place"),
            ],
            &[of_item],
        )
        .await?;
    tables.index("item_tag", &["tag_key", "item_id"]).await
}

async fn item_types(tables: &Tables<'_>) -> Result<(), DbErr> {
    let is_item = [("id", "item", "id", Cascade)];
    tables
        .create(
            "resource",
            1,
            vec![
                id("id"),
                optional_text("description"),
                json("educational_levels"),
                ColumnDef::new("time_required_minutes").integer().take(),
            ],
            &is_item,
        )
        .await?;
    tables
        .create(
            "practice",
            1,
            vec![
                id("id"),
                optional_text("summary"),
                optional_text("problem"),
                optional_text("context"),
                text("maturity"),
            ],
            &is_item,
        )
        .await?;
    tables.index("practice", &["maturity", "id"]).await?;
    tables
        .create(
            "practice_resource",
            2,
            vec![id("practice_id"), id("resource_id"), number("place")],
            &[
                ("practice_id", "practice", "id", Cascade),
                ("resource_id", "resource", "id", Cascade),
            ],
        )
        .await?;
    tables
        .index("practice_resource", &["resource_id", "practice_id"])
        .await?;
    tables
        .create(
            "innovation",
            1,
            vec![
                id("id"),
                optional_text("problem"),
                text("idea"),
                optional_text("hypothesis"),
                optional_text("learning"),
                text("stage"),
                number("supporter_count"),
            ],
            &is_item,
        )
        .await?;
    tables.index("innovation", &["stage", "id"]).await?;
    tables
        .index("innovation", &["supporter_count", "id"])
        .await?;
    tables
        .create(
            "support",
            2,
            vec![id("innovation_id"), id("user_id"), time("created_at")],
            &[
                ("innovation_id", "innovation", "id", Cascade),
                ("user_id", "user", "id", Cascade),
            ],
        )
        .await?;
    tables.index("support", &["user_id", "innovation_id"]).await
}

async fn history(tables: &Tables<'_>) -> Result<(), DbErr> {
    tables
        .create(
            "revision",
            1,
            vec![
                id("id"),
                id("item_id"),
                number("number"),
                text("state"),
                text("title"),
                optional_text("body"),
                json("content"),
                optional_id("author_id"),
                optional_text("note"),
                time("created_at"),
            ],
            &[
                ("item_id", "item", "id", Cascade),
                ("author_id", "user", "id", SetNull),
            ],
        )
        .await?;
    tables.unique("revision", &["item_id", "number"]).await?;
    tables
        .create(
            "transition",
            1,
            vec![
                id("id"),
                id("entity_id"),
                optional_text("from_state"),
                text("to_state"),
                optional_id("actor_id"),
                optional_text("reason"),
                time("at"),
            ],
            &[("actor_id", "user", "id", SetNull)],
        )
        .await?;
    tables.index("transition", &["entity_id", "id"]).await
}
