//! Lineage: what was made in, captured from, adapted from, superseded by what. Each stated relation is one row.

use chrono::{DateTime, Utc};
use entity::change::EntityType;
use entity::link::{self, LinkRelation};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::error::Result;
use crate::store::WriteUnit;

/// One end of a relation.
pub type End = (EntityType, Uuid);

/// A relation to be stated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewLink {
    /// What it starts from.
    pub from: End,
    /// How they relate.
    pub relation: LinkRelation,
    /// What it leads to.
    pub to: End,
    /// The occurrence of the activity that something was made in.
    pub occurrence: Option<DateTime<Utc>>,
}

/// States relations; what was stated before stays as it was.
pub(crate) async fn state(unit: &WriteUnit, links: &[NewLink]) -> Result<()> {
    if links.is_empty() {
        return Ok(());
    }
    let rows = links.iter().map(|new| link::ActiveModel {
        from_id: Set(new.from.1),
        relation: Set(new.relation),
        to_id: Set(new.to.1),
        from_type: Set(new.from.0),
        to_type: Set(new.to.0),
        occurrence: Set(new.occurrence),
        actor_id: Set(unit.actor()),
        at: Set(unit.now()),
    });
    link::Entity::insert_many(rows)
        .on_conflict(
            OnConflict::columns([
                link::Column::FromId,
                link::Column::Relation,
                link::Column::ToId,
            ])
            .do_nothing()
            .to_owned(),
        )
        .exec_without_returning(unit.db())
        .await?;
    Ok(())
}

/// Forgets every relation of something that is deleted for good.
pub(crate) async fn forget(unit: &WriteUnit, id: Uuid) -> Result<()> {
    link::Entity::delete_many()
        .filter(
            Condition::any()
                .add(link::Column::FromId.eq(id))
                .add(link::Column::ToId.eq(id)),
        )
        .exec(unit.db())
        .await?;
    Ok(())
}
