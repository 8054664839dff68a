//! Relating items to something that is no item: the evidence for a goal, the answers to a question.

use std::collections::HashSet;

use entity::item;
use entity::link::{self, LinkRelation};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::entity_type;
use crate::error::{FaultCode, Result};
use crate::link::{End, NewLink};
use crate::policy::filter::readable_items;
use crate::store::WriteUnit;
use crate::validation::Faults;
use crate::viewer::Viewer;

/// So many items are related to one thing at most.
const MOST: usize = 50;

/// The relations of these items to a thing that are not stated yet. Notes, under the argument `field`, what leads to no
/// item that the viewer, with fresh memberships, may read.
pub(crate) async fn relate(
    unit: &WriteUnit,
    viewer: &Viewer,
    ids: &[Uuid],
    relation: LinkRelation,
    to: End,
    field: &str,
    faults: &mut Faults,
) -> Result<Vec<NewLink>> {
    faults.list_length(&[field], ids.len(), MOST);
    if ids.is_empty() || ids.len() > MOST {
        return Ok(Vec::new());
    }
    let found = item::Entity::find()
        .filter(item::Column::Id.is_in(ids.iter().copied()))
        .filter(readable_items(viewer))
        .all(unit.db())
        .await?;
    let stated = link::Entity::find()
        .filter(link::Column::ToId.eq(to.1))
        .filter(link::Column::Relation.eq(relation))
        .all(unit.db())
        .await?;
    let mut known: HashSet<Uuid> = stated.iter().map(|link| link.from_id).collect();
    let mut new = Vec::new();
    for (place, id) in ids.iter().enumerate() {
        match found.iter().find(|item| item.id == *id) {
            None => {
                let place = place.to_string();
                let message = "There is no item with this id that you may see.";
                faults.add(FaultCode::NotFound, &[field, &place], message);
            }
            Some(item) if known.insert(*id) => new.push(NewLink {
                from: (entity_type(item.item_type), item.id),
                relation,
                to,
                occurrence: None,
            }),
            Some(_) => {}
        }
    }
    if !new.is_empty() && known.len() > MOST {
        let message = format!("At most {MOST} items can be named here in all.");
        faults.add(FaultCode::LimitReached, &[field], message);
    }
    Ok(new)
}
