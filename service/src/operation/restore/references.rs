//! References to things that may have come later in the file than what they start from: stated again at its end.

use std::collections::BTreeSet;

use entity::change::{EntityType, Operation};
use entity::{collection_entry, community, defining_statement, discussion};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::Value;

use super::around::Around;
use super::engine::{Scene, decide};
use crate::domain::{Owner, hold_tree};
use crate::error::Result;
use crate::link::End;
use crate::operation::import::Tally;
use crate::operation::line::{Fields, required_id};
use crate::policy::{Decision, audience};
use crate::store::{PendingChange, WriteUnit};

/// A reference as a line states it.
struct Stated {
    line: i32,
    from: End,
    field: String,
    to: End,
    place: i32,
    note: Option<String>,
}

/// States references whose both ends are here.
pub(super) async fn state(
    unit: &mut WriteUnit,
    scene: &Scene<'_>,
    run: Vec<(i32, Fields)>,
    tally: &mut Tally,
) -> Result<()> {
    let mut stated = Vec::with_capacity(run.len());
    let mut ends = BTreeSet::new();
    for (line, fields) in run {
        match read(line, &fields) {
            Ok(reference) => {
                ends.extend([reference.from, reference.to]);
                stated.push(reference);
            }
            Err(message) => tally.refuse(line, message),
        }
    }
    let around = Around::load(unit, &ends).await?;
    let communities: Vec<_> = around.communities.keys().copied().collect();
    let decisions = decide(unit, scene, &communities).await?;
    for reference in stated {
        let home = around.home(reference.from);
        let here = home.filter(|_| around.home(reference.to).is_some());
        let Some(home) = here else {
            let message = "One of the ends of this reference is not here.";
            tally.refuse(reference.line, message);
            continue;
        };
        let refused = match decisions.get(&home).copied() {
            _ if scene.community.is_some_and(|only| only != home) => {
                Some("It belongs to another community than the one that is brought back.")
            }
            Some(Decision::Allow) => None,
            Some(Decision::Deny(message)) => Some(message),
            Some(Decision::Conceal) | None => Some("It belongs to something that is not here."),
        };
        if let Some(message) = refused {
            tally.refuse(reference.line, message);
        } else if write(unit, &around, &reference).await? {
            tally.created += 1;
        } else {
            tally.unchanged += 1;
        }
    }
    Ok(())
}

fn read(line: i32, fields: &Fields) -> Result<Stated, String> {
    let from = required_id(fields, "fromId")?;
    let to = required_id(fields, "toId")?;
    let field = fields.get("field").and_then(Value::as_str).unwrap_or("");
    let known = match (from.0, field) {
        (EntityType::Community, "parentId") => to.0 == EntityType::Community,
        (EntityType::DefiningStatement, "supersedesId" | "supersededById") => {
            to.0 == EntityType::DefiningStatement
        }
        (EntityType::Discussion, "aboutId") => super::around::is_item(to.0),
        (EntityType::Collection, "entries") => to.0 == EntityType::Collection,
        _ => false,
    };
    if !known || from == to {
        return Err("No such reference is stated at the end of an export.".into());
    }
    let place = fields.get("place").and_then(Value::as_i64).unwrap_or(0);
    Ok(Stated {
        line,
        from,
        field: field.to_owned(),
        to,
        place: i32::try_from(place).unwrap_or(i32::MAX),
        note: fields
            .get("note")
            .and_then(Value::as_str)
            .map(|note| note.chars().take(2_000).collect()),
    })
}

/// Writes a reference where there is none yet; false where there is.
async fn write(unit: &mut WriteUnit, around: &Around, reference: &Stated) -> Result<bool> {
    let (from, to) = (reference.from.1, reference.to.1);
    let written = match reference.field.as_str() {
        "parentId" => {
            hold_tree(unit, Owner::Community).await?;
            // No circle can close: what has no parent is given one that is not below it.
            if is_below(unit, to, from).await? {
                return Ok(false);
            }
            community::Entity::update_many()
                .filter(community::Column::Id.eq(from))
                .filter(community::Column::ParentId.is_null())
                .col_expr(community::Column::ParentId, Expr::value(to))
                .exec(unit.db())
                .await?
                .rows_affected
        }
        "supersedesId" => {
            defining_statement::Entity::update_many()
                .filter(defining_statement::Column::Id.eq(from))
                .filter(defining_statement::Column::SupersedesId.is_null())
                .col_expr(defining_statement::Column::SupersedesId, Expr::value(to))
                .exec(unit.db())
                .await?
                .rows_affected
        }
        "supersededById" => {
            defining_statement::Entity::update_many()
                .filter(defining_statement::Column::Id.eq(from))
                .filter(defining_statement::Column::SupersededById.is_null())
                .col_expr(defining_statement::Column::SupersededById, Expr::value(to))
                .exec(unit.db())
                .await?
                .rows_affected
        }
        "aboutId" => {
            discussion::Entity::update_many()
                .filter(discussion::Column::Id.eq(from))
                .filter(discussion::Column::AboutId.is_null())
                .col_expr(
                    discussion::Column::AboutType,
                    Expr::value(reference.to.0.as_str()),
                )
                .col_expr(discussion::Column::AboutId, Expr::value(to))
                .exec(unit.db())
                .await?
                .rows_affected
        }
        _ => {
            use collection_entry::Column;
            let row = collection_entry::ActiveModel {
                collection_id: Set(from),
                item_id: Set(to),
                item_type: Set(reference.to.0),
                place: Set(reference.place),
                note: Set(reference.note.clone()),
            };
            collection_entry::Entity::insert(row)
                .on_conflict(
                    OnConflict::columns([Column::CollectionId, Column::ItemId])
                        .do_nothing()
                        .to_owned(),
                )
                .exec_without_returning(unit.db())
                .await?
        }
    };
    if written == 0 {
        return Ok(false);
    }
    tell(unit, around, reference);
    Ok(true)
}

/// Whether a community stands below another one.
async fn is_below(unit: &WriteUnit, mut id: uuid::Uuid, above: uuid::Uuid) -> Result<bool> {
    for _ in 0..=crate::domain::DEEPEST {
        if id == above {
            return Ok(true);
        }
        let found = community::Entity::find_by_id(id).one(unit.db()).await?;
        match found.and_then(|row| row.parent_id) {
            Some(parent) => id = parent,
            None => return Ok(false),
        }
    }
    Ok(true)
}

fn tell(unit: &mut WriteUnit, around: &Around, reference: &Stated) {
    let field = match reference.field.as_str() {
        "parentId" => "parent",
        "supersedesId" => "supersedes",
        "supersededById" => "supersededBy",
        other => other,
    };
    let (of, id) = reference.from;
    if let Some(change) = around.item_changed(reference.from, &[field]) {
        unit.record(change);
        return;
    }
    let community = around.home(reference.from);
    let community = community.and_then(|id| around.communities.get(&id));
    if let Some(community) = community {
        let audience = if of == EntityType::Community {
            audience::of_community_about(community)
        } else {
            audience::of_community_whole(community)
        };
        unit.record(PendingChange {
            entity_type: of,
            entity_id: id,
            operation: Operation::Updated,
            community_id: Some(community.id),
            fields: vec![field.to_owned()],
            audience_before: Some(audience.clone()),
            audience_after: Some(audience),
        });
    }
}
