//! Making the index anew from the database, beside the one in use.

use ::search::{Change, Rebuild};
use sea_orm::ConnectionTrait;
use sea_orm::sea_query::{Expr, ExprTrait, Order, Query};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::apply::{Outcome, blocking, warn_of_parts};
use super::halving::Halving;
use super::installation;
use super::read::{self, BATCH, Loaded};
use crate::error::{Error, Result};
use crate::search::document::Source;
use crate::search::{FailedDocument, Progress, SearchIndex};
use crate::store::Store;

/// So many pages of documents are kept together. Of more, more is to be done again when one document is at fault; of
/// fewer, the engine makes more and smaller segments.
const KEPT_TOGETHER: usize = 32;

/// A new index that is complete but not yet in use.
pub(super) struct Built {
    engine: Rebuild,
    /// It holds everything up to here, and perhaps more.
    position: i64,
    /// Documents read from the database.
    pub(super) read: u64,
    failed: Vec<FailedDocument>,
}

/// What becomes of a new index that lacks more than half of all things, where the old one answers: then most likely not
/// the documents are at fault.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Losses {
    /// It is given up, and the old index stays.
    #[default]
    Refuse,
    /// It takes the place of the old one all the same.
    Accept,
}

/// Builds a new index while the old one serves, and may even be written. [`finish`] puts it in place.
pub(super) async fn build(store: Store, index: SearchIndex, losses: Losses) -> Result<Built> {
    let built = build_from(&store, &index, losses).await;
    index.set_progress(None);
    built
}

async fn build_from(store: &Store, index: &SearchIndex, losses: Losses) -> Result<Built> {
    // Read first: what is changed meanwhile is followed afterwards.
    let position = store.position().await?;
    let mut progress = Progress {
        done: 0,
        total: total(store).await?,
    };
    index.set_progress(Some(progress));
    let engine = index.engine().clone();
    let mut filling = Filling {
        engine: blocking(move || engine.rebuild()).await?,
        index: index.clone(),
        losses,
        total: progress.total,
        unkept: Vec::new(),
        failed: Vec::new(),
    };
    for source in Source::ALL {
        let mut page = next_page(store, source, None).await?;
        while let Some(Page { ids, loaded }) = page {
            progress.done += ids.len() as u64;
            let last = ids.last().copied();
            let (filled, next) = tokio::join!(
                filling.add(store, source, ids, loaded),
                next_page(store, source, last)
            );
            filling = filled?;
            page = next?;
            index.set_progress(Some(progress));
        }
    }
    let Filling { engine, failed, .. } = filling.write(store, Vec::new(), true).await?;
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
    let failed_before = index.failed_documents();
    // Before it is in use, so that no end of this process makes anybody forget them.
    index.record_failures(built.failed.clone()).await?;
    let engine = built.engine;
    if let Err(error) = blocking(move || engine.finish(position)).await {
        // The old index has these.
        if let Err(error) = index.replace_failures(failed_before).await {
            tracing::error!(%error, "things are told to be left out of the search index that are in it");
        }
        return Err(error);
    }
    installation::mark(store, index).await?;
    index.replace_failures(built.failed).await?;
    index.forget_synonyms();
    index.set_needs_rebuild(None);
    index.announce();
    Ok(())
}

/// Puts an empty index in place, which must be rebuilt, by the next process if this one ends before.
pub(super) async fn empty(index: &SearchIndex, reason: String) -> Result<()> {
    index.set_needs_rebuild(Some(::search::RebuildReason::Corrupt(reason)));
    installation::unmark(index).await?;
    let engine = index.engine().clone();
    blocking(move || engine.rebuild()?.finish(0)).await?;
    index.announce();
    Ok(())
}

/// Things of one source, in the order of their ids; never none.
struct Page {
    ids: Vec<Uuid>,
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
    if ids.is_empty() {
        return Ok(None);
    }
    let loaded = read::load(store, source, ids.clone()).await?;
    Ok(Some(Page { ids, loaded }))
}

