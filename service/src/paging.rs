//! Keyset paging by Relay's rules: the one place that decides page sizes, cursors and their order.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use sea_orm::sea_query::{
    Alias, Condition, Expr, ExprTrait, IntoIden, Order, SelectStatement, SimpleExpr,
};
use uuid::Uuid;

use crate::error::{Error, Result};

/// Objects on a page when neither `first` nor `last` is given.
pub const DEFAULT_PAGE_SIZE: u64 = 20;
/// The most that `first` or `last` may ask for.
pub const MAX_PAGE_SIZE: u64 = 100;

/// The four arguments of a connection, as the client gave them.
#[derive(Clone, Debug, Default)]
pub struct PageRequest {
    /// How many from the start.
    pub first: Option<i64>,
    /// The cursor that the page starts after.
    pub after: Option<String>,
    /// How many from the end.
    pub last: Option<i64>,
    /// The cursor that the page ends before.
    pub before: Option<String>,
}

/// The direction of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Smallest first.
    Ascending,
    /// Largest first.
    Descending,
}

/// The value of a sort column in a cursor.
#[derive(Clone, Debug, PartialEq)]
pub enum SortValue {
    /// The column is null; nulls come last in both directions.
    Null,
    /// A folded text.
    Text(String),
    /// A time.
    Time(DateTime<Utc>),
    /// A number.
    Number(i64),
    /// The order is by id alone.
    Id,
}

/// A place in an ordered list: the sort value of a row and its id.
#[derive(Clone, Debug, PartialEq)]
pub struct Cursor {
    /// The row's sort value.
    pub value: SortValue,
    /// The row's id, which breaks ties.
    pub id: Uuid,
}

/// By what a list is ordered: a column, then the id. The name goes into cursors, so that a cursor of one order is
/// refused under another.
#[derive(Clone, Copy, Debug)]
pub struct Keyset {
    /// Table or alias of the sort column and the id column.
    pub table: &'static str,
    /// The sort column; none to order by id alone.
    pub column: Option<&'static str>,
    /// The id column.
    pub id_column: &'static str,
    /// Whether the sort column may be null.
    pub nullable: bool,
    /// The direction of both columns.
    pub direction: Direction,
}

/// A checked page request.
#[derive(Clone, Debug)]
pub struct Window {
    /// Objects on the page at most.
    pub size: u64,
    /// Whether the page is counted from the end.
    pub backward: bool,
    after: Option<Cursor>,
    before: Option<Cursor>,
}

/// One page of a list.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// The objects with their cursors, in order.
    pub rows: Vec<(String, T)>,
    /// Whether there is more after the last one.
    pub has_next: bool,
    /// Whether there is more before the first one.
    pub has_previous: bool,
}

impl<T> Page<T> {
    /// A page of nothing.
    #[must_use]
    pub fn empty() -> Self {
        Self {
            rows: Vec::new(),
            has_next: false,
            has_previous: false,
        }
    }

    /// Turns every object into another.
    #[must_use]
    pub fn map<U>(self, mut change: impl FnMut(T) -> U) -> Page<U> {
        Page {
            rows: self
                .rows
                .into_iter()
                .map(|(cursor, row)| (cursor, change(row)))
                .collect(),
            has_next: self.has_next,
            has_previous: self.has_previous,
        }
    }
}

/// Checks a page size.
pub fn page_size(argument: &'static str, given: Option<i64>) -> Result<u64> {
    let Some(given) = given else {
        return Ok(DEFAULT_PAGE_SIZE);
    };
    match u64::try_from(given) {
        Ok(size) if size <= MAX_PAGE_SIZE => Ok(size),
        _ => Err(Error::BadArgument {
            argument,
            message: format!("`{argument}` must be from 0 to {MAX_PAGE_SIZE}, and is {given}."),
        }),
    }
}

impl PageRequest {
    /// Whether it asks for nothing in particular, so that nothing in it can be wrong.
    #[must_use]
    pub fn is_default(&self) -> bool {
        let Self {
            first,
            after,
            last,
            before,
        } = self;
        first.is_none() && after.is_none() && last.is_none() && before.is_none()
    }

