//! Settings of imports and exports.

use std::path::{Path, PathBuf};

use chrono::TimeDelta;
use serde::Deserialize;
use service::operation::OperationSettings;

/// The files of operations, in the data directory.
const DIRECTORY: &str = "operations";
/// An item's body alone may take as much as this.
const LEAST_LINE: usize = 1024 * 1024;

/// How imports and exports are bounded, and where their files are.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OperationConfig {
    /// Where their files are; `operations` in the data directory if not given. Servers of one installation may share it.
    pub directory: Option<PathBuf>,
    /// Address of this server as clients reach it, for the addresses of uploads and results.
    pub server_url: Option<String>,
    /// Bytes of the file of an import.
    pub upload_bytes: u64,
    /// Bytes of a line of such a file.
    pub line_bytes: usize,
    /// Operations of one person that are under way at once.
    pub unfinished: u64,
    /// Days for which finished ones are kept, with the files of exports.
    pub kept_days: u32,
}

impl Default for OperationConfig {
    fn default() -> Self {
        let settings = OperationSettings::new(PathBuf::new());
        Self {
            directory: None,
            server_url: None,
            upload_bytes: settings.upload_bytes,
            line_bytes: settings.line_bytes,
            unfinished: settings.unfinished,
            kept_days: 7,
        }
    }
}

impl OperationConfig {
    /// What the service takes.
    #[must_use]
    pub fn settings(&self, data_dir: &Path) -> OperationSettings {
        let directory = self.directory.clone();
        OperationSettings {
            directory: directory.unwrap_or_else(|| data_dir.join(DIRECTORY)),
            upload_bytes: self.upload_bytes,
            line_bytes: self.line_bytes,
            unfinished: self.unfinished,
            kept: TimeDelta::days(self.kept_days.into()),
        }
    }

    /// What is wrong, a sentence each.
    pub(super) fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        if self.upload_bytes == 0 {
            faults.push("`operations.upload_bytes` must be at least 1.".to_owned());
        }
        if !(LEAST_LINE..=1024 * 1024 * 1024).contains(&self.line_bytes) {
            faults.push(format!(
                "`operations.line_bytes` is {}; from {LEAST_LINE} to 1,073,741,824 is allowed.",
                self.line_bytes
            ));
        }
        if !(1..=1_000).contains(&self.unfinished) {
            faults.push(format!(
                "`operations.unfinished` is {}; from 1 to 1,000 is allowed.",
                self.unfinished
            ));
        }
        if !(1..=3_660).contains(&self.kept_days) {
            faults.push(format!(
                "`operations.kept_days` is {}; from 1 to 3,660 is allowed.",
                self.kept_days
            ));
        }
        let is_address = |url: &String| {
            url::Url::parse(url)
                .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
        };
        if self.server_url.as_ref().is_some_and(|url| !is_address(url)) {
            faults.push(
                "`operations.server_url` is no address such as https://api.learn.example.org."
                    .to_owned(),
            );
        }
        faults
    }
}
