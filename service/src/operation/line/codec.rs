//! Rows as the fields of a line, and back: every column by its name in the schema, ids as the schema has them.

use chrono::{DateTime, DurationRound, NaiveDate, SecondsFormat, TimeDelta};
use entity::change::EntityType;
use sea_orm::sea_query::ColumnType;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, IdenStatic, IntoActiveModel, Iterable, Value as Stored,
};
use serde_json::Value;
use uuid::Uuid;

use super::check::check_text;
use super::form::{Form, field_name, form, id_of};
use super::{Fields, type_of};
use crate::error::Error;
use crate::store::StoredEntity;
use crate::typed_id;

/// Writes the columns of a row as fields. What has no value is left out, and so is what only an export of everything
/// holds, unless this is one (`whole`). `own` is what the ids of the rows begin with.
pub(in crate::operation) fn encode<E>(
    row: E::Model,
    own: &'static str,
    whole: bool,
    into: &mut Fields,
) -> Result<(), Error>
where
    E: StoredEntity,
    E::Model: IntoActiveModel<E::ActiveModel>,
{
    let table = E::default().table_name();
    let mut row = row.into_active_model();
    for column in E::Column::iter() {
        let name = column.as_str();
        let form = match form(table, name, own) {
            Form::Inner if whole => id_of(table, name).map_or(Form::Plain, Form::Id),
            form => form,
        };
        let value = match form {
            Form::Left | Form::Type | Form::Inner => continue,
            Form::Plain => row.take(column).into_value().map(plain).transpose()?,
            Form::Id(of) => uuid(row.take(column).into_value().as_ref())
                .map(|id| Value::String(typed_id::encode(of, id))),
            Form::TypedBy(type_column) => {
                let of = E::Column::iter()
                    .find(|other| other.as_str() == type_column)
                    .and_then(|other| row.get(other).into_value())
                    .and_then(|value| match value {
                        Stored::String(Some(name)) => Some(name.to_ascii_lowercase()),
                        _ => None,
                    });
                let id = uuid(row.take(column).into_value().as_ref());
                of.zip(id)
                    .map(|(of, id)| Value::String(typed_id::encode(&of, id)))
            }
        };
        if let Some(value) = value.filter(|value| !value.is_null()) {
            into.insert(field_name(name), value);
        }
    }
    Ok(())
}

fn uuid(value: Option<&Stored>) -> Option<Uuid> {
    match value {
        Some(Stored::Uuid(id)) => *id,
        _ => None,
    }
}

fn plain(value: Stored) -> Result<Value, Error> {
    Ok(match value {
        Stored::Bool(value) => value.into(),
        Stored::Int(value) => value.into(),
        Stored::BigInt(value) => value.into(),
        Stored::Double(value) => value.into(),
        Stored::String(value) => value.into(),
        Stored::Json(value) => value.map_or(Value::Null, |value| *value),
        Stored::ChronoDate(value) => value.map(|day| day.format("%F").to_string()).into(),
        Stored::ChronoDateTimeUtc(value) => value
            .map(|time| time.to_rfc3339_opts(SecondsFormat::AutoSi, true))
            .into(),
        other => {
            return Err(Error::internal(format!(
                "a column of this kind is in no line: {other:?}"
            )));
        }
    })
}

/// Reads a row of the fields of a line. `given` are the values of columns that the line does not say; others that it
/// does not say are empty. The error is a sentence about the field that is wrong.
pub(in crate::operation) fn decode<E>(
    fields: &mut Fields,
    own: &'static str,
    given: &[(&str, Stored)],
) -> Result<E::Model, String>
where
    E: StoredEntity,
{
    let table = E::default().table_name();
    let mut row = <E::ActiveModel as ActiveModelTrait>::default();
    for column in E::Column::iter() {
        let name = column.as_str();
        let field = field_name(name);
        let kind = column.def().get_column_type().clone();
        if let Some((_, value)) = given.iter().find(|(given, _)| *given == name) {
            row.try_set(column, value.clone())
                .map_err(|error| format!("`{field}` cannot be set: {error}."))?;
            continue;
        }
        match form(table, name, own) {
            // Set with the id that says it.
            Form::Type => {}
            Form::Left => fill::<E>(&mut row, column, &kind, &field)?,
            Form::TypedBy(type_column) => {
                let id = match fields.remove(&field) {
                    None | Some(Value::Null) => None,
                    Some(id) => Some(typed_value(&id, &field)?),
                };
                let (entity_type, id) = id.unzip();
                let of = entity_type.map(|of: EntityType| of.as_str().to_owned());
                let missing = || format!("`{field}` is missing, or is the id of something else.");
                row.try_set(column, Stored::Uuid(id))
                    .map_err(|_| missing())?;
                let type_column = E::Column::iter().find(|other| other.as_str() == type_column);
                // A second id of the same type does not say it again.
                if let Some(other) = type_column.filter(|other| row.is_not_set(*other)) {
                    row.try_set(other, Stored::String(of))
                        .map_err(|_| missing())?;
                }
            }
            Form::Id(of) => {
                let id = fields.remove(&field);
                set_id::<E>(&mut row, column, id, of, &field)?;
            }
            Form::Plain | Form::Inner => {
                let value = fields.remove(&field);
                if let Some(of) = id_of(table, name) {
                    set_id::<E>(&mut row, column, value, of, &field)?;
                    continue;
                }
                let value = stored(&kind, value, &field)?;
                check_text(table, name, &value)?;
                row.try_set(column, value)
                    .map_err(|_| format!("`{field}` is missing, or not what it may be."))?;
            }
        }
    }
    E::row_of(row).map_err(|error| format!("The line cannot be read: {error}."))
}

