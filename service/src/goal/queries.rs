//! Reading goals.

use std::collections::HashMap;

use entity::goal::{self, GoalState};
use entity::link::LinkRelation;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryTrait, Select};
use uuid::Uuid;

use super::{Goal, GoalScope};
use crate::error::Result;
use crate::link::{self, End};
use crate::paging::{Cursor, Direction, Keyset, Page, PageRequest, SortValue};
use crate::policy::filter::{of_own_communities, of_whole_communities};
use crate::store::Store;
use crate::viewer::Viewer;

/// The oldest first.
const BY_ID: Keyset = Keyset {
    table: "goal",
    column: None,
    id_column: "id",
    nullable: false,
    direction: Direction::Ascending,
};

/// Goals that the viewer may read: of communities that they see whole, and individual ones of their own communities.
fn readable(viewer: &Viewer) -> Select<goal::Entity> {
    let shown = Condition::any()
        .add(goal::Column::MembershipId.is_null())
        .add_option(of_own_communities(viewer, "goal"));
    goal::Entity::find()
        .filter(of_whole_communities(viewer, "goal"))
        .filter(shown)
}

fn select(viewer: &Viewer, scope: GoalScope, state: Option<GoalState>) -> Select<goal::Entity> {
    let select = match scope {
        GoalScope::Community(id) => readable(viewer).filter(goal::Column::CommunityId.eq(id)),
        GoalScope::Membership(id) => readable(viewer).filter(goal::Column::MembershipId.eq(id)),
    };
    match state {
        Some(state) => select.filter(goal::Column::State.eq(state)),
        None => select,
    }
}

/// Those of the goals that the viewer may read.
#[crate::boxed]
pub async fn by_ids(store: &Store, viewer: &Viewer, ids: &[Uuid]) -> Result<HashMap<Uuid, Goal>> {
    let rows = readable(viewer)
        .filter(goal::Column::Id.is_in(ids.iter().copied()))
        .all(store.reader())
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// A page of the goals of a list that the viewer may read, the oldest first.
#[crate::boxed]
pub async fn page(
    store: &Store,
    viewer: &Viewer,
    scope: GoalScope,
    state: Option<GoalState>,
    request: &PageRequest,
) -> Result<Page<Goal>> {
    let window = request.check(&BY_ID)?;
    let mut select = select(viewer, scope, state);
    window.apply(QueryTrait::query(&mut select), &BY_ID);
    let rows = store.list(select).await?;
    Ok(window.page(&BY_ID, rows, |row| Cursor {
        value: SortValue::Id,
        id: row.id,
    }))
}

/// How many goals [`page`] lists.
#[crate::boxed]
pub async fn count(
    store: &Store,
    viewer: &Viewer,
    scope: GoalScope,
    state: Option<GoalState>,
) -> Result<u64> {
    let counted = select(viewer, scope, state);
    store.count(counted.into_query()).await
}

/// What shows that goals were met, as far as the viewer may read it.
pub async fn evidence_of(
    store: &Store,
    viewer: &Viewer,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, Vec<End>>> {
    link::leading_to(store, viewer, LinkRelation::EvidenceFor, ids).await
}
