//! Telling people, and what becomes of what they were told.

use chrono::TimeDelta;
use entity::user::{self, UserStatus};
use futures_util::FutureExt;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel};

use super::*;
use crate::error::{Error, FaultCode};

async fn due(scene: &Scene, actor: Option<Uuid>, users: Vec<Uuid>) {
    let about = scene.here();
    scene
        .store
        .write(actor, move |unit| {
            async move { raise(unit, NotificationReason::Due, about, &users).await }.boxed()
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn only_those_are_told_who_may_read_it_and_did_not_do_it() {
    let scene = Scene::new(CommunityVisibility::Private).await;
    let ada = scene.member("ada", MembershipRole::Member).await;
    let ben = scene.member("ben", MembershipRole::Facilitator).await;
    let gone = scene.member("gone", MembershipRole::Member).await;
    let eve = scene.stranger("eve").await;
    let mut row = gone.user().unwrap().clone().into_active_model();
    row.status = Set(UserStatus::Suspended);
    row.update(scene.store.migration_connection())
        .await
        .unwrap();

    let everybody = [&ada, &ben, &gone, &eve].map(id).to_vec();
    due(&scene, Some(id(&ben)), everybody).await;
    let all = entity::notification::Entity::find()
        .all(scene.store.reader())
        .await
        .unwrap();
    assert_eq!(all.len(), 1);
    let seen = scene.seen(&ada, true).await;
    assert_eq!(seen, all);
    assert_eq!(seen[0].actor_id, Some(id(&ben)));
    assert_eq!((seen[0].about_type, seen[0].about_id), scene.here());
    assert_eq!(seen[0].id.get_version_num(), 7);
    assert_eq!(seen[0].id.get_variant(), uuid::Variant::RFC4122);
}

#[tokio::test]
async fn while_it_is_unread_a_further_one_renews_it() {
    let scene = Scene::new(CommunityVisibility::Internal).await;
    let ada = scene.stranger("ada").await;
    let ben = scene.stranger("ben").await;
    let to_ada = || vec![id(&ada)];
    due(&scene, Some(id(&ben)), to_ada()).await;
    let first = scene.seen(&ada, true).await;
    let sent = vec![first[0].id];
    scene
        .store
        .write(None, move |unit| {
            async move { mark_mailed(unit, &sent).await }.boxed()
        })
        .await
        .unwrap();
    let reader = scene.store.reader();
    let long_ago = scene.store.clock().now() - TimeDelta::days(1);
    let unsent = async || unmailed(reader, id(&ada), long_ago, 10).await.unwrap();
    assert_eq!(unsent().await, []);

    scene.store.clock().advance(TimeDelta::hours(1));
    due(&scene, None, to_ada()).await;
    let second = scene.seen(&ada, true).await;
    assert_eq!(second.len(), 1);
    assert_eq!(second[0].id, first[0].id);
    assert_eq!(second[0].actor_id, None);
    assert!(second[0].raised_at > first[0].raised_at);
    assert_eq!(unsent().await, second, "it is news again");
    let raised_at = second[0].raised_at;
    let newer = unmailed(reader, id(&ada), raised_at, 10).await.unwrap();
    assert_eq!(newer, []);
    let later = raised_at + TimeDelta::seconds(1);
    for (before, expected) in [(None, true), (Some(raised_at), false), (Some(later), true)] {
        let found = has_unmailed(reader, id(&ada), long_ago, before).await;
        assert_eq!(found.unwrap(), expected, "{before:?}");
    }

    mark_read(&scene.store, &ada, vec![first[0].id])
        .await
        .unwrap();
    assert_eq!(unsent().await, []);
    assert_eq!(scene.seen(&ada, true).await, []);
    due(&scene, None, to_ada()).await;
    let all = scene.seen(&ada, false).await;
    assert_eq!(all.len(), 2, "what was read stays read");
    assert_ne!(all[0].id, first[0].id);
    assert_eq!(scene.seen(&ada, true).await, all[..1]);
}

#[tokio::test]
async fn what_one_may_not_read_any_more_one_is_not_told_of() {
    let scene = Scene::new(CommunityVisibility::Private).await;
    let ada = scene.member("ada", MembershipRole::Member).await;
    due(&scene, None, vec![id(&ada)]).await;
    assert_eq!(scene.seen(&ada, true).await.len(), 1);
    let only = Some(scene.community.id);
    let scopes = crate::viewer::Scope::ALL;
    let token = testing::viewer_with(&scene.store, id(&ada), scopes, only).await;
    assert_eq!(
        scene.seen(&token, false).await,
        [],
        "it is a private matter"
    );

    crate::membership::leave(&scene.store, &ada, scene.community.id)
        .await
        .unwrap();
    assert_eq!(scene.seen(&ada, false).await, []);
    let (reader, now) = (scene.store.reader(), scene.store.clock().now());
    let since = now - TimeDelta::days(1);
    assert_eq!(unmailed(reader, id(&ada), since, 10).await.unwrap(), []);
    let found = has_unmailed(reader, id(&ada), since, None).await;
    assert!(!found.unwrap(), "and no mail is due for it");
}

#[tokio::test]
async fn one_marks_ones_own_as_read_and_all_or_none() {
    let scene = Scene::new(CommunityVisibility::Public).await;
    let ada = scene.stranger("ada").await;
    let ben = scene.stranger("ben").await;
    due(&scene, None, vec![id(&ada), id(&ben)]).await;
    let (hers, his) = (
        scene.seen(&ada, true).await[0].id,
        scene.seen(&ben, true).await[0].id,
    );
    let refused = mark_read(&scene.store, &ada, vec![hers, his]).await;
    let Err(Error::Refused(faults)) = refused else {
        panic!("one of them is not hers")
    };
    assert_eq!(faults.len(), 1);
    assert_eq!(faults[0].code, FaultCode::NotFound);
    assert_eq!(faults[0].field, ["ids", "1"]);
    assert_eq!(scene.seen(&ada, true).await.len(), 1);
    let many = vec![hers; MOST_MARKED + 1];
    assert!(mark_read(&scene.store, &ada, many).await.is_err());

    mark_read(&scene.store, &ada, vec![hers]).await.unwrap();
    let since = scene.seen(&ada, false).await[0].read_at;
    scene.store.clock().advance(TimeDelta::days(1));
    mark_read(&scene.store, &ada, vec![hers]).await.unwrap();
    assert_eq!(scene.seen(&ada, false).await[0].read_at, since);
}

#[tokio::test]
async fn what_was_read_long_ago_goes_and_what_was_not_stays_longer() {
    let scene = Scene::new(CommunityVisibility::Public).await;
    let ada = scene.stranger("ada").await;
    let ben = scene.stranger("ben").await;
    due(&scene, None, vec![id(&ada), id(&ben)]).await;
    let hers = scene.seen(&ada, true).await[0].id;
    mark_read(&scene.store, &ada, vec![hers]).await.unwrap();
    scene.store.clock().advance(TimeDelta::days(KEPT_DAYS - 1));
    assert_eq!(expire(&scene.store).await.unwrap(), 0);
    scene.store.clock().advance(TimeDelta::days(2));
    assert_eq!(expire(&scene.store).await.unwrap(), 1);
    assert_eq!(scene.seen(&ada, false).await, []);
    assert_eq!(scene.seen(&ben, false).await.len(), 1);
    let longer = TimeDelta::days(UNREAD_DAYS - KEPT_DAYS);
    scene.store.clock().advance(longer);
    assert_eq!(expire(&scene.store).await.unwrap(), 1);
}

#[tokio::test]
async fn they_go_with_the_person() {
    let scene = Scene::new(CommunityVisibility::Public).await;
    let ada = scene.stranger("ada").await;
    due(&scene, None, vec![id(&ada)]).await;
    user::Entity::delete_by_id(id(&ada))
        .exec(scene.store.migration_connection())
        .await
        .unwrap();
    let left = entity::notification::Entity::find().one(scene.store.reader());
    assert_eq!(left.await.unwrap(), None);
}
