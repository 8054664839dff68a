//! Reading statements, as far as the viewer sees their communities whole.

use std::collections::{HashMap, HashSet};

use entity::defining_statement::{self, StatementState};
use entity::endorsement;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait, Select};
use uuid::Uuid;

use super::Statement;
use crate::error::Result;
use crate::paging::{Cursor, Direction, Keyset, Page, PageRequest, SortValue};
use crate::policy::filter::of_whole_communities;
use crate::store::Store;
use crate::viewer::Viewer;

/// The oldest first.
const BY_ID: Keyset = Keyset {
    table: "defining_statement",
    column: None,
    id_column: "id",
    nullable: false,
    direction: Direction::Ascending,
};

fn readable(viewer: &Viewer) -> Select<defining_statement::Entity> {
    defining_statement::Entity::find().filter(of_whole_communities(viewer, "defining_statement"))
}

fn of_community(
    viewer: &Viewer,
    community: Uuid,
    state: Option<StatementState>,
) -> Select<defining_statement::Entity> {
    let select = readable(viewer).filter(defining_statement::Column::CommunityId.eq(community));
    match state {
        Some(state) => select.filter(defining_statement::Column::State.eq(state)),
        None => select,
    }
}

/// Those of the statements that the viewer may read.
#[crate::boxed]
pub async fn by_ids(
    store: &Store,
    viewer: &Viewer,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, Statement>> {
    let rows = readable(viewer)
        .filter(defining_statement::Column::Id.is_in(ids.iter().copied()))
        .all(store.reader())
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// A page of the statements of a community that the viewer may read, the oldest first.
#[crate::boxed]
pub async fn page_of_community(
    store: &Store,
    viewer: &Viewer,
    community: Uuid,
    state: Option<StatementState>,
    request: &PageRequest,
) -> Result<Page<Statement>> {
    let window = request.check(&BY_ID)?;
    let mut select = of_community(viewer, community, state);
    window.apply(QueryTrait::query(&mut select), &BY_ID);
    let rows = store.list(select).await?;
    Ok(window.page(&BY_ID, rows, |row| Cursor {
        value: SortValue::Id,
        id: row.id,
    }))
}

/// How many statements [`page_of_community`] lists.
#[crate::boxed]
pub async fn count_of_community(
    store: &Store,
    viewer: &Viewer,
    community: Uuid,
    state: Option<StatementState>,
) -> Result<u64> {
    let counted = of_community(viewer, community, state);
    store.count(counted.into_query()).await
}

/// Which of the statements the viewer endorses.
#[crate::boxed]
pub async fn endorsed_by_viewer(
    store: &Store,
    viewer: &Viewer,
    ids: &[Uuid],
) -> Result<HashSet<Uuid>> {
    let Some(user) = viewer.user_id() else {
        return Ok(HashSet::new());
    };
    let endorsed = endorsement::Entity::find()
        .select_only()
        .column(endorsement::Column::StatementId)
        .filter(endorsement::Column::UserId.eq(user))
        .filter(endorsement::Column::StatementId.is_in(ids.iter().copied()))
        .into_tuple::<Uuid>()
        .all(store.reader())
        .await?;
    Ok(endorsed.into_iter().collect())
}
