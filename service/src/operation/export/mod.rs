//! Writing an export: what somebody may see, as of one moment, page by page.
//!
//! All of it is read in one transaction, which sees the database as it was at its first statement; the position of that
//! moment is the export's. So a reader goes on with the changes after it, and nothing is missed or doubled.

mod communities;
mod context;
mod item_lists;
mod items;
mod pager;
mod relations;
mod sight;
mod sink;
mod table;

pub use sight::Sight;
pub use sink::Target;
pub(super) use sink::unwritable;
pub(super) use table::is_formula;
#[cfg(test)]
pub(super) use table::neutral;

use std::collections::HashMap;

use chrono::{DateTime, SecondsFormat, Utc};
use entity::change_head;
use entity::community;
use entity::operation::OperationFormat;
use sea_orm::{
    AccessMode, ColumnTrait, DatabaseBackend, DatabaseTransaction, EntityTrait, IsolationLevel,
    PaginatorTrait, QueryFilter, TransactionOptions, TransactionTrait,
};
use serde_json::{Value, json};
use uuid::Uuid;

use self::context::Introduced;
use self::sink::Sink;
use super::line::{END, FORM, Fields, HEADER, VERSION};
use super::watch::Watch;
use crate::error::{Error, Result};
use crate::store::Store;

/// What is to be written.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Who sees it.
    pub sight: Sight,
    /// The community whose things are written; none for those of all.
    pub community: Option<Uuid>,
    /// How the file is written.
    pub format: OperationFormat,
}

/// What was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exported {
    /// The position that the file is a picture of.
    pub position: i64,
    /// Items and communities in it.
    pub things: u64,
    /// Its size.
    pub bytes: u64,
}

/// Writes an export; none where the watch ended it.
pub(super) async fn export(
    store: &Store,
    plan: &Plan,
    writer: Target,
    watch: &mut dyn Watch,
) -> Result<Option<Exported>> {
    let mut options = TransactionOptions::default();
    // In SQLite every transaction is a snapshot.
    if store.backend() == DatabaseBackend::Postgres {
        options.isolation_level = Some(IsolationLevel::RepeatableRead);
        options.access_mode = Some(AccessMode::ReadOnly);
    }
    let snapshot = store.reader().begin_with_options(options).await?;
    let now = store.clock().now();
    let written = write(&snapshot, plan, writer, watch, now).await;
    let ended = snapshot.rollback().await;
    let written = written?;
    ended?;
    Ok(written)
}

async fn write(
    snapshot: &DatabaseTransaction,
    plan: &Plan,
    writer: Target,
    watch: &mut dyn Watch,
    now: DateTime<Utc>,
) -> Result<Option<Exported>> {
    let head = change_head::Entity::find_by_id(1).one(snapshot).await?;
    let position = head
        .map(|head| head.position)
        .ok_or_else(|| Error::internal("the change log has no head"))?;
    let mut exporter = Exporter {
        snapshot,
        sight: &plan.sight,
        community: plan.community,
        sink: Sink::new(writer),
        introduced: Introduced::default(),
        homes: HashMap::new(),
        lines: 0,
        done: 0,
        total: 0,
        watch,
    };
    let whole = match plan.format {
        OperationFormat::Ndjson => {
            exporter.total = exporter.count_communities().await? + exporter.count_items().await?;
            exporter.header(position, now)?;
            exporter.write_ndjson().await? && {
                exporter.end()?;
                true
            }
        }
        OperationFormat::Csv => {
            exporter.total = exporter.count_resources().await?;
            exporter.write_csv().await?
        }
    };
    exporter.sink.flush().await?;
    if !whole || !exporter.step(0).await? {
        return Ok(None);
    }
    Ok(Some(Exported {
        position,
        things: exporter.done,
        bytes: exporter.sink.bytes(),
    }))
}

