//! Restarts, lost directories, other databases and other processes.

use std::time::Duration;

use entity::TextList;
use entity::change::{EntityType, Operation};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, TransactionTrait};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{NOTHING, PUBLIC, new_domain};
use crate::change::{Losses, catch_up, follow, reindex};
use crate::policy::audience;
use crate::search::testing::Library;
use crate::search::{IndexSettings, SearchIndex, SearchQuery, search};
use crate::store::Store;

/// Longer than anything here takes: a test that needs it fails.
pub(super) const LONG: Duration = Duration::from_mins(1);

pub(super) async fn open(library: &Library) -> SearchIndex {
    let directory = library.directory.path().join("index");
    SearchIndex::open(directory, IndexSettings::default())
        .await
        .unwrap()
}

/// Follows until the index has reached the end of the log, and stops.
pub(super) async fn follow_to_the_end(library: &Library, index: &SearchIndex) {
    let stop = CancellationToken::new();
    let task = follow(library.store.clone(), index.clone(), stop.clone());
    let position = library.store.position().await.unwrap();
    assert!(index.wait_for(position, LONG).await);
    stop.cancel();
    task.await.unwrap();
}

pub(super) async fn finds(library: &Library, index: &SearchIndex, query: &str) -> u64 {
    let query = SearchQuery {
        query: query.to_owned(),
        ..SearchQuery::default()
    };
    let answer = search(&library.store, index, &library.ada, query).await;
    answer.unwrap().total
}

#[tokio::test]
async fn a_restarted_process_goes_on_where_the_last_one_stopped() {
    let library = Library::new(PUBLIC).await;
    library.publish("Fractions with paper").await;
    let index = open(&library).await;
    assert!(index.needs_rebuild().is_some());
    follow_to_the_end(&library, &index).await;
    let (position, commit) = (index.position(), index.statistics().last_commit_at);
    drop(index);

    let index = open(&library).await;
    assert_eq!(index.needs_rebuild(), None);
    assert_eq!(index.position(), position);
    assert_eq!(finds(&library, &index, "fractions").await, 1);
    library.publish("Fractions on a line").await;
    follow_to_the_end(&library, &index).await;
    assert!(index.statistics().last_commit_at > commit);
    assert_eq!(finds(&library, &index, "fractions").await, 2);
}

#[tokio::test]
async fn a_lost_index_is_rebuilt_from_the_database() {
    let library = Library::new(PUBLIC).await;
    for number in 0..5 {
        library.publish(&format!("Fractions {number}")).await;
    }
    new_domain(&library, "fractions", None).await;
    let index = open(&library).await;
    follow_to_the_end(&library, &index).await;
    // The community has no change row: only a rebuild finds it.
    assert_eq!(finds(&library, &index, "readers").await, 1);
    assert_eq!(finds(&library, &index, "fractions").await, 6);
    drop(index);
    std::fs::remove_dir_all(library.directory.path().join("index")).unwrap();
    let index = open(&library).await;
    follow_to_the_end(&library, &index).await;
    assert_eq!(finds(&library, &index, "fractions").await, 6);
}

#[tokio::test]
async fn an_index_of_another_database_is_made_anew() {
    let library = Library::new(PUBLIC).await;
    library.publish("Fractions with paper").await;
    let index = open(&library).await;
    follow_to_the_end(&library, &index).await;
    drop(index);

    let other = Library::new(PUBLIC).await;
    other.publish("Decimals with coins").await;
    other.publish("Decimals on a line").await;
    let index = open(&library).await;
    follow_to_the_end(&other, &index).await;
    assert_eq!(finds(&other, &index, "fractions").await, 0);
    assert_eq!(finds(&other, &index, "decimals").await, 2);
}

/// Deletes a resource as another process does: nobody here is told.
async fn delete_from_elsewhere(store: &Store, id: Uuid, position: i64) {
    let connection = store.migration_connection();
    let tokens = TextList(audience::of_everybody().into_iter().collect());
    let row = entity::change::ActiveModel {
        position: Set(position),
        entity_type: Set(EntityType::Resource),
        entity_id: Set(id),
        operation: Set(Operation::Deleted),
        community_id: Set(None),
        actor_id: Set(None),
        at: Set(store.clock().now()),
        fields: Set(TextList::default()),
        audience_before: Set(Some(tokens)),
        audience_after: Set(None),
        narrowed: Set(true),
    };
    let head = entity::change_head::ActiveModel {
        id: Set(1),
        position: Set(position),
        ..Default::default()
    };
    let transaction = connection.begin().await.unwrap();
    entity::item::Entity::delete_by_id(id)
        .exec(&transaction)
        .await
        .unwrap();
    head.update(&transaction).await.unwrap();
    row.insert(&transaction).await.unwrap();
    transaction.commit().await.unwrap();
}

#[tokio::test]
async fn writes_of_another_process_are_followed() {
    let library = Library::new(PUBLIC).await;
    let stop = CancellationToken::new();
    let task = follow(library.store.clone(), library.index.clone(), stop.clone());
    let id = library.publish("Fractions with paper").await;
    let here = library.store.position().await.unwrap();
    assert!(library.index.wait_for(here, LONG).await);

    delete_from_elsewhere(&library.store, id, here + 1).await;
    // Nothing has told this process yet.
    assert_eq!(library.found(&library.stranger, "fractions").await, NOTHING);
    assert!(library.index.wait_for(here + 1, LONG).await);
    assert_eq!(library.index.statistics().documents, 0);
    stop.cancel();
    task.await.unwrap();
}

#[tokio::test]
async fn files_that_are_gone_are_made_anew_whatever_is_left_out() {
    let library = Library::new(PUBLIC).await;
    library.publish("Fractions with paper").await;
    let index = open(&library).await;
    let stop = CancellationToken::new();
    let task = follow(library.store.clone(), index.clone(), stop.clone());
    let position = library.store.position().await.unwrap();
    assert!(index.wait_for(position, LONG).await);
    index
        .engine()
        .inject(|_| Err(::search::Error::Panicked("it understands nothing".into())));
    std::fs::remove_dir_all(library.directory.path().join("index")).unwrap();
    library.publish("Fractions on a line").await;
    let position = library.store.position().await.unwrap();
    assert!(index.wait_for(position, LONG).await);
    assert_eq!(index.failed_count(), 3);
    assert_eq!(finds(&library, &index, "fractions").await, 0);
    stop.cancel();
    task.await.unwrap();
}

#[tokio::test]
async fn the_index_is_rebuilt_on_demand_with_and_without_a_server() {
    let library = Library::new(PUBLIC).await;
    library.publish("Fractions with paper").await;
    let directory = library.directory.path().join("index");
    let mut told = Vec::new();
    reindex(
        &library.store,
        &directory,
        IndexSettings::default(),
        Losses::Refuse,
        |progress| told.push(progress),
    )
    .await
    .unwrap();
    assert_eq!(
        told.last().map(|last| (last.done, last.total)),
        Some((2, 2))
    );

    let index = open(&library).await;
    let stop = CancellationToken::new();
    let task = follow(library.store.clone(), index.clone(), stop.clone());
    let before = index.statistics().last_commit_at;
    reindex(
        &library.store,
        &directory,
        IndexSettings::default(),
        Losses::Refuse,
        |_| (),
    )
    .await
    .unwrap();
    assert!(index.statistics().last_commit_at > before);
    assert_eq!(finds(&library, &index, "fractions").await, 1);
    stop.cancel();
    task.await.unwrap();
    catch_up(&library.store, &index).await.unwrap();
}
