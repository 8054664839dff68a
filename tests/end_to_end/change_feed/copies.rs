//! A snapshot and the feed from its position give what the server has: whoever writes meanwhile, however long, and
//! wherever the reader is interrupted.

mod acts;
mod replica;

use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::join_all;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use service::entity::change::{EntityType, Operation};
use service::entity::item;
use service::policy::audience;
use service::store::{PendingChange, Store, WriteUnit};
use support::{App, Database};
use tokio::sync::{Notify, Semaphore, watch};
use uuid::Uuid;

use self::acts::{Act, World};
use self::replica::{Replica, Turn};

/// Each case has three who write so many acts, and seven readers.
const CASES: usize = 2;
const ACTS: usize = 25;
/// Transactions of a case that are held open while others commit.
const HELD: usize = 6;

/// Values that a strategy makes.
fn made<S: Strategy>(runner: &mut TestRunner, strategy: &S) -> S::Value {
    strategy.new_tree(runner).unwrap().current()
}

fn turns() -> impl Strategy<Value = Vec<Turn>> {
    let turn = (1..40_usize, prop::option::of(0..40_usize));
    vec(
        turn.prop_map(|(first, killed_after)| Turn {
            first,
            killed_after,
        }),
        10..20,
    )
}

async fn converge(app: &App, database: Database) {
    let mut runner = TestRunner::default();
    let mut of_communities = 0;
    for _ in 0..CASES {
        let scripts: Vec<Vec<Act>> = (0..3)
            .map(|_| made(&mut runner, &vec(acts::act(), ACTS)))
            .collect();
        let world = Arc::new(World::new(app).await);
        let (end, ended) = watch::channel(false);
        let mut readers = Vec::new();
        for (name, client) in world.readers() {
            let turns = made(&mut runner, &turns());
            let replica = Replica::take(app, name, client, turns).await;
            readers.push(tokio::spawn(follow(replica, ended.clone())));
        }
        let store = app.server().store().clone();
        let held = (database == Database::Postgresql)
            .then(|| tokio::spawn(hold(store, *world.held(), ended)));
        let writers = scripts.iter().cloned().map(|script| {
            let world = Arc::clone(&world);
            tokio::spawn(async move {
                for act in script {
                    world.perform(&act).await;
                }
            })
        });
        for writer in join_all(writers).await {
            writer.unwrap();
        }
        end.send_replace(true);
        if let Some(held) = held {
            held.await.unwrap();
        }
        for replica in join_all(readers).await {
            let mut replica = replica.unwrap();
            replica.catch_up().await;
            replica.compare(&scripts).await;
            of_communities += replica.of_communities();
        }
    }
    assert!(
        of_communities > 0,
        "not one change of a whole community was tried"
    );
}

/// Goes on with a replica until the writers have ended.
async fn follow(mut replica: Replica, mut ended: watch::Receiver<bool>) -> Replica {
    let mut positions = replica.watch_position();
    while !*ended.borrow() {
        positions.mark_unchanged();
        if !replica.advance().await {
            tokio::select! {
                changed = positions.changed() => changed.unwrap(),
                changed = ended.changed() => changed.unwrap(),
            }
        }
    }
    replica
}

/// Holds transactions open, two at a time, while others commit: each begins early and has a late position.
async fn hold(
    store: Store,
    (community, resources): (Uuid, [Uuid; 2]),
    mut ended: watch::Receiver<bool>,
) {
    for round in 0..HELD / 2 {
        let begun = Arc::new(Semaphore::new(0));
        let mut open = Vec::new();
        for resource in resources {
            let go_on = Arc::new(Notify::new());
            let title = format!("Held in round {round}");
            let write = retitle(
                store.clone(),
                (community, resource),
                title,
                Arc::clone(&begun),
                Arc::clone(&go_on),
            );
            open.push((go_on, tokio::spawn(write)));
        }
        let both = begun.acquire_many(2).await.unwrap();
        // The one that began last is let go first.
        for (go_on, write) in open.into_iter().rev() {
            let later = store.position().await.unwrap() + 5;
            let mut positions = store.watch_position();
            tokio::select! {
                reached = positions.wait_for(|position| *position >= later) => drop(reached.unwrap()),
                ended = ended.wait_for(|ended| *ended) => drop(ended.unwrap()),
            }
            go_on.notify_one();
            write.await.unwrap();
        }
        drop(both);
    }
}

/// Gives a resource another title, and waits inside its transaction until it may go on.
async fn retitle(
    store: Store,
    (community, resource): (Uuid, Uuid),
    title: String,
    begun: Arc<Semaphore>,
    go_on: Arc<Notify>,
) {
    let written = store.write(None, move |unit: &mut WriteUnit| {
        async move {
            item::Entity::update_many()
                .col_expr(item::Column::Title, Expr::value(title))
                .filter(item::Column::Id.eq(resource))
                .exec(unit.db())
                .await?;
            unit.record(PendingChange {
                entity_type: EntityType::Resource,
                entity_id: resource,
                operation: Operation::Updated,
                community_id: Some(community),
                fields: vec!["title".to_owned()],
                audience_before: Some(audience::of_everybody()),
                audience_after: Some(audience::of_everybody()),
            });
            begun.add_permits(1);
            go_on.notified().await;
            Ok(())
        }
        .boxed()
    });
    written.await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_snapshot_and_the_feed_are_what_the_server_has_on_sqlite() {
    let app = App::start(Database::Sqlite).await.unwrap();
    converge(&app, Database::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_snapshot_and_the_feed_are_what_the_server_has_on_postgresql() {
    if let Some(app) = App::start(Database::Postgresql).await {
        converge(&app, Database::Postgresql).await;
    }
}
