//! Values between SQLite and the entities, stored as sea-orm's driver stores them.

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use rusqlite::ToSql;
use rusqlite::types::{ToSqlOutput, Value as Stored, ValueRef};
use sea_orm::sea_query::ColumnType;
use sea_orm::{DbErr, Value};
use uuid::Uuid;

/// A value as SQLite answers it.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Cell {
    Null,
    Integer(i64),
    Real(f64),
    Text(String),
    Id(Uuid),
    Bytes(Vec<u8>),
}

impl From<ValueRef<'_>> for Cell {
    fn from(value: ValueRef<'_>) -> Self {
        match value {
            ValueRef::Null => Self::Null,
            ValueRef::Integer(number) => Self::Integer(number),
            ValueRef::Real(number) => Self::Real(number),
            ValueRef::Text(text) => Self::Text(String::from_utf8_lossy(text).into_owned()),
            ValueRef::Blob(bytes) => {
                Uuid::from_slice(bytes).map_or_else(|_| Self::Bytes(bytes.to_vec()), Self::Id)
            }
        }
    }
}

/// What a column of an entity holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Boolean,
    Number,
    LargeNumber,
    Real,
    Text,
    Time,
    Date,
    Json,
    Id,
    Bytes,
}

impl Kind {
    /// The kind of a column's declared type.
    pub(super) fn of(column: &ColumnType) -> Result<Self, DbErr> {
        Ok(match column {
            ColumnType::Boolean => Self::Boolean,
            ColumnType::Integer => Self::Number,
            ColumnType::BigInteger => Self::LargeNumber,
            ColumnType::Double => Self::Real,
            ColumnType::String(_) | ColumnType::Text | ColumnType::Enum { .. } => Self::Text,
            ColumnType::TimestampWithTimeZone => Self::Time,
            ColumnType::Date => Self::Date,
            ColumnType::Json | ColumnType::JsonBinary => Self::Json,
            ColumnType::Uuid => Self::Id,
            ColumnType::VarBinary(_) | ColumnType::Blob => Self::Bytes,
            other => return Err(DbErr::Type(format!("no column is stored as {other:?}"))),
        })
    }

    /// The value that an entity takes for a cell.
    pub(super) fn value(self, cell: Cell) -> Result<Value, DbErr> {
        Ok(match (self, cell) {
            (Self::Boolean, Cell::Integer(number)) => Value::Bool(Some(number != 0)),
            (Self::Boolean, Cell::Null) => Value::Bool(None),
            (Self::Number, Cell::Integer(number)) => Value::Int(Some(
                i32::try_from(number).map_err(|error| DbErr::Type(error.to_string()))?,
            )),
            (Self::Number, Cell::Null) => Value::Int(None),
            (Self::LargeNumber, Cell::Integer(number)) => Value::BigInt(Some(number)),
            (Self::LargeNumber, Cell::Null) => Value::BigInt(None),
            (Self::Real, Cell::Real(number)) => Value::Double(Some(number)),
            #[expect(
                clippy::cast_precision_loss,
                reason = "a whole number in a column of real ones"
            )]
            (Self::Real, Cell::Integer(number)) => Value::Double(Some(number as f64)),
            (Self::Real, Cell::Null) => Value::Double(None),
            (Self::Text, Cell::Text(text)) => Value::String(Some(text)),
            (Self::Text, Cell::Null) => Value::String(None),
            (Self::Time, Cell::Text(text)) => Value::ChronoDateTimeUtc(Some(time(&text)?)),
            (Self::Time, Cell::Null) => Value::ChronoDateTimeUtc(None),
            (Self::Date, Cell::Text(text)) => Value::ChronoDate(Some(
                text.parse::<NaiveDate>()
                    .map_err(|error| DbErr::Type(error.to_string()))?,
            )),
            (Self::Date, Cell::Null) => Value::ChronoDate(None),
            (Self::Json, Cell::Text(text)) => Value::Json(Some(Box::new(
                serde_json::from_str(&text).map_err(|error| DbErr::Type(error.to_string()))?,
            ))),
            (Self::Json, Cell::Null) => Value::Json(None),
            (Self::Id, Cell::Id(id)) => Value::Uuid(Some(id)),
            (Self::Id, Cell::Null) => Value::Uuid(None),
            (Self::Bytes, Cell::Bytes(bytes)) => Value::Bytes(Some(bytes)),
            (Self::Bytes, Cell::Id(id)) => Value::Bytes(Some(id.as_bytes().to_vec())),
            (Self::Bytes, Cell::Null) => Value::Bytes(None),
            (kind, cell) => {
                return Err(DbErr::Type(format!(
                    "{cell:?} is stored where {kind:?} belongs"
                )));
            }
        })
    }
}

fn time(text: &str) -> Result<DateTime<Utc>, DbErr> {
    DateTime::parse_from_rfc3339(text)
        .map(|time| time.to_utc())
        .map_err(|error| DbErr::Type(format!("{text:?} is no time: {error}")))
}

/// A value of a statement.
pub(super) struct Bound<'a>(pub(super) &'a Value);

impl ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let owned = |value: Stored| ToSqlOutput::Owned(value);
        let number = |number: Option<i64>| owned(number.map_or(Stored::Null, Stored::Integer));
        let text = |text: Option<String>| owned(text.map_or(Stored::Null, Stored::Text));
        Ok(match self.0 {
            Value::Bool(value) => number(value.map(i64::from)),
            Value::SmallInt(value) => number(value.map(i64::from)),
            Value::Int(value) => number(value.map(i64::from)),
            Value::BigInt(value) => number(*value),
            Value::Unsigned(value) => number(value.map(i64::from)),
            Value::BigUnsigned(value) => {
                number(value.map(|value| i64::try_from(value).unwrap_or(i64::MAX)))
            }
            Value::Double(value) => owned(value.map_or(Stored::Null, Stored::Real)),
            Value::String(value) => value.as_ref().map_or(owned(Stored::Null), |text| {
                ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes()))
            }),
            Value::Bytes(value) => value.as_ref().map_or(owned(Stored::Null), |bytes| {
                ToSqlOutput::Borrowed(ValueRef::Blob(bytes))
            }),
            Value::Uuid(value) => value.as_ref().map_or(owned(Stored::Null), |id| {
                ToSqlOutput::Borrowed(ValueRef::Blob(id.as_bytes()))
            }),
            Value::Json(value) => text(value.as_ref().map(ToString::to_string)),
            Value::ChronoDate(value) => text(value.map(|date| date.format("%F").to_string())),
            Value::ChronoDateTimeUtc(value) => {
                text(value.map(|time| time.to_rfc3339_opts(SecondsFormat::AutoSi, false)))
            }
            other => {
                let message = format!("{other:?} cannot be bound");
                return Err(rusqlite::Error::ToSqlConversionFailure(message.into()));
            }
        })
    }
}
