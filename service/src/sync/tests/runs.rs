//! Runs, and what their ends archive.

use entity::item::ItemVisibility;
use entity::{sync_listing, sync_run};
use sea_orm::{EntityTrait, PaginatorTrait};

use super::*;
use crate::pilot::testing::faults;

use SyncOutcome::{Archived, Created, Unchanged};

fn archived(report: &SyncReport) -> Vec<&str> {
    assert!(report.results.iter().all(|one| one.outcome == Archived));
    let ids = report.results.iter();
    ids.map(|one| one.external_id.as_str()).collect()
}

#[tokio::test]
async fn the_end_of_a_run_archives_what_none_of_its_calls_listed() {
    let synced = Synced::new().await;
    synced.in_run("monday", items(0..30)).await;
    let nothing = synced.try_finish(synced.end("monday", None)).await.unwrap();
    assert_eq!(archived(&nothing.value), [""; 0]);

    // In two calls, one of them with an item that fails: it was listed all the same.
    let mut wrong = items(0..1).remove(0);
    wrong.content.url = Patch::Value("nowhere".to_owned());
    let mut first = items(1..15);
    first.push(wrong);
    synced.in_run("tuesday", first).await;
    synced.in_run("tuesday", items(15..28)).await;
    let before = synced.position().await;
    let rehearsed = FinishSync {
        dry_run: true,
        ..synced.end("tuesday", None)
    };
    let rehearsed = synced.try_finish(rehearsed).await.unwrap().value;
    assert_eq!(synced.position().await, before);
    assert!(rehearsed.dry_run);
    let finished = synced
        .try_finish(synced.end("tuesday", None))
        .await
        .unwrap();
    assert_eq!(archived(&finished.value), ["id-0028", "id-0029"]);
    assert_eq!(archived(&rehearsed), archived(&finished.value));
    assert_eq!(
        (rehearsed.counts.archived, finished.value.counts.archived),
        (2, 2)
    );
    for result in &finished.value.results {
        let status = synced.status(result.resource_id.unwrap()).await;
        assert_eq!(status, Some(PublicationStatus::Archived));
    }
    assert_eq!(finished.position, before + 2);
    let left = sync_listing::Entity::find()
        .count(synced.school.store.reader())
        .await;
    assert_eq!(left.unwrap(), 0, "what a finished run listed is forgotten");

    let again = synced
        .try_finish(synced.end("tuesday", None))
        .await
        .unwrap();
    assert_eq!(
        (again.value.results.len(), again.position),
        (0, finished.position)
    );
    let late = SyncResources {
        run: Some("tuesday".to_owned()),
        ..synced.call(Vec::new())
    };
    let refused = faults(synced.try_call(&synced.school.steward, late).await);
    assert_eq!(
        (refused[0].code, refused[0].field.join(".")),
        said(FaultCode::Invalid, "run")
    );
}

#[tokio::test]
async fn above_the_limit_nothing_is_archived() {
    let synced = Synced::new().await;
    synced.in_run("monday", items(0..10)).await;
    synced.in_run("tuesday", items(0..8)).await;
    let before = synced.position().await;
    let refused = faults(synced.try_finish(synced.end("tuesday", None)).await);
    assert_eq!(
        (refused[0].code, refused[0].field.join(".")),
        said(FaultCode::LimitReached, "deleteLimit")
    );
    let message = &refused[0].message;
    for figure in ["2", "10", "0.1"] {
        assert!(message.contains(figure), "{message}");
    }
    assert_eq!(synced.position().await, before);
    for wrong in [-0.1, 1.1, f64::NAN, f64::INFINITY] {
        let refused = faults(synced.try_finish(synced.end("tuesday", Some(wrong))).await);
        assert_eq!(refused[0].code, FaultCode::OutOfRange);
    }
    // The limit is what may be reached.
    let finished = synced
        .try_finish(synced.end("tuesday", Some(0.2)))
        .await
        .unwrap();
    assert_eq!(finished.value.counts.archived, 2);
    // What is archived no longer counts.
    synced.in_run("wednesday", items(0..7)).await;
    assert!(
        synced
            .try_finish(synced.end("wednesday", Some(0.12)))
            .await
            .is_err()
    );
    let finished = synced
        .try_finish(synced.end("wednesday", Some(0.125)))
        .await
        .unwrap();
    assert_eq!(archived(&finished.value), ["id-0007"]);
}

