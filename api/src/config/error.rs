//! What is wrong with a configuration, said so that it can be mended.

use std::path::PathBuf;

use figment::Source;
use figment::error::Kind;

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file that was named is not there.
    #[error("The configuration file {} does not exist; name another one by --config or REPERTOIRE_CONFIG.", .0.display())]
    MissingFile(PathBuf),
    /// The file cannot be read.
    #[error("The configuration file {} cannot be read: {error}.", .path.display())]
    UnreadableFile {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: std::io::Error,
    },
    /// Settings are wrong, one sentence each.
    #[error("The configuration is wrong{}.\n{}`repertoire config` lists every setting.", in_file(.file.as_ref()), lines(.faults))]
    Wrong {
        /// The file that was read, if any.
        file: Option<PathBuf>,
        /// What is wrong.
        faults: Vec<String>,
    },
}

fn in_file(file: Option<&PathBuf>) -> String {
    file.map_or_else(String::new, |file| {
        format!(" (the file {} was read)", file.display())
    })
}

fn lines(faults: &[String]) -> String {
    let mut lines = String::new();
    for fault in faults {
        lines.push_str("- ");
        lines.push_str(fault);
        lines.push('\n');
    }
    lines
}

impl From<figment::Error> for ConfigError {
    fn from(error: figment::Error) -> Self {
        Self::Wrong {
            file: None,
            faults: error.into_iter().map(|error| describe(&error)).collect(),
        }
    }
}

fn describe(error: &figment::Error) -> String {
    let mut path = error.path.clone();
    let what = match &error.kind {
        Kind::UnknownField(name, allowed) => {
            if path.last() != Some(name) {
                path.push(name.clone());
            }
            let mut allowed = allowed.to_vec();
            allowed.sort_unstable();
            format!("there is no such setting; here are {}", allowed.join(", "))
        }
        Kind::UnknownVariant(name, allowed) => {
            format!(
                "\"{name}\" is not allowed; choose one of {}",
                allowed.join(", ")
            )
        }
        Kind::InvalidType(found, expected) | Kind::InvalidValue(found, expected) => {
            format!("{expected} is expected, not {found}")
        }
        Kind::MissingField(name) => {
            path.push(name.to_string());
            "this setting is missing".to_owned()
        }
        Kind::Message(message) => message.clone(),
        other => other.to_string(),
    };
    let place = match &error.metadata {
        None => String::new(),
        Some(metadata) => match &metadata.source {
            Some(Source::File(file)) => format!(" in {}", file.display()),
            _ if path.is_empty() => format!(" in {}", metadata.name),
            _ => {
                let profile = figment::Profile::Default;
                let keys: Vec<&str> = path.iter().map(String::as_str).collect();
                format!(" ({})", metadata.interpolate(&profile, &keys))
            }
        },
    };
    if path.is_empty() {
        format!("The settings{place} cannot be read: {what}.")
    } else {
        format!("`{}`{place}: {what}.", path.join("."))
    }
}
