//! How communities evolve: the outcomes of their stages, and what was gone on without; the functions of members, and how
//! much they take part.

use sea_orm_migration::prelude::*;

use crate::columns::{
    OnDelete::Cascade, Tables, id, number, optional_json, optional_text, optional_time, text, time,
};

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
        functions(&tables).await?;
        participation(&tables).await?;
        follow_the_log(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = Tables::new(manager);
        forget_the_log(manager).await?;
        tables
            .drop(&[
                "participation_change",
                "participation",
                "participation_act",
                "membership_function",
            ])
            .await?;
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

async fn participation(tables: &Tables<'_>) -> Result<(), DbErr> {
    let of_membership = ("membership_id", "membership", "id", Cascade);
    tables
        .create(
            "participation_act",
            4,
            vec![
                id("membership_id"),
                text("act"),
                id("subject_id"),
                time("at"),
            ],
            &[of_membership],
        )
        .await?;
    tables
        .index("participation_act", &["membership_id", "at"])
        .await?;
    tables.index("participation_act", &["subject_id"]).await?;
    tables
        .create(
            "participation",
            1,
            vec![
                id("membership_id"),
                id("community_id"),
                text("level"),
                number("contributions"),
                number("attendances"),
                number("reactions"),
                optional_time("last_active_at"),
                ColumnDef::new("due_on").date().take(),
            ],
            &[of_membership, ("community_id", "community", "id", Cascade)],
        )
        .await?;
    tables
        .index("participation", &["community_id", "level", "membership_id"])
        .await?;
    tables
        .index("participation", &["due_on", "membership_id"])
        .await?;
    tables
        .create(
            "participation_change",
            2,
            vec![
                id("membership_id"),
                ColumnDef::new("day").date().not_null().take(),
                text("level"),
            ],
            &[of_membership],
        )
        .await
}

/// Participation is derived from all of the log.
async fn follow_the_log(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut insert = Query::insert();
    insert
        .into_table("projection")
        .columns(["name", "position"])
        .values_panic(["participation".into(), 0_i64.into()]);
    manager.exec_stmt(insert).await
}

async fn forget_the_log(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let delete = Query::delete()
        .from_table("projection")
        .and_where(Expr::col("name").eq("participation"))
        .take();
    manager.exec_stmt(delete).await
}
