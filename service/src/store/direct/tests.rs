use chrono::DateTime;
use entity::community::CommunityVisibility;
use entity::membership::{MembershipRole, MembershipState};
use entity::user::PlatformRole;
use entity::{change, community, goal, item, membership, resource, revision, user};
use proptest::prelude::*;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ConnectionTrait, DatabaseBackend, Value};
use uuid::Uuid;

use super::*;
use crate::search::testing::Library;
use crate::store::{Store, StoredEntity};
use crate::testing;

/// Rows that are read directly are the rows that sea-orm's driver reads; answers how many.
async fn same_rows<E: StoredEntity>(store: &Store) -> usize
where
    E::Model: PartialEq + std::fmt::Debug,
{
    let by_driver = E::find().all(store.reader()).await.unwrap();
    let directly = store.list(E::find()).await.unwrap();
    assert_eq!(directly, by_driver);
    directly.len()
}

#[tokio::test]
async fn rows_are_those_that_the_driver_reads() {
    let library = Library::new(CommunityVisibility::Public).await;
    library.publish("Brüche mit Papier, « à la main »").await;
    let store = &library.store;
    let user = testing::user(store, "grace", PlatformRole::Member).await;
    let community = testing::community(store, "numbers", CommunityVisibility::Private).await;
    let (role, state) = (MembershipRole::Steward, MembershipState::Active);
    testing::membership(store, community.id, user.id, role, state).await;
    let now = store.clock().now();
    let goal = goal::ActiveModel {
        id: Set(Uuid::now_v7()),
        community_id: Set(community.id),
        membership_id: Set(None),
        text: Set("To count".to_owned()),
        target_date: Set(Some(now.date_naive())),
        state: Set(goal::GoalState::Open),
        created_at: Set(now),
        updated_at: Set(now),
    };
    goal.insert(store.migration_connection()).await.unwrap();

    assert!(same_rows::<change::Entity>(store).await > 0);
    assert!(same_rows::<community::Entity>(store).await > 1);
    assert_eq!(same_rows::<goal::Entity>(store).await, 1);
    assert_eq!(same_rows::<item::Entity>(store).await, 1);
    assert!(same_rows::<membership::Entity>(store).await > 0);
    assert_eq!(same_rows::<resource::Entity>(store).await, 1);
    assert!(same_rows::<revision::Entity>(store).await > 0);
    assert!(same_rows::<user::Entity>(store).await > 1);
}

#[tokio::test]
async fn the_position_is_that_of_the_database() {
    let library = Library::new(CommunityVisibility::Public).await;
    library.publish("Fractions").await;
    let store = &library.store;
    let head = super::super::read_position(store.reader()).await.unwrap();
    assert!(head > 0);
    assert_eq!(store.position().await.unwrap(), head);
}

#[tokio::test]
async fn a_statement_that_fails_says_so_and_its_connection_goes_on() {
    let (_directory, store) = testing::store().await;
    let select = |sql: &str| Statement::from_string(store.backend(), sql);
    assert!(
        store
            .read(select("SELECT nothing FROM nowhere"))
            .await
            .is_err()
    );
    for _ in 0..20 {
        let rows = store.read(select("SELECT 'x' AS text")).await.unwrap();
        assert_eq!(rows[0].get::<String>("text").unwrap(), "x");
        assert!(rows[0].get::<String>("other").is_err());
    }
}

#[tokio::test]
async fn nothing_is_written_directly() {
    let (_directory, store) = testing::store().await;
    if store.direct.is_none() {
        return;
    }
    let statement = "UPDATE change_head SET position = 7";
    let written = store.read(Statement::from_string(DatabaseBackend::Sqlite, statement));
    assert!(written.await.is_err());
    assert_eq!(store.position().await.unwrap(), 0);
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<Option<bool>>().prop_map(Value::Bool),
        any::<Option<i32>>().prop_map(Value::Int),
        any::<Option<i64>>().prop_map(Value::BigInt),
        any::<Option<String>>()
            .prop_map(|text| Value::String(text.map(|text| text.replace('\0', "")))),
        any::<Option<u128>>().prop_map(|id| Value::Uuid(id.map(Uuid::from_u128))),
        (-62_135_596_800_000_000_i64..253_402_300_799_999_999).prop_map(|micros| {
            Value::ChronoDateTimeUtc(DateTime::from_timestamp_micros(micros))
        }),
        (-700_000_i32..2_900_000).prop_map(|day| {
            Value::ChronoDate(chrono::NaiveDate::from_num_days_from_ce_opt(day))
        }),
    ]
}

#[test]
fn values_are_bound_as_the_driver_binds_them() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (_directory, store) = runtime.block_on(testing::store());
    if store.direct.is_none() {
        return;
    }
    proptest!(|(value in value())| {
        let sql = "SELECT typeof(?1) || ' ' || quote(?1) AS bound";
        let statement = Statement::from_sql_and_values(DatabaseBackend::Sqlite, sql, [value]);
        let (by_driver, directly) = runtime.block_on(async {
            let by_driver = store.reader().query_one_raw(statement.clone()).await.unwrap().unwrap();
            (by_driver, store.read(statement).await.unwrap())
        });
        let by_driver: String = by_driver.try_get("", "bound").unwrap();
        prop_assert_eq!(directly[0].get::<String>("bound").unwrap(), by_driver);
    });
}
