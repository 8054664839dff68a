//! What stands in a line of NDJSON: a JSON object with the `type` of a thing, its `id` and its fields, by the names that
//! the schema has for them.

mod check;
mod codec;
mod content;
mod form;

pub(super) use check::said;
pub(super) use codec::{decode, encode};
pub(super) use content::{from_line, references, to_line};

use entity::change::EntityType;
use entity::item::ItemType;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::typed_id;

/// The fields of a line.
pub(super) type Fields = Map<String, Value>;

/// The first line of an export says what follows.
pub(super) const HEADER: &str = "header";
/// The last line says that the export is whole.
pub(super) const END: &str = "end";
/// What the first line names the form of the file.
pub(super) const FORM: &str = "repertoire-export";
/// The version of the form. A reader takes files of its own version and older ones.
pub(super) const VERSION: i64 = 1;
/// A reference to something that may stand in a later line: stated again when both ends are there.
pub(super) const REFERENCE: &str = "reference";

/// What the ids of a type begin with, and its lines are called.
pub(super) fn prefix(entity_type: EntityType) -> &'static str {
    match entity_type {
        EntityType::User => "user",
        EntityType::Organization => "organization",
        EntityType::Domain => "domain",
        EntityType::Community => "community",
        EntityType::Membership => "membership",
        EntityType::Resource => "resource",
        EntityType::Practice => "practice",
        EntityType::Innovation => "innovation",
        EntityType::Activity => "activity",
        EntityType::DefiningStatement => "defining_statement",
        EntityType::Goal => "goal",
        EntityType::LearningQuestion => "learning_question",
        EntityType::Discussion => "discussion",
        EntityType::Collection => "collection",
        EntityType::ValueStory => "value_story",
        EntityType::BoundaryShare => "boundary_share",
        EntityType::Post => "post",
        EntityType::Review => "review",
        EntityType::Flag => "flag",
        EntityType::Adoption => "adoption",
        EntityType::Pilot => "pilot",
        EntityType::ExperienceReport => "experience_report",
        EntityType::ApiToken => "api_token",
        EntityType::Webhook => "webhook",
    }
}

/// The type whose ids begin so.
pub(super) fn type_of(prefix_of_id: &str) -> Option<EntityType> {
    EntityType::ALL
        .iter()
        .copied()
        .find(|entity_type| prefix(*entity_type) == prefix_of_id)
}

/// The type of item whose ids begin so.
pub(super) fn item_type_of(prefix_of_id: &str) -> Option<ItemType> {
    ItemType::parse(&prefix_of_id.to_ascii_uppercase())
        .filter(|item_type| prefix(crate::item::entity_type(*item_type)) == prefix_of_id)
}

/// An id as lines have it.
pub(super) fn id_text(entity_type: EntityType, id: Uuid) -> Value {
    Value::String(typed_id::encode(prefix(entity_type), id))
}

/// The ids of a list of ids of one type; what is no such id is said.
pub(super) fn id_list(fields: &Fields, name: &str, of: EntityType) -> Result<Vec<Uuid>, String> {
    let ids = match fields.get(name) {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Array(ids)) => ids,
        Some(_) => return Err(format!("`{name}` must be a list of ids.")),
    };
    ids.iter()
        .map(|id| {
            id.as_str()
                .and_then(|text| typed_id::decode_as(prefix(of), text))
                .ok_or_else(|| format!("`{name}` holds what is no id of a {}.", prefix(of)))
        })
        .collect()
}

/// The id of any type that a field holds; what is no id is said.
pub(super) fn any_id(fields: &Fields, name: &str) -> Result<Option<(EntityType, Uuid)>, String> {
    let text = match fields.get(name) {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(text)) => text,
        Some(_) => return Err(format!("`{name}` must be an id.")),
    };
    typed_id::decode(text)
        .and_then(|(prefix, id)| Some((type_of(&prefix)?, id)))
        .map(Some)
        .ok_or_else(|| format!("`{name}` is no id."))
}

/// The id that a field must hold.
pub(super) fn required_id(fields: &Fields, name: &str) -> Result<(EntityType, Uuid), String> {
    any_id(fields, name)?.ok_or_else(|| format!("`{name}` is missing."))
}

/// A list within its bound.
pub(super) fn bounded<T>(list: Vec<T>, name: &str, most: usize) -> Result<Vec<T>, String> {
    if list.len() > most {
        return Err(format!(
            "`{name}` may have at most {most} entries, and has {}.",
            list.len()
        ));
    }
    Ok(list)
}
