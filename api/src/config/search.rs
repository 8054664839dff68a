//! Settings of the search index.

use serde::Deserialize;
use service::search::{IndexSettings, SignalWeights};
use service::validation::Faults;

/// Threads that index at most.
const MOST_THREADS: usize = 16;
/// MiB that one of them needs at the least, and can use at most.
const LEAST_OF_THREAD: usize = 15;
const MOST_OF_THREAD: usize = 4_095;

/// The search index.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SearchConfig {
    /// Language (BCP 47) of texts that declare none and whose language is not detected.
    pub default_language: String,
    /// Memory for documents that wait to be written to the index, in MiB.
    pub writer_memory_mib: usize,
    /// Threads that index.
    pub writer_threads: usize,
    /// Changes that the index may be behind before the server says that it is not ready.
    pub ready_lag: u64,
    /// What is known of things besides their text.
    pub signals: SignalConfig,
}

/// How much what is known of a thing besides its text counts in the order of hits, in per cent of what its text scores.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SignalConfig {
    /// What the best evidenced thing gains.
    pub evidence: u8,
    /// What a thing gains that stands best by what its kind of community holds dear.
    pub standing: u8,
    /// What a thing gains on the day of its last change; half of it after 180 days.
    pub recency: u8,
    /// What a thing loses whose review is overdue.
    pub overdue: u8,
}

impl Default for SignalConfig {
    fn default() -> Self {
        Self {
            evidence: 10,
            standing: 10,
            recency: 5,
            overdue: 10,
        }
    }
}

impl SignalConfig {
    /// The most that one of them may be.
    const MOST: u8 = 50;

    /// Each with its name.
    fn each(self) -> [(&'static str, u8); 4] {
        let Self {
            evidence,
            standing,
            recency,
            overdue,
        } = self;
        [
            ("evidence", evidence),
            ("standing", standing),
            ("recency", recency),
            ("overdue", overdue),
        ]
    }

    fn weights(self) -> SignalWeights {
        let share = |percent: u8| f32::from(percent) / 100.0;
        SignalWeights {
            evidence: share(self.evidence),
            standing: share(self.standing),
            recency: share(self.recency),
            overdue: share(self.overdue),
        }
    }
}

impl Default for SearchConfig {
    fn default() -> Self {
        Self {
            default_language: "en".to_owned(),
            writer_memory_mib: 64,
            writer_threads: 1,
            ready_lag: 10_000,
            signals: SignalConfig::default(),
        }
    }
}

impl SearchConfig {
    /// What the engine takes.
    #[must_use]
    pub fn settings(&self) -> IndexSettings {
        IndexSettings {
            writer_memory_bytes: self.writer_memory_mib.saturating_mul(1024 * 1024),
            writer_threads: self.writer_threads,
            default_language: self.default_language.clone(),
            signals: self.signals.weights(),
            ..IndexSettings::default()
        }
    }

    /// What is wrong, a sentence each.
    pub(super) fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        let mut language = Faults::default();
        language.language(&[], &self.default_language);
        if !language.is_empty() {
            faults.push(format!(
                "`search.default_language` is \"{}\", which is no BCP 47 language tag; write one such as en or fr-CA.",
                self.default_language
            ));
        }
        if !(1..=MOST_THREADS).contains(&self.writer_threads) {
            faults.push(format!(
                "`search.writer_threads` is {}; from 1 to {MOST_THREADS} is allowed.",
                self.writer_threads
            ));
        }
        let threads = self.writer_threads.clamp(1, MOST_THREADS);
        let (least, most) = (LEAST_OF_THREAD * threads, MOST_OF_THREAD * threads);
        if !(least..=most).contains(&self.writer_memory_mib) {
            faults.push(format!(
                "`search.writer_memory_mib` is {}; from {least} to {most} is allowed: {LEAST_OF_THREAD} to {MOST_OF_THREAD} for \
                 each of the threads.",
                self.writer_memory_mib
            ));
        }
        for (name, percent) in self.signals.each() {
            if percent > SignalConfig::MOST {
                faults.push(format!(
                    "`search.signals.{name}` is {percent}; from 0 to {} per cent is allowed.",
                    SignalConfig::MOST
                ));
            }
        }
        faults
    }
}
