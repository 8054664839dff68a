//! What resources are called in other systems: a system and an id there, unique within a community.
//!
//! They are no content: a change of them makes no revision, and holds at once where the community asks for reviews.

mod queries;
#[cfg(test)]
mod tests;
mod write;

pub use queries::{find, of_resources};
pub(crate) use write::{check_free, check_new, insert, move_along, replace};

use entity::external_reference;

use crate::error::FaultCode;
use crate::validation::{Faults, TITLE, TextRule};

/// Most external references of a resource.
pub const MAX_REFERENCES: usize = 20;

/// The name of a system.
pub(crate) const SYSTEM: TextRule = TextRule { max: 100, ..TITLE };
/// What something is called there.
pub(crate) const EXTERNAL_ID: TextRule = TextRule { max: 500, ..TITLE };
/// The field of a resource whose change says that they changed.
pub(crate) const FIELD: &str = "externalReferences";

/// What a resource is called in another system.
pub type ExternalReference = external_reference::Model;

/// What a resource is to be called in another system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewReference {
    /// The name of the system; case counts.
    pub system: String,
    /// The id there; case counts.
    pub external_id: String,
    /// Where the system shows it.
    pub url: Option<String>,
}

/// Checks everything that needs no database.
pub(crate) fn check(faults: &mut Faults, list: &[NewReference]) -> Vec<NewReference> {
    faults.list_length(&["input", FIELD], list.len(), MAX_REFERENCES);
    let mut checked: Vec<NewReference> = Vec::new();
    for (place, reference) in list.iter().take(MAX_REFERENCES).enumerate() {
        let place = place.to_string();
        let at = |part: &'static str| ["input", FIELD, place.as_str(), part];
        let new = NewReference {
            system: faults.text(&at("system"), &reference.system, SYSTEM),
            external_id: faults.text(&at("externalId"), &reference.external_id, EXTERNAL_ID),
            url: reference
                .url
                .as_deref()
                .map(|url| faults.url(&at("url"), url)),
        };
        if checked.iter().any(|known| known.key() == new.key()) {
            let message = "This list has this reference already.";
            faults.add(FaultCode::Taken, &at("externalId"), message);
        }
        checked.push(new);
    }
    checked
}

impl NewReference {
    /// What is unique within a community.
    fn key(&self) -> (&str, &str) {
        (&self.system, &self.external_id)
    }
}
