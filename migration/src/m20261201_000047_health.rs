//! What the figures of a community are read from: the newest of its discussions and innovations and the steps of these,
//! each found in an index that holds all that is asked of them.
//!
//! The database itself keeps the time of a discussion as its item is, whichever statement changes the item.

use sea_orm_migration::prelude::*;

use crate::columns::{Tables, optional_time};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const DISCUSSION: &str = "discussion";

/// When it was made, if everybody sees it who sees all of the community. The previous version does not name it.
fn shown_at() -> ColumnDef {
    optional_time("shown_at")
}

/// Indexes that hold more than those whose place they take: table, columns of the old and of the new one.
const WIDENED: [(&str, &[&str], &[&str]); 2] = [
    (
        "item",
        &["community_id", "item_type", "updated_at", "id"],
        &[
            "community_id",
            "item_type",
            "updated_at",
            "id",
            "visibility",
        ],
    ),
    (
        "transition",
        &["entity_id", "id"],
        &["entity_id", "id", "to_state", "at"],
    ),
];

const INDEX: &str = "CREATE INDEX discussion_shown_idx
    ON discussion (community_id, shown_at, id, kind, first_answered_at, resolved_at) WHERE shown_at IS NOT NULL";

const FILL: &str = "UPDATE discussion SET shown_at = (SELECT
    CASE WHEN item.visibility = 'COMMUNITY' THEN item.created_at END FROM item WHERE item.id = discussion.id)";

const SQLITE_UP: [&str; 2] = [
    "CREATE TRIGGER discussion_shown_begins AFTER INSERT ON discussion
    BEGIN
        UPDATE discussion SET shown_at =
            (SELECT CASE WHEN item.visibility = 'COMMUNITY' THEN item.created_at END FROM item WHERE item.id = NEW.id)
            WHERE id = NEW.id;
    END",
    "CREATE TRIGGER discussion_shown_follows AFTER UPDATE OF visibility, created_at ON item
        WHEN NEW.item_type = 'DISCUSSION'
            AND (OLD.visibility <> NEW.visibility OR OLD.created_at <> NEW.created_at)
    BEGIN
        UPDATE discussion SET shown_at = CASE WHEN NEW.visibility = 'COMMUNITY' THEN NEW.created_at END
            WHERE id = NEW.id;
    END",
];

const SQLITE_DOWN: [&str; 2] = [
    "DROP TRIGGER discussion_shown_follows",
    "DROP TRIGGER discussion_shown_begins",
];

const POSTGRES_UP: [&str; 4] = [
    "CREATE FUNCTION discussion_shown_begins() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        SELECT CASE WHEN item.visibility = 'COMMUNITY' THEN item.created_at END
            INTO NEW.shown_at FROM item WHERE item.id = NEW.id;
        RETURN NEW;
    END $$",
    "CREATE TRIGGER discussion_shown_begins BEFORE INSERT ON discussion FOR EACH ROW
        EXECUTE FUNCTION discussion_shown_begins()",
    "CREATE FUNCTION discussion_shown_follows() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        UPDATE discussion SET shown_at = CASE WHEN NEW.visibility = 'COMMUNITY' THEN NEW.created_at END
            WHERE id = NEW.id;
        RETURN NULL;
    END $$",
    "CREATE TRIGGER discussion_shown_follows AFTER UPDATE OF visibility, created_at ON item FOR EACH ROW
        WHEN (NEW.item_type = 'DISCUSSION'
            AND (OLD.visibility <> NEW.visibility OR OLD.created_at <> NEW.created_at))
        EXECUTE FUNCTION discussion_shown_follows()",
];

const POSTGRES_DOWN: [&str; 4] = [
    "DROP TRIGGER discussion_shown_follows ON item",
    "DROP FUNCTION discussion_shown_follows()",
    "DROP TRIGGER discussion_shown_begins ON discussion",
    "DROP FUNCTION discussion_shown_begins()",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = Tables::new(manager);
        tables.add(DISCUSSION, shown_at()).await?;
        // Before the rows are filled, so that none is missed that comes in between.
        let triggers: &[&str] = if tables.is_sqlite() {
            &SQLITE_UP
        } else {
            &POSTGRES_UP
        };
        tables.run(triggers).await?;
        tables.run(&[FILL, INDEX]).await?;
        for (table, narrow, wide) in WIDENED {
            tables.index(table, wide).await?;
            tables.drop_index(table, narrow).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = Tables::new(manager);
        for (table, narrow, wide) in WIDENED {
            tables.index(table, narrow).await?;
            tables.drop_index(table, wide).await?;
        }
        let triggers: &[&str] = if tables.is_sqlite() {
            &SQLITE_DOWN
        } else {
            &POSTGRES_DOWN
        };
        tables.run(triggers).await?;
        tables.run(&["DROP INDEX discussion_shown_idx"]).await?;
        tables.remove(DISCUSSION, &shown_at()).await
    }
}