    /// Checks the arguments against the order.
    pub fn check(&self, keyset: &Keyset) -> Result<Window> {
        if self.first.is_some() && self.last.is_some() {
            return Err(Error::BadArgument {
                argument: "last",
                message: "Give `first` or `last`, not both.".into(),
            });
        }
        let backward = self.last.is_some();
        let size = if backward {
            page_size("last", self.last)?
        } else {
            page_size("first", self.first)?
        };
        let decode = |argument, text: &Option<String>| {
            text.as_deref()
                .map(|text| decode(argument, text, keyset))
                .transpose()
        };
        Ok(Window {
            size,
            backward,
            after: decode("after", &self.after)?,
            before: decode("before", &self.before)?,
        })
    }
}

impl Window {
    /// The place that the page starts after, for lists that are not one select.
    #[must_use]
    pub(crate) fn after(&self) -> Option<&Cursor> {
        self.after.as_ref()
    }

    /// Restricts and orders a select to this page, with one row more than the page holds.
    pub fn apply(&self, query: &mut SelectStatement, keyset: &Keyset) {
        if let Some(cursor) = &self.after {
            query.cond_where(keyset.beyond(cursor, true));
        }
        if let Some(cursor) = &self.before {
            query.cond_where(keyset.beyond(cursor, false));
        }
        let ascending = (keyset.direction == Direction::Ascending) != self.backward;
        let order = if ascending { Order::Asc } else { Order::Desc };
        if let Some(column) = keyset.sort_column() {
            if keyset.nullable {
                let nulls = if self.backward {
                    Order::Desc
                } else {
                    Order::Asc
                };
                query.order_by_expr(column.clone().is_null(), nulls);
            }
            query.order_by_expr(column, order.clone());
        }
        query.order_by_expr(keyset.id(), order);
        query.limit(self.size + 1);
    }

    /// Makes the page of the rows that the select answered.
    pub fn page<T>(
        &self,
        keyset: &Keyset,
        mut rows: Vec<T>,
        cursor: impl Fn(&T) -> Cursor,
    ) -> Page<T> {
        let size = usize::try_from(self.size).unwrap_or(usize::MAX);
        let more = rows.len() > size;
        rows.truncate(size);
        if self.backward {
            rows.reverse();
        }
        Page {
            rows: rows
                .into_iter()
                .map(|row| (cursor(&row).encode(keyset), row))
                .collect(),
            has_next: if self.backward {
                self.before.is_some()
            } else {
                more
            },
            has_previous: if self.backward {
                more
            } else {
                self.after.is_some()
            },
        }
    }
}

impl Keyset {
    fn sort_column(&self) -> Option<SimpleExpr> {
        self.column
            .map(|column| Expr::col((Alias::new(self.table), Alias::new(column))))
    }

    fn id(&self) -> SimpleExpr {
        Expr::col((
            Alias::new(self.table).into_iden(),
            Alias::new(self.id_column),
        ))
    }

    /// The rows that come after the cursor in this order, or before it.
    fn beyond(&self, cursor: &Cursor, after: bool) -> Condition {
        let greater = (self.direction == Direction::Ascending) == after;
        let id = Expr::value(cursor.id);
        let by_id = if greater {
            self.id().gt(id.clone())
        } else {
            self.id().lt(id.clone())
        };
        let Some(column) = self.sort_column() else {
            return Condition::all().add(by_id);
        };
        let value: SimpleExpr = match &cursor.value {
            SortValue::Text(text) => Expr::value(text.as_str()),
            SortValue::Time(time) => Expr::value(*time),
            SortValue::Number(number) => Expr::value(*number),
            SortValue::Null | SortValue::Id => {
                let among_nulls = Condition::all().add(column.clone().is_null()).add(by_id);
                return if after {
                    among_nulls
                } else {
                    Condition::any().add(column.is_not_null()).add(among_nulls)
                };
            }
        };
        let here = Expr::tuple([column.clone(), self.id()]);
        let there = Expr::tuple([value, id]);
        let beyond = Condition::any().add(if greater {
            here.gt(there)
        } else {
            here.lt(there)
        });
        if self.nullable && after {
            beyond.add(column.is_null())
        } else {
            beyond
        }
    }

