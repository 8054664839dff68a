//! How deliveries name things: as the API does.

use service::entity::change::EntityType;
use service::webhook::Names;
use uuid::Uuid;

use crate::graphql::ids::{NodeType, encode};
use crate::graphql::node::node_type;
use crate::graphql::scalars::Position;

/// The names of the API.
#[derive(Clone, Copy, Debug)]
pub struct ApiNames;

impl Names for ApiNames {
    fn node(&self, entity_type: EntityType, id: Uuid) -> String {
        encode(node_type(entity_type), id).0
    }

    fn type_name(&self, entity_type: EntityType) -> String {
        let words = entity_type.as_str().split('_');
        words.fold(String::new(), |mut name, word| {
            let (first, rest) = word.split_at(1);
            name.push_str(first);
            name.push_str(&rest.to_lowercase());
            name
        })
    }

    fn saved_search(&self, id: Uuid) -> String {
        encode(NodeType::SavedSearch, id).0
    }

    fn delivery(&self, id: Uuid) -> String {
        encode(NodeType::WebhookDelivery, id).0
    }

    fn position(&self, position: i64) -> String {
        Position::from(position).0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graphql::schema::sdl;

    #[test]
    fn types_are_called_as_in_the_schema() {
        let sdl = sdl();
        for entity_type in EntityType::ALL {
            let name = ApiNames.type_name(*entity_type);
            assert!(
                sdl.contains(&format!("\ntype {name} implements ")),
                "{name}"
            );
        }
    }
}
