//! Lineage as a graph: which end of each relation came first, so that both ways through the graph have an index; and the
//! relations that content states, which were kept beside it until now.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// Of these relations the arrow points to what came later.
const FORWARD: &str = "relation IN ('PROMOTED_TO', 'MERGED_INTO')";

/// The generated columns: name, type on SQLite, type on PostgreSQL, and the value where the arrow points forward and
/// where it points back.
const ENDS: [(&str, &str, &str, &str, &str); 4] = [
    ("later_id", "blob", "uuid", "to_id", "from_id"),
    ("later_type", "text", "text", "to_type", "from_type"),
    ("earlier_id", "blob", "uuid", "from_id", "to_id"),
    ("earlier_type", "text", "text", "from_type", "to_type"),
];

const INDEXES: [(&str, &str); 2] = [
    ("link_later_id_idx", "link (later_id, at)"),
    ("link_earlier_id_idx", "link (earlier_id, at)"),
];

/// What practices use, and what discussions are about.
const STATED_BY_CONTENT: [&str; 2] = [
    "INSERT INTO link (from_id, relation, to_id, from_type, to_type, at, derived)
     SELECT practice_resource.practice_id, 'REFERENCES', practice_resource.resource_id, 'PRACTICE', 'RESOURCE',
            item.created_at, TRUE
     FROM practice_resource JOIN item ON item.id = practice_resource.practice_id",
    "INSERT INTO link (from_id, relation, to_id, from_type, to_type, at, derived)
     SELECT discussion.id, 'REFERENCES', discussion.about_id, 'DISCUSSION', item.item_type, own.created_at, TRUE
     FROM discussion JOIN item ON item.id = discussion.about_id JOIN item AS own ON own.id = discussion.id",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        let sqlite = manager.get_database_backend() == DbBackend::Sqlite;
        let add = "ALTER TABLE link ADD COLUMN derived boolean";
        connection.execute_unprepared(add).await?;
        for (name, on_sqlite, on_postgresql, forward, back) in ENDS {
            let (kind, kept) = if sqlite {
                (on_sqlite, "VIRTUAL")
            } else {
                (on_postgresql, "STORED")
            };
            let statement = format!(
                "ALTER TABLE link ADD COLUMN {name} {kind}
                 GENERATED ALWAYS AS (CASE WHEN {FORWARD} THEN {forward} ELSE {back} END) {kept}"
            );
            connection.execute_unprepared(&statement).await?;
        }
        for (name, columns) in INDEXES {
            let statement = format!("CREATE INDEX {name} ON {columns}");
            connection.execute_unprepared(&statement).await?;
        }
        for statement in STATED_BY_CONTENT {
            connection.execute_unprepared(statement).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        let forget = "DELETE FROM link WHERE derived = TRUE
            OR relation IN ('REFERENCES', 'TRANSLATION_OF', 'PART_OF', 'REQUIRES')";
        connection.execute_unprepared(forget).await?;
        for (name, _) in INDEXES {
            let statement = format!("DROP INDEX {name}");
            connection.execute_unprepared(&statement).await?;
        }
        for (name, ..) in ENDS {
            let statement = format!("ALTER TABLE link DROP COLUMN {name}");
            connection.execute_unprepared(&statement).await?;
        }
        let remove = "ALTER TABLE link DROP COLUMN derived";
        connection.execute_unprepared(remove).await?;
        Ok(())
    }
}
