//! The steps in a life: of items, memberships, communities and what belongs to them.

#[cfg(test)]
pub(crate) mod testing;

use entity::transition;
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryTrait};
use uuid::Uuid;

use crate::error::Result;
use crate::paging::{Cursor, Direction, Keyset, Page, PageRequest, SortValue};
use crate::store::{Store, WriteUnit};

/// One step, with who, why and when.
pub type Transition = transition::Model;

/// The row of one step, by whoever writes, now.
pub(crate) fn transition_row(
    unit: &WriteUnit,
    entity_id: Uuid,
    from: Option<&str>,
    to: &str,
    reason: Option<String>,
) -> transition::ActiveModel {
    transition::ActiveModel {
        id: Set(Uuid::now_v7()),
        entity_id: Set(entity_id),
        from_state: Set(from.map(str::to_owned)),
        to_state: Set(to.to_owned()),
        actor_id: Set(unit.actor()),
        reason: Set(reason),
        at: Set(unit.now()),
        outcome: Set(None),
        overrode: Set(None),
    }
}

const OLDEST_FIRST: Keyset = Keyset {
    table: "transition",
    column: None,
    id_column: "id",
    nullable: false,
    direction: Direction::Ascending,
};

/// A page of the steps of something that the viewer was shown, the oldest first.
#[crate::boxed]
pub async fn page(store: &Store, of: Uuid, request: &PageRequest) -> Result<Page<Transition>> {
    let window = request.check(&OLDEST_FIRST)?;
    let mut select = transition::Entity::find().filter(transition::Column::EntityId.eq(of));
    window.apply(QueryTrait::query(&mut select), &OLDEST_FIRST);
    let rows = store.list(select).await?;
    Ok(window.page(&OLDEST_FIRST, rows, |row| Cursor {
        value: SortValue::Id,
        id: row.id,
    }))
}

/// How many steps something has taken.
#[crate::boxed]
pub async fn count(store: &Store, of: Uuid) -> Result<u64> {
    let steps = transition::Entity::find().filter(transition::Column::EntityId.eq(of));
    store.count(steps.into_query()).await
}
