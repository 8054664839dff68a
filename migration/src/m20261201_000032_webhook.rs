//! Webhooks, the secrets that sign what they are sent, and their deliveries.

use sea_orm_migration::prelude::*;

use crate::columns::{
    OnDelete::Cascade, Tables, flag, id, json, number, optional_id, optional_number, optional_text,
    optional_time, position, text, time,
};

/// The projection of the change log that makes deliveries.
const PROJECTION: &str = "webhooks";
/// What is to be sent, by webhook.
const WAITING: &str =
    "CREATE INDEX webhook_delivery_waiting_idx ON webhook_delivery (webhook_id, due_at, id)
    WHERE finished_at IS NULL";

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = Tables::new(manager);
        webhooks(&tables).await?;
        deliveries(&tables).await?;
        let connection = manager.get_connection();
        connection.execute_unprepared(WAITING).await?;
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
            .drop(&["webhook_delivery", "webhook_secret", "webhook"])
            .await
    }
}

async fn webhooks(tables: &Tables<'_>) -> Result<(), DbErr> {
    tables
        .create(
            "webhook",
            1,
            vec![
                id("id"),
                id("user_id"),
                text("url"),
                json("events"),
                optional_id("community_id"),
                position(),
                flag("enabled"),
                optional_text("disabled_reason"),
                optional_time("failing_since"),
                number("failures"),
                time("created_at"),
                time("updated_at"),
            ],
            &[
                ("user_id", "user", "id", Cascade),
                ("community_id", "community", "id", Cascade),
            ],
        )
        .await?;
    tables.index("webhook", &["user_id", "id"]).await?;
    tables.index("webhook", &["community_id"]).await?;
    tables
        .create(
            "webhook_secret",
            1,
            vec![
                id("id"),
                id("webhook_id"),
                text("secret"),
                optional_time("ends_at"),
                time("created_at"),
            ],
            &[("webhook_id", "webhook", "id", Cascade)],
        )
        .await?;
    tables
        .index("webhook_secret", &["webhook_id", "id"])
        .await?;
    tables.index("webhook_secret", &["ends_at"]).await
}

async fn deliveries(tables: &Tables<'_>) -> Result<(), DbErr> {
    tables
        .create(
            "webhook_delivery",
            1,
            vec![
                id("id"),
                id("webhook_id"),
                text("event"),
                position(),
                text("entity_type"),
                id("entity_id"),
                text("operation"),
                flag("whole_community"),
                optional_id("community_id"),
                json("fields"),
                optional_id("saved_search_id"),
                json("seen_by"),
                time("happened_at"),
                text("state"),
                number("attempts"),
                number("earlier_attempts"),
                time("due_at"),
                optional_time("leased_until"),
                optional_number("last_status"),
                optional_text("last_error"),
                time("created_at"),
                optional_time("finished_at"),
            ],
            &[("webhook_id", "webhook", "id", Cascade)],
        )
        .await?;
    tables
        .index("webhook_delivery", &["webhook_id", "id"])
        .await?;
    tables.index("webhook_delivery", &["created_at"]).await
}
