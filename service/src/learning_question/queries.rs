//! Reading learning agendas.

use std::collections::HashMap;

use entity::learning_question;
use entity::link::LinkRelation;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryTrait, Select};
use uuid::Uuid;

use super::LearningQuestion;
use crate::error::Result;
use crate::link::{self, End};
use crate::paging::{Cursor, Direction, Keyset, Page, PageRequest, SortValue};
use crate::policy::filter::of_whole_communities;
use crate::store::Store;
use crate::viewer::Viewer;

/// The first of the agenda first.
const BY_RANK: Keyset = Keyset {
    table: "learning_question",
    column: Some("rank"),
    id_column: "id",
    nullable: false,
    direction: Direction::Ascending,
};

fn readable(viewer: &Viewer) -> Select<learning_question::Entity> {
    learning_question::Entity::find().filter(of_whole_communities(viewer, "learning_question"))
}

/// Those of the questions that the viewer may read.
#[crate::boxed]
pub async fn by_ids(
    store: &Store,
    viewer: &Viewer,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, LearningQuestion>> {
    let rows = readable(viewer)
        .filter(learning_question::Column::Id.is_in(ids.iter().copied()))
        .all(store.reader())
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// A page of the learning agenda of a community that the viewer may read, by rank.
#[crate::boxed]
pub async fn page_of_community(
    store: &Store,
    viewer: &Viewer,
    community: Uuid,
    request: &PageRequest,
) -> Result<Page<LearningQuestion>> {
    let window = request.check(&BY_RANK)?;
    let mut select = readable(viewer).filter(learning_question::Column::CommunityId.eq(community));
    window.apply(QueryTrait::query(&mut select), &BY_RANK);
    let rows = store.list(select).await?;
    Ok(window.page(&BY_RANK, rows, |row| Cursor {
        value: SortValue::Number(row.rank.into()),
        id: row.id,
    }))
}

/// How many questions [`page_of_community`] lists.
#[crate::boxed]
pub async fn count_of_community(store: &Store, viewer: &Viewer, community: Uuid) -> Result<u64> {
    let counted = readable(viewer).filter(learning_question::Column::CommunityId.eq(community));
    store.count(counted.into_query()).await
}

/// What answers questions, as far as the viewer may read it.
pub async fn answers_of(
    store: &Store,
    viewer: &Viewer,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, Vec<End>>> {
    link::leading_to(store, viewer, LinkRelation::Answers, ids).await
}
