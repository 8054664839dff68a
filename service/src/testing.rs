//! What the unit tests of the features share: a migrated database of their own, people, and viewers.

use entity::change::{EntityType, Operation};
use entity::community::{
    CommunityKind, CommunityStage, CommunityStatus, CommunityVisibility, JoinPolicy,
};
use entity::membership::{MembershipRole, MembershipState};
use entity::user::{PlatformRole, UserStatus};
use entity::{TextList, change, community, membership, user};
use migration::MigratorTrait;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, Database, EntityTrait,
    QueryFilter, QueryOrder,
};
use tempfile::TempDir;
use uuid::Uuid;

use crate::clock::Clock;
use crate::store::{PendingChange, Store, StoreOptions};
use crate::viewer::{Credential, Scope, SignedIn, Viewer};

/// The URL of a PostgreSQL server whose user may make databases: with it, each test has a database of its own there.
const POSTGRES: &str = "REPERTOIRE_TEST_POSTGRES_URL";

/// A migrated database: SQLite in a directory that lives as long as the first value, or on the PostgreSQL server that
/// the environment names. Its clock can be turned by `store.clock().advance(…)`.
pub(crate) async fn store() -> (TempDir, Store) {
    let directory = tempfile::tempdir().unwrap();
    let options = match std::env::var(POSTGRES) {
        Ok(server) => StoreOptions {
            url: make_database(&server).await,
            connections: 4,
        },
        Err(_) => StoreOptions::sqlite(&directory.path().join("test.db"), 4),
    };
    let store = Store::open(&options, Clock::default()).await.unwrap();
    migration::Migrator::up(store.migration_connection(), None)
        .await
        .unwrap();
    (directory, store)
}

async fn make_database(server: &str) -> String {
    let name = format!("unit_{}", Uuid::new_v4().simple());
    let connection = Database::connect(server).await.unwrap();
    connection
        .execute_unprepared(&format!("CREATE DATABASE {name}"))
        .await
        .unwrap();
    connection.close().await.unwrap();
    let mut address = url::Url::parse(server).unwrap();
    address.set_path(&name);
    address.into()
}

/// An active user with that handle and an e-mail address made of it; without a password and without a change row.
pub(crate) async fn user(store: &Store, handle: &str, platform_role: PlatformRole) -> user::Model {
    let now = store.clock().now();
    user::ActiveModel {
        id: Set(Uuid::now_v7()),
        handle: Set(handle.to_owned()),
        handle_key: Set(handle.to_lowercase()),
        email: Set(Some(format!("{handle}@example.org"))),
        email_key: Set(Some(format!("{}@example.org", handle.to_lowercase()))),
        display_name: Set(handle.to_owned()),
        bio: Set(None),
        practice_settings: Set(TextList::default()),
        locale: Set(None),
        time_zone: Set(None),
        avatar_url: Set(None),
        platform_role: Set(platform_role),
        status: Set(UserStatus::Active),
        organization_id: Set(None),
        is_demo: Set(false),
        email_verified_at: Set(None),
        notification_email: Set(None),
        created_at: Set(now),
        updated_at: Set(now),
    }
    .insert(store.migration_connection())
    .await
    .unwrap()
}

/// An active community of the helping kind, open to join; without members and without a change row.
pub(crate) async fn community(
    store: &Store,
    slug: &str,
    visibility: CommunityVisibility,
) -> community::Model {
    let now = store.clock().now();
    community::ActiveModel {
        id: Set(Uuid::now_v7()),
        slug: Set(slug.to_owned()),
        name: Set(slug.to_owned()),
        name_key: Set(slug.to_owned()),
        purpose: Set("To be tested.".to_owned()),
        description: Set(None),
        kind: Set(CommunityKind::Helping),
        stage: Set(CommunityStage::Potential),
        status: Set(CommunityStatus::Active),
        visibility: Set(visibility),
        join_policy: Set(JoinPolicy::Open),
        meeting_mode: Set(None),
        cadence: Set(None),
        sector: Set(None),
        parent_id: Set(None),
        resource_review: Set(None),
        practice_quorum: Set(None),
        statement_quorum: Set(None),
        first_answer_target_hours: Set(None),
        review_interval_days: Set(None),
        stage_age_limit_days: Set(None),
        stage_labels: Set(None),
        revision: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
    }
    .insert(store.migration_connection())
    .await
    .unwrap()
}

