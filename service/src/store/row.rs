//! A row of a select, whichever way it was read.

use sea_orm::{
    ActiveModelBehavior, DbErr, EntityTrait, FromQueryResult, QueryResult, TryGetable, TryIntoModel,
};

use super::direct::{DirectRow, DirectValue};
use crate::error::Result;

/// A row of a select.
#[derive(Debug)]
pub(crate) enum Row {
    /// As sea-orm's driver answers it.
    Driver(Box<QueryResult>),
    /// As it was read without.
    Direct(DirectRow),
}

/// An entity whose rows can be made of what is read: every one can.
pub trait StoredEntity: EntityTrait {
    /// The row whose values are all set.
    fn row_of(values: Self::ActiveModel) -> Result<Self::Model, DbErr>;
}

impl<E> StoredEntity for E
where
    E: EntityTrait,
    E::ActiveModel: ActiveModelBehavior<Entity = E> + TryIntoModel<E::Model>,
{
    fn row_of(values: Self::ActiveModel) -> Result<Self::Model, DbErr> {
        values.try_into_model()
    }
}

/// A value of a column.
pub(crate) trait RowValue: TryGetable + DirectValue {}

impl<T: TryGetable + DirectValue> RowValue for T {}

impl Row {
    /// Takes the row of an entity out of this one: its columns in their order, with the prefix before their names.
    pub(crate) fn model<E: StoredEntity>(&mut self, prefix: &str) -> Result<E::Model> {
        Ok(match self {
            Self::Driver(row) => E::Model::from_query_result(row, prefix)?,
            Self::Direct(row) => row.model::<E>(prefix)?,
        })
    }

    /// The value of a column.
    pub(crate) fn get<T: RowValue>(&self, column: &str) -> Result<T> {
        Ok(match self {
            Self::Driver(row) => row.try_get("", column)?,
            Self::Direct(row) => row.get(column)?,
        })
    }
}