fn typed_value(id: &Value, field: &str) -> Result<(EntityType, Uuid), String> {
    id.as_str()
        .and_then(typed_id::decode)
        .and_then(|(of, id)| Some((type_of(&of)?, id)))
        .ok_or_else(|| format!("`{field}` is no id."))
}

fn set_id<E: StoredEntity>(
    row: &mut E::ActiveModel,
    column: E::Column,
    id: Option<Value>,
    of: &str,
    field: &str,
) -> Result<(), String> {
    let id = match id {
        None | Some(Value::Null) => None,
        Some(id) => Some(
            id.as_str()
                .and_then(|text| typed_id::decode_as(of, text))
                .ok_or_else(|| format!("`{field}` is no id of a {}.", of.replace('_', " ")))?,
        ),
    };
    row.try_set(column, Stored::Uuid(id))
        .map_err(|_| format!("`{field}` is missing."))
}

/// Sets what the line does not say: nothing, or the emptiest value where nothing is not allowed.
fn fill<E: StoredEntity>(
    row: &mut E::ActiveModel,
    column: E::Column,
    kind: &ColumnType,
    field: &str,
) -> Result<(), String> {
    let nothing = stored(kind, None, field)?;
    if row.try_set(column, nothing).is_ok() {
        return Ok(());
    }
    let empty = match kind {
        ColumnType::Boolean => Stored::Bool(Some(false)),
        ColumnType::Integer => Stored::Int(Some(0)),
        ColumnType::BigInteger => Stored::BigInt(Some(0)),
        ColumnType::TimestampWithTimeZone => Stored::ChronoDateTimeUtc(Some(DateTime::UNIX_EPOCH)),
        ColumnType::Uuid => Stored::Uuid(Some(Uuid::nil())),
        _ => Stored::String(Some(String::new())),
    };
    row.try_set(column, empty)
        .map_err(|error| format!("`{field}` cannot be left out: {error}."))
}

/// The value of a column of some type, of what a line says.
fn stored(kind: &ColumnType, value: Option<Value>, field: &str) -> Result<Stored, String> {
    let value = value.filter(|value| !value.is_null());
    let expected = |what: &str| format!("`{field}` must be {what}.");
    Ok(match kind {
        ColumnType::Boolean => Stored::Bool(match value {
            None => None,
            Some(value) => Some(value.as_bool().ok_or_else(|| expected("true or false"))?),
        }),
        ColumnType::Integer => Stored::Int(match value {
            None => None,
            Some(value) => Some(
                value
                    .as_i64()
                    .and_then(|number| i32::try_from(number).ok())
                    .ok_or_else(|| expected("a whole number"))?,
            ),
        }),
        ColumnType::BigInteger => Stored::BigInt(match value {
            None => None,
            Some(value) => Some(value.as_i64().ok_or_else(|| expected("a whole number"))?),
        }),
        ColumnType::TimestampWithTimeZone => Stored::ChronoDateTimeUtc(match value {
            None => None,
            Some(value) => Some(
                value
                    .as_str()
                    .and_then(|text| DateTime::parse_from_rfc3339(text).ok())
                    .and_then(|time| {
                        // Both databases keep whole microseconds.
                        time.to_utc()
                            .duration_trunc(TimeDelta::microseconds(1))
                            .ok()
                    })
                    .ok_or_else(|| expected("an RFC 3339 time, such as 2026-11-23T09:30:00Z"))?,
            ),
        }),
        ColumnType::Date => Stored::ChronoDate(match value {
            None => None,
            Some(value) => Some(
                value
                    .as_str()
                    .and_then(|text| text.parse::<NaiveDate>().ok())
                    .ok_or_else(|| expected("a day, such as 2026-11-23"))?,
            ),
        }),
        ColumnType::Json | ColumnType::JsonBinary => Stored::Json(value.map(Box::new)),
        ColumnType::Uuid => Stored::Uuid(match value {
            None => None,
            Some(value) => Some(
                value
                    .as_str()
                    .and_then(|text| Uuid::try_parse(text).ok())
                    .ok_or_else(|| expected("a UUID"))?,
            ),
        }),
        _ => Stored::String(match value {
            None => None,
            Some(Value::String(text)) => Some(text),
            Some(_) => return Err(expected("a text")),
        }),
    })
}
