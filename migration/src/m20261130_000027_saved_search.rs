//! The searches that people save, what these have alerted them of, and how far the alerts have come.

use sea_orm_migration::prelude::*;

use crate::columns::{OnDelete::Cascade, Tables, flag, id, json, position, text, time};

/// The projection of the change log that makes alerts.
const PROJECTION: &str = "search_alerts";

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// Those that are compared with what is new.
const ALERTING: &str = "CREATE INDEX saved_search_alerting_idx ON saved_search (id) WHERE alerts";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = Tables::new(manager);
        tables
            .create(
                "saved_search",
                1,
                vec![
                    id("id"),
                    id("user_id"),
                    text("name"),
                    text("query"),
                    json("filter"),
                    flag("alerts"),
                    position(),
                    time("created_at"),
                ],
                &[("user_id", "user", "id", Cascade)],
            )
            .await?;
        tables.index("saved_search", &["user_id", "id"]).await?;
        let connection = manager.get_connection();
        connection.execute_unprepared(ALERTING).await?;
        tables
            .create(
                "search_alert",
                2,
                vec![id("saved_search_id"), id("about_id")],
                &[("saved_search_id", "saved_search", "id", Cascade)],
            )
            .await?;
        tables.index("search_alert", &["about_id"]).await?;
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
            .drop(&["search_alert", "saved_search"])
            .await
    }
}
