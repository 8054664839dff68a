//! Resources as a table (RFC 4180): one row each, lists within a cell apart by semicolons.
//!
//! A spreadsheet takes a cell that begins with `=`, `+`, `-` or `@` for a formula, and what somebody wrote into a title
//! must not run on the machine of whoever opens the table: such cells get an apostrophe before them, which an import takes
//! away again.

use std::borrow::Cow;
use std::collections::HashMap;

use chrono::{DateTime, SecondsFormat, Utc};
use entity::item::ItemType;
use entity::{domain, user};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::Exporter;
use crate::error::{Error, Result};
use crate::item::{Details, ItemState, complete};
use crate::typed_id;

/// The columns of the table, by the names of the fields in the schema.
const COLUMNS: [&str; 19] = [
    "id",
    "title",
    "kind",
    "description",
    "body",
    "url",
    "licence",
    "attribution",
    "language",
    "authors",
    "bylines",
    "tags",
    "domains",
    "educationalLevels",
    "timeRequiredMinutes",
    "visibility",
    "status",
    "createdAt",
    "updatedAt",
];

/// Whether a spreadsheet would run the cell, or would if the apostrophes before it were gone.
pub(in crate::operation) fn is_formula(cell: &str) -> bool {
    cell.trim_start_matches('\'')
        .starts_with(['=', '+', '-', '@', '\t', '\r', '\n'])
}

/// The cell as no spreadsheet runs it.
pub(in crate::operation) fn neutral(cell: &str) -> Cow<'_, str> {
    if is_formula(cell) {
        Cow::Owned(format!("'{cell}"))
    } else {
        Cow::Borrowed(cell)
    }
}

/// A list as one cell.
fn list<'a>(values: impl IntoIterator<Item = &'a str>) -> String {
    let values: Vec<String> = values
        .into_iter()
        .map(|value| value.replace('\\', "\\\\").replace(';', "\\;"))
        .collect();
    values.join("; ")
}

fn time(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// What the ids of a page stand for.
struct Names {
    domains: HashMap<Uuid, String>,
    people: HashMap<Uuid, String>,
}

impl Exporter<'_> {
    /// Writes the resources; false where the export is to end.
    pub(super) async fn write_csv(&mut self) -> Result<bool> {
        let mut pager = self.pages_of(ItemType::Resource);
        self.put_rows([COLUMNS])?;
        loop {
            let rows = pager.next(self.snapshot).await?;
            if rows.is_empty() {
                return Ok(true);
            }
            let states = complete(self.snapshot, rows).await?;
            let names = self.names(&states).await?;
            self.put_rows(states.iter().map(|state| cells(state, &names)))?;
            self.sink.drain().await?;
            if !self.step(states.len()).await? {
                return Ok(false);
            }
        }
    }

    fn put_rows<R>(&mut self, rows: impl IntoIterator<Item = R>) -> Result<()>
    where
        R: IntoIterator,
        R::Item: AsRef<str>,
    {
        let mut writer = csv::WriterBuilder::new()
            .terminator(csv::Terminator::CRLF)
            .from_writer(self.sink.block());
        for row in rows {
            for cell in row {
                let cell = neutral(cell.as_ref());
                writer
                    .write_field(cell.as_bytes())
                    .map_err(Error::internal)?;
            }
            // Ends the row.
            writer
                .write_record(None::<&[u8]>)
                .map_err(Error::internal)?;
        }
        writer.flush().map_err(Error::internal)
    }

    async fn names(&self, states: &[ItemState]) -> Result<Names> {
        let domains = states
            .iter()
            .flat_map(|state| state.domains.iter().copied());
        let domains: Vec<(Uuid, String)> = domain::Entity::find()
            .select_only()
            .columns([domain::Column::Id, domain::Column::Slug])
            .filter(domain::Column::Id.is_in(domains))
            .into_tuple()
            .all(self.snapshot)
            .await?;
        let people = states
            .iter()
            .flat_map(|state| state.authors.iter().copied());
        let people: Vec<(Uuid, String)> = user::Entity::find()
            .select_only()
            .columns([user::Column::Id, user::Column::DisplayName])
            .filter(user::Column::Id.is_in(people))
            .filter(user::Column::Status.ne(user::UserStatus::Erased))
            .into_tuple()
            .all(self.snapshot)
            .await?;
        Ok(Names {
            domains: domains.into_iter().collect(),
            people: people.into_iter().collect(),
        })
    }
}

fn cells(state: &ItemState, names: &Names) -> [String; COLUMNS.len()] {
    let item = &state.item;
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let known = |names: &HashMap<Uuid, String>, ids: &[Uuid]| {
        list(
            ids.iter()
                .filter_map(|id| names.get(id).map(String::as_str)),
        )
    };
    let (description, levels, minutes) = match &state.details {
        Details::Resource(row) => (
            text(&row.description),
            list(row.educational_levels.0.iter().map(String::as_str)),
            row.time_required_minutes
                .map(|minutes| minutes.to_string())
                .unwrap_or_default(),
        ),
        _ => Default::default(),
    };
    [
        typed_id::encode("resource", item.id),
        item.title.clone(),
        text(&item.kind),
        description,
        text(&state.body),
        text(&item.url),
        text(&item.licence),
        text(&item.attribution),
        text(&item.language),
        known(&names.people, &state.authors),
        list(item.bylines.0.iter().map(String::as_str)),
        list(state.tags.iter().map(String::as_str)),
        known(&names.domains, &state.domains),
        levels,
        minutes,
        item.visibility.as_str().to_owned(),
        item.status.map_or("", |status| status.as_str()).to_owned(),
        time(item.created_at),
        time(item.updated_at),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        for cell in ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "'=1", "''+1"] {
            assert_eq!(neutral(cell), format!("'{cell}"), "{cell:?}");
        }
        for cell in ["", "a=1", "1-1", "'quoted'", "ordinary text"] {
            assert_eq!(neutral(cell), cell);
        }
    }

    #[test]
    fn lists_keep_their_semicolons() {
        assert_eq!(list(["a", "b;c", "d\\"]), "a; b\\;c; d\\\\");
        assert_eq!(list([]), "");
    }
}
