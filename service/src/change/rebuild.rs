//! Making the index anew from the database, beside the one in use.

use ::search::{Change, Rebuild};
use sea_orm::ConnectionTrait;
use sea_orm::sea_query::{Expr, ExprTrait, Order, Query};
use uuid::Uuid;

use super::apply::blocking;
use super::installation;
use super::read::{self, BATCH, Loaded};
use crate::error::{Error, Result};
use crate::search::document::Source;
use crate::search::{FailedDocument, Progress, SearchIndex};
use crate::store::Store;

/// A new index that is complete but not yet in use.
pub(super) struct Built {
    engine: Rebuild,
    /// It holds everything up to here, and perhaps more.
    position: i64,
    /// Documents read from the database.
    pub(super) read: u64,
    failed: Vec<FailedDocument>,
}

/// Builds a new index while the old one serves, and may even be written. [`finish`] puts it in place.
pub(super) async fn build(store: Store, index: SearchIndex) -> Result<Built> {
    let built = build_from(&store, &index).await;
    index.set_progress(None);
    built
}

async fn build_from(store: &Store, index: &SearchIndex) -> Result<Built> {
    // Read first: what is changed meanwhile is followed afterwards.
    let position = store.position().await?;
    let mut progress = Progress {
        done: 0,
        total: total(store).await?,
    };
    index.set_progress(Some(progress));
    let engine = index.engine().clone();
    let mut engine = blocking(move || engine.rebuild()).await?;
    let mut failed = Vec::new();
    for source in Source::ALL {
        let mut page = next_page(store, source, None).await?;
        while let Some(Page { last, size, loaded }) = page {
            failed.extend(loaded.failed);
            let (filled, next) = tokio::join!(
                fill(engine, loaded.changes),
                next_page(store, source, Some(last))
            );
            engine = filled?;
            page = next?;
            progress.done += size;
            index.set_progress(Some(progress));
        }
    }
    Ok(Built {
        engine,
        position,
        read: progress.done,
        failed,
    })
}

/// Puts a new index in place of the old one. Nobody else may be writing to the old one.
pub(super) async fn finish(store: &Store, index: &SearchIndex, built: Built) -> Result<()> {
    let position = u64::try_from(built.position).map_err(Error::internal)?;
    let engine = built.engine;
    blocking(move || engine.finish(position)).await?;
    installation::mark(store, index).await?;
    index.replace_failures(built.failed).await?;
    index.set_needs_rebuild(None);
    index.forget_synonyms();
    index.announce();
    Ok(())
}

/// Puts an empty index in place, which must be rebuilt.
pub(super) async fn empty(index: &SearchIndex, reason: String) -> Result<()> {
    index.set_needs_rebuild(Some(::search::RebuildReason::Corrupt(reason)));
    let engine = index.engine().clone();
    blocking(move || engine.rebuild()?.finish(0)).await?;
    index.announce();
    Ok(())
}

struct Page {
    last: Uuid,
    size: u64,
    loaded: Loaded,
}

async fn next_page(store: &Store, source: Source, after: Option<Uuid>) -> Result<Option<Page>> {
    let mut select = Query::select()
        .column("id")
        .from(source.table())
        .order_by("id", Order::Asc)
        .limit(BATCH as u64)
        .take();
    if let Some(after) = after {
        select.and_where(Expr::col("id").gt(after));
    }
    let rows = store.reader().query_all(&select).await?;
    let ids = rows
        .iter()
        .map(|row| Ok(row.try_get("", "id")?))
        .collect::<Result<Vec<Uuid>>>()?;
    let Some(last) = ids.last().copied() else {
        return Ok(None);
    };
    Ok(Some(Page {
        last,
        size: ids.len() as u64,
        loaded: read::load(store, source, ids).await?,
    }))
}

async fn fill(mut engine: Rebuild, changes: Vec<Change>) -> Result<Rebuild> {
    blocking(move || {
        for change in &changes {
            if let Change::Put(document) = change {
                engine.put(document)?;
            }
        }
        Ok(engine)
    })
    .await
}

/// How many things belong into the index: one document each.
pub(crate) async fn total(store: &Store) -> Result<u64> {
    let mut total = 0;
    for source in Source::ALL {
        let ids = Query::select().column("id").from(source.table()).take();
        total += store.count(ids).await?;
    }
    Ok(total)
}
