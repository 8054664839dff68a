//! What is published, handed in and brought back.

use entity::community::{CommunityKind, ReviewRule};
use entity::review::ReviewVerdict;
use sea_orm::EntityTrait;

use super::*;
use crate::item::revision_by_number;
use crate::review::{ReviewInput, review};

use PublicationStatus::{Archived, ChangesRequested, Draft, InReview, Published};
use SyncOutcome::{Created, Failed, Unchanged, Updated};

async fn judge(synced: &Synced, id: Uuid, verdict: ReviewVerdict, revision: i32) {
    let input = ReviewInput {
        id,
        verdict,
        comment: None,
        revision,
    };
    let (store, steward) = (&synced.school.store, &synced.school.steward);
    review(store, steward, input).await.unwrap();
}

#[tokio::test]
async fn where_a_review_is_asked_for_items_wait_for_it() {
    let synced = Synced::of(|row| row.resource_review = Set(Some(ReviewRule::OneReviewer))).await;
    let author = synced.school.author.clone();
    let one = async |title: &str| {
        let listed = vec![item("7", title), item("8", "Shapes")];
        synced.results_as(&author, listed).await.remove(0)
    };
    let made = one("Fractions").await;
    assert_eq!(made.outcome, Created);
    let id = made.resource_id.unwrap();
    let state = synced.state(id).await;
    assert_eq!(state.item.status, Some(InReview));
    assert!(
        state.item.waiting_since.is_some(),
        "it is in the queue of reviewers"
    );
    let store = &synced.school.store;
    let revision = revision_by_number(store, &author, id, 1)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(revision.state, InReview);
    assert_eq!(one("Fractions").await.outcome, Unchanged);

    // Reviewers ask for changes: the same again changes nothing, a change is handed in.
    judge(&synced, id, ReviewVerdict::RequestChanges, 1).await;
    assert_eq!(one("Fractions").await.outcome, Unchanged);
    assert_eq!(synced.status(id).await, Some(ChangesRequested));
    assert_eq!(one("Fractions, better").await.outcome, Updated);
    assert_eq!(synced.status(id).await, Some(InReview));

    judge(&synced, id, ReviewVerdict::Approve, 2).await;
    assert_eq!(synced.status(id).await, Some(Published));
    assert_eq!(one("Fractions, better").await.outcome, Unchanged);
    assert_eq!(one("Fractions, best").await.outcome, Updated);
    let state = synced.state(id).await;
    assert_eq!(
        (state.item.revision, state.item.pending_revision),
        (2, Some(3))
    );
    assert_eq!(
        state.item.title, "Fractions, better",
        "readers keep what was approved"
    );
    assert_eq!(one("Fractions, best").await.outcome, Unchanged);
    judge(&synced, id, ReviewVerdict::RequestChanges, 3).await;
    assert_eq!(one("Fractions at last").await.outcome, Updated);
    let state = synced.state(id).await;
    assert_eq!(
        (state.item.pending_revision, state.item.pending_status),
        (Some(4), Some(InReview))
    );
}

#[tokio::test]
async fn where_more_is_asked_for_than_a_new_item_can_have_it_waits() {
    let synced = Synced::of(|row| {
        row.kind = Set(CommunityKind::KnowledgeStewarding);
        row.resource_review = Set(Some(ReviewRule::None));
    })
    .await;
    let id = synced
        .one(item("7", "Fractions"))
        .await
        .resource_id
        .unwrap();
    assert_eq!(synced.status(id).await, Some(InReview));
}

#[tokio::test]
async fn what_is_not_to_be_published_stays_a_draft_until_it_is() {
    let synced = Synced::new().await;
    let mut lesson = item("7", "Fractions");
    lesson.publish = false;
    let id = synced.one(lesson.clone()).await.resource_id.unwrap();
    assert_eq!(synced.status(id).await, Some(Draft));
    assert_eq!(synced.one(lesson.clone()).await.outcome, Unchanged);
    lesson.publish = true;
    assert_eq!(synced.one(lesson.clone()).await.outcome, Updated);
    let state = synced.state(id).await;
    assert_eq!(
        (state.item.status, state.item.revision),
        (Some(Published), 1)
    );
    lesson.publish = false;
    assert_eq!(
        synced.one(lesson).await.outcome,
        Unchanged,
        "nothing is unpublished"
    );
    assert_eq!(synced.status(id).await, Some(Published));
}

