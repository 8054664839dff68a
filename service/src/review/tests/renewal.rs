//! When what is published is to be reviewed again.

use chrono::{DateTime, TimeDelta, Utc};
use entity::innovation::{self, InnovationStage};
use entity::item as item_row;
use entity::item::ItemVisibility;
use entity::notification::{self, NotificationReason};
use sea_orm::sea_query::Expr;

use super::*;
use crate::deadline::run_due;
use crate::innovation::{CreateInnovation, InnovationContent, PromoteInnovation, promote};
use crate::item::renewal::REVIEW_REMINDER_DAYS;
use crate::pilot::testing::School;
use crate::sync::{SyncItem, SyncResources, sync_resources};

const DAY: TimeDelta = TimeDelta::days(1);

async fn row_of(store: &Store, id: Uuid) -> item_row::Model {
    let found = item_row::Entity::find_by_id(id).one(store.reader()).await;
    found.unwrap().unwrap()
}

/// Asserts that an item is due so many days after it was changed last.
async fn assert_due_after(store: &Store, id: Uuid, days: i32, case: &str) {
    let row = row_of(store, id).await;
    let due = row.updated_at + DAY * days;
    let remind = due - TimeDelta::days(REVIEW_REMINDER_DAYS);
    assert_eq!(row.status, Some(PublicationStatus::Published), "{case}");
    assert_eq!(row.review_due_at, Some(due), "{case}");
    assert_eq!(row.review_reminder_at, Some(remind), "{case}");
}

/// Takes the date of an item away, as if its community had had no interval.
async fn forget_date(store: &Store, id: Uuid) {
    item_row::Entity::update_many()
        .col_expr(
            item_row::Column::ReviewDueAt,
            Expr::value(None::<DateTime<Utc>>),
        )
        .filter(item_row::Column::Id.eq(id))
        .exec(store.migration_connection())
        .await
        .unwrap();
}

/// A school whose resources are published by their authors, and are to be reviewed again after so many days.
async fn school(days: i32) -> School {
    let mut school = School::new(CommunityVisibility::Public).await;
    let mut row = school.community.clone().into_active_model();
    row.review_interval_days = Set(Some(days));
    let row = row.update(school.store.migration_connection()).await;
    school.community = row.unwrap();
    school
}

fn guide(school: &School) -> CreateResource {
    CreateResource {
        community_id: school.community.id,
        content: ItemContent {
            title: Patch::Value("Walking lessons".into()),
            ..ItemContent::default()
        },
        resource: ResourceContent {
            kind: Patch::Value(ResourceKind::Guide),
            ..ResourceContent::default()
        },
        publish: true,
    }
}

/// An idea that a pilot showed to work.
async fn validated(school: &School) -> Uuid {
    let input = CreateInnovation {
        community_id: school.community.id,
        content: ItemContent {
            title: Patch::Value("Counting by walking".into()),
            ..ItemContent::default()
        },
        innovation: InnovationContent {
            idea: Patch::Value("Each step is a number.".into()),
            ..InnovationContent::default()
        },
    };
    let made = crate::innovation::create(&school.store, &school.author, input).await;
    let id = made.unwrap().value.item.id;
    innovation::Entity::update_many()
        .col_expr(
            innovation::Column::Stage,
            Expr::value(InnovationStage::Validated.as_str()),
        )
        .filter(innovation::Column::Id.eq(id))
        .exec(school.store.migration_connection())
        .await
        .unwrap();
    id
}

