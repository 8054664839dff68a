//! The limits and their defaults.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Everything that bounds a request before work is done for it. Each default serves the published examples and the
/// standard introspection query with room to spare.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Bytes of a request body. 1 MiB.
    pub body_bytes: usize,
    /// Requests in one batch (a JSON array). 10.
    pub batch_length: usize,
    /// Lexical tokens of a document, counted before it is parsed. 10,000.
    pub tokens: usize,
    /// Nesting of `(`, `[` and `{` of any kind, counted before the document is parsed. 64.
    pub bracket_depth: usize,
    /// Characters of a name or number in a document. 128.
    pub name_length: usize,
    /// Nested fields of an operation; introspection is not counted. 16.
    pub depth: usize,
    /// Nested selection sets of an operation, fragments and introspection included. 30: the executor stops at 32.
    pub nesting: usize,
    /// Aliased fields of an operation, after fragments are expanded. 100.
    pub aliases: usize,
    /// Fields at the root of an operation, after fragments are expanded. 20.
    pub root_fields: usize,
    /// Selections of an operation, after fragments are expanded. 5,000.
    pub fields: usize,
    /// Directives in an operation, after fragments are expanded. 200.
    pub directives: usize,
    /// Points of an operation: one a field, times the page size or list bound above it. 30,000: a page
    /// of 100 resources with all their edges.
    pub cost: u64,
    /// Items of a page at most. 100.
    pub page_size: u32,
    /// Items of a page when neither `first` nor `last` is given. 20.
    pub default_page_size: u32,
    /// Errors in one answer; what goes beyond is counted, not listed. 20.
    pub errors: usize,
    /// Characters of an error message that the GraphQL library wrote. 300.
    pub message_length: usize,
    /// Bytes of documents kept parsed, by their estimated size in memory. 32 MiB; 0 switches the cache off.
    pub document_cache_bytes: u64,
    /// GraphQL requests answered at one time; more are refused with `SERVICE_UNAVAILABLE`. 512.
    pub concurrent_requests: usize,
    /// Seconds for one GraphQL request. 30. A write that has begun is finished all the same.
    #[serde(with = "seconds")]
    pub request_time: Duration,
    /// Seconds for reading a request body. 20.
    #[serde(with = "seconds")]
    pub body_time: Duration,
    /// Seconds for reading a request's headers, also the time that an idle connection is kept. 15.
    #[serde(with = "seconds")]
    pub header_time: Duration,
    /// Seconds that a write to a client which reads nothing may take. 30.
    #[serde(with = "seconds")]
    pub write_time: Duration,
    /// Bytes of a request's line and headers. 32 KiB.
    pub header_bytes: usize,
    /// Connections open at one time; more wait to be accepted. 2,048.
    pub connections: usize,
    /// Seconds for finishing requests in flight at shutdown. 30.
    #[serde(with = "seconds")]
    pub shutdown_time: Duration,
    /// What single fields and lists cost.
    pub costs: Costs,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 1024 * 1024,
            batch_length: 10,
            tokens: 10_000,
            bracket_depth: 64,
            name_length: 128,
            depth: 16,
            nesting: 30,
            aliases: 100,
            root_fields: 20,
            fields: 5_000,
            directives: 200,
            cost: 30_000,
            page_size: 100,
            default_page_size: 20,
            errors: 20,
            message_length: 300,
            document_cache_bytes: 32 * 1024 * 1024,
            concurrent_requests: 512,
            request_time: Duration::from_secs(30),
            body_time: Duration::from_secs(20),
            header_time: Duration::from_secs(15),
            write_time: Duration::from_secs(30),
            header_bytes: 32 * 1024,
            connections: 2_048,
            shutdown_time: Duration::from_secs(30),
            costs: Costs::default(),
        }
    }
}