#[tokio::test]
async fn what_a_run_archived_comes_back_when_it_is_listed_again() {
    let synced = Synced::new().await;
    synced.in_run("monday", items(0..2)).await;
    synced.in_run("tuesday", items(0..1)).await;
    let finished = synced
        .try_finish(synced.end("tuesday", Some(1.0)))
        .await
        .unwrap();
    let id = finished.value.results[0].resource_id.unwrap();
    assert_eq!(synced.status(id).await, Some(Archived));
    assert!(synced.reference(id).await.archived_at.is_some());

    // Edited here in the archive: it comes back with that.
    synced.edit(id, "Edited").await;
    assert_eq!(synced.one(items(1..2).remove(0)).await.outcome, Updated);
    let state = synced.state(id).await;
    assert_eq!(
        (state.item.status, state.item.title.as_str()),
        (Some(Published), "Edited")
    );
    assert_eq!(synced.reference(id).await.archived_at, None);
    assert_eq!(synced.one(items(1..2).remove(0)).await.outcome, Unchanged);
    let changed = synced.one(item("id-0001", "Theirs")).await;
    assert_eq!(
        changed.outcome,
        SyncOutcome::Conflict,
        "it is still known as edited here"
    );
}

#[tokio::test]
async fn what_comes_back_with_news_has_them_and_what_may_not_come_back_fails_whole() {
    let synced = Synced::new().await;
    synced.in_run("monday", items(0..2)).await;
    synced.in_run("tuesday", Vec::new()).await;
    synced
        .try_finish(synced.end("tuesday", Some(1.0)))
        .await
        .unwrap();
    let back = synced.one(item("id-0000", "New title")).await;
    assert_eq!(back.outcome, Updated);
    let state = synced.state(back.resource_id.unwrap()).await;
    assert_eq!(
        (state.item.status, state.item.revision),
        (Some(Published), 2)
    );
    assert_eq!(state.item.title, "New title");

    // Bringing back is for stewards, also where its author lists it.
    let author = &synced.school.author;
    let own = synced.results_as(author, vec![item("own", "Own")]).await;
    let own = own[0].resource_id.unwrap();
    synced.in_run("wednesday", Vec::new()).await;
    synced
        .try_finish(synced.end("wednesday", Some(1.0)))
        .await
        .unwrap();
    let refused = synced
        .results_as(author, vec![item("own", "Own, changed")])
        .await;
    assert_eq!(refused[0].outcome, Failed);
    assert_eq!(told(&refused[0]), [said(FaultCode::Forbidden, "input.0")]);
    let state = synced.state(own).await;
    assert_eq!(
        (state.item.status, state.item.revision),
        (Some(Archived), 1)
    );
}

#[tokio::test]
async fn what_would_lose_what_its_community_asks_for_fails() {
    let synced = Synced::new().await;
    let mut lesson = item("7", "Fractions");
    lesson.content.licence = Patch::Value("CC-BY-4.0".to_owned());
    let id = synced.one(lesson.clone()).await.resource_id.unwrap();
    let community = synced.school.community.clone();
    let mut row = community.into_active_model();
    row.kind = Set(CommunityKind::KnowledgeStewarding);
    row.resource_review = Set(Some(ReviewRule::None));
    row.update(synced.school.store.migration_connection())
        .await
        .unwrap();
    lesson.content.licence = Patch::Null;
    let refused = synced.one(lesson).await;
    assert_eq!(
        told(&refused),
        [said(FaultCode::InvalidTransition, "input.0")]
    );
    assert!(!refused.faults[0].blocked_by.is_empty());
    assert_eq!(synced.state(id).await.item.revision, 1);
}

#[tokio::test]
async fn many_changes_write_what_one_writes() {
    let (many, single) = (Synced::new().await, Synced::new().await);
    let variant = |number: usize, round: usize| {
        let mut lesson = item(
            &format!("id-{number}"),
            &format!("Lesson {}", number * round),
        );
        let (some, other) = (number % 3 == round % 3, number.is_multiple_of(2));
        lesson.content.body = if some {
            Patch::Null
        } else {
            Patch::Value(format!("Text {round}."))
        };
        lesson.content.tags = if other {
            Patch::Absent
        } else {
            Patch::Value(vec![format!("tag {round}")])
        };
        lesson.content.licence = if some {
            Patch::Value("CC0-1.0".to_owned())
        } else {
            Patch::Null
        };
        lesson.resource.description = if other {
            Patch::Value(format!("In short {round}"))
        } else {
            Patch::Null
        };
        lesson
    };
    for round in 1..4 {
        let listed = || (0..9).map(|number| variant(number, round));
        many.results(listed().collect()).await;
        for lesson in listed() {
            single.results(vec![lesson]).await;
        }
    }
    let content = async |synced: &Synced| {
        let rows = entity::external_reference::Entity::find();
        let mut rows = rows.all(synced.school.store.reader()).await.unwrap();
        rows.sort_by(|one, other| one.external_id.cmp(&other.external_id));
        let mut all = Vec::new();
        for row in rows {
            let state = synced.state(row.resource_id).await;
            let mut content = state.content();
            content.remove("authorIds");
            let shown = (state.item.title, state.body, state.item.revision, content);
            all.push((row.external_id, row.synced_revision, shown));
        }
        all
    };
    let (many, single) = (content(&many).await, content(&single).await);
    assert_eq!(many.len(), 9);
    assert_eq!(many, single);
}
