//! Reading one's notifications, as far as one may read what they are about now.

use std::collections::HashMap;

use entity::notification;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryTrait, Select};
use uuid::Uuid;

use super::Notification;
use crate::error::Result;
use crate::paging::{Cursor, Direction, Keyset, Page, PageRequest, SortValue};
use crate::policy::filter::Reader;
use crate::policy::platform::own_matters;
use crate::policy::reference::Reference;
use crate::store::Store;
use crate::viewer::Viewer;

const NEWEST_FIRST: Keyset = Keyset {
    table: "notification",
    column: Some("raised_at"),
    id_column: "id",
    nullable: false,
    direction: Direction::Descending,
};

/// What notifications are about.
pub(super) fn about() -> Reference {
    Reference::named_by("notification", "about_type", "about_id")
}

/// The viewer's notifications about what they may read; none for whom there are none.
fn readable(viewer: &Viewer, unread_only: bool) -> Option<Select<notification::Entity>> {
    let user = own_matters(viewer)?;
    let select = notification::Entity::find()
        .filter(notification::Column::UserId.eq(user))
        .filter(about().readable_by(&Reader::of(viewer)?));
    Some(if unread_only {
        select.filter(notification::Column::ReadAt.is_null())
    } else {
        select
    })
}

/// A page of the viewer's notifications, the newest first.
#[crate::boxed]
pub async fn page(
    store: &Store,
    viewer: &Viewer,
    unread_only: bool,
    request: &PageRequest,
) -> Result<Page<Notification>> {
    let window = request.check(&NEWEST_FIRST)?;
    let Some(mut select) = readable(viewer, unread_only) else {
        return Ok(Page::empty());
    };
    window.apply(QueryTrait::query(&mut select), &NEWEST_FIRST);
    let rows = store.list(select).await?;
    Ok(window.page(&NEWEST_FIRST, rows, |row| Cursor {
        value: SortValue::Time(row.raised_at),
        id: row.id,
    }))
}

/// How many notifications [`page`] lists.
#[crate::boxed]
pub async fn count(store: &Store, viewer: &Viewer, unread_only: bool) -> Result<u64> {
    match readable(viewer, unread_only) {
        Some(select) => store.count(select.into_query()).await,
        None => Ok(0),
    }
}

/// Those of the notifications that are the viewer's and that they may read.
#[crate::boxed]
pub async fn by_ids(
    store: &Store,
    viewer: &Viewer,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, Notification>> {
    let Some(select) = readable(viewer, false) else {
        return Ok(HashMap::new());
    };
    let rows = select
        .filter(notification::Column::Id.is_in(ids.iter().copied()))
        .all(store.reader())
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}
