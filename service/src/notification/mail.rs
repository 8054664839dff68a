//! What goes into somebody's mail: unread notifications that were not sent yet.

use entity::notification;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::Notification;
use super::queries::about;
use crate::error::Result;
use crate::policy::filter::Reader;
use crate::store::WriteUnit;

/// A person's unread notifications that were not mailed since they were last raised, about what the person may read now,
/// the newest first.
pub async fn unmailed(
    connection: &impl ConnectionTrait,
    user: Uuid,
    most: u64,
) -> Result<Vec<Notification>> {
    let reader = Reader::named_by("notification", "user_id");
    Ok(notification::Entity::find()
        .filter(notification::Column::UserId.eq(user))
        .filter(notification::Column::ReadAt.is_null())
        .filter(notification::Column::MailedAt.is_null())
        .filter(about().readable_by(&reader))
        .order_by_desc(notification::Column::RaisedAt)
        .order_by_desc(notification::Column::Id)
        .limit(most)
        .all(connection)
        .await?)
}

/// Notes that these notifications were mailed.
pub async fn mark_mailed(unit: &WriteUnit, ids: &[Uuid]) -> Result<()> {
    notification::Entity::update_many()
        .col_expr(notification::Column::MailedAt, Expr::value(unit.now()))
        .filter(notification::Column::Id.is_in(ids.iter().copied()))
        .exec(unit.db())
        .await?;
    Ok(())
}
