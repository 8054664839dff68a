//! People: organizations, users and how they sign in.

use sea_orm_migration::prelude::*;

use crate::columns::{
    OnDelete::{Cascade, SetNull},
    Tables, flag, id, json, optional_id, optional_text, optional_time, text, time,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = Tables::new(manager);
        organizations(&tables).await?;
        users(&tables).await?;
        sign_in(&tables).await?;
        tables
            .create(
                "setting",
                1,
                vec![text("key"), json("value"), time("updated_at")],
                &[],
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Tables::new(manager)
            .drop(&[
                "setting",
                "api_token",
                "refresh_token",
                "session",
                "external_identity",
                "password",
                "user",
                "organization",
            ])
            .await
    }
}

async fn organizations(tables: &Tables<'_>) -> Result<(), DbErr> {
    tables
        .create(
            "organization",
            1,
            vec![
                id("id"),
                text("name"),
                tables.key("name_key"),
                tables.key("slug"),
                text("sector"),
                optional_text("url"),
                time("created_at"),
                time("updated_at"),
            ],
            &[],
        )
        .await?;
    tables.unique("organization", &["slug"]).await?;
    tables.index("organization", &["name_key", "id"]).await
}

async fn users(tables: &Tables<'_>) -> Result<(), DbErr> {
    tables
        .create(
            "user",
            1,
            vec![
                id("id"),
                text("handle"),
                tables.key("handle_key"),
                optional_text("email"),
                optional_text("email_key"),
                text("display_name"),
                optional_text("bio"),
                optional_text("locale"),
                optional_text("time_zone"),
                optional_text("avatar_url"),
                text("platform_role"),
                text("status"),
                optional_id("organization_id"),
                flag("is_demo"),
                time("created_at"),
                time("updated_at"),
            ],
            &[("organization_id", "organization", "id", SetNull)],
        )
        .await?;
    tables.unique("user", &["handle_key"]).await?;
    tables.unique("user", &["email_key"]).await?;
    tables.index("user", &["organization_id"]).await
}

async fn sign_in(tables: &Tables<'_>) -> Result<(), DbErr> {
    let of_user = [("user_id", "user", "id", Cascade)];
    tables
        .create(
            "password",
            1,
            vec![id("user_id"), text("hash"), time("updated_at")],
            &of_user,
        )
        .await?;
    tables
        .create(
            "external_identity",
            1,
            vec![
                id("id"),
                text("issuer"),
                text("subject"),
                id("user_id"),
                time("created_at"),
            ],
            &of_user,
        )
        .await?;
    tables
        .unique("external_identity", &["issuer", "subject"])
        .await?;
    tables.index("external_identity", &["user_id"]).await?;
    tables
        .create(
            "session",
            1,
            vec![
                id("id"),
                id("user_id"),
                time("created_at"),
                time("expires_at"),
                optional_time("revoked_at"),
            ],
            &of_user,
        )
        .await?;
    tables.index("session", &["user_id"]).await?;
    tables
        .create(
            "refresh_token",
            1,
            vec![
                id("id"),
                id("session_id"),
                text("hash"),
                time("created_at"),
                optional_time("used_at"),
            ],
            &[("session_id", "session", "id", Cascade)],
        )
        .await?;
    tables.unique("refresh_token", &["hash"]).await?;
    tables.index("refresh_token", &["session_id"]).await?;
    tables
        .create(
            "api_token",
            1,
            vec![
                id("id"),
                id("user_id"),
                text("name"),
                text("hash"),
                json("scopes"),
                optional_id("community_id"),
                optional_time("expires_at"),
                optional_time("last_used_at"),
                optional_time("revoked_at"),
                time("created_at"),
            ],
            &of_user,
        )
        .await?;
    tables.unique("api_token", &["hash"]).await?;
    tables.index("api_token", &["user_id", "id"]).await
}
