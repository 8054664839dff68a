//! What shows that items work, counted; since when a recommended practice waits for somebody who uses it, and a pilot for
//! somebody who tells of it.

use sea_orm_migration::prelude::*;

use crate::columns::{OnDelete::Cascade, Tables, id, number, optional_time, text};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

fn columns() -> [(&'static str, ColumnDef); 3] {
    [
        ("item", optional_time("unadopted_since")),
        ("practice", optional_time("recommended_at")),
        ("pilot", optional_time("report_due_at")),
    ]
}

/// What pilots, reports and adoptions come to when the table comes.
const COUNTED: &str = "
    INSERT INTO evidence (item_id, level, concluded, worked, reports, adoptions, confirmed, settings)
    SELECT item_id,
        CASE WHEN confirmed >= 3 AND settings >= 2 THEN 'CONFIRMED' WHEN concluded > 0 THEN 'PILOTED' ELSE 'REPORTED' END,
        concluded, worked, reports, adoptions, confirmed, settings
    FROM (
        SELECT id AS item_id,
            (SELECT COUNT(*) FROM pilot WHERE subject_id = item.id AND state = 'CONCLUDED') AS concluded,
            (SELECT COUNT(*) FROM pilot WHERE subject_id = item.id AND state = 'CONCLUDED'
                AND outcome IN ('WORKED', 'WORKED_WITH_CHANGES')) AS worked,
            (SELECT COUNT(*) FROM experience_report WHERE subject_id = item.id AND consent = 'PUBLIC') AS reports,
            (SELECT COUNT(*) FROM adoption WHERE subject_id = item.id AND state IN ('IN_USE', 'CONFIRMED')) AS adoptions,
            (SELECT COUNT(*) FROM adoption WHERE subject_id = item.id AND state = 'CONFIRMED'
                AND (outcome IS NULL OR outcome <> 'WORSE')) AS confirmed,
            (SELECT COUNT(DISTINCT setting_key) FROM adoption WHERE subject_id = item.id AND state = 'CONFIRMED'
                AND (outcome IS NULL OR outcome <> 'WORSE')) AS settings
        FROM item WHERE item_type IN ('RESOURCE', 'PRACTICE', 'INNOVATION')
    ) AS counted
    WHERE concluded + reports + adoptions > 0";

/// The indexes, each of the few rows that its condition lets in: name, table and columns, condition.
const INDEXES: [(&str, &str, &str); 2] = [
    (
        "item_unadopted_idx",
        "item (community_id, unadopted_since, id)",
        "unadopted_since IS NOT NULL",
    ),
    (
        "pilot_report_due_idx",
        "pilot (community_id, report_due_at, id)",
        "report_due_at IS NOT NULL",
    ),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = Tables::new(manager);
        for (table, column) in columns() {
            tables.add(table, column).await?;
        }
        let numbers = [
            "concluded",
            "worked",
            "reports",
            "adoptions",
            "confirmed",
            "settings",
        ];
        let mut columns = vec![id("item_id"), text("level")];
        columns.extend(numbers.map(number));
        let of_item = [("item_id", "item", "id", Cascade)];
        tables.create("evidence", 1, columns, &of_item).await?;
        let connection = manager.get_connection();
        connection.execute_unprepared(COUNTED).await?;
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
        tables.drop(&["evidence"]).await?;
        for (table, column) in columns() {
            tables.remove(table, &column).await?;
        }
        Ok(())
    }
}
