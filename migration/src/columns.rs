//! The column types and table helpers that the migrations share.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// A required UUID.
pub(crate) fn id(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).uuid().not_null().take()
}

/// A UUID that may be absent.
pub(crate) fn optional_id(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).uuid().take()
}

/// A required text.
pub(crate) fn text(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).text().not_null().take()
}

/// A text that may be absent.
pub(crate) fn optional_text(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).text().take()
}

/// A required time.
pub(crate) fn time(name: &'static str) -> ColumnDef {
    ColumnDef::new(name)
        .timestamp_with_time_zone()
        .not_null()
        .take()
}

/// A time that may be absent.
pub(crate) fn optional_time(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).timestamp_with_time_zone().take()
}

/// A required JSON value.
pub(crate) fn json(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).json_binary().not_null().take()
}

/// A JSON value that may be absent.
pub(crate) fn optional_json(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).json_binary().take()
}

/// A required whole number of 32 bits.
pub(crate) fn number(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).integer().not_null().take()
}

/// A whole number of 32 bits that may be absent.
pub(crate) fn optional_number(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).integer().take()
}

/// A required whole number of 64 bits.
pub(crate) fn count(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).big_integer().not_null().take()
}

/// A place in the change log.
pub(crate) fn position() -> ColumnDef {
    ColumnDef::new("position").big_integer().not_null().take()
}

/// A required truth value.
pub(crate) fn flag(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).boolean().not_null().take()
}

/// A truth value that may be absent.
pub(crate) fn optional_flag(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).boolean().take()
}

/// A required day.
pub(crate) fn date(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).date().not_null().take()
}

/// A day that may be absent.
pub(crate) fn optional_date(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).date().take()
}

/// What a migration makes: tables with a primary key, foreign keys and indexes, on either database.
pub(crate) struct Tables<'a> {
    manager: &'a SchemaManager<'a>,
}

/// What happens to a row when the row that it points at is deleted.
#[derive(Clone, Copy)]
pub(crate) enum OnDelete {
    /// It goes too.
    Cascade,
    /// The deletion is refused.
    Restrict,
    /// It points nowhere.
    SetNull,
}

/// A foreign key: column, table, column there, and what a deletion does.
pub(crate) type Reference = (&'static str, &'static str, &'static str, OnDelete);

impl<'a> Tables<'a> {
    pub(crate) fn new(manager: &'a SchemaManager<'a>) -> Self {
        Self { manager }
    }

    /// A text that is compared by bytes, so that both databases order it alike.
    pub(crate) fn key(&self, name: &'static str) -> ColumnDef {
        let mut column = text(name);
        if self.manager.get_database_backend() == DbBackend::Postgres {
            column.extra("COLLATE \"C\"");
        }
        column
    }

    /// Creates a table whose primary key are the first `key_length` columns.
    pub(crate) async fn create(
        &self,
        name: &'static str,
        key_length: usize,
        columns: Vec<ColumnDef>,
        references: &[Reference],
    ) -> Result<(), DbErr> {
        let mut table = Table::create();
        table.table(name);
        let mut primary_key = Index::create();
        for (place, column) in columns.into_iter().enumerate() {
            if place < key_length {
                primary_key.col(Alias::new(column.get_column_name()));
            }
            table.col(column);
        }
        table.primary_key(&mut primary_key);
        for (column, target, target_column, on_delete) in references {
            table.foreign_key(
                ForeignKey::create()
                    .name(format!("{name}_{column}_fkey"))
                    .from(name, *column)
                    .to(*target, *target_column)
                    .on_delete(match on_delete {
                        OnDelete::Cascade => ForeignKeyAction::Cascade,
                        OnDelete::Restrict => ForeignKeyAction::Restrict,
                        OnDelete::SetNull => ForeignKeyAction::SetNull,
                    }),
            );
        }
        self.manager.create_table(table).await
    }

    /// Adds a column that may be absent, so that the previous version can go on writing rows.
    pub(crate) async fn add(&self, table: &'static str, column: ColumnDef) -> Result<(), DbErr> {
        let mut column = column;
        self.manager
            .alter_table(Table::alter().table(table).add_column(&mut column).take())
            .await
    }

    /// Removes a column.
    pub(crate) async fn remove(
        &self,
        table: &'static str,
        column: &ColumnDef,
    ) -> Result<(), DbErr> {
        let name = Alias::new(column.get_column_name());
        self.manager
            .alter_table(Table::alter().table(table).drop_column(name).take())
            .await
    }

    /// Creates an index named after its table and columns.
    pub(crate) async fn index(
        &self,
        table: &'static str,
        columns: &[&'static str],
    ) -> Result<(), DbErr> {
        self.manager
            .create_index(Self::index_statement(table, columns, "idx"))
            .await
    }

    /// Creates a unique index, named so that a violation can be told by its columns: `table_column_key`.
    pub(crate) async fn unique(
        &self,
        table: &'static str,
        columns: &[&'static str],
    ) -> Result<(), DbErr> {
        self.manager
            .create_index(Self::index_statement(table, columns, "key").unique().take())
            .await
    }

    /// Creates a unique index of the rows in which a column is null.
    pub(crate) async fn unique_while_null(
        &self,
        table: &'static str,
        columns: &[&'static str],
        null: &'static str,
    ) -> Result<(), DbErr> {
        let mut index = Self::index_statement(table, columns, "key");
        index.unique().and_where(Expr::col(null).is_null());
        self.manager.create_index(index).await
    }

    /// Drops an index that was named after its table and columns.
    pub(crate) async fn drop_index(
        &self,
        table: &'static str,
        columns: &[&'static str],
    ) -> Result<(), DbErr> {
        let statement = format!("DROP INDEX {}", Self::index_name(table, columns, "idx"));
        self.run(&[statement.as_str()]).await
    }

    fn index_name(table: &str, columns: &[&str], suffix: &str) -> String {
        format!("{table}_{}_{suffix}", columns.join("_"))
    }

    fn index_statement(
        table: &'static str,
        columns: &[&'static str],
        suffix: &str,
    ) -> IndexCreateStatement {
        let mut index = Index::create();
        index
            .name(Self::index_name(table, columns, suffix))
            .table(table);
        for column in columns {
            index.col(*column);
        }
        index
    }

    /// Whether the database is SQLite.
    pub(crate) fn is_sqlite(&self) -> bool {
        self.manager.get_database_backend() == DbBackend::Sqlite
    }

    /// Runs statements that are written out, one after the other.
    pub(crate) async fn run(&self, statements: &[&str]) -> Result<(), DbErr> {
        let connection = self.manager.get_connection();
        for statement in statements {
            connection.execute_unprepared(statement).await?;
        }
        Ok(())
    }

    /// Drops tables, in the order given.
    pub(crate) async fn drop(&self, names: &[&'static str]) -> Result<(), DbErr> {
        for name in names {
            self.manager
                .drop_table(Table::drop().table(*name).take())
                .await?;
        }
        Ok(())
    }
}
