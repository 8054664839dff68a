mod accounts;
mod network;
mod search;
mod sources;

use std::path::PathBuf;

use super::{Flags, load_from};

fn environment(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

fn file(directory: &tempfile::TempDir, text: &str) -> PathBuf {
    let path = directory.path().join("settings.toml");
    std::fs::write(&path, text).unwrap();
    path
}

fn refusal(flags: Flags, pairs: &[(&str, &str)]) -> String {
    load_from(flags, environment(pairs))
        .unwrap_err()
        .to_string()
}
