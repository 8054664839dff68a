//! What clocks and work queues look at: since when items wait, when somebody was or is to be reminded, and the indexes
//! that find these few among many.

use sea_orm_migration::prelude::*;

use crate::columns::{OnDelete::Cascade, Tables, id, optional_number, optional_time, time};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

fn columns() -> [(&'static str, ColumnDef); 5] {
    [
        ("item", optional_time("waiting_since")),
        ("item", optional_time("reminded_at")),
        ("item", optional_time("review_reminder_at")),
        ("item", optional_number("compared_revision")),
        ("attendance", optional_time("reminded_at")),
    ]
}

/// What waits when the columns come. An item's last step is when it came to where it is.
const WAITING: [&str; 4] = [
    "UPDATE item SET waiting_since = created_at WHERE id IN (SELECT id FROM discussion
        WHERE state = 'OPEN' AND kind IN ('HELP_REQUEST', 'PROBLEM') AND first_answered_at IS NULL)",
    "UPDATE item SET waiting_since = COALESCE(
            (SELECT MAX(at) FROM transition WHERE transition.entity_id = item.id), created_at)
        WHERE id IN (SELECT id FROM innovation WHERE stage IN ('IDEA', 'EXPLORING', 'PILOTING', 'VALIDATED'))",
    "UPDATE item SET waiting_since = updated_at
        WHERE status = 'IN_REVIEW' OR (status = 'PUBLISHED' AND pending_status = 'IN_REVIEW')",
    "UPDATE item SET review_reminder_at = review_due_at WHERE review_due_at IS NOT NULL",
];

/// The indexes, each of the few rows that its condition lets in: name, table and columns, condition.
const INDEXES: [(&str, &str, &str); 14] = [
    (
        "item_waiting_idx",
        "item (community_id, item_type, waiting_since, id)",
        "waiting_since IS NOT NULL",
    ),
    (
        "item_in_review_idx",
        "item (community_id, waiting_since, id)",
        "waiting_since IS NOT NULL AND status IS NOT NULL",
    ),
    (
        "item_to_remind_idx",
        "item (community_id, item_type, waiting_since, id)",
        "waiting_since IS NOT NULL AND reminded_at IS NULL",
    ),
    (
        "item_review_reminder_idx",
        "item (review_reminder_at, id)",
        "review_reminder_at IS NOT NULL",
    ),
    (
        "item_review_due_idx",
        "item (community_id, review_due_at, id)",
        "review_due_at IS NOT NULL AND status = 'PUBLISHED'",
    ),
    (
        "item_without_steward_idx",
        "item (community_id, published_at, id)",
        "steward_id IS NULL AND status = 'PUBLISHED'",
    ),
    (
        "item_to_compare_idx",
        "item (id)",
        "item_type = 'RESOURCE' AND status IN ('PUBLISHED', 'IN_REVIEW')
            AND (compared_revision IS NULL OR compared_revision <> revision)",
    ),
    (
        "item_offered_idx",
        "item (community_id, item_type, published_at, steward_id, review_due_at)",
        "status = 'PUBLISHED' AND visibility = 'COMMUNITY'",
    ),
    (
        "post_newest_idx",
        "post (community_id, created_at, author_id, discussion_id)",
        "hidden = FALSE",
    ),
    (
        "attendance_to_remind_idx",
        "attendance (recurrence_id, activity_id)",
        "state = 'GOING' AND reminded_at IS NULL",
    ),
    (
        "occurrence_moved_idx",
        "occurrence (starts_at, activity_id)",
        "starts_at <> recurrence_id",
    ),
    (
        "membership_invited_idx",
        "membership (updated_at, id)",
        "state = 'INVITED'",
    ),
    (
        "flag_open_idx",
        "flag (community_id, created_at, id)",
        "state = 'OPEN'",
    ),
    (
        "membership_requested_idx",
        "membership (community_id, updated_at, id)",
        "state = 'REQUESTED'",
    ),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = Tables::new(manager);
        for (table, column) in columns() {
            tables.add(table, column).await?;
        }
        tables
            .create(
                "likely_duplicate",
                1,
                vec![
                    id("item_id"),
                    id("other_id"),
                    id("community_id"),
                    time("found_at"),
                ],
                &[
                    ("item_id", "item", "id", Cascade),
                    ("other_id", "item", "id", Cascade),
                    ("community_id", "community", "id", Cascade),
                ],
            )
            .await?;
        tables
            .index("likely_duplicate", &["community_id", "found_at", "item_id"])
            .await?;
        tables.index("likely_duplicate", &["other_id"]).await?;
        let connection = manager.get_connection();
        for statement in WAITING {
            connection.execute_unprepared(statement).await?;
        }
        for (name, columns, condition) in INDEXES {
            let statement = format!("CREATE INDEX {name} ON {columns} WHERE {condition}");
            connection.execute_unprepared(&statement).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        for (name, ..) in INDEXES {
            let statement = format!("DROP INDEX {name}");
            connection.execute_unprepared(&statement).await?;
        }
        let tables = Tables::new(manager);
        tables.drop(&["likely_duplicate"]).await?;
        for (table, column) in columns() {
            tables.remove(table, &column).await?;
        }
        Ok(())
    }
}
