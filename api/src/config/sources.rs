//! Where settings come from, other than files: the environment and the command line.

use std::path::PathBuf;

use figment::value::{Dict, Map, Value};
use figment::{Metadata, Profile, Provider};

/// What all environment variables begin with.
pub(super) const PREFIX: &str = "REPERTOIRE_";

/// Variables that are no settings: where the file is, and those of the test suite.
const OTHERS: [&str; 2] = ["REPERTOIRE_CONFIG", "REPERTOIRE_TEST_"];

/// Settings given on the command line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Flags {
    /// `--config`
    pub config: Option<PathBuf>,
    /// `--data-dir`
    pub data_dir: Option<PathBuf>,
    /// `--database-url`
    pub database_url: Option<String>,
    /// `--listen`
    pub listen: Option<String>,
    /// `--demo`
    pub demo: bool,
    /// `--no-migrate`
    pub no_migrate: bool,
}

impl Provider for Flags {
    fn metadata(&self) -> Metadata {
        Metadata::named("the command line").interpolater(|_, path| {
            let name = path.join(".").replace('_', "-");
            format!("--{name}")
        })
    }

    fn data(&self) -> figment::error::Result<Map<Profile, Dict>> {
        let mut dict = Dict::new();
        let mut put = |key: &str, value: Option<Value>| {
            if let Some(value) = value {
                dict.insert(key.to_owned(), value);
            }
        };
        put(
            "data_dir",
            self.data_dir
                .as_ref()
                .map(|path| Value::from(path.to_string_lossy().into_owned())),
        );
        put("database_url", self.database_url.clone().map(Value::from));
        put("listen", self.listen.clone().map(Value::from));
        put("demo", self.demo.then(|| Value::from(true)));
        put("migrate", self.no_migrate.then(|| Value::from(false)));
        Ok(Profile::Default.collect(dict))
    }
}

/// Settings given by environment variables. An empty variable counts as not set.
pub(super) struct Environment(Vec<(String, String)>);

impl Environment {
    pub(super) fn new(variables: impl IntoIterator<Item = (String, String)>) -> Self {
        let is_setting = |(name, value): &(String, String)| {
            name.starts_with(PREFIX)
                && !value.is_empty()
                && !OTHERS.iter().any(|other| name.starts_with(other))
        };
        Self(variables.into_iter().filter(is_setting).collect())
    }
}

impl Provider for Environment {
    fn metadata(&self) -> Metadata {
        Metadata::named("the environment").interpolater(|_, path| {
            let name = path.join("__").to_uppercase();
            format!("{PREFIX}{name}")
        })
    }

    fn data(&self) -> figment::error::Result<Map<Profile, Dict>> {
        let mut dict = Dict::new();
        for (name, text) in &self.0 {
            let name = name.strip_prefix(PREFIX).unwrap_or(name);
            let key = name.to_lowercase().replace("__", ".");
            // The parser of values takes every text: what is no number, truth value or list is a string.
            let value: Value = match text.parse() {
                Ok(value) => value,
                Err(never) => match never {},
            };
            if let Some(nested) = figment::util::nest(&key, value).into_dict() {
                merge(&mut dict, nested);
            }
        }
        Ok(Profile::Default.collect(dict))
    }
}

fn merge(into: &mut Dict, from: Dict) {
    for (key, value) in from {
        match (into.get_mut(&key), value) {
            (Some(Value::Dict(_, inner)), Value::Dict(_, nested)) => merge(inner, nested),
            (_, value) => {
                into.insert(key, value);
            }
        }
    }
}
