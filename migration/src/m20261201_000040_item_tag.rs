//! Lists of the items that carry a tag, in the order of their last change: each tag of an item holds what such a list is
//! chosen and ordered by, and an index has it in that order.
//!
//! The database itself keeps these copies as the item is, whichever statement changes the item.

use sea_orm_migration::prelude::*;

use crate::columns::{Tables, optional_id, optional_text, optional_time};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLE: &str = "item_tag";

/// What a tag holds of its item. The previous version names none of them.
fn columns() -> [ColumnDef; 3] {
    [
        optional_text("item_type"),
        optional_id("community_id"),
        optional_time("updated_at"),
    ]
}

/// The order of a list, of everything and of one community.
const INDEXES: [&[&str]; 2] = [
    &["tag_key", "item_type", "updated_at", "item_id"],
    &[
        "community_id",
        "tag_key",
        "item_type",
        "updated_at",
        "item_id",
    ],
];

const FILL: &str = "UPDATE item_tag SET (item_type, community_id, updated_at) =
    (SELECT item.item_type, item.community_id, item.updated_at FROM item WHERE item.id = item_tag.item_id)";

const SQLITE_UP: [&str; 2] = [
    "CREATE TRIGGER item_tag_begins AFTER INSERT ON item_tag WHEN NEW.updated_at IS NULL
    BEGIN
        UPDATE item_tag SET (item_type, community_id, updated_at) =
            (SELECT item.item_type, item.community_id, item.updated_at FROM item WHERE item.id = NEW.item_id)
            WHERE item_id = NEW.item_id AND tag_key = NEW.tag_key;
    END",
    "CREATE TRIGGER item_tag_follows AFTER UPDATE ON item
        WHEN OLD.updated_at <> NEW.updated_at OR OLD.community_id <> NEW.community_id
    BEGIN
        UPDATE item_tag SET community_id = NEW.community_id, updated_at = NEW.updated_at WHERE item_id = NEW.id;
    END",
];

const SQLITE_DOWN: [&str; 2] = [
    "DROP TRIGGER item_tag_follows",
    "DROP TRIGGER item_tag_begins",
];

const POSTGRES_UP: [&str; 4] = [
    "CREATE FUNCTION item_tag_begins() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        SELECT item.item_type, item.community_id, item.updated_at
            INTO NEW.item_type, NEW.community_id, NEW.updated_at FROM item WHERE item.id = NEW.item_id;
        RETURN NEW;
    END $$",
    "CREATE TRIGGER item_tag_begins BEFORE INSERT ON item_tag FOR EACH ROW
        WHEN (NEW.updated_at IS NULL) EXECUTE FUNCTION item_tag_begins()",
    "CREATE FUNCTION item_tag_follows() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        UPDATE item_tag SET community_id = NEW.community_id, updated_at = NEW.updated_at WHERE item_id = NEW.id;
        RETURN NULL;
    END $$",
    "CREATE TRIGGER item_tag_follows AFTER UPDATE ON item FOR EACH ROW
        WHEN (OLD.updated_at <> NEW.updated_at OR OLD.community_id <> NEW.community_id)
        EXECUTE FUNCTION item_tag_follows()",
];

const POSTGRES_DOWN: [&str; 4] = [
    "DROP TRIGGER item_tag_follows ON item",
    "DROP FUNCTION item_tag_follows()",
    "DROP TRIGGER item_tag_begins ON item_tag",
    "DROP FUNCTION item_tag_begins()",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = Tables::new(manager);
        for column in columns() {
            tables.add(TABLE, column).await?;
        }
        // Before the rows are filled, so that none is missed that comes in between.
        let triggers: &[&str] = if tables.is_sqlite() {
            &SQLITE_UP
        } else {
            &POSTGRES_UP
        };
        tables.run(triggers).await?;
        tables.run(&[FILL]).await?;
        for columns in INDEXES {
            tables.index(TABLE, columns).await?;
        }
        // The first of them serves what this one did.
        tables.drop_index(TABLE, &["tag_key", "item_id"]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = Tables::new(manager);
        tables.index(TABLE, &["tag_key", "item_id"]).await?;
        for columns in INDEXES {
            tables.drop_index(TABLE, columns).await?;
        }
        let triggers: &[&str] = if tables.is_sqlite() {
            &SQLITE_DOWN
        } else {
            &POSTGRES_DOWN
        };
        tables.run(triggers).await?;
        for column in columns() {
            tables.remove(TABLE, &column).await?;
        }
        Ok(())
    }
}
