//! Reading value stories, as far as their authors consent.

use std::collections::HashMap;

use entity::value_step::{self, ValueCycle};
use entity::{value_reference, value_story};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QueryTrait, Select,
};
use uuid::Uuid;

use super::ValueStory;
use crate::error::Result;
use crate::item::grouped;
use crate::link::End;
use crate::paging::{Cursor, Direction, Keyset, Page, PageRequest, SortValue};
use crate::policy::value_story::readable;
use crate::store::Store;
use crate::viewer::Viewer;

const NEWEST_FIRST: Keyset = Keyset {
    table: "value_story",
    column: None,
    id_column: "id",
    nullable: false,
    direction: Direction::Descending,
};

/// One step of a story.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValueStep {
    /// Which kind of value it tells of.
    pub cycle: ValueCycle,
    /// What it says.
    pub text: String,
    /// What it points at; whether the viewer may see that is to be asked.
    pub references: Vec<End>,
}

/// The steps of a story, in their order.
pub type Steps = Vec<ValueStep>;

/// Those of the stories that the viewer may read.
#[crate::boxed]
pub async fn by_ids(
    store: &Store,
    viewer: &Viewer,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, ValueStory>> {
    let rows = value_story::Entity::find()
        .filter(value_story::Column::Id.is_in(ids.iter().copied()))
        .filter(readable(viewer))
        .all(store.reader())
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

fn of_community(viewer: &Viewer, community: Uuid) -> Select<value_story::Entity> {
    value_story::Entity::find()
        .filter(value_story::Column::CommunityId.eq(community))
        .filter(readable(viewer))
}

/// A page of the stories of a community that the viewer may read, the newest first.
#[crate::boxed]
pub async fn page_of_community(
    store: &Store,
    viewer: &Viewer,
    community: Uuid,
    request: &PageRequest,
) -> Result<Page<ValueStory>> {
    let window = request.check(&NEWEST_FIRST)?;
    let mut select = of_community(viewer, community);
    window.apply(QueryTrait::query(&mut select), &NEWEST_FIRST);
    let rows = store.list(select).await?;
    Ok(window.page(&NEWEST_FIRST, rows, |row| Cursor {
        value: SortValue::Id,
        id: row.id,
    }))
}

/// How many stories [`page_of_community`] lists.
#[crate::boxed]
pub async fn count_of_community(store: &Store, viewer: &Viewer, community: Uuid) -> Result<u64> {
    let counted = of_community(viewer, community);
    store.count(counted.into_query()).await
}

/// The steps of stories that the viewer was shown.
#[crate::boxed]
pub async fn steps_of(store: &Store, stories: &[Uuid]) -> Result<HashMap<Uuid, Steps>> {
    steps_of_rows(store.reader(), stories).await
}

/// The same over a connection, for the index follower.
pub async fn steps_of_rows(
    connection: &impl ConnectionTrait,
    stories: &[Uuid],
) -> Result<HashMap<Uuid, Steps>> {
    let steps = value_step::Entity::find()
        .filter(value_step::Column::StoryId.is_in(stories.iter().copied()))
        .order_by_asc(value_step::Column::StoryId)
        .order_by_asc(value_step::Column::Place)
        .all(connection)
        .await?;
    let references = value_reference::Entity::find()
        .filter(value_reference::Column::StoryId.is_in(stories.iter().copied()))
        .order_by_asc(value_reference::Column::Place)
        .all(connection)
        .await?;
    let mut references = grouped(
        references
            .into_iter()
            .map(|row| ((row.story_id, row.step), (row.entity_type, row.entity_id))),
    );
    Ok(grouped(steps.into_iter().map(|row| {
        let step = ValueStep {
            cycle: row.cycle,
            text: row.text,
            references: references
                .remove(&(row.story_id, row.place))
                .unwrap_or_default(),
        };
        (row.story_id, step)
    })))
}
