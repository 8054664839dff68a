//! Reading users. Everybody may see the public part of everybody; which fields are private says
//! [`crate::policy::platform::read_private_profile`].

use std::collections::HashMap;
use std::sync::Arc;

use entity::TextList;
use entity::user::{self, UserStatus};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::error::Result;
use crate::store::Store;
use crate::viewer::Viewer;

/// The name that others see of somebody who is gone.
pub const FORMER_MEMBER: &str = "Former member";

/// Those users, as far as there are any, kept for those who ask next. Their private fields are in the rows: the caller
/// shows them to whom the policy allows.
#[crate::boxed]
pub async fn by_ids(
    store: &Store,
    _viewer: &Viewer,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, Arc<user::Model>>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let (kept, mark) = (store.kept(), store.kept().mark());
    let rows: HashMap<Uuid, Arc<user::Model>> = user::Entity::find()
        .filter(user::Column::Id.is_in(ids.iter().copied()))
        .all(store.reader())
        .await?
        .into_iter()
        .map(|row| (row.id, Arc::new(shown(row))))
        .collect();
    kept.keep(
        &kept.users,
        mark,
        rows.iter().map(|(id, row)| (*id, Arc::clone(row))),
    );
    Ok(rows)
}

/// The user, where the row is kept in memory. To be believed only by a request that has freshened the store.
#[must_use]
pub fn kept(store: &Store, id: Uuid) -> Option<Arc<user::Model>> {
    store.kept().users.get(&id)
}

/// The user with that handle, case ignored.
#[crate::boxed]
pub async fn by_handle(
    store: &Store,
    _viewer: &Viewer,
    handle: &str,
) -> Result<Option<user::Model>> {
    let key = handle.trim().to_lowercase();
    if key.len() > 2 * super::LONGEST_HANDLE || key.contains('\0') {
        return Ok(None);
    }
    let row = user::Entity::find()
        .filter(user::Column::HandleKey.eq(key))
        .one(store.reader())
        .await?;
    Ok(row.map(shown))
}

/// Nothing of a person who is gone is shown, whatever the row still holds.
fn shown(row: user::Model) -> user::Model {
    if row.status != UserStatus::Erased {
        return row;
    }
    user::Model {
        display_name: FORMER_MEMBER.to_owned(),
        email: None,
        email_key: None,
        bio: None,
        practice_settings: TextList::default(),
        locale: None,
        time_zone: None,
        avatar_url: None,
        organization_id: None,
        email_verified_at: None,
        notification_email: None,
        ..row
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;
    use entity::user::PlatformRole;
    use sea_orm::{ActiveModelTrait, ActiveValue::Set, IntoActiveModel};

    #[tokio::test]
    async fn users_are_found_by_id_and_by_handle() {
        let (_directory, store) = testing::store().await;
        let ada = testing::user(&store, "ada", PlatformRole::Member).await;
        let nobody = Viewer::anonymous();
        let found = by_ids(&store, &nobody, &[ada.id, Uuid::now_v7()])
            .await
            .unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(*found[&ada.id], ada);
        for (handle, is_found) in [
            ("ada", true),
            (" ADA ", true),
            ("eve", false),
            ("a\0", false),
        ] {
            let found = by_handle(&store, &nobody, handle).await.unwrap();
            assert_eq!(found.is_some(), is_found, "{handle:?}");
        }
    }

    #[tokio::test]
    async fn of_an_erased_user_nothing_is_shown() {
        let (_directory, store) = testing::store().await;
        let ada = testing::user(&store, "ada", PlatformRole::Member).await;
        let mut erased = ada.clone().into_active_model();
        erased.status = Set(UserStatus::Erased);
        erased.bio = Set(Some("A countess.".into()));
        erased.practice_settings = Set(TextList(vec!["A castle".into()]));
        erased.update(store.migration_connection()).await.unwrap();
        let found = by_ids(&store, &Viewer::anonymous(), &[ada.id])
            .await
            .unwrap();
        let shown = &found[&ada.id];
        assert_eq!(shown.display_name, FORMER_MEMBER);
        assert_eq!((&shown.bio, &shown.email), (&None, &None));
        assert_eq!(shown.practice_settings, TextList::default());
    }
}