/// An export that is being written.
struct Exporter<'a> {
    snapshot: &'a DatabaseTransaction,
    sight: &'a Sight,
    community: Option<Uuid>,
    sink: Sink,
    introduced: Introduced,
    /// Communities of items, as they were met.
    homes: HashMap<Uuid, community::Model>,
    lines: u64,
    done: u64,
    total: u64,
    watch: &'a mut dyn Watch,
}

/// How many communities are kept.
const MOST_HOMES: usize = 1_000;

impl Exporter<'_> {
    async fn write_ndjson(&mut self) -> Result<bool> {
        if self.community.is_none() {
            self.introduce_everything().await?;
        }
        Ok(self.communities().await?
            && self.items().await?
            && self.stories().await?
            && self.relations().await?)
    }

    fn header(&mut self, position: i64, now: DateTime<Utc>) -> Result<()> {
        let mut fields = Fields::new();
        fields.insert("form".into(), FORM.into());
        fields.insert("version".into(), VERSION.into());
        fields.insert("whole".into(), self.sight.is_whole().into());
        fields.insert("position".into(), position.to_string().into());
        fields.insert(
            "exportedAt".into(),
            now.to_rfc3339_opts(SecondsFormat::AutoSi, true).into(),
        );
        self.push(HEADER, fields)
    }

    /// By this line a reader knows that nothing was cut off.
    fn end(&mut self) -> Result<()> {
        let mut fields = Fields::new();
        fields.insert("lines".into(), json!(self.lines + 1));
        self.push(END, fields)
    }

    /// Writes a line: its type and its id first, then its fields.
    fn push(&mut self, of: &str, mut fields: Fields) -> Result<()> {
        let id = fields.remove("id");
        let block = self.sink.block();
        let put = |block: &mut Vec<u8>, name: &str, value: &Value| -> Result<()> {
            block.push(b',');
            serde_json::to_writer(&mut *block, name).map_err(Error::internal)?;
            block.push(b':');
            serde_json::to_writer(&mut *block, value).map_err(Error::internal)
        };
        block.extend_from_slice(b"{\"type\":");
        serde_json::to_writer(&mut *block, of).map_err(Error::internal)?;
        if let Some(id) = id {
            put(block, "id", &id)?;
        }
        for (name, value) in &fields {
            put(block, name, value)?;
        }
        block.extend_from_slice(b"}\n");
        self.lines += 1;
        Ok(())
    }

    /// Writes the lines of a page, after those of the people and domains that they name.
    async fn emit(&mut self, of: &str, lines: Vec<Fields>) -> Result<()> {
        self.introduce(&lines).await?;
        for fields in lines {
            self.push(of, fields)?;
        }
        self.sink.drain().await
    }

    /// Tells how far it is, and whether it is to go on.
    async fn step(&mut self, done: usize) -> Result<bool> {
        self.done += done as u64;
        self.watch.step(self.done, Some(self.total)).await
    }

    /// The communities of some things.
    async fn load_homes(&mut self, ids: impl Iterator<Item = Uuid>) -> Result<()> {
        let mut missing: Vec<Uuid> = ids.filter(|id| !self.homes.contains_key(id)).collect();
        missing.sort_unstable();
        missing.dedup();
        if missing.is_empty() {
            return Ok(());
        }
        if self.homes.len() + missing.len() > MOST_HOMES {
            self.homes.clear();
        }
        let rows = community::Entity::find()
            .filter(community::Column::Id.is_in(missing))
            .all(self.snapshot)
            .await?;
        self.homes.extend(rows.into_iter().map(|row| (row.id, row)));
        Ok(())
    }

    async fn count_communities(&self) -> Result<u64> {
        let mut select = community::Entity::find();
        if let Some(only) = self.community {
            select = select.filter(community::Column::Id.eq(only));
        }
        if let Some(rule) = self.sight.communities() {
            select = select.filter(rule);
        }
        Ok(select.count(self.snapshot).await?)
    }
}
