//! A running server: every part put together, from the configuration to the open port.
//!
//! The command `serve` runs one; tests start as many as they like in one process, on port 0.

mod data_directory;
mod readiness;

pub use data_directory::DataDirectory;

use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};

use anyhow::{Context, anyhow};
use metrics_exporter_prometheus::PrometheusHandle;
use service::clock::Clock;
use service::store::Store;
use service::viewer::Viewer;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use self::readiness::Probe;
use crate::config::{Config, create_data_dir};
use crate::graphql::limits::Prepared;
use crate::graphql::request::RequestState;
use crate::graphql;
use crate::http::{self, Ended, Gate, HttpError, Incoming};
use crate::migrations;

/// A server that listens. Dropped without [`Server::shut_down`], it ends its work without waiting for requests.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    store: Store,
    stop: CancellationToken,
    serving: JoinHandle<std::io::Result<Ended>>,
    /// Held to the end, so that no second server uses the same directory.
    _directory: DataDirectory,
}

impl Server {
    /// Starts a server by the system's clock. It answers requests when this returns.
    ///
    /// # Errors
    ///
    /// A sentence that says what is in the way and how to mend it: another server in the data directory, a database
    /// that does not answer, pending migrations that may not be run, an address in use.
    pub async fn start(config: Config) -> anyhow::Result<Self> {
        Self::start_at(config, Clock::default()).await
    }

    /// Starts a server by a clock that a test can turn.
    ///
    /// # Errors
    ///
    /// As [`Server::start`].
    pub async fn start_at(config: Config, clock: Clock) -> anyhow::Result<Self> {
        let directory = DataDirectory::claim(&config)?;
        let store = Store::open(&config.store_options(), clock).await?;
        prepare_database(&config, &store).await?;
        let listener = TcpListener::bind(config.listen).await.with_context(|| {
            format!(
                "The address {} cannot be listened on; choose another one by --listen, or port 0 for any free port.",
                config.listen
            )
        })?;
        let address = listener.local_addr()?;
        let stop = CancellationToken::new();

        let mut parts = http::Parts::new(graphql::schema(), AnonymousGate(store.clone()));
        parts.limits = config.limits.clone();
        parts.cors = config.cors.clone();
        parts.readiness = Arc::new(Probe::new(store.clone()));
        parts.metrics = if config.metrics {
            Some(metrics_of_process(&stop)?)
        } else {
            None
        };
        parts.graphiql = config.graphiql;
        let router = http::router(parts)?;
        let settings = http::Settings::from(&config.limits);
        let stopped = stop.clone().cancelled_owned();
        let serving = tokio::spawn(http::serve(listener, router, settings, stopped));
        tracing::info!(%address, "listening");
        Ok(Self {
            address,
            store,
            stop,
            serving,
            _directory: directory,
        })
    }

    /// The address with the real port.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where the server is reached from this machine, such as `http://127.0.0.1:4000`.
    #[must_use]
    pub fn url(&self) -> String {
        url_of(self.address)
    }

    /// The database.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The clock that the server goes by.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        self.store.clock()
    }

    /// Finishes requests in flight, then ends everything in order.
    ///
    /// # Errors
    ///
    /// When the server had ended by itself: the reason.
    pub async fn shut_down(mut self) -> anyhow::Result<Ended> {
        self.stop.cancel();
        let ended = (&mut self.serving)
            .await
            .map_err(|error| anyhow!("The server ended by itself: {error}."))??;
        Ok(ended)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// Brings the database of a configuration up to date, as `repertoire migrate` does, and answers the names of the
/// migrations that were run.
///
/// # Errors
///
/// When the database cannot be opened, or a migration fails.
pub async fn migrate(config: &Config) -> anyhow::Result<Vec<String>> {
    create_data_dir(&config.data_dir)?;
    let store = Store::open(&config.store_options(), Clock::default()).await?;
    migrations::run(&store).await
}

/// The schema in the definition language.
#[must_use]
pub fn sdl() -> String {
    graphql::schema().sdl()
}

/// Every address is reached from this machine by its loopback one.
fn url_of(address: SocketAddr) -> String {
    let ip = address.ip();
    let port = address.port();
    match ip {
        std::net::IpAddr::V4(ip) if ip.is_unspecified() => format!("http://127.0.0.1:{port}"),
        std::net::IpAddr::V6(ip) if ip.is_unspecified() => format!("http://[::1]:{port}"),
        _ => format!("http://{address}"),
    }
}

async fn prepare_database(config: &Config, store: &Store) -> anyhow::Result<()> {
    let pending = migrations::pending(store).await?;
    if pending.is_empty() {
        return Ok(());
    }
    if !config.migrate {
        return Err(anyhow!(
            "The database lacks {} migration(s): {}. Run `repertoire migrate`, then start again.",
            pending.len(),
            pending.join(", ")
        ));
    }
    migrations::run(store).await?;
    tracing::info!(migrations = pending.len(), "the database was migrated");
    Ok(())
}

/// The recorder of the process, which all its servers share.
fn metrics_of_process(stop: &CancellationToken) -> anyhow::Result<PrometheusHandle> {
    static HANDLE: OnceLock<Result<PrometheusHandle, String>> = OnceLock::new();
    let handle = HANDLE
        .get_or_init(|| http::metrics::install().map_err(|error| error.to_string()))
        .clone()
        .map_err(anyhow::Error::msg)?;
    let upkeep = handle.clone();
    let stopped = stop.clone();
    tokio::spawn(async move {
        let mut ticks = tokio::time::interval(std::time::Duration::from_secs(5));
        while stopped.run_until_cancelled(ticks.tick()).await.is_some() {
            upkeep.run_upkeep();
        }
    });
    Ok(handle)
}

/// Answers everybody as a visitor.
struct AnonymousGate(Store);

impl Gate for AnonymousGate {
    type Caller = ();

    async fn admit(&self, _: &Incoming<'_>) -> Result<(), HttpError> {
        Ok(())
    }

    async fn attach(
        &self,
        (): &(),
        _: &Incoming<'_>,
        _: &Prepared,
        request: async_graphql::Request,
    ) -> Result<async_graphql::Request, HttpError> {
        Ok(request.data(RequestState::new(self.0.clone(), Viewer::anonymous())))
    }
}

#[cfg(test)]
mod tests;
