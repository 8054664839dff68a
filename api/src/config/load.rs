//! Puts the configuration together and checks what no type can.

use std::path::{Path, PathBuf};

use figment::Figment;
use figment::providers::{Format, Toml};

use super::sources::Environment;
use super::{Config, ConfigError, Flags};

/// The file that is read from the data directory when no other is named.
pub const CONFIG_FILE: &str = "repertoire.toml";

/// Loads the configuration by this process's environment.
///
/// # Errors
///
/// [`ConfigError`] names every setting that is wrong, where it was set and what is allowed.
pub fn load(flags: Flags) -> Result<Config, ConfigError> {
    load_from(
        flags,
        std::env::vars_os().filter_map(|(name, value)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        }),
    )
}

/// Loads the configuration by the given environment.
///
/// # Errors
///
/// As [`load`].
pub fn load_from(
    flags: Flags,
    environment: impl IntoIterator<Item = (String, String)>,
) -> Result<Config, ConfigError> {
    let variables: Vec<(String, String)> = environment.into_iter().collect();
    let named = flags.config.clone().or_else(|| {
        let (_, value) = variables
            .iter()
            .find(|(name, _)| name == "REPERTOIRE_CONFIG")?;
        (!value.is_empty()).then(|| PathBuf::from(value))
    });
    let given = Figment::new()
        .merge(Environment::new(variables))
        .merge(flags);
    let file = match named {
        Some(file) if file.is_file() => Some(file),
        Some(file) => return Err(ConfigError::MissingFile(file)),
        None => {
            let directory = given
                .extract_inner::<PathBuf>("data_dir")
                .unwrap_or_else(|_| Config::default().data_dir);
            Some(directory.join(CONFIG_FILE)).filter(|file| file.is_file())
        }
    };
    let figment = match &file {
        Some(file) => {
            if let Err(error) = std::fs::File::open(file) {
                return Err(ConfigError::UnreadableFile {
                    path: file.clone(),
                    error,
                });
            }
            Figment::from(Toml::file_exact(file)).merge(given)
        }
        None => given,
    };
    let config: Config = figment.extract().map_err(ConfigError::from)?;
    check(&config, file.as_deref())?;
    Ok(config)
}

fn check(config: &Config, file: Option<&Path>) -> Result<(), ConfigError> {
    let mut wrong = Vec::new();
    if config.data_dir.as_os_str().is_empty() {
        wrong.push("`data_dir` is empty; name a directory, or leave it out.".to_owned());
    }
    let options = config.store_options();
    if !options.url.starts_with("sqlite:") && !options.is_postgres() {
        wrong.push(
            "`database_url` must start with sqlite: or postgres:, for example sqlite:///var/lib/repertoire/repertoire.db \
             or postgres://repertoire@localhost/repertoire."
                .to_owned(),
        );
    }
    if !(1..=1_000).contains(&config.database_connections) {
        wrong.push(format!(
            "`database_connections` is {}; from 1 to 1,000 is allowed.",
            config.database_connections
        ));
    }
    if config.change_log_retention_days > 36_500 {
        wrong.push(format!(
            "`change_log_retention_days` is {}; from 0 (for ever) to 36,500 is allowed.",
            config.change_log_retention_days
        ));
    }
    if let Err(error) = tracing_subscriber::EnvFilter::try_new(&config.log.filter) {
        wrong.push(format!(
            "`log.filter` cannot be read: {error}. Write a level (error, warn, info, debug, trace) or directives such as \
             info,service=debug."
        ));
    }
    wrong.extend(config.auth.faults());
    if !(1..=1_440).contains(&config.auth.access_token_minutes) {
        wrong.push(format!(
            "`auth.access_token_minutes` is {}; from 1 to 1,440 is allowed.",
            config.auth.access_token_minutes
        ));
    }
    if !(1..=366).contains(&config.auth.session_days) {
        wrong.push(format!(
            "`auth.session_days` is {}; from 1 to 366 is allowed.",
            config.auth.session_days
        ));
    }
    let limits = &config.auth.limits;
    for (name, rate) in [
        ("sign_in", limits.sign_in),
        ("sign_up", limits.sign_up),
        ("failures", limits.failures),
        ("mail", limits.mail),
    ] {
        if !rate.is_sound() {
            wrong.push(format!(
                "`auth.limits.{name}` needs a burst of at least 1, and seconds from 0.001 to 86,400."
            ));
        }
    }
    wrong.extend(config.mail.faults());
    wrong.extend(config.webhooks.faults());
    wrong.extend(config.operations.faults());
    wrong.extend(config.search.faults());
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(ConfigError::Wrong {
            file: file.map(Path::to_path_buf),
            faults: wrong,
        })
    }
}
