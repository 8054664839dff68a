//! Reading a table page by page in the order of an index, each page beginning after the last row of the one before.

use std::collections::VecDeque;

use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, ModelTrait, QueryFilter, QueryOrder, QuerySelect,
    Value,
};
use uuid::Uuid;

use super::sight::Rule;
use crate::error::Result;

/// Rows of a page.
pub(super) const PAGE: u64 = 200;

/// The pages of what meets some rules.
pub(super) struct Pager<E: EntityTrait> {
    rules: VecDeque<sea_orm::Condition>,
    key: Vec<E::Column>,
    after: Option<Vec<Value>>,
    ended: bool,
}

impl<E: EntityTrait> Pager<E> {
    /// Everything that meets the rules, ordered by columns that together are unique.
    pub(super) fn new(key: &[E::Column], rules: impl IntoIterator<Item = Rule>) -> Self {
        Self {
            rules: rules.into_iter().flatten().collect(),
            key: key.to_vec(),
            after: None,
            ended: false,
        }
    }

    /// The same among what belongs to some things, which a column names.
    pub(super) fn of(mut self, column: E::Column, ids: &[Uuid]) -> Self {
        self.rules
            .push_front(sea_orm::Condition::all().add(column.is_in(ids.iter().copied())));
        self.ended = ids.is_empty();
        self
    }

    /// The next page; empty at the end.
    pub(super) async fn next(
        &mut self,
        connection: &impl ConnectionTrait,
    ) -> Result<Vec<E::Model>> {
        if self.ended {
            return Ok(Vec::new());
        }
        let mut select = E::find();
        for rule in &self.rules {
            select = select.filter(rule.clone());
        }
        let column = |column: &E::Column| Expr::col(column.as_column_ref());
        if let Some(after) = &self.after {
            let key = Expr::tuple(self.key.iter().map(column));
            let last = Expr::tuple(after.iter().cloned().map(Expr::value));
            select = select.filter(key.gt(last));
        }
        for column in &self.key {
            select = select.order_by_asc(*column);
        }
        let rows = select.limit(PAGE).all(connection).await?;
        self.ended = (rows.len() as u64) < PAGE;
        self.after = rows
            .last()
            .map(|row| self.key.iter().map(|column| row.get(*column)).collect());
        Ok(rows)
    }
}
