//! People as the platform acts for them, when they are not there to ask.

use std::collections::{BTreeSet, HashMap};

use entity::user::UserStatus;
use entity::{membership, user};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::error::Result;
use crate::viewer::{Scope, SignedIn};

/// Those of the people who can sign in, with the rights that they have by a session; in two statements. Few enough for
/// one statement are asked for.
pub(crate) async fn acting(
    connection: &impl ConnectionTrait,
    ids: &BTreeSet<Uuid>,
) -> Result<HashMap<Uuid, SignedIn>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let users = user::Entity::find()
        .filter(user::Column::Id.is_in(ids.iter().copied()))
        .filter(user::Column::Status.eq(UserStatus::Active))
        .all(connection)
        .await?;
    let rows = membership::Entity::find()
        .filter(membership::Column::UserId.is_in(ids.iter().copied()))
        .all(connection)
        .await?;
    let mut memberships: HashMap<Uuid, HashMap<Uuid, membership::Model>> = HashMap::new();
    for row in rows {
        let own = memberships.entry(row.user_id).or_default();
        own.insert(row.community_id, row);
    }
    let people = users.into_iter().map(|user| {
        let signed_in = SignedIn {
            memberships: memberships.remove(&user.id).unwrap_or_default(),
            scopes: Scope::ALL.to_vec(),
            only_community: None,
            user,
        };
        (signed_in.user.id, signed_in)
    });
    Ok(people.collect())
}
