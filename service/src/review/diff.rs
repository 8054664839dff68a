//! What differs between two revisions, field by field.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Map, Value};
use similar::TextDiff;

use crate::error::{Error, Result};

/// How long one text is compared; after that the comparison is coarser, and still right.
const PATIENCE: Duration = Duration::from_millis(200);
/// Unchanged lines around a change.
const CONTEXT: usize = 3;

/// One field that differs.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldDiff {
    /// Its name in the schema.
    pub field: String,
    /// Its value in the one revision.
    pub before: Value,
    /// Its value in the other.
    pub after: Value,
    /// For texts: a unified diff.
    pub unified: Option<String>,
}

/// The fields in which two contents differ, title and body first. Texts are compared on a thread of their own.
#[crate::boxed]
pub async fn compare(
    before: Map<String, Value>,
    after: Map<String, Value>,
) -> Result<Vec<FieldDiff>> {
    tokio::task::spawn_blocking(move || differences(&before, &after))
        .await
        .map_err(|error| Error::internal(format!("the comparison ended early: {error}")))
}

fn differences(before: &Map<String, Value>, after: &Map<String, Value>) -> Vec<FieldDiff> {
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let mut names: Vec<&String> = names.into_iter().collect();
    let place = |name: &str| match name {
        "title" => 0,
        "body" => 1,
        _ => 2,
    };
    names.sort_by_key(|name| place(name));
    let value = |content: &Map<String, Value>, name: &str| {
        content.get(name).cloned().unwrap_or(Value::Null)
    };
    names
        .into_iter()
        .map(|name| (name, value(before, name), value(after, name)))
        .filter(|(_, before, after)| before != after)
        .map(|(name, before, after)| FieldDiff {
            field: name.clone(),
            unified: unified(&before, &after),
            before,
            after,
        })
        .collect()
}

/// A unified diff of two texts, of which one may be absent.
fn unified(before: &Value, after: &Value) -> Option<String> {
    let text = |value: &Value| match value {
        Value::String(text) => Some(with_end(text)),
        Value::Null => Some(String::new()),
        _ => None,
    };
    let (before, after) = (text(before)?, text(after)?);
    let mut config = TextDiff::configure();
    config.timeout(PATIENCE);
    let diff = config.diff_lines(&before, &after);
    Some(
        diff.unified_diff()
            .context_radius(CONTEXT)
            .header("before", "after")
            .to_string(),
    )
}

/// Each line ends, so that a diff need not say of the last one that it does not.
fn with_end(text: &str) -> String {
    let mut text = text.to_owned();
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn map(value: Value) -> Map<String, Value> {
        match value {
            Value::Object(map) => map,
            other => panic!("{other} is no object"),
        }
    }

    #[test]
    fn only_what_differs_is_told_and_texts_line_by_line() {
        let before = map(
            json!({ "body": "one\ntwo\nthree", "tags": ["a"], "kind": "GUIDE", "title": "Old" }),
        );
        let after = map(
            json!({ "body": "one\n2\nthree", "tags": ["a", "b"], "kind": "GUIDE", "title": "Old" }),
        );
        let found = differences(&before, &after);
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].field, "body");
        let unified = found[0].unified.as_deref().unwrap();
        assert!(unified.contains("-two\n+2\n"), "{unified}");
        assert_eq!(found[1].after, json!(["a", "b"]));
        assert_eq!(found[1].unified, None);
    }

    #[test]
    fn a_text_that_comes_or_goes_is_all_plus_or_all_minus() {
        let before = map(json!({ "body": null }));
        let after = map(json!({ "body": "new" }));
        let came = differences(&before, &after).remove(0).unified.unwrap();
        assert!(came.contains("+new\n"), "{came}");
        let went = differences(&after, &before).remove(0).unified.unwrap();
        assert!(went.contains("-new\n"), "{went}");
        assert_eq!(differences(&after, &after), []);
    }
}
