//! Anonymous reports of past days: they come together, so that nobody can tell by their time who wrote them.

use super::{BATCH, Ran, in_batches};
use crate::error::Result;
use crate::experience_report::{next_release, release};
use crate::store::Store;

pub(super) async fn run(store: &Store) -> Result<Ran> {
    let mut done = 0;
    // Without any there is nothing to write, and most days there are none.
    if next_release(store)
        .await?
        .is_some_and(|due| due <= store.clock().now())
    {
        done = in_batches(|| release(store, BATCH)).await?;
    }
    let next = next_release(store).await?;
    Ok(Ran { done, next })
}
