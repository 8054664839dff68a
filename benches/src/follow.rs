//! The follower, which makes the change log searchable.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::ensure;
use service::change;
use service::search::{IndexSettings, SearchIndex};
use service::store::Store;
use tokio_util::sync::CancellationToken;

use crate::seed::INDEX_DIRECTORY;

/// How long the follower may take.
const PATIENCE: Duration = Duration::from_hours(1);

/// Brings the index of a data directory to a position, and says how long that took.
pub(crate) async fn index(
    store: &Store,
    directory: &Path,
    position: i64,
) -> anyhow::Result<Duration> {
    let started = Instant::now();
    let index =
        SearchIndex::open(directory.join(INDEX_DIRECTORY), IndexSettings::default()).await?;
    let stop = CancellationToken::new();
    let following = change::follow(store.clone(), index.clone(), stop.clone());
    let reached = index.wait_for(position, PATIENCE).await;
    let took = started.elapsed();
    stop.cancel();
    following.await?;
    ensure!(reached, "the index did not reach position {position}");
    ensure!(
        index.failed_count() == 0,
        "some resources could not be indexed"
    );
    Ok(took)
}
