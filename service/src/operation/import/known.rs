//! What was imported before: the same line makes nothing twice.
//!
//! A line is known by the id that it gives, or by a digest of what it says. What an import made of it is remembered for its
//! importer alone, so nobody learns by importing what others have imported; and what is there under the very id, in the
//! community that is filled and for the importer to see, is known too: a community's own export makes nothing in it.

use std::collections::{HashMap, HashSet};

use entity::imported_item;
use entity::item::{self, ItemType};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::error::Result;
use crate::operation::line::{Fields, item_type_of};
use crate::policy::filter::readable_items;
use crate::store::WriteUnit;
use crate::typed_id;
use crate::viewer::Viewer;

/// Ids in one statement.
const IDS: usize = 500;
/// Longest id of a line that is taken as it is.
const LONGEST: usize = 200;

/// What a line is known by.
pub(super) fn source(fields: &Fields) -> String {
    match fields.get("id").and_then(serde_json::Value::as_str) {
        Some(id) if !id.is_empty() && id.len() <= LONGEST && !id.contains('\0') => {
            format!("id:{id}")
        }
        _ => {
            let said = serde_json::to_vec(fields).unwrap_or_default();
            let digest = Sha256::digest(said);
            let digits = digest.iter().map(|byte| format!("{byte:02x}"));
            format!("says:{}", digits.collect::<String>())
        }
    }
}

/// The item that a line's id names, if it is the id of one.
fn named(source: &str) -> Option<Uuid> {
    let (prefix, id) = typed_id::decode(source.strip_prefix("id:")?)?;
    item_type_of(&prefix).map(|_| id)
}

/// What became of the things with these sources, for those that are known.
pub(super) async fn known(
    unit: &WriteUnit,
    viewer: &Viewer,
    community: Uuid,
    sources: &[String],
) -> Result<HashMap<String, Uuid>> {
    let Some(user) = viewer.user_id() else {
        return Ok(HashMap::new());
    };
    let mut found = HashMap::new();
    for sources in sources.chunks(IDS) {
        let rows = imported_item::Entity::find()
            .filter(imported_item::Column::CommunityId.eq(community))
            .filter(imported_item::Column::UserId.eq(user))
            .filter(imported_item::Column::Source.is_in(sources.iter().map(String::as_str)))
            .all(unit.db())
            .await?;
        found.extend(rows.into_iter().map(|row| (row.source, row.item_id)));
        let ids: HashSet<Uuid> = sources.iter().filter_map(|source| named(source)).collect();
        if ids.is_empty() {
            continue;
        }
        let here: Vec<(Uuid, ItemType)> = item::Entity::find()
            .select_only()
            .columns([item::Column::Id, item::Column::ItemType])
            .filter(item::Column::Id.is_in(ids))
            .filter(item::Column::CommunityId.eq(community))
            .filter(readable_items(viewer))
            .into_tuple()
            .all(unit.db())
            .await?;
        for source in sources {
            let Some((prefix, id)) = source.strip_prefix("id:").and_then(typed_id::decode) else {
                continue;
            };
            let of = item_type_of(&prefix);
            if here.iter().any(|(here, is)| *here == id && Some(*is) == of) {
                found.entry(source.clone()).or_insert(id);
            }
        }
    }
    Ok(found)
}

/// Remembers what was made of lines.
pub(super) async fn remember(
    unit: &WriteUnit,
    user: Uuid,
    community: Uuid,
    made: Vec<(String, Uuid)>,
) -> Result<()> {
    use imported_item::Column;
    if made.is_empty() {
        return Ok(());
    }
    let rows = made
        .into_iter()
        .map(|(source, item)| imported_item::ActiveModel {
            community_id: Set(community),
            user_id: Set(user),
            source: Set(source),
            item_id: Set(item),
        });
    imported_item::Entity::insert_many(rows)
        .on_conflict(
            OnConflict::columns([Column::CommunityId, Column::UserId, Column::Source])
                .update_column(Column::ItemId)
                .to_owned(),
        )
        .exec_without_returning(unit.db())
        .await?;
    Ok(())
}
