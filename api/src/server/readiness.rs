//! What must be well before requests are sent here.

use std::future::Future;
use std::pin::Pin;

use service::store::Store;

use crate::http::{Check, Readiness};
use crate::migrations;

/// Checks the database, its migrations and the index.
pub(super) struct Probe {
    store: Store,
}

impl Probe {
    pub(super) fn new(store: Store) -> Self {
        Self { store }
    }

    async fn database(&self) -> Check {
        match self.store.position().await {
            Ok(_) => Check::passed("database", "The database answers."),
            Err(error) => {
                tracing::warn!(%error, "the database does not answer");
                Check::failed("database", "The database does not answer; the log says why.")
            }
        }
    }

    async fn migrations(&self) -> Check {
        match migrations::pending(&self.store).await {
            Ok(pending) if pending.is_empty() => {
                Check::passed("migrations", "All migrations are applied.")
            }
            Ok(_) => Check::failed("migrations", "Migrations are pending; run `repertoire migrate`."),
            Err(_) => Check::failed("migrations", "The migrations cannot be read from the database."),
        }
    }
}

impl Readiness for Probe {
    fn check(&self) -> Pin<Box<dyn Future<Output = Vec<Check>> + Send + '_>> {
        Box::pin(async move { vec![self.database().await, self.migrations().await] })
    }
}
