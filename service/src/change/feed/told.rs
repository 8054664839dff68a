//! What a viewer is told of the rows that concern them.

use std::collections::HashSet;

use entity::change::EntityType;
use uuid::Uuid;

use super::rows::Row;
use super::{Change, ChangeOperation, ChangeScope, FeedRequest};
use crate::community;
use crate::error::Result;
use crate::store::{MERGED_FROM, MERGED_INTO, MOVED, SPLIT_FROM, SPLIT_INTO, Store};
use crate::viewer::Viewer;

/// The fields of a community whose change says that what belongs to it is seen by others from then on, or is elsewhere.
const OF_WHOLE_COMMUNITY: [&str; 5] = [
    "visibility",
    MERGED_INTO,
    MERGED_FROM,
    SPLIT_INTO,
    SPLIT_FROM,
];
/// The fields of a membership whose change says that its owner sees more of the community from then on, or less.
const OF_STANDING: [&str; 2] = ["state", "role"];
/// The field of a community that shows the viewer's own membership.
const OWN_MEMBERSHIP: &str = "viewerMembership";

/// Turns rows into what the viewer is told, in their order. A community of which a later row says that all of it is to be
/// read anew is named once.
pub(super) async fn tell(
    store: &Store,
    viewer: &Viewer,
    request: &FeedRequest,
    rows: Vec<Row>,
) -> Result<Vec<Change>> {
    let standings: Vec<Uuid> = rows
        .iter()
        .filter(|row| is_own_standing(viewer, row))
        .filter_map(|row| row.community_id)
        .collect();
    let in_sight: HashSet<Uuid> = if standings.is_empty() {
        HashSet::new()
    } else {
        let seen = community::by_ids(store, viewer, &standings).await?;
        seen.into_keys().collect()
    };
    let mut named = HashSet::new();
    let mut changes: Vec<Change> = Vec::with_capacity(rows.len());
    for row in rows.into_iter().rev() {
        let Some(change) = told(viewer, &in_sight, row) else {
            continue;
        };
        let wanted = match change.scope {
            ChangeScope::Community => named.insert(change.entity_id),
            ChangeScope::Node => {
                request.types.is_empty() || request.types.contains(&change.entity_type)
            }
        };
        if wanted {
            changes.push(change);
        }
    }
    changes.reverse();
    Ok(changes)
}

/// What one row tells; nothing where another one tells it with the rest of its community. Of the communities in which the
/// viewer's own standing may have changed, those that they may see are `in_sight`.
pub(crate) fn told(viewer: &Viewer, in_sight: &HashSet<Uuid>, row: Row) -> Option<Change> {
    if is_own_standing(viewer, &row) {
        let community = row.community_id?;
        return Some(Change {
            position: row.position,
            scope: ChangeScope::Community,
            // What the tokens of the membership open is not in its row; what is there now is what counts.
            operation: if in_sight.contains(&community) {
                ChangeOperation::Updated
            } else {
                ChangeOperation::Deleted
            },
            entity_type: EntityType::Community,
            entity_id: community,
            fields: vec![OWN_MEMBERSHIP.to_owned()],
            community_id: Some(community),
            at: row.at,
        });
    }
    if is_moved(&row) {
        return None;
    }
    let operation = match (row.seen_before, row.seen_after) {
        (false, false) => return None,
        (false, true) => ChangeOperation::Created,
        (true, true) => ChangeOperation::Updated,
        (true, false) => ChangeOperation::Deleted,
    };
    let whole = row.entity_type == EntityType::Community && has_any(&row, &OF_WHOLE_COMMUNITY);
    Some(Change {
        position: row.position,
        scope: if whole {
            ChangeScope::Community
        } else {
            ChangeScope::Node
        },
        operation,
        entity_type: row.entity_type,
        entity_id: row.entity_id,
        fields: row.fields,
        community_id: row.community_id,
        at: row.at,
    })
}

/// Whether the row is about where the viewer stands in a community. A membership that begins names no fields.
fn is_own_standing(viewer: &Viewer, row: &Row) -> bool {
    row.entity_type == EntityType::Membership
        && (row.fields.is_empty() || has_any(row, &OF_STANDING))
        && row
            .community_id
            .and_then(|community| viewer.membership(community))
            .is_some_and(|own| own.id == row.entity_id)
}

/// Whether something came to another community with the rest of what did: both communities are told as a whole.
fn is_moved(row: &Row) -> bool {
    row.fields.len() == 1 && has_any(row, &[MOVED])
}

fn has_any(row: &Row, names: &[&str]) -> bool {
    let mut fields = row.fields.iter();
    fields.any(|field| names.contains(&field.as_str()))
}
