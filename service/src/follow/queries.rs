//! Reading what the viewer follows, as far as they may read it now.

use std::collections::HashSet;

use entity::follow;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait, Select};
use uuid::Uuid;

use crate::error::Result;
use crate::link::End;
use crate::paging::{Cursor, Direction, Keyset, Page, PageRequest, SortValue};
use crate::policy::filter::Reader;
use crate::policy::platform::own_matters;
use crate::policy::reference::Reference;
use crate::store::Store;
use crate::viewer::Viewer;

const NEWEST_FIRST: Keyset = Keyset {
    table: "follow",
    column: Some("created_at"),
    id_column: "target_id",
    nullable: false,
    direction: Direction::Descending,
};

/// What the viewer follows and may read; none for whom that is nothing.
fn readable(viewer: &Viewer) -> Option<Select<follow::Entity>> {
    let user = own_matters(viewer)?;
    let target = Reference::named_by("follow", "target_type", "target_id");
    Some(
        follow::Entity::find()
            .filter(follow::Column::UserId.eq(user))
            .filter(target.readable_by(&Reader::of(viewer)?)),
    )
}

/// A page of what the viewer follows, the last followed first.
#[crate::boxed]
pub async fn page(store: &Store, viewer: &Viewer, request: &PageRequest) -> Result<Page<End>> {
    let window = request.check(&NEWEST_FIRST)?;
    let Some(mut select) = readable(viewer) else {
        return Ok(Page::empty());
    };
    window.apply(QueryTrait::query(&mut select), &NEWEST_FIRST);
    let rows = store.list(select).await?;
    let page = window.page(&NEWEST_FIRST, rows, |row| Cursor {
        value: SortValue::Time(row.created_at),
        id: row.target_id,
    });
    Ok(page.map(|row| (row.target_type, row.target_id)))
}

/// How many things [`page`] lists.
#[crate::boxed]
pub async fn count(store: &Store, viewer: &Viewer) -> Result<u64> {
    match readable(viewer) {
        Some(select) => store.count(select.into_query()).await,
        None => Ok(0),
    }
}

/// Which of these things the viewer follows.
#[crate::boxed]
pub async fn followed_by_viewer(
    store: &Store,
    viewer: &Viewer,
    ids: &[Uuid],
) -> Result<HashSet<Uuid>> {
    let Some(select) = readable(viewer) else {
        return Ok(HashSet::new());
    };
    let followed = select
        .select_only()
        .column(follow::Column::TargetId)
        .filter(follow::Column::TargetId.is_in(ids.iter().copied()))
        .into_tuple::<Uuid>()
        .all(store.reader())
        .await?;
    Ok(followed.into_iter().collect())
}
