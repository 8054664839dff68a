//! How communities evolve: the outcomes of their stages, and what was gone on without; the functions of members.

use sea_orm_migration::prelude::*;

use crate::columns::{OnDelete::Cascade, Tables, id, optional_json, optional_text, text};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

fn of_stages() -> [ColumnDef; 2] {
    [optional_text("outcome"), optional_json("overrode")]
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = Tables::new(manager);
        for column in of_stages() {
            tables.add("transition", column).await?;
        }
        begin_histories(manager).await?;
        functions(&tables).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = Tables::new(manager);
        tables.drop(&["membership_function"]).await?;
        forget_beginnings(manager).await?;
        for column in of_stages() {
            tables.remove("transition", &column).await?;
        }
        Ok(())
    }
}

/// Every community is at the stage that it began at: its first step has the community's own id, so that it comes first.
async fn begin_histories(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let beginnings = Query::select()
        .columns(["id", "id", "stage", "created_at"])
        .from("community")
        .take();
    let mut insert = Query::insert();
    insert
        .into_table("transition")
        .columns(["id", "entity_id", "to_state", "at"])
        .select_from(beginnings)
        .map_err(|error| DbErr::Migration(error.to_string()))?;
    manager.exec_stmt(insert).await
}

async fn forget_beginnings(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let delete = Query::delete()
        .from_table("transition")
        .and_where(Expr::col("id").equals("entity_id"))
        .take();
    manager.exec_stmt(delete).await
}

async fn functions(tables: &Tables<'_>) -> Result<(), DbErr> {
    tables
        .create(
            "membership_function",
            2,
            vec![id("membership_id"), text("function")],
            &[("membership_id", "membership", "id", Cascade)],
        )
        .await
}
