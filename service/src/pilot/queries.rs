//! Reading pilots.

use std::collections::{HashMap, HashSet};

use entity::experience_report;
use entity::pilot::{self, PilotState};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait, Select};
use uuid::Uuid;

use super::Pilot;
use crate::error::Result;
use crate::paging::{Cursor, Direction, Keyset, Page, PageRequest, SortValue};
use crate::policy::pilot::of_readable_items;
use crate::store::Store;
use crate::viewer::Viewer;

/// To which list of pilots something belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PilotScope {
    /// The pilots of what a community has.
    Community(Uuid),
    /// The pilots of one item.
    Subject(Uuid),
}

/// The last planned first: ids are of rising time.
const NEWEST_FIRST: Keyset = Keyset {
    table: "pilot",
    column: None,
    id_column: "id",
    nullable: false,
    direction: Direction::Descending,
};

fn select(viewer: &Viewer, scope: PilotScope, state: Option<PilotState>) -> Select<pilot::Entity> {
    let select = pilot::Entity::find().filter(of_readable_items(viewer, "pilot", "subject_id"));
    let select = match scope {
        PilotScope::Community(id) => select.filter(pilot::Column::CommunityId.eq(id)),
        PilotScope::Subject(id) => select.filter(pilot::Column::SubjectId.eq(id)),
    };
    match state {
        Some(state) => select.filter(pilot::Column::State.eq(state)),
        None => select,
    }
}

/// Those of the pilots that the viewer may read.
#[crate::boxed]
pub async fn by_ids(store: &Store, viewer: &Viewer, ids: &[Uuid]) -> Result<HashMap<Uuid, Pilot>> {
    let select = pilot::Entity::find()
        .filter(pilot::Column::Id.is_in(ids.iter().copied()))
        .filter(of_readable_items(viewer, "pilot", "subject_id"));
    let rows = store.list(select).await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// A page of the pilots of a list that the viewer may read, the last planned first.
#[crate::boxed]
pub async fn page(
    store: &Store,
    viewer: &Viewer,
    scope: PilotScope,
    state: Option<PilotState>,
    request: &PageRequest,
) -> Result<Page<Pilot>> {
    let window = request.check(&NEWEST_FIRST)?;
    let mut select = select(viewer, scope, state);
    window.apply(QueryTrait::query(&mut select), &NEWEST_FIRST);
    let rows = store.list(select).await?;
    Ok(window.page(&NEWEST_FIRST, rows, |row| Cursor {
        value: SortValue::Id,
        id: row.id,
    }))
}

/// How many pilots [`page`] lists.
#[crate::boxed]
pub async fn count(
    store: &Store,
    viewer: &Viewer,
    scope: PilotScope,
    state: Option<PilotState>,
) -> Result<u64> {
    let counted = select(viewer, scope, state);
    store.count(counted.into_query()).await
}

/// Of which of these pilots somebody told how it went; for those who run them.
#[crate::boxed]
pub async fn reported(store: &Store, pilots: &[Uuid]) -> Result<HashSet<Uuid>> {
    let found = experience_report::Entity::find()
        .select_only()
        .distinct()
        .column(experience_report::Column::AboutId)
        .filter(experience_report::Column::AboutId.is_in(pilots.iter().copied()))
        .into_tuple::<Uuid>()
        .all(store.reader())
        .await?;
    Ok(found.into_iter().collect())
}
