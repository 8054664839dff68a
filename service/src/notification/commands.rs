//! Having read notifications, and forgetting those that were read long ago.

use std::collections::HashSet;

use chrono::TimeDelta;
use entity::notification;
use futures_util::FutureExt;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::error::{FaultCode, Result};
use crate::policy::platform as policy;
use crate::store::{Store, Written};
use crate::validation::Faults;
use crate::viewer::{Scope, Viewer};

/// The most that are marked at once.
pub const MOST_MARKED: usize = 100;
/// For so many days a notification is kept after it was read.
pub const KEPT_DAYS: i64 = 90;
/// For so many days it is kept after it was last raised, unread.
pub const UNREAD_DAYS: i64 = 365;

const FIELD: &str = "ids";

/// Marks notifications of the viewer as read. What was read before stays read since then.
#[crate::boxed]
pub async fn mark_read(store: &Store, viewer: &Viewer, ids: Vec<Uuid>) -> Result<Written<()>> {
    let actor = viewer.require(Scope::Write)?;
    policy::change_own_matters(viewer).require(&[FIELD], "notification")?;
    let mut faults = Faults::default();
    faults.list_length(&[FIELD], ids.len(), MOST_MARKED);
    faults.check()?;
    store
        .write(Some(actor), move |unit| {
            async move {
                let own: HashSet<Uuid> = notification::Entity::find()
                    .select_only()
                    .column(notification::Column::Id)
                    .filter(notification::Column::UserId.eq(actor))
                    .filter(notification::Column::Id.is_in(ids.iter().copied()))
                    .into_tuple::<Uuid>()
                    .all(unit.db())
                    .await?
                    .into_iter()
                    .collect();
                let mut faults = Faults::default();
                for (place, _) in ids.iter().enumerate().filter(|(_, id)| !own.contains(id)) {
                    let message = "You have no notification with this id.";
                    faults.add(FaultCode::NotFound, &[FIELD, &place.to_string()], message);
                }
                faults.check()?;
                notification::Entity::update_many()
                    .col_expr(notification::Column::ReadAt, Expr::value(unit.now()))
                    .filter(notification::Column::Id.is_in(own))
                    .filter(notification::Column::ReadAt.is_null())
                    .exec(unit.db())
                    .await?;
                Ok(())
            }
            .boxed()
        })
        .await
}

/// Removes the notifications that were read more than [`KEPT_DAYS`] ago, or that nobody cared to read for
/// [`UNREAD_DAYS`], and answers how many they were.
pub async fn expire(store: &Store) -> Result<u64> {
    let written = store
        .write(None, |unit| {
            async move {
                let ago = |days: i64| unit.now() - TimeDelta::days(days);
                let old = Condition::any()
                    .add(notification::Column::ReadAt.lt(ago(KEPT_DAYS)))
                    .add(notification::Column::RaisedAt.lt(ago(UNREAD_DAYS)));
                let removed = notification::Entity::delete_many()
                    .filter(old)
                    .exec(unit.db())
                    .await?;
                Ok(removed.rows_affected)
            }
            .boxed()
        })
        .await?;
    Ok(written.value)
}
