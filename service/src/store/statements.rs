//! How many statements a piece of work runs: the number that tells a batched read from one statement an edge.

use std::cell::Cell;

use sea_orm::DatabaseConnection;

tokio::task_local! {
    static COUNT: Cell<u64>;
}

/// Runs a future and answers with its output how many statements it ran itself, without the tasks that it spawned.
pub async fn counted<F: Future>(work: F) -> (F::Output, u64) {
    COUNT
        .scope(Cell::new(0), async {
            let output = work.await;
            (output, COUNT.with(Cell::get))
        })
        .await
}

/// Makes a connection take part in the counting.
pub(super) fn observe(connection: &mut DatabaseConnection) {
    connection.set_metric_callback(|_| {
        // Outside of a counted piece of work there is nothing to count for.
        let _ = COUNT.try_with(|count| count.set(count.get() + 1));
    });
}
