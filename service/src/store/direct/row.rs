//! Rows, and how entities are made of them.

use std::any::TypeId;
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Nullable, ValueType};
use sea_orm::{ActiveModelTrait, ColumnTrait, DbErr, EntityTrait, IdenStatic, Iterable};
use uuid::Uuid;

use super::cell::{Cell, Kind};
use crate::store::row::StoredEntity;

/// The names of the columns of an answer.
#[derive(Debug)]
pub(super) struct Columns {
    names: String,
    ends: Vec<usize>,
}

impl Columns {
    pub(super) fn new(names: Vec<&str>) -> Self {
        let mut all = String::with_capacity(names.iter().map(|name| name.len()).sum());
        let ends = names
            .into_iter()
            .map(|name| {
                all.push_str(name);
                all.len()
            })
            .collect();
        Self { names: all, ends }
    }

    fn iter(&self) -> impl Iterator<Item = &str> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts
            .zip(&self.ends)
            .filter_map(|(start, &end)| self.names.get(start..end))
    }

    fn place_of(&self, wanted: &str) -> Option<usize> {
        self.iter().position(|name| name == wanted)
    }
}

/// A row of an answer.
#[derive(Debug)]
pub(crate) struct DirectRow {
    columns: Arc<Columns>,
    cells: Vec<Cell>,
}

/// The columns of an entity, in their order in a select of all.
type Fields = Arc<[(&'static str, Kind)]>;

/// The fields of the entities that were read.
static FIELDS: LazyLock<RwLock<HashMap<TypeId, Fields>>> = LazyLock::new(RwLock::default);

fn fields<E: EntityTrait>() -> Result<Fields, DbErr> {
    let key = TypeId::of::<E>();
    let known = FIELDS
        .read()
        .unwrap_or_else(PoisonError::into_inner)
        .get(&key)
        .cloned();
    if let Some(known) = known {
        return Ok(known);
    }
    let made: Fields = E::Column::iter()
        .map(|column| Ok((column.as_str(), Kind::of(column.def().get_column_type())?)))
        .collect::<Result<_, DbErr>>()?;
    FIELDS
        .write()
        .unwrap_or_else(PoisonError::into_inner)
        .insert(key, Arc::clone(&made));
    Ok(made)
}

impl DirectRow {
    pub(super) fn new(columns: Arc<Columns>, cells: Vec<Cell>) -> Self {
        Self { columns, cells }
    }

    /// Takes an entity's row out of it, whose columns stand in their order, each with the prefix before its name.
    pub(in crate::store) fn model<E: StoredEntity>(
        &mut self,
        prefix: &str,
    ) -> Result<E::Model, DbErr> {
        let fields = fields::<E>()?;
        let mut names = self.columns.iter().enumerate();
        let mut active = <E::ActiveModel as ActiveModelTrait>::default();
        for ((field, kind), column) in fields.iter().zip(E::Column::iter()) {
            let place = names
                .by_ref()
                .find(|(_, name)| name.strip_prefix(prefix) == Some(field))
                .map(|(place, _)| place)
                .ok_or_else(|| DbErr::Type(format!("the answer has no column {prefix}{field}")))?;
            let cell = self
                .cells
                .get_mut(place)
                .map_or(Cell::Null, |cell| std::mem::replace(cell, Cell::Null));
            active.try_set(column, kind.value(cell)?)?;
        }
        E::row_of(active)
    }

    /// The value of a column.
    pub(in crate::store) fn get<T: DirectValue>(&self, column: &str) -> Result<T, DbErr> {
        let place = self.columns.place_of(column);
        let cell = place
            .and_then(|place| self.cells.get(place))
            .ok_or_else(|| DbErr::Type(format!("the answer has no column {column}")))?;
        let value = T::KIND.value(cell.clone())?;
        <T as ValueType>::try_from(value).map_err(|error| DbErr::Type(error.to_string()))
    }
}

/// A value of a column by itself.
pub(crate) trait DirectValue: ValueType {
    /// How it is stored.
    const KIND: Kind;
}

macro_rules! direct_value {
    ($($type:ty => $kind:ident),+ $(,)?) => {
        $(impl DirectValue for $type {
            const KIND: Kind = Kind::$kind;
        })+
    };
}

direct_value! {
    DateTime<Utc> => Time,
    i32 => Number,
    i64 => LargeNumber,
    String => Text,
    Uuid => Id,
}

impl<T: DirectValue + Nullable> DirectValue for Option<T> {
    const KIND: Kind = T::KIND;
}
