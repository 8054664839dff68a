//! Log lines, on standard error: standard output is for results.

use anyhow::anyhow;
use tracing_subscriber::EnvFilter;

use crate::config::{LogConfig, LogFormat};

/// Installs the log of the process.
pub(super) fn install(config: &LogConfig) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&config.filter)?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()));
    match config.format {
        LogFormat::Text => builder.try_init(),
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
    }
    .map_err(|error| anyhow!("The log cannot be set up: {error}."))
}

/// For short commands: warnings and errors, unless the operator asks for more.
pub(super) fn install_quiet(config: &LogConfig) -> anyhow::Result<()> {
    let quiet = LogConfig::default().filter == config.filter;
    let filter = if quiet { "warn" } else { &config.filter };
    install(&LogConfig {
        filter: filter.to_owned(),
        ..config.clone()
    })
}
