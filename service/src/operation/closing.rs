//! Whether the file of an export is still open to its owner.
//!
//! An export is a picture of what its owner saw at its position of the change log, and is kept for days. It is closed when
//! they no longer see a community as a whole of which it may hold something:
//!
//! - the one that it is about; for an export of everything, those of which they ceased to be a member since it was begun;
//! - one that was narrowed after the position, whether or not they ever were a member of it;
//! - one that things went into after the position, when it was split off or another one became part of it.
//!
//! This errs to closing, since an export is cheap to repeat. So it is closed also where they saw only what a community is
//! about and do not any more, where too much was narrowed to look through, and where the log no longer reaches back to the
//! position. What was narrowed or deleted by itself, in a community that they still see, closes nothing: it is in the
//! picture of its moment, as in one that was fetched at once.

use chrono::{DateTime, Utc};
use entity::change::{self, EntityType};
use entity::link::LinkRelation;
use entity::membership::{self, MembershipState};
use entity::{TextList, community};
use sea_orm::sea_query::{Condition, Expr, ExprTrait, Query, SimpleExpr};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::Operation;
use super::rights::whoever_fetches;
use crate::error::Result;
use crate::policy::audience;
use crate::policy::filter::{of_community, whole_communities};
use crate::policy::operation::export;
use crate::store::{MOVED, Store};
use crate::viewer::Viewer;

/// So many rows of the log that may close an export are looked at; beyond, it is closed.
const MOST: u64 = 10_000;

/// Whether the owner of an export may fetch what it wrote. Whoever could not begin it now may not, nor whoever saw a
/// community then that is out of their sight by now.
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
        && !lost_sight(store, owner, export_of).await?)
}

/// Whether the owner sees the community of an export as a whole; of an export of everything, those of which they ceased to
/// be a member.
async fn sees_what_it_is_about(
    store: &Store,
    owner: &Viewer,
    export_of: &Operation,
) -> Result<bool> {
    let about: Vec<Uuid> = match export_of.community_id {
        Some(id) => vec![id],
        None => owner
            .memberships()
            .filter(|membership| has_ended_since(membership, export_of.created_at))
            .map(|membership| membership.community_id)
            .collect(),
    };
    if about.is_empty() {
        return Ok(true);
    }
    let communities = community::Entity::find()
        .filter(community::Column::Id.is_in(about.iter().copied()))
        .all(store.reader())
        .await?;
    let may = |community: &community::Model| export(owner, community).allows();
    Ok(communities.len() == about.len() && communities.iter().all(may))
}

fn has_ended_since(membership: &membership::Model, time: DateTime<Utc>) -> bool {
    let was_active = membership.joined_at.is_some();
    was_active && membership.state != MembershipState::Active && membership.updated_at >= time
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
