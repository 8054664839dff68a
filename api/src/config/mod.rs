//! The one typed configuration: defaults, then a TOML file, then the environment, then flags; the later wins.
//!
//! Every setting of a file has an environment variable: `limits.depth` is `REPERTOIRE_LIMITS__DEPTH`. A key that is
//! not known is refused wherever it stands. [`DEFAULTS`] lists all of them with what they mean.

mod auth;
mod error;
mod load;
mod mail;
mod operations;
mod search;
mod sources;
mod webhooks;

pub use auth::{AuthConfig, AuthLimits, RateConfig};
pub use error::ConfigError;
pub use load::{CONFIG_FILE, load, load_from};
pub use mail::MailConfig;
pub use operations::OperationConfig;
pub use search::{SearchConfig, SignalConfig};
pub use sources::Flags;
pub use webhooks::WebhookConfig;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Deserializer};
use service::operation::OperationSettings;
use service::store::StoreOptions;

use crate::graphql::limits::Limits;
use crate::http::{Cors, Network};

/// Every setting with its default and what it means, as a TOML file that can be edited.
pub const DEFAULTS: &str = include_str!("defaults.toml");

/// The SQLite file in the data directory.
pub const DATABASE_FILE: &str = "repertoire.db";

/// The search index in the data directory.
pub const INDEX_DIRECTORY: &str = "index";

/// Everything that an operator can set.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a setting of its own, by its name in the file"
)]
pub struct Config {
    /// Where the server keeps its files: the SQLite database, the search index, the signing keys.
    pub data_dir: PathBuf,
    /// The address and port to listen on. Port 0 takes any free one.
    #[serde(deserialize_with = "socket_address")]
    pub listen: SocketAddr,
    /// Proxies that are believed when they say for whom they ask.
    pub trusted_proxies: Vec<Network>,
    /// `sqlite:///file` or `postgres://…`; by default a SQLite file in the data directory.
    pub database_url: Option<Secret>,
    /// Database connections: for reading with SQLite, in all with PostgreSQL.
    pub database_connections: u32,
    /// Whether pending migrations are run at start. Without, a server with pending ones does not start.
    pub migrate: bool,
    /// Days for which the change log is kept; 0 for ever.
    pub change_log_retention_days: u32,
    /// Whether an empty database gets the demonstration's content and people.
    pub demo: bool,
    /// Whether GraphiQL is served at `/`.
    pub graphiql: bool,
    /// Whether figures for Prometheus are served at `/metrics`.
    pub metrics: bool,
    /// Sign-in.
    pub auth: AuthConfig,
    /// Which pages of other origins may call.
    pub cors: Cors,
    /// Log lines.
    pub log: LogConfig,
    /// Mail.
    pub mail: MailConfig,
    /// Imports and exports.
    pub operations: OperationConfig,
    /// The search index.
    pub search: SearchConfig,
    /// Webhooks.
    pub webhooks: WebhookConfig,
    /// What bounds a request.
    pub limits: Limits,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            data_dir: PathBuf::from("data"),
            listen: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 4000),
            trusted_proxies: Vec::new(),
            database_url: None,
            database_connections: 8,
            migrate: true,
            change_log_retention_days: 400,
            demo: false,
            graphiql: true,
            metrics: true,
            auth: AuthConfig::default(),
            cors: Cors::default(),
            log: LogConfig::default(),
            mail: MailConfig::default(),
            operations: OperationConfig::default(),
            search: SearchConfig::default(),
            webhooks: WebhookConfig::default(),
            limits: Limits::default(),
        }
    }
}

impl Config {
    /// Where the database is.
    #[must_use]
    pub fn store_options(&self) -> StoreOptions {
        match &self.database_url {
            Some(url) => StoreOptions {
                url: url.reveal().to_owned(),
                connections: self.database_connections,
            },
            None => StoreOptions::sqlite(
                &self.data_dir.join(DATABASE_FILE),
                self.database_connections,
            ),
        }
    }

    /// The SQLite file, unless the database is PostgreSQL or in memory.
    #[must_use]
    pub fn database_file(&self) -> Option<PathBuf> {
        let options = self.store_options();
        let rest = options.url.strip_prefix("sqlite:")?;
        let path = rest.strip_prefix("//").unwrap_or(rest);
        let path = path.split('?').next().unwrap_or(path);
        (!path.is_empty() && path != ":memory:").then(|| PathBuf::from(path))
    }

    /// Where the search index is.
    #[must_use]
    pub fn index_directory(&self) -> PathBuf {
        self.data_dir.join(INDEX_DIRECTORY)
    }

    /// What bounds imports and exports, and where their files are.
    #[must_use]
    pub fn operation_settings(&self) -> OperationSettings {
        self.operations.settings(&self.data_dir)
    }

    /// Address of this server as clients reach it, as far as it is said.
    #[must_use]
    pub fn server_url(&self) -> Option<&str> {
        let own = self.operations.server_url.as_deref();
        own.or(self.mail.server_url.as_deref())
    }

    /// Whether only this machine can reach the server.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        self.listen.ip().to_canonical().is_loopback()
    }
}

/// How log lines look and which there are.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LogConfig {
    /// Text for people or JSON for machines.
    pub format: LogFormat,
    /// Which lines: a level, or directives such as `info,service=debug`.
    pub filter: String,
}

impl Default for LogConfig {
    fn default() -> Self {
        Self {
            format: LogFormat::Text,
            filter: "info,tantivy::indexer::segment_manager=error".to_owned(),
        }
    }
}

/// The form of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// A text that no log line and no error shows.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// The text itself.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("[not shown]")
    }
}

/// Creates the data directory for its owner only, when it is not there.
///
/// # Errors
///
/// A sentence with the path and the reason.
pub fn create_data_dir(directory: &Path) -> anyhow::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    builder.create(directory).map_err(|error| {
        anyhow::anyhow!(
            "The data directory {} cannot be created: {error}. Name another one by --data-dir, or create it and make \
             it yours.",
            directory.display()
        )
    })
}

fn socket_address<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SocketAddr, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map_err(|_| {
        serde::de::Error::custom(format!(
            "\"{text}\" is no address with a port; write 127.0.0.1:4000, 0.0.0.0:4000 or [::1]:4000"
        ))
    })
}

#[cfg(test)]
mod tests;
