//! What writes do beside other writes, and when their callers go away: the change log has no gap that closes later, and
//! no transaction stays open.

use std::pin::pin;
use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::{join_all, poll_immediate};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::json;
use service::doctor::{State, check_invariants};
use service::entity::change;
use service::entity::change::{EntityType, Operation};
use service::store::{PendingChange, Store, WriteUnit, Written};
use support::{App, Database, on_both_databases};
use tokio::sync::Notify;
use tokio::task::yield_now;
use uuid::Uuid;

const CREATE: &str = "mutation($input: CreateResourceInput!) {
    createResource(input: $input) { resource { id } userErrors { code field message } } }";

/// A change of something that nobody looks up.
fn change() -> PendingChange {
    PendingChange {
        entity_type: EntityType::Domain,
        entity_id: Uuid::now_v7(),
        operation: Operation::Updated,
        community_id: None,
        fields: Vec::new(),
        audience_before: None,
        audience_after: None,
    }
}

/// The positions after one and up to another, as a follower reads them.
async fn positions(store: &Store, after: i64, until: i64) -> Vec<i64> {
    change::Entity::find()
        .select_only()
        .column(change::Column::Position)
        .filter(change::Column::Position.gt(after))
        .filter(change::Column::Position.lte(until))
        .order_by_asc(change::Column::Position)
        .into_tuple()
        .all(store.reader())
        .await
        .unwrap()
}

on_both_databases! {
    async fn a_follower_misses_nothing_while_many_write(app: App) {
        let store = app.server().store().clone();
        let begin = store.position().await.unwrap();
        let writers: Vec<_> = (0..40_usize)
            .map(|number| {
                let store = store.clone();
                tokio::spawn(async move {
                    let written = store.write(None, move |unit: &mut WriteUnit| {
                        async move {
                            for _ in 0..=number % 3 {
                                unit.record(change());
                            }
                            // Those that begin early end late.
                            for _ in number..40 {
                                yield_now().await;
                            }
                            // Every third write is taken back.
                            if number % 3 == 2 { Err(service::error::Error::Unauthenticated) } else { Ok(()) }
                        }
                        .boxed()
                    });
                    written.await.ok().map(|written: Written<()>| written.position)
                })
            })
            .collect();
        let mut written = pin!(join_all(writers));
        let mut seen = begin;
        let answered = loop {
            let done = poll_immediate(&mut written).await;
            let newest = store.position().await.unwrap();
            assert_eq!(positions(&store, seen, newest).await, (seen + 1..=newest).collect::<Vec<_>>(), "a gap after {seen}");
            seen = newest;
            if let Some(done) = done {
                break done;
            }
        };
        let mut ends: Vec<i64> = answered.into_iter().filter_map(Result::unwrap).collect();
        ends.sort_unstable();
        assert_eq!(ends.len(), 27);
        let rows: i64 = (0..40).filter(|number| number % 3 != 2).map(|number| number % 3 + 1).sum();
        assert_eq!(seen, begin + rows, "what was taken back has no place in the log");
        assert_eq!(ends.last(), Some(&seen));
    }

    async fn callers_that_go_away_leave_no_transaction_open(app: App) {
        let store = app.server().store().clone();
        let author = app.person("Ada").await;
        let community = author.create_community("Hurried", json!({})).await;
        // Each goes away a little later than the one before: while it connects, while it waits, while the server writes.
        for patience in 0..60 {
            let input = json!({ "communityId": community, "title": format!("Hurried {patience}"), "kind": "ARTICLE", "publish": true });
            let mut request = pin!(author.send(CREATE, json!({ "input": input })));
            for _ in 0..patience {
                if poll_immediate(&mut request).await.is_some() {
                    break;
                }
                yield_now().await;
            }
        }
        // A write that is dropped before it was begun, and one that is dropped inside its transaction.
        let inside = Arc::new(Notify::new());
        for patience in [1, 100] {
            let begun = Arc::clone(&inside);
            let mut write = pin!(store.write(None, move |unit: &mut WriteUnit| {
                async move {
                    unit.record(change());
                    begun.notify_one();
                    yield_now().await;
                    Ok(())
                }
                .boxed()
            }));
            assert!(poll_immediate(&mut write).await.is_none());
            if patience > 1 {
                inside.notified().await;
            }
        }
        // An open transaction would hold the head of the log, and each of these would wait for it.
        let made = join_all((0..20).map(|number| {
            let (author, community) = (author.clone(), community.clone());
            async move { author.create_resource(&community, &format!("Patient {number}"), json!({})).await }
        }));
        assert_eq!(made.await.len(), 20);
        let newest = store.position().await.unwrap();
        assert_eq!(positions(&store, 0, newest).await, (1..=newest).collect::<Vec<_>>());
        for finding in check_invariants(&store).await {
            assert_eq!(finding.state, State::Well, "{finding:?}");
        }
    }
}

/// Two transactions that overlap, the first to begin being the last to commit: a sequence would give it the lower
/// position, and whoever followed meanwhile would have passed it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_commits_last_has_the_higher_position_whoever_began_first() {
    let Some(app) = App::start(Database::Postgresql).await else {
        return;
    };
    let store = app.server().store().clone();
    let begin = store.position().await.unwrap();
    let (begun, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let first = {
        let (store, begun, go_on) = (store.clone(), Arc::clone(&begun), Arc::clone(&go_on));
        tokio::spawn(async move {
            store
                .write(None, move |unit: &mut WriteUnit| {
                    async move {
                        unit.record(change());
                        // Its snapshot and its locks are there before the other begins.
                        change::Entity::find().one(unit.db()).await?;
                        begun.notify_one();
                        go_on.notified().await;
                        Ok(())
                    }
                    .boxed()
                })
                .await
                .unwrap()
                .position
        })
    };
    begun.notified().await;
    let second = store.write(None, |unit: &mut WriteUnit| {
        async move {
            unit.record(change());
            Ok(())
        }
        .boxed()
    });
    let second = second.await.unwrap().position;
    assert_eq!(second, begin + 1);
    assert_eq!(store.position().await.unwrap(), second);
    assert_eq!(positions(&store, begin, second).await, [second]);
    go_on.notify_one();
    assert_eq!(first.await.unwrap(), begin + 2);
    assert_eq!(positions(&store, second, begin + 2).await, [begin + 2]);
}
