//! Domains, communities and memberships.

use sea_orm_migration::prelude::*;

use crate::columns::{
    OnDelete::{Cascade, Restrict, SetNull},
    Tables, id, json, number, optional_id, optional_text, optional_time, text, time,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = Tables::new(manager);
        domains(&tables).await?;
        communities(&tables).await?;
        community_lists(&tables).await?;
        memberships(&tables).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Tables::new(manager)
            .drop(&[
                "membership",
                "community_language",
                "community_sponsor",
                "community_domain",
                "community",
                "slug_redirect",
                "domain_ancestor",
                "domain",
            ])
            .await
    }
}

async fn domains(tables: &Tables<'_>) -> Result<(), DbErr> {
    tables
        .create(
            "domain",
            1,
            vec![
                id("id"),
                text("name"),
                tables.key("name_key"),
                tables.key("slug"),
                optional_text("description"),
                optional_text("concern"),
                json("labels"),
                json("alternative_labels"),
                json("key_questions"),
                optional_id("parent_id"),
                number("revision"),
                time("created_at"),
                time("updated_at"),
            ],
            &[("parent_id", "domain", "id", Restrict)],
        )
        .await?;
    tables.unique("domain", &["slug"]).await?;
    tables.index("domain", &["name_key", "id"]).await?;
    tables
        .index("domain", &["parent_id", "name_key", "id"])
        .await?;
    tables
        .create(
            "domain_ancestor",
            2,
            vec![id("domain_id"), id("ancestor_id"), number("distance")],
            &[
                ("domain_id", "domain", "id", Cascade),
                ("ancestor_id", "domain", "id", Cascade),
            ],
        )
        .await?;
    tables
        .index("domain_ancestor", &["ancestor_id", "domain_id"])
        .await?;
    tables
        .create(
            "slug_redirect",
            2,
            vec![
                tables.key("entity_type"),
                tables.key("slug"),
                id("target_id"),
                time("created_at"),
            ],
            &[],
        )
        .await?;
    tables.index("slug_redirect", &["target_id"]).await
}

async fn communities(tables: &Tables<'_>) -> Result<(), DbErr> {
    tables
        .create(
            "community",
            1,
            vec![
                id("id"),
                tables.key("slug"),
                text("name"),
                tables.key("name_key"),
                text("purpose"),
                optional_text("description"),
                text("kind"),
                text("stage"),
                text("status"),
                text("visibility"),
                text("join_policy"),
                optional_text("meeting_mode"),
                optional_text("sector"),
                optional_id("parent_id"),
                number("revision"),
                time("created_at"),
                time("updated_at"),
            ],
            &[("parent_id", "community", "id", SetNull)],
        )
        .await?;
    tables.unique("community", &["slug"]).await?;
    for order in ["name_key", "created_at", "updated_at"] {
        tables.index("community", &[order, "id"]).await?;
        tables.index("community", &["kind", order, "id"]).await?;
    }
    tables.index("community", &["visibility"]).await?;
    tables.index("community", &["parent_id"]).await
}

async fn community_lists(tables: &Tables<'_>) -> Result<(), DbErr> {
    let of_community = ("community_id", "community", "id", Cascade);
    tables
        .create(
            "community_domain",
            2,
            vec![id("community_id"), id("domain_id"), number("place")],
            &[of_community, ("domain_id", "domain", "id", Restrict)],
        )
        .await?;
    tables
        .index("community_domain", &["domain_id", "community_id"])
        .await?;
    tables
        .create(
            "community_sponsor",
            2,
            vec![id("community_id"), id("organization_id"), number("place")],
            &[
                of_community,
                ("organization_id", "organization", "id", Restrict),
            ],
        )
        .await?;
    tables
        .index("community_sponsor", &["organization_id", "community_id"])
        .await?;
    tables
        .create(
            "community_language",
            2,
            vec![id("community_id"), tables.key("language"), number("place")],
            &[of_community],
        )
        .await?;
    tables
        .index("community_language", &["language", "community_id"])
        .await
}

async fn memberships(tables: &Tables<'_>) -> Result<(), DbErr> {
    tables
        .create(
            "membership",
            1,
            vec![
                id("id"),
                id("community_id"),
                id("user_id"),
                text("role"),
                text("state"),
                optional_time("joined_at"),
                optional_id("invited_by"),
                time("created_at"),
                time("updated_at"),
            ],
            &[
                ("community_id", "community", "id", Cascade),
                ("user_id", "user", "id", Cascade),
            ],
        )
        .await?;
    tables
        .unique("membership", &["community_id", "user_id"])
        .await?;
    tables
        .index("membership", &["user_id", "state", "id"])
        .await?;
    tables
        .index("membership", &["community_id", "state", "id"])
        .await
}