    /// Tells this order from every other in a cursor.
    fn tag(&self) -> String {
        let direction = if self.direction == Direction::Ascending {
            '+'
        } else {
            '-'
        };
        format!("{direction}{}.{}", self.table, self.column.unwrap_or("id"))
    }
}

impl Cursor {
    /// The opaque text of the cursor under an order.
    #[must_use]
    pub fn encode(&self, keyset: &Keyset) -> String {
        let value = match &self.value {
            SortValue::Null => "n".to_owned(),
            SortValue::Id => "i".to_owned(),
            SortValue::Text(text) => format!("t{text}"),
            SortValue::Time(time) => format!("d{}", time.timestamp_micros()),
            SortValue::Number(number) => format!("#{number}"),
        };
        URL_SAFE_NO_PAD.encode(format!("{}\n{}\n{value}", keyset.tag(), self.id.simple()))
    }
}

/// The refusal of a text that is no cursor of the list.
pub(crate) fn broken_cursor(argument: &'static str) -> Error {
    Error::BadArgument {
        argument,
        message: "This is no cursor of this list; use a cursor that an edge or pageInfo answered."
            .to_owned(),
    }
}

fn decode(argument: &'static str, text: &str, keyset: &Keyset) -> Result<Cursor> {
    let bad = |message: &str| Error::BadArgument {
        argument,
        message: message.to_owned(),
    };
    let broken = || broken_cursor(argument);
    if text.len() > 2_000 {
        return Err(broken());
    }
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| broken())?;
    let plain = String::from_utf8(bytes).map_err(|_| broken())?;
    let mut parts = plain.splitn(3, '\n');
    let (Some(tag), Some(id), Some(value)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(broken());
    };
    if tag != keyset.tag() {
        return Err(bad(
            "This cursor belongs to another list or another order; start again without it.",
        ));
    }
    let id = Uuid::try_parse(id).map_err(|_| broken())?;
    let mut letters = value.chars();
    let kind = letters.next();
    let rest = letters.as_str();
    let value = match kind {
        Some('n') if keyset.nullable => SortValue::Null,
        Some('i') if keyset.column.is_none() => SortValue::Id,
        Some('t') => SortValue::Text(rest.to_owned()),
        Some('d') => SortValue::Time(
            rest.parse()
                .ok()
                .and_then(DateTime::from_timestamp_micros)
                .ok_or_else(broken)?,
        ),
        Some('#') => SortValue::Number(rest.parse().map_err(|_| broken())?),
        _ => return Err(broken()),
    };
    if matches!(&value, SortValue::Text(text) if text.contains('\0')) {
        return Err(broken());
    }
    Ok(Cursor { value, id })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const BY_TITLE: Keyset = Keyset {
        table: "item",
        column: Some("title_key"),
        id_column: "id",
        nullable: false,
        direction: Direction::Ascending,
    };

    #[test]
    fn a_page_size_out_of_bounds_is_refused() {
        for size in [-1, 101, 100_000, i64::MIN] {
            let error = page_size("first", Some(size)).unwrap_err();
            assert!(error.to_string().contains(&size.to_string()), "{error}");
        }
        assert_eq!(page_size("first", None).unwrap(), DEFAULT_PAGE_SIZE);
        assert_eq!(page_size("first", Some(0)).unwrap(), 0);
    }

    #[test]
    fn a_cursor_of_another_order_is_refused() {
        let text = Cursor {
            value: SortValue::Text("a".into()),
            id: Uuid::nil(),
        }
        .encode(&BY_TITLE);
        let other = Keyset {
            direction: Direction::Descending,
            ..BY_TITLE
        };
        assert!(decode("after", &text, &other).is_err());
        assert!(decode("after", &text, &BY_TITLE).is_ok());
    }

    proptest! {
        #[test]
        fn any_text_decodes_or_is_refused(text in "\\PC{0,200}") {
            let _ = decode("after", &text, &BY_TITLE);
        }

        #[test]
        fn a_cursor_survives_its_text(title in "[^\\x00]{0,60}", id in any::<u128>()) {
            let cursor = Cursor { value: SortValue::Text(title), id: Uuid::from_u128(id) };
            prop_assert_eq!(decode("after", &cursor.encode(&BY_TITLE), &BY_TITLE).unwrap(), cursor);
        }
    }
}
