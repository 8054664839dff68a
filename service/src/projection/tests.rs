use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use entity::user::PlatformRole;
use sea_orm::{ActiveModelTrait, ActiveValue::Set};

use super::*;
use crate::testing;

/// Remembers the positions that it was given by transactions that were committed or not.
#[derive(Default)]
struct Recorder {
    given: Mutex<Vec<i64>>,
    fails: AtomicBool,
}

impl Projection for Recorder {
    fn name(&self) -> &'static str {
        "recorder"
    }

    fn apply<'a>(
        &'a self,
        _: &'a mut WriteUnit,
        rows: &'a [change::Model],
    ) -> BoxFuture<'a, Result<()>> {
        async move {
            if self.fails.swap(false, Ordering::Relaxed) {
                return Err(Error::internal("as the test wants"));
            }
            self.given
                .lock()
                .unwrap()
                .extend(rows.iter().map(|row| row.position));
            Ok(())
        }
        .boxed()
    }
}

fn recorder() -> &'static Recorder {
    Box::leak(Box::default())
}

/// A store with a recorder's row and so many rows in its log.
async fn store_with(changes: i64) -> (tempfile::TempDir, Store) {
    let (directory, store) = testing::store().await;
    let user = testing::user(&store, "ada", PlatformRole::Member).await;
    let row = projection::ActiveModel {
        name: Set("recorder".to_owned()),
        position: Set(0),
    };
    row.insert(store.migration_connection()).await.unwrap();
    for _ in 0..changes {
        let id = user.id;
        store
            .write(Some(id), move |unit| {
                async move {
                    unit.record(testing::change_of(id));
                    Ok(())
                }
                .boxed()
            })
            .await
            .unwrap();
    }
    (directory, store)
}

#[tokio::test]
async fn each_row_of_the_log_is_given_once_and_in_order() {
    let (_directory, store) = store_with(450).await;
    let recorder = recorder();
    assert_eq!(advance(&store, recorder, 450).await.unwrap(), 450);
    assert_eq!(advance(&store, recorder, 450).await.unwrap(), 450);
    assert_eq!(
        *recorder.given.lock().unwrap(),
        (1..=450).collect::<Vec<_>>()
    );
}

#[tokio::test]
async fn what_fails_is_given_again() {
    let (_directory, store) = store_with(3).await;
    let recorder = recorder();
    recorder.fails.store(true, Ordering::Relaxed);
    assert!(advance(&store, recorder, 3).await.is_err());
    assert_eq!(stored_position(&store, recorder.name()).await.unwrap(), 0);
    assert_eq!(advance(&store, recorder, 3).await.unwrap(), 3);
    assert_eq!(*recorder.given.lock().unwrap(), [1, 2, 3]);
}

#[tokio::test]
async fn two_that_follow_at_once_share_the_rows() {
    let (_directory, store) = store_with(900).await;
    let (first, second) = (recorder(), recorder());
    let (one, other) = tokio::join!(advance(&store, first, 900), advance(&store, second, 900));
    assert_eq!((one.unwrap(), other.unwrap()), (900, 900));
    let mut given = first.given.lock().unwrap().clone();
    given.extend(second.given.lock().unwrap().iter());
    given.sort_unstable();
    assert_eq!(given, (1..=900).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_projection_without_a_row_says_what_to_do() {
    let (_directory, store) = testing::store().await;
    let error = advance(&store, recorder(), 1).await.unwrap_err();
    assert!(error.to_string().contains("repertoire migrate"), "{error}");
}
