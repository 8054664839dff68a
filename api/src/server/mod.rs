//! A running server: every part put together, from the configuration to the open port.
//!
//! The command `serve` runs one; tests start as many as they like in one process, on port 0.

mod data_directory;
mod gate;
mod operations;
mod readiness;
mod unsubscribe;
mod upkeep;

pub use data_directory::DataDirectory;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, anyhow};
use service::auth::Auth;
use service::change::follow;
use service::clock::Clock;
use service::demo;
use service::mail::Mailer;
use service::operation::{self, Operations};
use service::projection;
use service::search::SearchIndex;
use service::store::Store;
use service::webhook::Dispatcher;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use self::gate::ServerGate;
use self::readiness::Probe;
use crate::app::App;
use crate::config::{Config, create_data_dir};
use crate::graphql::ApiSchema;
use crate::graphql::webhook::ApiNames;
use crate::http::{self, Ended};
use crate::{graphql, migrations};

/// How long a start waits for an index that must be rebuilt.
const INDEXING_TIME: Duration = Duration::from_secs(1);

/// How long a start with the demonstration waits until its content can be searched.
const DEMO_INDEXING_TIME: Duration = Duration::from_mins(1);

/// A server that listens. Dropped without [`Server::shut_down`], it ends its work without waiting for requests.
pub struct Server {
    address: SocketAddr,
    app: App,
    schema: ApiSchema,
    stop_serving: CancellationToken,
    stop_tasks: CancellationToken,
    serving: JoinHandle<std::io::Result<Ended>>,
    tasks: Vec<JoinHandle<()>>,
    /// Held to the end, so that no second server uses the same directory.
    _directory: DataDirectory,
}

impl std::fmt::Debug for Server {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut server = formatter.debug_struct("Server");
        server
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
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
        Self::start_watched(config, clock, &|_| {}).await
    }

    /// Starts a server, and tells how far the loading of the demonstration is.
    ///
    /// # Errors
    ///
    /// As [`Server::start`].
    pub async fn start_watched(
        config: Config,
        clock: Clock,
        progress: &(dyn Fn(demo::Progress) + Send + Sync),
    ) -> anyhow::Result<Self> {
        let directory = DataDirectory::claim(&config)?;
        let mut app = open(&config, clock).await?;
        let listener = TcpListener::bind(config.listen).await.with_context(|| {
            format!(
                "The address {} cannot be listened on; choose another one by --listen, or port 0 for any free port.",
                config.listen
            )
        })?;
        let address = listener.local_addr()?;
        let server_url = config.server_url().map(str::to_owned);
        let server_url = server_url.unwrap_or_else(|| url_of(address));
        app.server_url = server_url.trim_end_matches('/').into();

        let stop_serving = CancellationToken::new();
        let stop_tasks = CancellationToken::new();
        // Whatever fails from here on ends the tasks that were begun.
        let unfinished = stop_tasks.clone().drop_guard();
        let mut tasks = vec![
            follow(app.store.clone(), app.index.clone(), stop_tasks.clone()),
            projection::follow(app.store.clone(), stop_tasks.clone()),
            upkeep::find_duplicates(app.store.clone(), app.index.clone(), stop_tasks.clone()),
            upkeep::write_search_counts(app.store.clone(), app.index.clone(), stop_tasks.clone()),
            upkeep::reload_keys(app.auth.clone(), stop_tasks.clone()),
            upkeep::meet_deadlines(app.store.clone(), stop_tasks.clone()),
            upkeep::remove_ended(app.store.clone(), stop_tasks.clone()),
            upkeep::tidy_operations(app.operations.clone(), stop_tasks.clone()),
            operation::run_queued(app.operations.clone(), stop_tasks.clone()),
            upkeep::forget_old_changes(
                app.store.clone(),
                app.index.clone(),
                config.change_log_retention_days,
                stop_tasks.clone(),
            ),
        ];
        tasks.push(upkeep::send_webhooks(dispatcher(&app)?, stop_tasks.clone()));
        tasks.push(upkeep::tidy_webhooks(app.store.clone(), stop_tasks.clone()));
        if let Some(mailer) = app.mailer.clone() {
            tasks.push(upkeep::send_mail(mailer, stop_tasks.clone()));
            tasks.push(upkeep::queue_digests(app.auth.clone(), stop_tasks.clone()));
        }
        if config.demo {
            load_demo(&config, &app, progress).await?;
        }
        give_index_time(&app.index).await;

        let schema = graphql::schema(app.clone());
        let executor = graphql::Executor::new(schema.clone(), app.clone());
        let mut http = http::Parts::new(
            executor,
            ServerGate::new(app.clone(), config.trusted_proxies.clone()),
        );
        http.limits = config.limits.clone();
        http.cors = config.cors.clone();
        http.readiness = Arc::new(Probe::new(app.clone(), config.search.ready_lag));
        let auth = app.auth.clone();
        http.key_set = Some(Arc::new(move || auth.jwks()));
        if app.mailer.is_some() {
            http.unsubscribe = Some(Arc::new(unsubscribe::Links::new(app.auth.clone())));
        }
        let addresses = operations::Addresses::new(app.operations.clone(), app.auth.clone());
        http.operations = Some(Arc::new(addresses));
        http.graphiql = config.graphiql;
        if config.metrics {
            let handle = upkeep::metrics_of_process()?;
            tasks.push(upkeep::keep_metrics(
                handle.clone(),
                app.clone(),
                stop_tasks.clone(),
            ));
            http.metrics = Some(handle);
        }
        let router = http::router(http)?;
        let settings = http::Settings::from(&config.limits);
        let stopped = stop_serving.clone().cancelled_owned();
        let serving = tokio::spawn(http::serve(listener, router, settings, stopped));
        tracing::info!(%address, data_dir = %config.data_dir.display(), "listening");
        unfinished.disarm();
        Ok(Self {
            address,
            app,
            schema,
            stop_serving,
            stop_tasks,
            serving,
            tasks,
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
        &self.app.store
    }

    /// Sign-in.
    #[must_use]
    pub fn auth(&self) -> &Auth {
        &self.app.auth
    }

    /// What sends mails; none where no mail is configured.
    #[must_use]
    pub fn mailer(&self) -> Option<&Mailer> {
        self.app.mailer.as_ref()
    }

    /// The search index.
    #[must_use]
    pub fn index(&self) -> &SearchIndex {
        &self.app.index
    }

    /// The schema, to execute requests without HTTP. They bring a `RequestState` along.
    #[must_use]
    pub fn schema(&self) -> &ApiSchema {
        &self.schema
    }

    /// The clock that the server goes by.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        self.app.store.clock()
    }

    /// Finishes requests in flight, then ends everything in order.
    ///
    /// # Errors
    ///
    /// When the server had ended by itself: the reason.
    pub async fn shut_down(mut self) -> anyhow::Result<Ended> {
        self.stop_serving.cancel();
        let ended = (&mut self.serving).await;
        self.app.auth.settle().await;
        self.stop_tasks.cancel();
        for task in self.tasks.drain(..) {
            if let Err(error) = task.await {
                tracing::error!(%error, "a task of the server ended by itself");
            }
        }
        self.app.index.close().await;
        ended
            .map_err(|error| anyhow!("The server ended by itself: {error}."))?
            .context("The server ended by itself.")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop_serving.cancel();
        self.stop_tasks.cancel();
    }
}