/// What the cost of an operation is computed from beside the schema. A coordinate is `Type.field`, or `field` alone
/// for every type that has it; the longer one wins.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Costs {
    /// Items counted for a list of objects without paging and without a bound of its own. 10.
    pub list: u32,
    /// Items counted for a list without paging, by coordinate.
    pub lists: BTreeMap<String, u32>,
    /// Points of a field itself, by coordinate, where it is not 1.
    pub fields: BTreeMap<String, u32>,
    /// Items of a page when neither `first` nor `last` is given, by coordinate, where it is not
    /// [`Limits::default_page_size`].
    pub default_pages: BTreeMap<String, u32>,
    /// Largest page, by coordinate, where it is not [`Limits::page_size`].
    pub pages: BTreeMap<String, u32>,
    /// Points of each field of the mutation root. 10.
    pub mutation: u32,
}

impl Default for Costs {
    fn default() -> Self {
        let table = |entries: &[(&str, u32)]| {
            entries
                .iter()
                .map(|(coordinate, value)| ((*coordinate).to_owned(), *value))
                .collect()
        };
        Self {
            list: 10,
            lists: table(&[
                ("authors", 50),
                ("bylines", 50),
                ("sponsors", 20),
                ("ancestors", 20),
                ("attachments", 50),
                ("externalReferences", 20),
                ("relatedDomains", 20),
                ("competencies", 50),
                ("labels", 50),
                ("alternativeLabels", 50),
                // Of the bound of 500 a year of weekly meetings is a tenth. Counted whole, it would refuse the meetings of
                // a community with those who were there.
                ("Activity.occurrences", 100),
                ("Community.calendar", 100),
                ("Query.calendar", 100),
                ("Goal.evidence", 50),
                ("LearningQuestion.answers", 50),
                ("Query.nodes", 100),
                ("Discussion.suggestedHelpers", 5),
                ("User.expertise", 50),
                ("User.practiceSettings", 20),
                ("Membership.functions", 5),
                ("splitInto", 50),
                ("mergedFrom", 50),
                ("cameFrom", 50),
                // Of the bounds of 200 steps and 100 changes most have few.
                ("ValueStory.steps", 50),
                ("ValueStep.references", 10),
                ("Participation.history", 20),
                ("Community.stageHistory", 20),
                ("Community.syncPolicies", 50),
                ("SyncResourcesPayload.results", 1_000),
                // Most have none.
                ("SyncResult.userErrors", 1),
            ]),
            fields: table(&[
                ("Query.changes", 20),
                ("Query.related", 20),
                ("Query.search", 20),
                ("Query.suggest", 5),
                ("Discussion.similar", 20),
                ("Discussion.suggestedHelpers", 5),
                ("lineage", 20),
                ("Collection.entries", 5),
            ]),
            default_pages: table(&[("Query.changes", 100)]),
            pages: table(&[
                ("Discussion.similar", 20),
                ("Query.changes", 1_000),
                ("lineage", 500),
            ]),
            mutation: 10,
        }
    }
}

/// Durations as seconds, fractions allowed, so that a configuration file reads plainly.
mod seconds {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(
        duration: &Duration,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(duration.as_secs_f64())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Duration, D::Error> {
        let seconds = f64::deserialize(deserializer)?;
        Duration::try_from_secs_f64(seconds).map_err(|_| {
            serde::de::Error::custom(
                "a number of seconds must be zero or more and not absurdly large",
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_the_limits_can_be_given_and_the_rest_keeps_its_default() {
        let limits: Limits =
            serde_json::from_str(r#"{"depth": 5, "request_time": 0.25, "costs": {"list": 3}}"#)
                .unwrap();
        assert_eq!(limits.depth, 5);
        assert_eq!(limits.request_time, Duration::from_millis(250));
        assert_eq!(limits.costs.list, 3);
        assert_eq!(limits.costs.lists, Costs::default().lists);
        assert_eq!(limits.tokens, Limits::default().tokens);
    }

    #[test]
    fn an_unknown_limit_and_a_negative_time_are_refused() {
        assert!(
            serde_json::from_str::<Limits>(r#"{"dept": 5}"#)
                .unwrap_err()
                .to_string()
                .contains("dept")
        );
        assert!(serde_json::from_str::<Limits>(r#"{"request_time": -1}"#).is_err());
    }

    #[test]
    fn the_defaults_survive_serialization() {
        let text = serde_json::to_string(&Limits::default()).unwrap();
        assert_eq!(
            serde_json::from_str::<Limits>(&text).unwrap(),
            Limits::default()
        );
    }
}
