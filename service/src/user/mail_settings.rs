//! What a user says of mail to them, and what only they and administrators see of them.

use entity::user::{self, NotificationEmail, UserStatus};
use futures_util::FutureExt;
use sea_orm::sea_query::LockType;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel, QuerySelect};
use uuid::Uuid;

use crate::change::user_changed;
use crate::error::{Error, Result};
use crate::policy::audience;
use crate::store::{Store, WriteUnit, Written};
use crate::viewer::{Scope, Viewer};

/// When a user gets notifications by mail, who never said so: every day. Only confirmed addresses get any.
pub const DEFAULT_NOTIFICATION_EMAIL: NotificationEmail = NotificationEmail::Daily;

/// When a user gets notifications by mail.
#[must_use]
pub fn notification_email(user: &user::Model) -> NotificationEmail {
    user.notification_email
        .unwrap_or(DEFAULT_NOTIFICATION_EMAIL)
}

/// Says when the viewer gets notifications by mail.
#[crate::boxed]
pub async fn set_notification_email(
    store: &Store,
    viewer: &Viewer,
    frequency: NotificationEmail,
) -> Result<Written<user::Model>> {
    let id = viewer.require(Scope::Write)?;
    store
        .write(Some(id), move |unit| set(unit, id, frequency).boxed())
        .await
}

/// Says so for a user, where they show by a link of a mail that it is them.
pub(crate) async fn set(
    unit: &mut WriteUnit,
    id: Uuid,
    frequency: NotificationEmail,
) -> Result<user::Model> {
    let user = held(unit, id).await?;
    if notification_email(&user) == frequency {
        return Ok(user);
    }
    let mut row = user.into_active_model();
    row.notification_email = Set(Some(frequency));
    save_private(unit, row, &["notificationEmail"]).await
}

/// The account, held until the commit, if it can be used.
pub(crate) async fn held(unit: &WriteUnit, id: Uuid) -> Result<user::Model> {
    user::Entity::find_by_id(id)
        .lock(LockType::NoKeyUpdate)
        .one(unit.db())
        .await?
        .filter(|user| user.status == UserStatus::Active)
        .ok_or(Error::Unauthenticated)
}

/// Writes what only the user and administrators see of a user, with its change row.
pub(crate) async fn save_private(
    unit: &mut WriteUnit,
    mut row: user::ActiveModel,
    fields: &[&str],
) -> Result<user::Model> {
    row.updated_at = Set(unit.now());
    let user = row.update(unit.db()).await?;
    let fields = fields.iter().map(|&field| field.to_owned()).collect();
    unit.record(user_changed(user.id, fields, audience::of_user(user.id)));
    Ok(user)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;
    use entity::change::EntityType;
    use entity::user::PlatformRole;

    #[tokio::test]
    async fn a_user_says_once_which_mails_they_want() {
        let (_directory, store) = testing::store().await;
        let ada = testing::user(&store, "ada", PlatformRole::Member).await;
        assert_eq!(notification_email(&ada), NotificationEmail::Daily);
        let viewer = testing::viewer(&store, ada.id).await;
        for frequency in [
            NotificationEmail::Daily,
            NotificationEmail::None,
            NotificationEmail::None,
            NotificationEmail::AtOnce,
        ] {
            let set = set_notification_email(&store, &viewer, frequency).await;
            assert_eq!(notification_email(&set.unwrap().value), frequency);
        }
        let changes = testing::changes(&store, EntityType::User).await;
        assert_eq!(changes.len(), 2, "what changes nothing is not recorded");
        assert_eq!(changes[0].fields.0, ["notificationEmail"]);
        let seen_by = changes[0].audience_after.clone().unwrap().0;
        assert!(!seen_by.contains(&audience::PUBLIC.to_owned()));
        let reading = testing::viewer_with(&store, ada.id, &[Scope::Read], None).await;
        let refused = set_notification_email(&store, &reading, NotificationEmail::None).await;
        assert!(matches!(refused, Err(Error::ScopeMissing("WRITE"))));
    }
}
