//! What must be well before requests are sent here.

use std::future::Future;
use std::pin::Pin;

use crate::app::App;
use crate::http::{Check, Readiness};
use crate::migrations;

/// Checks the database, its migrations and the index.
pub(super) struct Probe {
    app: App,
    most_lag: u64,
}

impl Probe {
    pub(super) fn new(app: App, most_lag: u64) -> Self {
        Self { app, most_lag }
    }

    async fn migrations(&self) -> Check {
        match migrations::pending(&self.app.store).await {
            Ok(pending) if pending.is_empty() => {
                Check::passed("migrations", "All migrations are applied.")
            }
            Ok(_) => Check::failed(
                "migrations",
                "Migrations are pending; run `repertoire migrate`.",
            ),
            Err(error) => {
                tracing::warn!(
                    error = format!("{error:#}"),
                    "the migrations cannot be read"
                );
                Check::failed(
                    "migrations",
                    "The migrations cannot be read; the log says why.",
                )
            }
        }
    }

    fn index(&self, newest: i64) -> Check {
        let index = &self.app.index;
        if index.needs_rebuild().is_some() {
            let done = index.rebuilding().map_or_else(String::new, |progress| {
                format!(" ({} of {} documents)", progress.done, progress.total)
            });
            return Check::failed("index", format!("The search index is being rebuilt{done}."));
        }
        let lag = newest
            .saturating_sub(index.position())
            .max(0)
            .unsigned_abs();
        let message = format!("The search index is {lag} change(s) behind.");
        if lag <= self.most_lag {
            Check::passed("index", message)
        } else {
            Check::failed("index", message)
        }
    }
}

impl Readiness for Probe {
    fn check(&self) -> Pin<Box<dyn Future<Output = Vec<Check>> + Send + '_>> {
        Box::pin(async move {
            match self.app.store.position().await {
                Ok(newest) => vec![
                    Check::passed("database", "The database answers."),
                    self.migrations().await,
                    self.index(newest),
                ],
                Err(error) => {
                    tracing::warn!(%error, "the database does not answer");
                    vec![Check::failed(
                        "database",
                        "The database does not answer; the log says why.",
                    )]
                }
            }
        })
    }
}
