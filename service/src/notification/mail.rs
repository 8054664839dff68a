//! What goes into somebody's mail: unread notifications that were not sent yet.

use chrono::{DateTime, Utc};
use entity::notification;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select,
};
use uuid::Uuid;

use super::Notification;
use super::queries::about;
use crate::error::Result;
use crate::policy::filter::Reader;
use crate::store::WriteUnit;

fn waiting(user: Uuid, after: DateTime<Utc>) -> Select<notification::Entity> {
    let reader = Reader::named_by("notification", "user_id");
    notification::Entity::find()
        .filter(notification::Column::UserId.eq(user))
        .filter(notification::Column::ReadAt.is_null())
        .filter(notification::Column::MailedAt.is_null())
        .filter(notification::Column::RaisedAt.gt(after))
        .filter(about().readable_by(&reader))
}

/// A person's unread notifications that were last raised after a time and not mailed since, about what the person may
/// read now, the newest first.
pub async fn unmailed(
    connection: &impl ConnectionTrait,
    user: Uuid,
    after: DateTime<Utc>,
    most: u64,
) -> Result<Vec<Notification>> {
    Ok(waiting(user, after)
        .order_by_desc(notification::Column::RaisedAt)
        .order_by_desc(notification::Column::Id)
        .limit(most)
        .all(connection)
        .await?)
}

/// Whether a person has such a notification; where another time is given, one that was last raised before it.
pub async fn has_unmailed(
    connection: &impl ConnectionTrait,
    user: Uuid,
    after: DateTime<Utc>,
    before: Option<DateTime<Utc>>,
) -> Result<bool> {
    let mut select = waiting(user, after);
    if let Some(before) = before {
        select = select.filter(notification::Column::RaisedAt.lt(before));
    }
    let found: Option<Uuid> = select
        .select_only()
        .column(notification::Column::Id)
        .into_tuple()
        .one(connection)
        .await?;
    Ok(found.is_some())
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
