//! Operations that are stopped, taken over, bounded and removed.

use super::super::tidy::MOST_KEPT;
use super::*;

#[tokio::test]
async fn a_process_that_dies_leaves_its_work_to_the_next() {
    let scene = Scene::new(CommunityVisibility::Public).await;
    let started = scene.begin(&scene.ada, OperationFormat::Ndjson).await;
    scene.send(&started, &lines(0..900)).await;
    let id = started.operation.id;
    // Stopped after the first chunk.
    let stop = CancellationToken::new();
    let store = scene.store.clone();
    let (stopper, mut seen) = (stop.clone(), store.watch_position());
    let begun = store.position().await.unwrap();
    let watcher = tokio::spawn(async move {
        seen.wait_for(|position| *position > begun).await.unwrap();
        stopper.cancel();
    });
    run_next(&scene.operations, &stop).await.unwrap();
    watcher.await.unwrap();
    let left = scene.row(id).await;
    assert!((200..=900).contains(&left.done), "{left:?}");

    // Killed: its lease is still held, and nobody else takes the operation until it ends.
    let mut held = left.clone().into_active_model();
    held.state = Set(OperationState::Running);
    held.finished_at = Set(None);
    held.lease_until = Set(Some(store.clock().now() + TimeDelta::minutes(2)));
    held.update(store.migration_connection()).await.unwrap();
    let other = scene.another_process();
    assert!(!run_next(&other, &CancellationToken::new()).await.unwrap());
    store.clock().advance(TimeDelta::minutes(3));
    run_all(&other).await;
    let done = scene.row(id).await;
    assert_eq!(
        (done.state, done.done, done.created),
        (OperationState::Succeeded, 900, 900)
    );
    assert_eq!(done.total, Some(900));
    let count = item::Entity::find().count(store.reader()).await.unwrap();
    assert_eq!(count, 900, "nothing is lost, and nothing doubled");
    assert!(
        std::fs::read_dir(&scene.operations.settings().directory)
            .unwrap()
            .count()
            == 1,
        "only the id of the directory is left"
    );
}

#[tokio::test]
async fn who_lost_the_lease_writes_nothing() {
    let scene = Scene::new(CommunityVisibility::Public).await;
    let started = scene.begin(&scene.ada, OperationFormat::Ndjson).await;
    scene.send(&started, &lines(0..3)).await;
    let row = scene.row(started.operation.id).await;
    // Another process has it meanwhile.
    let mut taken = row.clone().into_active_model();
    taken.state = Set(OperationState::Running);
    taken.lease_owner = Set(Some(Uuid::new_v4()));
    taken.lease_until = Set(Some(scene.store.clock().now() + TimeDelta::minutes(1)));
    taken
        .update(scene.store.migration_connection())
        .await
        .unwrap();
    let lease = step::Lease {
        operation: row.id,
        process: scene.operations.process(),
    };
    let of = import::For::Row {
        row: &row,
        lease,
        stop: CancellationToken::new(),
    };
    let source = Source {
        path: scene.operations.files().path(row.file.as_deref().unwrap()),
        format: row.format,
        line_bytes: 1_000,
    };
    let (found, reader) = run::open(source, false, 0).await.unwrap().unwrap();
    let job = Arc::new(import::Job {
        community: Some(scene.community.id),
        restore: false,
        operation: Some(row.id),
        scan: found,
    });
    let outcome = import::drive(&scene.store, reader, job, &of, 0)
        .await
        .unwrap();
    assert!(outcome.is_none());
    assert_eq!(scene.titles().await, Vec::<String>::new());
}