/// A new index while documents are added to it.
struct Filling {
    engine: Rebuild,
    /// The old one.
    index: SearchIndex,
    losses: Losses,
    /// How many documents there are to be.
    total: u64,
    /// What was added since it was kept, and is gone when the engine refuses one of them.
    unkept: Vec<(Source, Vec<Uuid>)>,
    /// What cannot be indexed.
    failed: Vec<FailedDocument>,
}

impl Filling {
    async fn add(
        mut self,
        store: &Store,
        source: Source,
        ids: Vec<Uuid>,
        loaded: Loaded,
    ) -> Result<Self> {
        self.failed.extend(loaded.failed);
        self.refuse_to_lose_most()?;
        self.unkept.push((source, ids));
        let keep = self.unkept.len() >= KEPT_TOGETHER;
        self.write(store, loaded.changes, keep).await
    }

    /// Adds documents, and keeps all if asked to. When one of those that are not kept is at fault, they are added in
    /// parts.
    async fn write(self, store: &Store, changes: Vec<Change>, keep: bool) -> Result<Self> {
        let attempt = self.attempt(move |engine| {
            for change in &changes {
                if let Change::Put(document) = change {
                    engine.put(document)?;
                }
            }
            if keep { engine.keep() } else { Ok(()) }
        });
        let (mut filling, outcome) = attempt.await?;
        match outcome {
            Outcome::Written => {
                if keep {
                    filling.unkept.clear();
                }
                Ok(filling)
            }
            Outcome::Refused(reason) => {
                warn_of_parts(&reason);
                filling.add_in_parts(store).await
            }
        }
    }

    /// Adds and keeps what was not kept. What the engine refuses is found by halving and left out.
    async fn add_in_parts(mut self, store: &Store) -> Result<Self> {
        let unkept = std::mem::take(&mut self.unkept);
        let mut filling = self;
        for (source, ids) in unkept {
            filling.failed.retain(|failed| !ids.contains(&failed.id));
            let mut halving = Halving::of(ids);
            while let Some(ids) = halving.pop() {
                let loaded = read::load(store, source, ids.clone()).await?;
                let (next, outcome) = filling.apply(loaded.changes).await?;
                filling = next;
                match outcome {
                    Outcome::Written => filling.failed.extend(loaded.failed),
                    Outcome::Refused(reason) => {
                        if let Some(id) = halving.halve(ids) {
                            filling.failed.push(FailedDocument { id, reason });
                        }
                    }
                }
                filling.refuse_to_lose_most()?;
            }
        }
        Ok(filling)
    }

    /// Fails as soon as more failed than may.
    fn refuse_to_lose_most(&self) -> Result<()> {
        let Some(first) = self.failed.first() else {
            return Ok(());
        };
        let (failed, total) = (self.failed.len() as u64, self.total);
        if self.losses == Losses::Accept
            || failed <= total / 2
            || self.index.needs_rebuild().is_some()
        {
            return Ok(());
        }
        Err(Error::internal(format!(
            "at least {failed} of {total} documents cannot be indexed, so the search index stays as it is; the first: {}. \
             If it is to be replaced all the same, run `repertoire reindex --accept-losses`.",
            first.reason
        )))
    }

    async fn apply(self, changes: Vec<Change>) -> Result<(Self, Outcome)> {
        self.attempt(move |engine| engine.apply(changes)).await
    }

    /// Has the engine write on a thread where that may take its time.
    async fn attempt(
        mut self,
        write: impl FnOnce(&mut Rebuild) -> ::search::Result<()> + Send + 'static,
    ) -> Result<(Self, Outcome)> {
        blocking(move || {
            let outcome = Outcome::of(write(&mut self.engine))?;
            Ok((self, outcome))
        })
        .await
    }
}

/// How many things belong into the index: one document each.
async fn total(store: &Store) -> Result<u64> {
    let mut total = 0;
    for source in Source::ALL {
        let ids = Query::select().column("id").from(source.table()).take();
        total += store.count(ids).await?;
    }
    Ok(total)
}