#[tokio::test]
async fn an_unknown_run_and_all_other_faults_are_said() {
    let synced = Synced::new().await;
    let refused = faults(synced.try_finish(synced.end("monday", None)).await);
    assert_eq!(
        (refused[0].code, refused[0].field.join(".")),
        said(FaultCode::NotFound, "run")
    );
    let wrong = FinishSync {
        community_id: Uuid::now_v7(),
        system: String::new(),
        run: String::new(),
        delete_limit: Some(2.0),
        dry_run: true,
    };
    let refused = faults(synced.try_finish(wrong).await);
    let found: Vec<_> = refused
        .iter()
        .map(|one| (one.code, one.field.join(".")))
        .collect();
    assert_eq!(
        found,
        [
            said(FaultCode::Required, "system"),
            said(FaultCode::Required, "run"),
            said(FaultCode::OutOfRange, "deleteLimit"),
            said(FaultCode::NotFound, "communityId"),
        ]
    );
    synced.in_run("monday", Vec::new()).await;
    let (store, member) = (&synced.school.store, &synced.school.member);
    let refused = faults(finish_sync(store, member, synced.end("monday", None)).await);
    assert_eq!(
        (refused[0].code, refused[0].field.join(".")),
        said(FaultCode::Forbidden, "communityId")
    );
}

#[tokio::test]
async fn drafts_and_what_one_may_not_see_are_left_alone() {
    let synced = Synced::new().await;
    let mut draft = item("draft", "A draft");
    draft.publish = false;
    let author = &synced.school.author;
    let own = synced
        .results_as(author, vec![draft, item("own", "Own")])
        .await;
    let own = [own[0].resource_id.unwrap(), own[1].resource_id.unwrap()];
    let input = UpdateResource {
        content: ItemContent {
            visibility: Patch::Value(ItemVisibility::Authors),
            ..ItemContent::default()
        },
        ..UpdateResource::default()
    };
    crate::resource::update(&synced.school.store, author, own[1], input, None)
        .await
        .unwrap();
    synced.in_run("monday", items(0..1)).await;
    let finished = synced
        .try_finish(synced.end("monday", Some(0.0)))
        .await
        .unwrap();
    assert_eq!(archived(&finished.value), [""; 0]);
    assert_eq!(synced.status(own[0]).await, Some(PublicationStatus::Draft));
    assert_eq!(
        synced.status(own[1]).await,
        Some(PublicationStatus::Published)
    );
}

#[tokio::test]
async fn runs_go_on_side_by_side_and_the_oldest_are_forgotten() {
    let synced = Synced::new().await;
    synced.in_run("one", items(0..2)).await;
    synced.in_run("other", items(1..3)).await;
    let finished = synced
        .try_finish(synced.end("other", Some(1.0)))
        .await
        .unwrap();
    assert_eq!(archived(&finished.value), ["id-0000"]);
    let finished = synced
        .try_finish(synced.end("one", Some(1.0)))
        .await
        .unwrap();
    assert_eq!(
        archived(&finished.value),
        ["id-0002"],
        "what each lists is its own"
    );

    for number in 0..7 {
        synced.in_run(&format!("run {number}"), items(0..1)).await;
    }
    let open = sync_run::Entity::find()
        .all(synced.school.store.reader())
        .await
        .unwrap();
    let mut open: Vec<_> = open
        .into_iter()
        .filter(|run| run.finished_at.is_none())
        .map(|run| run.name)
        .collect();
    open.sort_unstable();
    assert_eq!(open, ["run 2", "run 3", "run 4", "run 5", "run 6"]);
    let listings = sync_listing::Entity::find()
        .count(synced.school.store.reader())
        .await;
    assert_eq!(listings.unwrap(), 5);
    let refused = faults(synced.try_finish(synced.end("run 0", None)).await);
    assert_eq!(refused[0].code, FaultCode::NotFound);
    // Going on, it would have listed the rest alone, and archived what it listed before.
    let rest = SyncResources {
        run: Some("run 0".to_owned()),
        ..synced.call(items(1..3))
    };
    let refused = faults(synced.try_call(&synced.school.steward, rest).await);
    assert_eq!(refused[0].code, FaultCode::NotFound);
    assert_eq!(refused[0].field, ["run"]);
}

#[tokio::test]
async fn a_run_of_many_ends_chunk_by_chunk() {
    let synced = Synced::new().await;
    let outcomes = synced.outcomes(items(0..1_000)).await;
    assert!(outcomes.iter().all(|outcome| *outcome == Created));
    synced.results(items(1_000..1_205)).await;
    let repeated = synced.in_run("monday", items(1_000..1_005)).await.value;
    assert!(repeated.results.iter().all(|one| one.outcome == Unchanged));
    let finished = synced
        .try_finish(synced.end("monday", Some(1.0)))
        .await
        .unwrap()
        .value;
    assert_eq!(finished.counts.archived, 1_200);
    assert_eq!(finished.results.len(), MOST_RESULTS);
    let mut ids = archived(&finished);
    assert!(ids.is_sorted(), "by their ids");
    ids.dedup();
    assert_eq!(ids.len(), MOST_RESULTS);
    let left: Vec<_> = items(1_000..1_005)
        .into_iter()
        .map(|item| item.external_id)
        .collect();
    assert!(ids.iter().all(|id| !left.contains(&(*id).to_owned())));
    synced.in_run("tuesday", items(1_000..1_005)).await;
    let finished = synced
        .try_finish(synced.end("tuesday", Some(0.0)))
        .await
        .unwrap()
        .value;
    assert_eq!(finished.counts.archived, 0, "all others were archived");
}
