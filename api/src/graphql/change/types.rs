//! The names of the types that the change feed tells of.

use std::sync::LazyLock;

use service::entity::change::EntityType;
use service::error::{Error, Result};

use crate::graphql::node::node_type;

/// Each type with its name in the schema: that of its ids, written as a type.
static NAMES: LazyLock<Vec<(EntityType, String)>> = LazyLock::new(|| {
    let all = EntityType::ALL.iter();
    all.map(|of| (*of, as_type(node_type(*of).prefix())))
        .collect()
});

/// `boundary_share` as `BoundaryShare`.
fn as_type(prefix: &str) -> String {
    prefix
        .split('_')
        .flat_map(|word| {
            let mut letters = word.chars();
            let first = letters.next().map(|letter| letter.to_ascii_uppercase());
            first.into_iter().chain(letters)
        })
        .collect()
}

/// The name of a type in the schema.
pub(super) fn name(of: EntityType) -> &'static str {
    let mut names = NAMES.iter();
    names
        .find(|(known, _)| *known == of)
        .map_or("", |(_, name)| name.as_str())
}

/// The types that an argument names.
pub(super) fn named(names: &[String]) -> Result<Vec<EntityType>> {
    names.iter().map(|name| read(name)).collect()
}

fn read(name: &str) -> Result<EntityType> {
    let known = NAMES.iter().find(|(_, known)| known == name);
    known.map(|(of, _)| *of).ok_or_else(|| {
        let known: Vec<&str> = NAMES.iter().map(|(_, name)| name.as_str()).collect();
        // What is longer than any name is not worth quoting.
        let given: String = name.chars().take(40).collect();
        Error::BadArgument {
            argument: "types",
            message: format!(
                "There are no changes of a type {given:?}; there are those of {}.",
                known.join(", ")
            ),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_has_the_name_of_an_object_with_a_global_id() {
        let schema = crate::graphql::sdl();
        for (of, name) in NAMES.iter() {
            assert!(
                schema.contains(&format!("\ntype {name} implements ")),
                "{name}"
            );
            assert_eq!(read(name).unwrap(), *of);
        }
        for unknown in ["", "resource", "RESOURCE", "Revision", "Cat"] {
            let refused = read(unknown).unwrap_err().to_string();
            assert!(refused.contains("Resource, Practice"), "{refused}");
        }
    }
}