#[tokio::test]
async fn cancelling_keeps_what_was_done_and_says_so() {
    let scene = Scene::new(CommunityVisibility::Public).await;
    let started = scene.begin(&scene.ada, OperationFormat::Ndjson).await;
    scene.send(&started, &lines(0..900)).await;
    let id = started.operation.id;
    let (operations, ada) = (scene.operations.clone(), scene.ada.clone());
    let mut seen = scene.store.watch_position();
    let begun = scene.store.position().await.unwrap();
    let canceller = tokio::spawn(async move {
        seen.wait_for(|position| *position > begun).await.unwrap();
        cancel(&operations, &ada, id).await.unwrap().value
    });
    run_next(&scene.operations, &CancellationToken::new())
        .await
        .unwrap();
    canceller.await.unwrap();
    let row = scene.row(id).await;
    let count = item::Entity::find()
        .count(scene.store.reader())
        .await
        .unwrap();
    assert_eq!(
        u64::try_from(row.done).unwrap(),
        count,
        "what is counted is there"
    );
    if row.state == OperationState::Cancelled {
        let messages = scene.messages(id).await;
        assert!(messages[0].1.contains("Cancelled after"), "{messages:?}");
        assert!((200..900).contains(&row.done));
    }
    // Again changes nothing.
    let again = cancel(&scene.operations, &scene.ada, id).await.unwrap();
    assert_eq!(again.value.state, row.state);
    let waiting = scene.begin(&scene.ada, OperationFormat::Csv).await;
    let ended = cancel(&scene.operations, &scene.ada, waiting.operation.id)
        .await
        .unwrap();
    assert_eq!(ended.value.state, OperationState::Cancelled);
    let late = scene
        .operations
        .receive(waiting.operation.id, waiting.secret.expose(), None)
        .await;
    assert!(matches!(late, Err(Refusal::Over(_))), "{late:?}");
}

#[tokio::test]
async fn operations_are_ones_own_and_bounded() {
    let scene = Scene::new(CommunityVisibility::Public).await;
    let id = scene
        .begin(&scene.ada, OperationFormat::Csv)
        .await
        .operation
        .id;
    let ben = testing::user(&scene.store, "ben", PlatformRole::Admin).await;
    let ben = testing::viewer(&scene.store, ben.id).await;
    let nobody = Viewer::anonymous();
    for (viewer, found) in [(&scene.ada, 1), (&ben, 0), (&nobody, 0)] {
        let rows = by_ids(&scene.store, viewer, &[id]).await.unwrap();
        assert_eq!(rows.len(), found);
    }
    let refused = cancel(&scene.operations, &ben, id).await;
    assert!(
        matches!(&refused, Err(Error::Refused(faults)) if faults[0].code == FaultCode::NotFound),
        "{refused:?}"
    );
    // A token for one community sees what it began itself.
    let user = scene.ada.user_id().unwrap();
    let bound =
        testing::viewer_with(&scene.store, user, &[Scope::Sync], Some(scene.community.id)).await;
    assert!(
        by_ids(&scene.store, &bound, &[id])
            .await
            .unwrap()
            .is_empty()
    );
    let reading =
        testing::viewer_with(&scene.store, user, &[Scope::Read, Scope::Write], None).await;
    let export = StartExport {
        community_id: None,
        format: OperationFormat::Csv,
    };
    let refused = start_export(&scene.operations, &reading, export).await;
    assert!(
        matches!(refused, Err(Error::ScopeMissing("SYNC"))),
        "{refused:?}"
    );
    // A token without the scope sees none, either.
    let found = by_ids(&scene.store, &reading, &[id]).await.unwrap();
    assert!(found.is_empty());
    for _ in 0..2 {
        start_export(&scene.operations, &scene.ada, export)
            .await
            .unwrap();
    }
    let refused = start_export(&scene.operations, &scene.ada, export).await;
    assert!(
        matches!(&refused, Err(Error::Refused(faults)) if faults[0].code == FaultCode::LimitReached),
        "{refused:?}"
    );
}