async fn open(config: &Config, clock: Clock) -> anyhow::Result<App> {
    let store = Store::open(&config.store_options(), clock).await?;
    let migrated = migrations::prepare(&store, config.migrate).await?;
    if !migrated.is_empty() {
        tracing::info!(migrations = migrated.len(), "the database was migrated");
    }
    let mail = config.mail.settings()?;
    let mailer = match &mail {
        Some(mail) => Some(Mailer::new(
            store.clone(),
            mail.clone(),
            config.mail.transport(mail)?,
        )),
        None => None,
    };
    let options = config.auth.options(config.demo_sign_in(), mail);
    let (settings, signing) = (config.clone(), store.clone());
    let auth = tokio::task::spawn_blocking(move || {
        let keys = settings.signing_keys()?;
        Auth::new(signing, keys, options)
            .context("The section `auth` of the configuration cannot be used.")
    })
    .await??;
    let operations = open_operations(config, &store).await?;
    let index = SearchIndex::open(config.index_directory(), config.search.settings())
        .await
        .context("The search index cannot be opened.")?;
    Ok(App {
        store,
        auth,
        index,
        mailer,
        webhooks: config.webhooks.options(),
        operations,
        server_url: Arc::from(""),
    })
}

/// What sends the deliveries of webhooks.
fn dispatcher(app: &App) -> anyhow::Result<Dispatcher> {
    if app.webhooks.allow_private_addresses {
        tracing::warn!(
            "webhooks may lead to private and local addresses, as `webhooks.allow_private_addresses` says"
        );
    }
    Dispatcher::new(app.store.clone(), app.webhooks, ApiNames)
        .map_err(|error| anyhow!("Webhooks cannot be sent: {error}."))
}

async fn open_operations(config: &Config, store: &Store) -> anyhow::Result<Operations> {
    let (settings, store) = (config.operation_settings(), store.clone());
    tokio::task::spawn_blocking(move || {
        let directory = settings.directory.clone();
        Operations::open(store, settings).with_context(|| {
            format!(
                "The directory {} for the files of imports and exports cannot be used; check its owner, or name another \
                 one by `operations.directory`.",
                directory.display()
            )
        })
    })
    .await?
}

/// A new or small database is indexed in a moment, and then the server is ready in every respect once it says so. A large
/// index that must be rebuilt is not waited for: everything else answers meanwhile.
async fn give_index_time(index: &SearchIndex) {
    let usable = async {
        while index.needs_rebuild().is_some() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    if tokio::time::timeout(INDEXING_TIME, usable).await.is_err() {
        tracing::warn!("the search index is being rebuilt; searches are refused until then");
    }
}

async fn load_demo(
    config: &Config,
    app: &App,
    progress: &(dyn Fn(demo::Progress) + Send + Sync),
) -> anyhow::Result<()> {
    let passwords = app.auth.passwords();
    match demo::load(&app.store, passwords, config.is_loopback(), progress)
        .await
        .context("The demonstration cannot be loaded.")?
    {
        demo::Outcome::Loaded { position } => {
            if !app.index.wait_for(position, DEMO_INDEXING_TIME).await {
                tracing::warn!("the demonstration is still being indexed");
            }
        }
        demo::Outcome::ThereAlready => {}
        demo::Outcome::NotEmpty => tracing::warn!(
            "the demonstration was not loaded: the database is not empty; name another directory by --data-dir"
        ),
    }
    Ok(())
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

/// An address that stands for all of a machine's is reached from this machine by its loopback one.
fn url_of(address: SocketAddr) -> String {
    let port = address.port();
    match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => format!("http://127.0.0.1:{port}"),
        IpAddr::V6(ip) if ip.is_unspecified() => format!("http://[::1]:{port}"),
        _ => format!("http://{address}"),
    }
}

#[cfg(test)]
mod tests;
