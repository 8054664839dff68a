//! Whether the file of an export is still open to its owner.
//!
//! An export is a picture of what its owner saw at its position of the change log, and is kept for days. It is closed when
//! they no longer see a community as a whole of which it may hold something:
//!
//! - the one that it is about;
//! - one that was narrowed after the position, whether or not they ever were a member of it;
//! - one that things went into after the position, when it was split off or another one became part of it.
//!
//! And it is closed when they ceased to be a member of such a community since it was begun, or fell in role there, however
//! open the community is: members read more than others, and those who look after it more than members.
//!
//! This errs to closing, since an export is cheap to repeat. So it is closed also where they saw only what a community is
//! about and do not any more, where too much was narrowed to look through, and where the log no longer reaches back to the
//! position. What was narrowed or deleted by itself, in a community that they still see, closes nothing: it is in the
//! picture of its moment, as in one that was fetched at once.

use std::collections::HashMap;

use entity::change::{self, EntityType};
use entity::link::LinkRelation;
use entity::{TextList, community, membership, transition};
use sea_orm::sea_query::{Condition, Expr, ExprTrait, Query, SimpleExpr};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::Operation;
use super::rights::whoever_fetches;
use crate::error::Result;
use crate::policy::audience;
use crate::policy::filter::{of_community, whole_communities};
use crate::policy::operation::{export, gives_less};
use crate::store::{MOVED, Store};
use crate::viewer::Viewer;

/// So many rows of the log that may close an export are looked at; beyond, it is closed.
const MOST: u64 = 10_000;

/// Whether the owner of an export may fetch what it wrote. Whoever could not begin it now may not, nor whoever saw a
/// community then that is out of their sight by now.
#[crate::boxed]
pub async fn is_open(store: &Store, export_of: &Operation) -> Result<bool> {
    match whoever_fetches(store, export_of).await? {
        Some(owner) => is_open_to(store, &owner, export_of).await,
        None => Ok(false),
    }
}

/// The same for the owner as they are now.
pub(super) async fn is_open_to(
    store: &Store,
    owner: &Viewer,
    export_of: &Operation,
) -> Result<bool> {
    Ok(sees_what_it_is_about(store, owner, export_of).await?
        && !lost_standing(store, owner, export_of).await?
        && !lost_sight(store, owner, export_of).await?)
}

/// Whether the owner sees the community of an export as a whole.
async fn sees_what_it_is_about(
    store: &Store,
    owner: &Viewer,
    export_of: &Operation,
) -> Result<bool> {
    let Some(id) = export_of.community_id else {
        return Ok(true);
    };
    let found = community::Entity::find_by_id(id)
        .one(store.reader())
        .await?;
    Ok(found.is_some_and(|community| export(owner, &community).allows()))
}

/// Whether the owner was more to a community since an export was begun than they are now.
async fn lost_standing(store: &Store, owner: &Viewer, export_of: &Operation) -> Result<bool> {
    use transition::Column;
    let since = export_of.created_at;
    let changed: HashMap<Uuid, &membership::Model> = owner
        .memberships()
        .filter(|membership| membership.joined_at.is_some() && membership.updated_at >= since)
        .filter(|membership| {
            let about = export_of.community_id;
            about.is_none_or(|about| about == membership.community_id)
        })
        .map(|membership| (membership.id, membership))
        .collect();
    if changed.is_empty() {
        return Ok(false);
    }
    let steps: Vec<(Uuid, Option<String>)> = transition::Entity::find()
        .select_only()
        .columns([Column::EntityId, Column::FromState])
        .filter(Column::EntityId.is_in(changed.keys().copied()))
        .filter(Column::At.gte(since))
        .into_tuple()
        .all(store.reader())
        .await?;
    Ok(steps.iter().any(|(id, before)| {
        let step = changed.get(id).zip(before.as_deref());
        step.is_some_and(|(now, before)| gives_less(now, before))
    }))
}

/// Whether something that the owner could see went out of their sight after the export, with the whole of a community.
async fn lost_sight(store: &Store, owner: &Viewer, export_of: &Operation) -> Result<bool> {
    use change::Column;
    let position = export_of.position.unwrap_or_default();
    // What moves with the rest of its community says nothing else of itself.
    let moved = Expr::col(("change", "fields"))
        .cast_as("text")
        .eq(format!("[\"{MOVED}\"]"));
    let rows = Condition::all()
        .add(Column::Narrowed.eq(true))
        .add(Column::Position.gt(position))
        .add(
            Condition::any()
                .add(Column::EntityType.eq(EntityType::Community))
                .add(moved),
        )
        .add(of_community("change", whole_communities(owner)).not())
        .add_option(export_of.community_id.map(came_of));
    let seen_before: Vec<Option<TextList>> = change::Entity::find()
        .select_only()
        .column(Column::AudienceBefore)
        .filter(rows)
        .limit(MOST + 1)
        .into_tuple()
        .all(store.reader())
        .await?;
    // Read after the rows, some of which may have gone meanwhile.
    if seen_before.len() as u64 > MOST || store.kept_after().await? > position {
        return Ok(true);
    }
    let carried = audience::of_viewer(owner);
    let mut tokens = seen_before.iter().flatten().flat_map(|seen| &seen.0);
    Ok(tokens.any(|token| carried.contains(token)))
}

/// On `change`: what came from this community, and the communities that came of it with all that went into them.
fn came_of(community: Uuid) -> SimpleExpr {
    let link = |column: &'static str| Expr::col(("link", column));
    let change = |column: &'static str| Expr::col(("change", column));
    let from_it = Condition::all()
        .add(link("from_id").is_in([change("entity_id"), change("community_id")]))
        .add(link("relation").is_in([
            LinkRelation::CameFrom.as_str(),
            LinkRelation::SplitFrom.as_str(),
        ]))
        .add(link("to_id").eq(community));
    let part_of = Condition::all()
        .add(link("from_id").eq(community))
        .add(link("relation").eq(LinkRelation::MergedInto.as_str()))
        .add(link("to_id").equals(("change", "community_id")));
    Expr::exists(
        Query::select()
            .expr(Expr::value(1))
            .from("link")
            .cond_where(Condition::any().add(from_it).add(part_of))
            .take(),
    )
}
