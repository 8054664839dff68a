//! Reading reports. They are listed by their random ids: the order says nothing.

use std::collections::HashMap;

use entity::experience_report;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryTrait, Select};
use uuid::Uuid;

use super::ExperienceReport;
use crate::error::Result;
use crate::paging::{Cursor, Direction, Keyset, Page, PageRequest, SortValue};
use crate::policy::experience_report::readable;
use crate::store::Store;
use crate::viewer::Viewer;

/// To which list of reports something belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportScope {
    /// The reports about one thing: about a pilot, say.
    About(Uuid),
    /// The reports about whatever was done with one item.
    Subject(Uuid),
}

const IN_NO_ORDER: Keyset = Keyset {
    table: "experience_report",
    column: None,
    id_column: "id",
    nullable: false,
    direction: Direction::Ascending,
};

fn select(viewer: &Viewer, scope: ReportScope) -> Select<experience_report::Entity> {
    let select = experience_report::Entity::find().filter(readable(viewer));
    match scope {
        ReportScope::About(id) => select.filter(experience_report::Column::AboutId.eq(id)),
        ReportScope::Subject(id) => select.filter(experience_report::Column::SubjectId.eq(id)),
    }
}

/// Those of the reports that the viewer may read.
#[crate::boxed]
pub async fn by_ids(
    store: &Store,
    viewer: &Viewer,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, ExperienceReport>> {
    let select = experience_report::Entity::find()
        .filter(experience_report::Column::Id.is_in(ids.iter().copied()))
        .filter(readable(viewer));
    let rows = store.list(select).await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// A page of the reports of a list that the viewer may read, in no particular order, which stays as it is.
#[crate::boxed]
pub async fn page(
    store: &Store,
    viewer: &Viewer,
    scope: ReportScope,
    request: &PageRequest,
) -> Result<Page<ExperienceReport>> {
    let window = request.check(&IN_NO_ORDER)?;
    let mut select = select(viewer, scope);
    window.apply(QueryTrait::query(&mut select), &IN_NO_ORDER);
    let rows = store.list(select).await?;
    Ok(window.page(&IN_NO_ORDER, rows, |row| Cursor {
        value: SortValue::Id,
        id: row.id,
    }))
}

/// How many reports [`page`] lists.
#[crate::boxed]
pub async fn count(store: &Store, viewer: &Viewer, scope: ReportScope) -> Result<u64> {
    store.count(select(viewer, scope).into_query()).await
}
