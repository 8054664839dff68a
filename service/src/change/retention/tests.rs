use std::time::Duration;

use entity::community::CommunityVisibility;
use entity::item::ItemType;
use entity::user::PlatformRole;
use sea_orm::PaginatorTrait;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::*;
use crate::change::follow;
use crate::doctor::{State, check_invariants};
use crate::projection;
use crate::search::testing::Library;
use crate::search::{IndexSettings, SearchIndex};
use crate::testing;

const DAYS: TimeDelta = TimeDelta::days(30);

async fn touch(store: &Store, id: Uuid, times: usize) -> i64 {
    let written = store.write(None, move |unit| {
        async move {
            for _ in 0..times {
                unit.record(testing::change_of(id));
            }
            Ok(())
        }
        .boxed()
    });
    written.await.unwrap().position
}

async fn rows(store: &Store) -> u64 {
    change::Entity::find().count(store.reader()).await.unwrap()
}

#[tokio::test]
async fn old_rows_go_in_many_small_steps_and_young_ones_stay() {
    let (_directory, store) = testing::store().await;
    let ada = testing::user(&store, "ada", PlatformRole::Member).await.id;
    let many = usize::try_from(BATCH).unwrap() * 2 + 5;
    let old = touch(&store, ada, many).await;
    store.clock().advance(DAYS + TimeDelta::seconds(1));
    let newest = touch(&store, ada, 3).await;
    projection::catch_up(&store).await.unwrap();

    assert_eq!(forget_old(&store, DAYS * 2, newest).await.unwrap(), 0);
    let forgotten = forget_old(&store, DAYS, newest).await.unwrap();
    assert_eq!(forgotten, old.unsigned_abs());
    assert_eq!(rows(&store).await, 3);
    assert_eq!(store.kept_after().await.unwrap(), old);
    assert_eq!(store.position().await.unwrap(), newest);
    assert_eq!(forget_old(&store, DAYS, newest).await.unwrap(), 0);

    // The log may be empty, and goes on all the same.
    store.clock().advance(DAYS + TimeDelta::seconds(1));
    assert_eq!(forget_old(&store, DAYS, newest).await.unwrap(), 3);
    assert_eq!(rows(&store).await, 0);
    assert_eq!(touch(&store, ada, 1).await, newest + 1);
    assert_eq!(store.kept_after().await.unwrap(), newest);
}

#[tokio::test]
async fn what_is_not_followed_yet_stays() {
    let (_directory, store) = testing::store().await;
    let ada = testing::user(&store, "ada", PlatformRole::Member).await.id;
    let begin = store.position().await.unwrap();
    let half = touch(&store, ada, 10).await;
    projection::catch_up(&store).await.unwrap();
    let newest = touch(&store, ada, 10).await;
    store.clock().advance(DAYS + TimeDelta::seconds(1));
    // The index of this process first, then the projections hold it back.
    forget_old(&store, DAYS, begin + 4).await.unwrap();
    assert_eq!(store.kept_after().await.unwrap(), begin + 4);
    forget_old(&store, DAYS, newest).await.unwrap();
    assert_eq!(store.kept_after().await.unwrap(), half);
    projection::catch_up(&store).await.unwrap();
    forget_old(&store, DAYS, newest).await.unwrap();
    assert_eq!(store.kept_after().await.unwrap(), newest);
}

#[tokio::test]
async fn two_that_remove_at_once_remove_each_row_once() {
    let (_directory, store) = testing::store().await;
    let ada = testing::user(&store, "ada", PlatformRole::Member).await.id;
    let newest = touch(&store, ada, 2_500).await;
    projection::catch_up(&store).await.unwrap();
    store.clock().advance(DAYS + TimeDelta::seconds(1));
    let (one, other) = tokio::join!(
        forget_old(&store, DAYS, newest),
        forget_old(&store, DAYS, newest)
    );
    assert!(one.unwrap() + other.unwrap() <= newest.unsigned_abs());
    while forget_old(&store, DAYS, newest).await.unwrap() > 0 {}
    assert_eq!(store.kept_after().await.unwrap(), newest);
    assert_eq!(rows(&store).await, 0);
}

#[tokio::test]
async fn tombstones_go_and_the_database_is_well() {
    let library = Library::new(CommunityVisibility::Public).await;
    let store = &library.store;
    let id = library.publish("Fractions with paper").await;
    crate::item::delete(store, &library.ada, ItemType::Resource, id)
        .await
        .unwrap();
    assert_eq!(
        tombstone::Entity::find()
            .count(store.reader())
            .await
            .unwrap(),
        1
    );
    library.publish("Fractions on a line").await;
    projection::catch_up(store).await.unwrap();
    store.clock().advance(DAYS + TimeDelta::seconds(1));
    let newest = store.position().await.unwrap();
    forget_old(store, DAYS, newest).await.unwrap();
    let left = tombstone::Entity::find().count(store.reader()).await;
    assert_eq!(left.unwrap(), 0);
    for finding in check_invariants(store).await {
        if finding.message.contains("change") {
            assert_eq!(finding.state, State::Well, "{finding:?}");
        }
    }
}

/// An index that has not been open for longer than the log is kept is made anew from what there is.
#[tokio::test]
async fn an_index_that_missed_rows_is_made_anew() {
    let library = Library::new(CommunityVisibility::Public).await;
    let store = &library.store;
    let open = || async {
        let directory = library.directory.path().join("index");
        SearchIndex::open(directory, IndexSettings::default())
            .await
            .unwrap()
    };
    let follow_to_the_end = async |index: &SearchIndex| {
        let stop = CancellationToken::new();
        let task = follow(store.clone(), index.clone(), stop.clone());
        let position = store.position().await.unwrap();
        assert!(index.wait_for(position, Duration::from_mins(1)).await);
        stop.cancel();
        task.await.unwrap();
    };
    let gone = library.publish("Fractions with paper").await;
    let index = open().await;
    follow_to_the_end(&index).await;
    assert_eq!(index.statistics().documents, 2);
    drop(index);

    crate::item::delete(store, &library.ada, ItemType::Resource, gone)
        .await
        .unwrap();
    library.publish("Fractions on a line").await;
    library.publish("Fractions in the sand").await;
    projection::catch_up(store).await.unwrap();
    store.clock().advance(DAYS + TimeDelta::seconds(1));
    let newest = store.position().await.unwrap();
    forget_old(store, DAYS, newest).await.unwrap();
    assert_eq!(rows(store).await, 0);
    library.publish("Fractions in the snow").await;

    let index = open().await;
    assert!(index.position() < store.kept_after().await.unwrap());
    follow_to_the_end(&index).await;
    // The community and what is there, but for what was deleted.
    assert_eq!(index.statistics().documents, 4);
}
