//! The search index.

use super::{environment, refusal};
use crate::config::{Flags, load_from};

#[test]
fn what_the_index_cannot_be_written_by_is_refused() {
    for (name, value, wanted) in [
        ("WRITER_THREADS", "0", "`search.writer_threads` is 0"),
        ("WRITER_MEMORY_MIB", "14", "from 15 to 4095 is allowed"),
        ("WRITER_MEMORY_MIB", "4096", "from 15 to 4095 is allowed"),
        (
            "DEFAULT_LANGUAGE",
            "en or fr",
            "`search.default_language` is \"en or fr\"",
        ),
        (
            "SIGNALS__RECENCY",
            "51",
            "`search.signals.recency` is 51; from 0 to 50",
        ),
    ] {
        let name = format!("REPERTOIRE_SEARCH__{name}");
        let text = refusal(Flags::default(), &[(name.as_str(), value)]);
        assert!(text.contains(wanted), "{text}");
    }
    let most = [
        ("REPERTOIRE_SEARCH__WRITER_THREADS", "2"),
        ("REPERTOIRE_SEARCH__WRITER_MEMORY_MIB", "8190"),
    ];
    load_from(Flags::default(), environment(&most)).unwrap();
}
