//! The content of a revision: stored with bare ids, in lines with typed ones.

use std::collections::HashSet;

use entity::change::EntityType;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{id_text, type_of};
use crate::typed_id;

/// The lists of bare ids in a content, with the type that they are of.
const LISTS: [(&str, EntityType); 3] = [
    ("authorIds", EntityType::User),
    ("domainIds", EntityType::Domain),
    ("resourceIds", EntityType::Resource),
];

fn bare(value: &Value) -> Option<Uuid> {
    value.as_str().and_then(|text| Uuid::try_parse(text).ok())
}

/// Something that is stored as an object with `type` and `id`.
fn end(value: &Value) -> Option<(EntityType, Uuid)> {
    let of = value.get("type")?.as_str().and_then(EntityType::parse)?;
    Some((of, bare(value.get("id")?)?))
}

/// The items that a stored content refers to: whether a reader may see them is to be asked.
pub(in crate::operation) fn references(content: &Value) -> Vec<Uuid> {
    let list = |name: &str| {
        let list = content.get(name).and_then(Value::as_array);
        list.map(Vec::as_slice).unwrap_or_default()
    };
    let used = list("resourceIds").iter().filter_map(bare);
    let entries = list("entries").iter().filter_map(end).map(|(_, id)| id);
    let about = content.get("aboutId").and_then(end).map(|(_, id)| id);
    used.chain(entries).chain(about).collect()
}

/// A stored content as a line has it, without what it refers to and is not `shown`; all is where that is none.
pub(in crate::operation) fn to_line(content: Value, shown: Option<&HashSet<Uuid>>) -> Value {
    let Value::Object(mut content) = content else {
        return Value::Null;
    };
    let is_shown = |id: &Uuid| shown.is_none_or(|shown| shown.contains(id));
    for (name, of) in LISTS {
        if let Some(Value::Array(ids)) = content.get_mut(name) {
            let typed = ids.iter().filter_map(bare);
            let typed = typed.filter(|id| of != EntityType::Resource || is_shown(id));
            *ids = typed.map(|id| id_text(of, id)).collect();
        }
    }
    if let Some(about) = content.get_mut("aboutId") {
        let seen = end(about).filter(|(_, id)| is_shown(id));
        *about = seen.map_or(Value::Null, |(of, id)| id_text(of, id));
    }
    if let Some(Value::Array(entries)) = content.get_mut("entries") {
        let typed = entries.iter().filter_map(|entry| {
            let (of, id) = end(entry).filter(|(_, id)| is_shown(id))?;
            Some(json!({ "id": id_text(of, id), "note": entry.get("note") }))
        });
        *entries = typed.collect();
    }
    Value::Object(content)
}

/// The content of a line as it is stored.
pub(in crate::operation) fn from_line(content: Value) -> Result<Value, String> {
    let Value::Object(mut content) = content else {
        return Err("`content` must be an object.".into());
    };
    let read = |value: &Value| {
        value
            .as_str()
            .and_then(typed_id::decode)
            .and_then(|(prefix, id)| Some((type_of(&prefix)?, id)))
            .ok_or_else(|| "`content` holds what is no id.".to_owned())
    };
    for (name, _) in LISTS {
        if let Some(Value::Array(ids)) = content.get_mut(name) {
            *ids = ids
                .iter()
                .map(|id| read(id).map(|(_, id)| json!(id)))
                .collect::<Result<_, _>>()?;
        }
    }
    if let Some(about) = content.get_mut("aboutId").filter(|about| !about.is_null()) {
        let (of, id) = read(about)?;
        *about = json!({ "type": of, "id": id });
    }
    if let Some(Value::Array(entries)) = content.get_mut("entries") {
        *entries = entries
            .iter()
            .map(|entry| {
                let (of, id) = read(entry.get("id").unwrap_or(&Value::Null))?;
                Ok(json!({ "type": of, "id": id, "note": entry.get("note") }))
            })
            .collect::<Result<_, String>>()?;
    }
    Ok(Value::Object(content))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_content_survives_its_line_and_leaves_out_what_is_not_shown() {
        let (person, used, hidden) = (Uuid::now_v7(), Uuid::now_v7(), Uuid::now_v7());
        let stored = json!({
            "authorIds": [person],
            "resourceIds": [used, hidden],
            "aboutId": { "type": "PRACTICE", "id": used },
            "entries": [{ "type": "RESOURCE", "id": hidden, "note": "mine" }],
            "licence": "CC0-1.0",
        });
        let line = to_line(stored.clone(), None);
        assert_eq!(line["aboutId"], id_text(EntityType::Practice, used));
        assert_eq!(from_line(line).unwrap(), stored);
        let shown = to_line(stored.clone(), Some(&HashSet::from([used])));
        assert_eq!(
            shown["resourceIds"],
            json!([id_text(EntityType::Resource, used)])
        );
        assert_eq!(shown["entries"], json!([]));
        assert_eq!(references(&stored), [used, hidden, hidden, used]);
        assert!(from_line(json!({ "authorIds": ["x"] })).is_err());
        assert!(from_line(json!("text")).is_err());
    }
}
