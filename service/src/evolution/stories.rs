//! What members tell of the value that a community had for them, when it becomes part of another.

use entity::change::{EntityType, Operation};
use entity::{community, value_story};
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::moving::move_flags;
use crate::error::Result;
use crate::policy::audience;
use crate::store::{MOVED, PendingChange, WriteUnit};

/// Takes the stories of a community, which is held, to another one. They stay as their authors consent: what is for the
/// members of the one is for those of the other.
pub(super) async fn move_stories(
    unit: &mut WriteUnit,
    from: &community::Model,
    to: &community::Model,
) -> Result<()> {
    let stories = value_story::Entity::find()
        .filter(value_story::Column::CommunityId.eq(from.id))
        .order_by_asc(value_story::Column::Id)
        .lock_exclusive()
        .all(unit.db())
        .await?;
    if stories.is_empty() {
        return Ok(());
    }
    let ids = Query::select()
        .column(("value_story", "id"))
        .from("value_story")
        .and_where(Expr::col(("value_story", "community_id")).eq(from.id))
        .take();
    let on_them = entity::flag::Column::TargetId.in_subquery(ids);
    move_flags(unit, from, to, Condition::all().add(on_them)).await?;
    value_story::Entity::update_many()
        .col_expr(value_story::Column::CommunityId, Expr::value(to.id))
        .filter(value_story::Column::CommunityId.eq(from.id))
        .exec(unit.db())
        .await?;
    for story in stories {
        unit.record(PendingChange {
            entity_type: EntityType::ValueStory,
            entity_id: story.id,
            operation: Operation::Updated,
            community_id: Some(to.id),
            fields: vec![MOVED.to_owned()],
            audience_before: Some(audience::of_value_story(from, &story)),
            audience_after: Some(audience::of_value_story(to, &story)),
        });
    }
    Ok(())
}
