//! What belongs to items beside their rows (body, authors, domains, tags), for all items of a page in one statement.

use std::collections::HashMap;

use sea_orm::DatabaseBackend;
use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement, SimpleExpr};
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::ItemState;
use crate::error::{Error, Result};
use crate::store::{Row, Store};

/// What to read together with an item.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each of the four is read or not, by itself"
)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct With {
    /// The Markdown body.
    pub body: bool,
    /// The ids of its authors.
    pub authors: bool,
    /// The ids of its domains.
    pub domains: bool,
    /// Its tags.
    pub tags: bool,
}

/// What was read together with an item; what was not asked for is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Edges {
    /// The Markdown body, where it has one.
    pub body: Option<Option<String>>,
    /// The ids of its authors, in order.
    pub authors: Option<Vec<Uuid>>,
    /// The ids of its domains, in order.
    pub domains: Option<Vec<Uuid>>,
    /// Its tags as written, in order.
    pub tags: Option<Vec<String>>,
}

impl From<&mut ItemState> for Edges {
    /// Takes the lists out of a state, which knows them all.
    fn from(state: &mut ItemState) -> Self {
        Self {
            body: Some(state.body.take()),
            authors: Some(std::mem::take(&mut state.authors)),
            domains: Some(std::mem::take(&mut state.domains)),
            tags: Some(std::mem::take(&mut state.tags)),
        }
    }
}

const BODY: &str = "edge_body";
const AUTHORS: &str = "edge_authors";
const DOMAINS: &str = "edge_domains";
const TAGS: &str = "edge_tags";

/// A list of another table as one JSON text.
fn list_of(backend: DatabaseBackend, table: &str, value: &str) -> SimpleExpr {
    let collected = match backend {
        DatabaseBackend::Sqlite => format!("json_group_array({value} ORDER BY place)"),
        _ => format!("CAST(json_agg({value} ORDER BY place) AS text)"),
    };
    Expr::cust(format!(
        "(SELECT {collected} FROM {table} WHERE {table}.item_id = item.id)"
    ))
}

impl With {
    /// Whether there is nothing to read.
    #[must_use]
    pub fn is_nothing(self) -> bool {
        self == Self::default()
    }

    /// Adds the columns to a select of `item`, which must answer few rows: each column is looked up for each.
    pub(super) fn select(self, query: &mut SelectStatement, backend: DatabaseBackend) {
        let id = |column: &str| match backend {
            DatabaseBackend::Sqlite => format!("hex({column})"),
            _ => column.to_owned(),
        };
        if self.body {
            let body = "(SELECT body FROM item_text WHERE item_text.item_id = item.id)";
            query.expr_as(Expr::cust(body), BODY);
        }
        if self.authors {
            let authors = list_of(backend, "item_author", &id("user_id"));
            query.expr_as(authors, AUTHORS);
        }
        if self.domains {
            let domains = list_of(backend, "item_domain", &id("domain_id"));
            query.expr_as(domains, DOMAINS);
        }
        if self.tags {
            query.expr_as(list_of(backend, "item_tag", "tag"), TAGS);
        }
    }

    /// Reads the columns of a row.
    pub(super) fn read(self, row: &Row) -> Result<Edges> {
        Ok(Edges {
            body: self.body.then(|| row.get(BODY)).transpose()?,
            authors: self.authors.then(|| list(row, AUTHORS)).transpose()?,
            domains: self.domains.then(|| list(row, DOMAINS)).transpose()?,
            tags: self.tags.then(|| list(row, TAGS)).transpose()?,
        })
    }
}

fn list<T: DeserializeOwned>(row: &Row, column: &str) -> Result<Vec<T>> {
    let text: Option<String> = row.get(column)?;
    // PostgreSQL collects nothing into null.
    let Some(text) = text else {
        return Ok(Vec::new());
    };
    serde_json::from_str(&text).map_err(Error::internal)
}

/// Numbers of ids for which there are statements: the rest of a statement repeats the last id, so that few texts of
/// statements are ever prepared.
const WIDTHS: [usize; 6] = [1, 5, 20, 50, 100, WIDEST];
/// The most ids of one statement that has few texts.
pub(super) const WIDEST: usize = 500;

/// Pads ids to the next width.
pub(crate) fn padded(ids: &[Uuid]) -> impl Iterator<Item = Uuid> {
    let width = WIDTHS
        .into_iter()
        .find(|&width| width >= ids.len())
        .unwrap_or(ids.len());
    let last = ids.last().copied();
    ids.iter()
        .copied()
        .chain(last.into_iter().cycle().take(width - ids.len()))
}

/// What belongs to some items, in one statement.
pub(super) async fn of(store: &Store, ids: &[Uuid], with: With) -> Result<HashMap<Uuid, Edges>> {
    if ids.is_empty() || with.is_nothing() {
        return Ok(HashMap::new());
    }
    let mut select = Query::select();
    select
        .column(("item", "id"))
        .from("item")
        .and_where(Expr::col(("item", "id")).is_in(padded(ids)));
    with.select(&mut select, store.backend());
    let rows = store.rows(select).await?;
    rows.iter()
        .map(|row| Ok((row.get("id")?, with.read(row)?)))
        .collect()
}