/// A membership without a change row.
pub(crate) async fn membership(
    store: &Store,
    community: Uuid,
    user: Uuid,
    role: MembershipRole,
    state: MembershipState,
) -> membership::Model {
    let now = store.clock().now();
    membership::ActiveModel {
        id: Set(Uuid::now_v7()),
        community_id: Set(community),
        user_id: Set(user),
        role: Set(role),
        state: Set(state),
        joined_at: Set((state == MembershipState::Active).then_some(now)),
        invited_by: Set(None),
        created_at: Set(now),
        updated_at: Set(now),
    }
    .insert(store.migration_connection())
    .await
    .unwrap()
}

/// A viewer of a new user with that handle.
pub(crate) async fn person(store: &Store, handle: &str) -> Viewer {
    let user = user(store, handle, PlatformRole::Member).await;
    viewer(store, user.id).await
}

/// A viewer of a new user with that handle, who is an active member of a community.
pub(crate) async fn member(
    store: &Store,
    community: Uuid,
    handle: &str,
    role: MembershipRole,
) -> Viewer {
    let user = user(store, handle, PlatformRole::Member).await;
    membership(store, community, user.id, role, MembershipState::Active).await;
    viewer(store, user.id).await
}

/// A viewer with a session of that user: the row and the memberships as they are in the database now, and every scope.
pub(crate) async fn viewer(store: &Store, user: Uuid) -> Viewer {
    viewer_with(store, user, Scope::ALL, None)
        .await
        .with_credential(Credential::Session(Uuid::now_v7()))
}

/// A viewer with these rights of that user, such as an API token gives.
pub(crate) async fn viewer_with(
    store: &Store,
    user: Uuid,
    scopes: &[Scope],
    only_community: Option<Uuid>,
) -> Viewer {
    let row = user::Entity::find_by_id(user)
        .one(store.reader())
        .await
        .unwrap()
        .unwrap();
    let memberships = membership::Entity::find()
        .filter(membership::Column::UserId.eq(user))
        .all(store.reader())
        .await
        .unwrap();
    Viewer::signed_in(SignedIn {
        user: row,
        memberships: memberships
            .into_iter()
            .map(|membership| (membership.community_id, membership))
            .collect(),
        scopes: scopes.to_vec(),
        only_community,
    })
}

/// A change row about a user that nobody can see.
pub(crate) fn change_of(user: Uuid) -> PendingChange {
    PendingChange {
        entity_type: EntityType::User,
        entity_id: user,
        operation: Operation::Updated,
        community_id: None,
        fields: Vec::new(),
        audience_before: None,
        audience_after: None,
    }
}

/// The change rows about objects of that type, oldest first.
pub(crate) async fn changes(store: &Store, entity_type: EntityType) -> Vec<change::Model> {
    change::Entity::find()
        .filter(change::Column::EntityType.eq(entity_type))
        .order_by_asc(change::Column::Position)
        .all(store.reader())
        .await
        .unwrap()
}

/// What goes up can go down again, over rows that are there.
#[tokio::test]
async fn migrations_go_down_and_up() {
    let (_directory, store) = store().await;
    user(&store, "ada", PlatformRole::Member).await;
    let connection = store.migration_connection();
    migration::Migrator::down(connection, None).await.unwrap();
    migration::Migrator::up(connection, None).await.unwrap();
    let left = user::Entity::find().one(connection).await.unwrap();
    assert_eq!(left, None);
    assert!(store.position().await.is_ok());
}

#[tokio::test]
async fn a_viewer_is_as_the_database_has_them() {
    let (_directory, store) = store().await;
    let ada = user(&store, "Ada", PlatformRole::Admin).await;
    let community = community(&store, "readers", CommunityVisibility::Private).await;
    membership(
        &store,
        community.id,
        ada.id,
        MembershipRole::Steward,
        MembershipState::Active,
    )
    .await;
    let session = viewer(&store, ada.id).await;
    assert!(session.is_admin());
    assert_eq!(session.role(community.id), Some(MembershipRole::Steward));
    let token = viewer_with(&store, ada.id, &[Scope::Read], Some(Uuid::now_v7())).await;
    assert!(!token.is_admin());
    assert_eq!(token.role(community.id), None);
    assert_eq!(changes(&store, EntityType::User).await, []);
}