#[tokio::test]
async fn what_takes_long_holds_up_nobody_else() {
    let scene = Scene::new(CommunityVisibility::Public).await;
    let operations = &scene.operations;
    let ben = testing::user(&scene.store, "ben", PlatformRole::Member).await;
    let ben = testing::viewer(&scene.store, ben.id).await;
    let input = StartExport {
        community_id: Some(scene.community.id),
        format: OperationFormat::Ndjson,
    };
    let adas = start_export(operations, &scene.ada, input).await;
    let bens = start_export(operations, &ben, input).await;
    let (adas, bens) = (adas.unwrap().value.id, bens.unwrap().value.id);
    let stop = CancellationToken::new();
    let ends = CancellationToken::new();
    let long = || ends.clone().cancelled_owned();
    let ada = scene.ada.user_id().unwrap();

    let mut full = run::UnderWay::new(1);
    full.begin(ada, long());
    assert!(!full.take_up(operations, &stop).await.unwrap(), "no room");

    let mut under_way = run::UnderWay::new(3);
    under_way.begin(ada, long());
    assert!(under_way.take_up(operations, &stop).await.unwrap());
    assert_ne!(scene.row(bens).await.state, OperationState::Queued);
    assert!(
        !under_way.take_up(operations, &stop).await.unwrap(),
        "a place is left, and somebody has one operation at a time"
    );
    assert_eq!(scene.row(adas).await.state, OperationState::Queued);
    ends.cancel();
    under_way.end().await;
    assert_eq!(scene.row(bens).await.state, OperationState::Succeeded);
    assert!(under_way.take_up(operations, &stop).await.unwrap());
    under_way.end().await;
    assert_eq!(scene.row(adas).await.state, OperationState::Succeeded);
}

#[tokio::test]
async fn whoever_works_on_what_is_queued_is_woken_and_stops() {
    let scene = Scene::new(CommunityVisibility::Public).await;
    let operations = &scene.operations;
    let stop = CancellationToken::new();
    let running = run_queued(operations.clone(), stop.clone());
    let mut begun = Vec::new();
    for _ in 0..3 {
        let export = StartExport {
            community_id: None,
            format: OperationFormat::Csv,
        };
        let export = start_export(operations, &scene.ada, export).await;
        begun.push(export.unwrap().value.id);
    }
    for id in begun {
        while scene.row(id).await.finished_at.is_none() {
            tokio::task::yield_now().await;
        }
        assert_eq!(scene.row(id).await.state, OperationState::Succeeded);
    }
    stop.cancel();
    running.await.unwrap();
}

#[tokio::test]
async fn of_what_has_ended_the_newest_are_kept() {
    let scene = Scene::new(CommunityVisibility::Public).await;
    let (operations, ada) = (&scene.operations, &scene.ada);
    let input = StartExport {
        community_id: Some(scene.community.id),
        format: OperationFormat::Ndjson,
    };
    let exported = start_export(operations, ada, input).await.unwrap().value.id;
    run_all(operations).await;
    let directory = &operations.settings().directory;
    let files = || std::fs::read_dir(directory).unwrap().count();
    assert_eq!(files(), 2, "the export, and the id of the directory");
    let mut ended = vec![exported];
    for _ in 0..MOST_KEPT {
        let begun = scene.begin(ada, OperationFormat::Ndjson).await;
        let id = begun.operation.id;
        cancel(operations, ada, id).await.unwrap();
        ended.push(id);
    }
    let kept = by_ids(&scene.store, ada, &ended).await.unwrap();
    assert_eq!(kept.len(), ended.len(), "the next one makes room");
    scene.begin(ada, OperationFormat::Ndjson).await;
    let kept = by_ids(&scene.store, ada, &ended).await.unwrap();
    assert_eq!(kept.len(), ended.len() - 1);
    assert!(!kept.contains_key(&exported), "the oldest is gone");
    assert_eq!(files(), 1, "and its file");
}

#[tokio::test]
async fn what_nobody_goes_on_with_ends() {
    let scene = Scene::new(CommunityVisibility::Public).await;
    let waiting = scene
        .begin(&scene.ada, OperationFormat::Csv)
        .await
        .operation
        .id;
    tidy(&scene.operations).await.unwrap();
    assert_eq!(scene.row(waiting).await.state, OperationState::Queued);
    scene.store.clock().advance(TimeDelta::hours(25));
    tidy(&scene.operations).await.unwrap();
    assert_eq!(scene.row(waiting).await.state, OperationState::Failed);
    assert_eq!(scene.messages(waiting).await.len(), 1);
}
