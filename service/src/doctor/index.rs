//! The search index: whether it is whole, how far it is, and whether it holds what the database does.

use std::collections::HashSet;
use std::path::Path;

use chrono::{DateTime, Utc};
use entity::change;
use sea_orm::sea_query::{Expr, ExprTrait, Order, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::Finding;
use crate::error::Result;
use crate::search::document::Source;
use crate::search::{Contents, FailedDocument, IndexSettings, IndexState, SearchIndex};
use crate::store::Store;

const NAME: &str = "index";
/// How an index is mended that is not to be trusted.
const REBUILD: &str = "Run `repertoire reindex`; a running server does it by itself.";
/// Rows that are read at once.
const BATCH: u64 = 10_000;
/// Ids in one statement.
const CHUNK: usize = 500;

/// Checks that there is an index, and how far it is behind. With `deep` every file is compared with its checksum, and
/// every document with the row that it was made from: whether both are there, and of the same time.
#[crate::boxed]
pub async fn check_index(
    store: &Store,
    directory: &Path,
    settings: IndexSettings,
    deep: bool,
) -> Finding {
    let inspection = match SearchIndex::inspect(directory, settings, deep).await {
        Ok(inspection) => inspection,
        Err(error) => {
            let message = format!(
                "The search index {} cannot be read: {error}.",
                directory.display()
            );
            return Finding::broken(NAME, message, "Check the owner of the data directory.");
        }
    };
    match inspection.state {
        IndexState::Ready => {}
        IndexState::Missing => {
            return Finding::doubtful(NAME, "There is no search index yet.", REBUILD);
        }
        IndexState::Outdated => {
            let message = "Another version or other settings made the search index.";
            return Finding::doubtful(NAME, message, REBUILD);
        }
        IndexState::Corrupt(reason) => {
            return Finding::broken(
                NAME,
                format!("The search index is damaged: {reason}."),
                REBUILD,
            );
        }
    }
    let (newest, kept_after) = match log(store).await {
        Ok(log) => log,
        Err(error) => {
            let message = format!("The position of the change log cannot be read: {error}.");
            return Finding::broken(NAME, message, "See what is said of the database.");
        }
    };
    let reached = inspection.checkpoint;
    if reached > newest {
        let message = format!(
            "The search index has reached {reached}, and the database only {newest}: it is of another database."
        );
        return Finding::broken(NAME, message, REBUILD);
    }
    let (documents, behind) = (inspection.documents, newest - reached);
    let lag =
        format!("The search index has {documents} documents and is {behind} change(s) behind.");
    if reached < kept_after {
        let message = format!("{lag} The change log no longer has all of them.");
        return Finding::doubtful(NAME, message, REBUILD);
    }
    if deep {
        return match compare(store, directory).await {
            Ok(comparison) => comparison.judge(lag, behind),
            Err(error) => {
                let message =
                    format!("The search index cannot be compared with the database: {error}.");
                Finding::broken(NAME, message, "Run this again; if it stays, reindex.")
            }
        };
    }
    Comparison::default().judge(lag, behind)
}

/// The newest position of the change log, and after which one its rows are kept.
async fn log(store: &Store) -> Result<(u64, u64)> {
    let newest = u64::try_from(store.position().await?).unwrap_or(0);
    let kept_after = u64::try_from(store.kept_after().await?).unwrap_or(0);
    Ok((newest, kept_after))
}

/// How the index differs from the database in what it should have taken in.
#[derive(Debug, Default)]
struct Comparison {
    /// Things that have no document.
    missing: Vec<Uuid>,
    /// Documents of things that are not there.
    gone: Vec<Uuid>,
    /// Things whose document is of another time than they are.
    outdated: Vec<Uuid>,
    /// Things that have more than one document.
    repeated: Vec<Uuid>,
    /// Things that could not be indexed, and are known to have no document.
    left_out: Vec<FailedDocument>,
    /// Things that have no document, where more could not be indexed than are remembered.
    perhaps_left_out: usize,
}

impl Comparison {
    /// What is said of an index that is so far behind.
    fn judge(self, lag: String, behind: u64) -> Finding {
        let differences: Vec<String> = [
            (
                &self.missing,
                "thing(s) of the database are not in the search index",
            ),
            (
                &self.gone,
                "thing(s) are in the search index and not in the database",
            ),
            (
                &self.outdated,
                "thing(s) are in the search index in another state than in the database",
            ),
            (
                &self.repeated,
                "thing(s) are in the search index more than once",
            ),
        ]
        .into_iter()
        .filter_map(|(ids, what)| Some(format!("{} {what}, such as {}.", ids.len(), ids.first()?)))
        .collect();
        if !differences.is_empty() {
            let message = format!("{lag} {}", differences.join(" "));
            let remedy = "Run `repertoire reindex`, also while the server runs.";
            return Finding::broken(NAME, message, remedy);
        }
        if let Some(FailedDocument { id, reason }) = self.left_out.first() {
            let mut message = format!(
                "{lag} {} thing(s) could not be indexed and are not found, such as {id}: {reason}.",
                self.left_out.len()
            );
            if self.perhaps_left_out > 0 {
                message = format!(
                    "{message} {} more are not in the search index; no more are remembered with a reason.",
                    self.perhaps_left_out
                );
            }
            let remedy = "Each is tried again when it is changed, and all by `repertoire reindex`.";
            return Finding::doubtful(NAME, message, remedy);
        }
        if behind > 0 {
            let remedy = "A running server catches up by itself; if this stays, read its log.";
            return Finding::doubtful(NAME, lag, remedy);
        }
        Finding::well(NAME, lag)
    }
}

/// Compares the ids and times of all documents with those of the rows. What was changed after the position that the
/// index has reached may differ, while the index is behind and while somebody writes.
async fn compare(store: &Store, directory: &Path) -> Result<Comparison> {
    // The index first: whatever the rows have of a newer state, the change log tells of.
    let Some(contents) = SearchIndex::contents(directory).await? else {
        return Ok(Comparison::default());
    };
    let Contents {
        position,
        updated_at: mut documents,
        repeated,
        mut left_out,
        left_out_more,
    } = contents;
    left_out.retain(|failed| !documents.contains_key(&failed.id));
    let mut comparison = Comparison {
        repeated,
        ..Comparison::default()
    };
    for source in Source::ALL {
        let mut page = rows(store, source, None).await?;
        while let Some(&(last, _)) = page.last() {
            for (id, time) in page {
                match documents.remove(&id) {
                    None => comparison.missing.push(id),
                    Some(indexed) if indexed != time => comparison.outdated.push(id),
                    Some(_) => {}
                }
            }
            page = rows(store, source, Some(last)).await?;
        }
    }
    let known: HashSet<Uuid> = left_out.iter().map(|failed| failed.id).collect();
    comparison.left_out = left_out;
    comparison.missing.retain(|id| !known.contains(id));
    comparison.gone = documents.into_keys().collect();
    for ids in [
        &mut comparison.missing,
        &mut comparison.gone,
        &mut comparison.outdated,
    ] {
        *ids = unchanged(store, ids, position).await?;
    }
    if left_out_more && !comparison.left_out.is_empty() {
        comparison.perhaps_left_out = comparison.missing.len();
        comparison.missing.clear();
    }
    Ok(comparison)
}

/// The next things of a source by their ids, and the times that their documents have, in microseconds since 1970.
async fn rows(store: &Store, source: Source, after: Option<Uuid>) -> Result<Vec<(Uuid, i64)>> {
    let time = match source {
        Source::Reports => "created_at",
        Source::Domains | Source::Communities | Source::Items | Source::ValueStories => {
            "updated_at"
        }
    };
    let mut select = Query::select()
        .columns(["id", time])
        .from(source.table())
        .order_by("id", Order::Asc)
        .limit(BATCH)
        .take();
    if let Some(after) = after {
        select.and_where(Expr::col("id").gt(after));
    }
    let rows = store.reader().query_all(&select).await?;
    rows.iter()
        .map(|row| -> Result<(Uuid, i64)> {
            // What is of no time is indexed as of the first.
            let at: Option<DateTime<Utc>> = row.try_get("", time)?;
            Ok((
                row.try_get("", "id")?,
                at.map_or(0, |at| at.timestamp_micros()),
            ))
        })
        .collect()
}

/// Those of the ids of which the change log has nothing after a position.
async fn unchanged(store: &Store, ids: &[Uuid], position: i64) -> Result<Vec<Uuid>> {
    let mut unchanged = Vec::new();
    for chunk in ids.chunks(CHUNK) {
        let changed: Vec<Uuid> = change::Entity::find()
            .select_only()
            .column(change::Column::EntityId)
            .distinct()
            .filter(change::Column::EntityId.is_in(chunk.iter().copied()))
            .filter(change::Column::Position.gt(position))
            .into_tuple()
            .all(store.reader())
            .await?;
        let changed: HashSet<Uuid> = changed.into_iter().collect();
        unchanged.extend(chunk.iter().copied().filter(|id| !changed.contains(id)));
    }
    Ok(unchanged)
}
