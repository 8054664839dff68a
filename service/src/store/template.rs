//! Statements that are asked again and again with other ids: their text is built once, since building it takes longer
//! than the database needs for the answer.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, PoisonError, RwLock};

use sea_orm::sea_query::SelectStatement;
use sea_orm::{DatabaseBackend, Statement, Value};
use uuid::Uuid;

/// The first of the ids that stand for others in a template. No row has them: their version is none.
const FIRST_SLOT: u128 = 0x7e3a_91c4_5d20_f8b6_1c3d_58e7_a042_0000;
/// How many there are.
const SLOTS: u128 = 1_024;

/// The id that stands for the value of this number in a template.
#[must_use]
pub(crate) fn slot(number: u16) -> Uuid {
    Uuid::from_u128(FIRST_SLOT + u128::from(number))
}

fn number_of(value: &Value) -> Option<usize> {
    let Value::Uuid(Some(id)) = value else {
        return None;
    };
    let number = id.as_u128().checked_sub(FIRST_SLOT)?;
    (number < SLOTS)
        .then(|| usize::try_from(number).ok())
        .flatten()
}

/// A statement with slots in the place of ids.
#[derive(Debug)]
pub(crate) struct Template(Statement);

impl Template {
    fn new(backend: DatabaseBackend, select: &SelectStatement) -> Self {
        Self(backend.build(select))
    }

    /// The statement with these ids in its slots.
    pub(crate) fn fill(&self, ids: &[Uuid]) -> Statement {
        let mut statement = self.0.clone();
        for value in statement.values.iter_mut().flat_map(|values| &mut values.0) {
            if let Some(id) = number_of(value).and_then(|number| ids.get(number)) {
                *value = Value::Uuid(Some(*id));
            }
        }
        statement
    }
}

/// The templates of a kind of statement, by whether the database is SQLite and by all else that their text depends on:
/// there must be few of these.
#[derive(Debug)]
pub(crate) struct Templates<K>(RwLock<HashMap<(bool, K), Arc<Template>>>);

impl<K> Default for Templates<K> {
    fn default() -> Self {
        Self(RwLock::default())
    }
}

impl<K: Eq + Hash> Templates<K> {
    /// The template under a key, built when it is asked for first.
    pub(crate) fn get(
        &self,
        backend: DatabaseBackend,
        key: K,
        build: impl FnOnce() -> SelectStatement,
    ) -> Arc<Template> {
        let key = (backend == DatabaseBackend::Sqlite, key);
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = known.get(&key) {
            return Arc::clone(known);
        }
        drop(known);
        let built = Arc::new(Template::new(backend, &build()));
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(all.entry(key).or_insert(built))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sea_orm::sea_query::{Expr, ExprTrait, Query};

    fn select(ids: [Uuid; 2]) -> SelectStatement {
        Query::select()
            .column("id")
            .from("item")
            .and_where(Expr::col("id").eq(ids[0]))
            .and_where(Expr::col("community_id").eq(ids[1]))
            .and_where(Expr::col("title").ne(""))
            .and_where(Expr::col("id").ne(ids[1]))
            .take()
    }

    #[test]
    fn a_filled_template_is_the_statement_itself() {
        for backend in [DatabaseBackend::Sqlite, DatabaseBackend::Postgres] {
            let templates = Templates::default();
            let template = templates.get(backend, 1, || select([slot(0), slot(1)]));
            for _ in 0..2 {
                let ids = [Uuid::now_v7(), Uuid::now_v7()];
                assert_eq!(template.fill(&ids), backend.build(&select(ids)));
            }
            let known = templates.get(backend, 1, || panic!("it is there"));
            assert!(Arc::ptr_eq(&known, &template));
        }
    }
}