#[tokio::test]
async fn whichever_way_something_is_published_its_clock_starts() {
    let school = school(30).await;
    let (store, author, steward) = (&school.store, &school.author, &school.steward);
    let (resource, for_all) = (ItemType::Resource, ItemVisibility::Community);

    let made = school.resource(true, for_all).await;
    assert_due_after(store, made, 30, "made and published at once").await;

    let drafted = school.resource(false, for_all).await;
    assert_eq!(row_of(store, drafted).await.review_due_at, None, "a draft");
    item::publish(store, author, resource, drafted, None)
        .await
        .unwrap();
    assert_due_after(store, drafted, 30, "published by its author").await;

    item::archive(store, steward, resource, made, None)
        .await
        .unwrap();
    forget_date(store, made).await;
    item::restore(store, steward, made).await.unwrap();
    assert_due_after(store, made, 30, "brought back from the archive").await;

    let listed = ["one", "two", "three"].map(|external_id| SyncItem {
        external_id: external_id.to_owned(),
        publish: true,
        content: guide(&school).content,
        resource: guide(&school).resource,
        ..SyncItem::default()
    });
    let call = SyncResources {
        community_id: school.community.id,
        system: "moodle".to_owned(),
        items: listed.into(),
        ..SyncResources::default()
    };
    let synced = sync_resources(store, steward, call).await.unwrap();
    for result in synced.value.results {
        assert_due_after(store, result.resource_id.unwrap(), 30, "many at once").await;
    }

    let idea = validated(&school).await;
    let input = PromoteInnovation {
        to_practice: None,
        to_resource: Some(guide(&school)),
    };
    let promoted = promote(store, author, idea, input).await.unwrap();
    assert_due_after(store, promoted.value.item.id, 30, "made of an innovation").await;
    assert_eq!(row_of(store, idea).await.review_due_at, None, "an idea");
}

#[tokio::test]
async fn what_reviewers_approve_is_due_after_the_interval_of_the_kind() {
    let desk = desk(CommunityKind::BestPractice).await;
    let store = &desk.store;
    let approve = async |id: Uuid, revision: i32| {
        let verdict = ReviewVerdict::Approve;
        desk.review(&desk.reviewer, id, verdict, revision)
            .await
            .unwrap();
    };
    let id = desk.at(PublicationStatus::Published).await;
    assert_due_after(store, id, 365, "approved").await;
    let due = row_of(store, id).await.review_due_at;

    store.clock().advance(DAY * 10);
    desk.retitle(id, "Longer lessons").await.unwrap();
    approve(id, 2).await;
    assert_eq!(
        row_of(store, id).await.review_due_at,
        due,
        "a date that is there stays"
    );
    let emptied = set_steward(store, &desk.steward, id, Patch::Absent, Patch::Null).await;
    assert_eq!(emptied.unwrap().value.item.review_due_at, None);
    desk.retitle(id, "Shorter lessons").await.unwrap();
    assert_eq!(row_of(store, id).await.review_due_at, None, "it waits");
    approve(id, 3).await;
    assert_due_after(store, id, 365, "a revision that readers are shown").await;
}

#[tokio::test]
async fn a_date_that_somebody_gave_is_kept() {
    let desk = desk(CommunityKind::BestPractice).await;
    let store = &desk.store;
    let id = desk.draft().await;
    let given = store.clock().now() + DAY * 7;
    let date = Patch::Value(given);
    set_steward(store, &desk.steward, id, Patch::Absent, date)
        .await
        .unwrap();
    item::submit(store, &desk.author, id).await.unwrap();
    let published = desk
        .review(&desk.reviewer, id, ReviewVerdict::Approve, 1)
        .await;
    assert_eq!(published.unwrap().value.item.review_due_at, Some(given));
}

#[tokio::test]
async fn where_a_community_has_no_interval_nothing_is_due() {
    let desk = desk(CommunityKind::Helping).await;
    let id = desk.draft().await;
    let published = item::publish(&desk.store, &desk.author, ItemType::Resource, id, None).await;
    let row = published.unwrap().value.item;
    assert_eq!((row.review_due_at, row.review_reminder_at), (None, None));
}

#[tokio::test]
async fn whoever_keeps_it_is_told_when_its_time_comes() {
    let desk = desk(CommunityKind::BestPractice).await;
    let store = &desk.store;
    let id = desk.at(PublicationStatus::Published).await;
    let steward = desk.steward.user_id().unwrap();
    let kept = Patch::Value(steward);
    set_steward(store, &desk.steward, id, kept, Patch::Absent)
        .await
        .unwrap();
    let told = async || {
        run_due(store).await.unwrap();
        let rows = notification::Entity::find()
            .filter(notification::Column::Reason.eq(NotificationReason::Due))
            .all(store.reader())
            .await
            .unwrap();
        rows.into_iter()
            .map(|row| (row.user_id, row.about_id))
            .collect::<Vec<_>>()
    };
    store.clock().advance(DAY * 350);
    assert_eq!(told().await, []);
    store.clock().advance(DAY);
    assert_eq!(told().await, [(steward, id)]);
}
