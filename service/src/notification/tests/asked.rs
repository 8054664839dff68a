//! Who is asked to help or to review.

use entity::community::CommunityKind;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, IntoActiveModel};

use super::*;
use crate::expertise::{Subject, declare};

#[tokio::test]
async fn who_knows_about_it_is_asked_to_help() {
    let scene = Scene::new(CommunityVisibility::Public).await;
    let ada = scene.member("ada", MembershipRole::Member).await;
    let ben = scene.member("ben", MembershipRole::Member).await;
    let cleo = scene.member("cleo", MembershipRole::Member).await;
    for viewer in [&ada, &ben] {
        let subject = Subject {
            tag: Some("snails".to_owned()),
            ..Subject::default()
        };
        declare(&scene.store, viewer, subject).await.unwrap();
    }
    let asked = scene.ask(&ada, "What now?", &["snails"]).await;
    let told = [(NotificationReason::AskedToHelp, asked)];
    assert_eq!(scene.news(&ben).await, told);
    for viewer in [&ada, &cleo] {
        assert_eq!(scene.news(viewer).await, NOTHING);
    }
}

#[tokio::test]
async fn those_whose_review_counts_are_asked_for_it() {
    let scene = Scene::new(CommunityVisibility::Public).await;
    let mut row = scene.community.clone().into_active_model();
    row.kind = Set(CommunityKind::KnowledgeStewarding);
    row.update(scene.store.migration_connection())
        .await
        .unwrap();
    let ada = scene.member("ada", MembershipRole::Steward).await;
    let ben = scene.member("ben", MembershipRole::Steward).await;
    let cleo = scene.member("cleo", MembershipRole::Reviewer).await;
    let dan = scene.member("dan", MembershipRole::Facilitator).await;
    let handed_in = async |by: &Viewer| {
        let draft = scene.share(&ada, false, ItemContent::default()).await;
        crate::item::submit(&scene.store, by, draft.1)
            .await
            .unwrap();
        draft
    };
    let draft = handed_in(&ada).await;
    let told = |draft: End| [(NotificationReason::AskedToReview, draft)];
    for viewer in [&ben, &dan] {
        assert_eq!(scene.news(viewer).await, told(draft));
    }
    assert_eq!(scene.news(&ada).await, NOTHING, "it is her own work");
    assert_eq!(scene.news(&cleo).await, NOTHING, "stewards review here");
    let draft = handed_in(&dan).await;
    assert_eq!(scene.news(&ada).await, NOTHING, "she is its author still");
    assert_eq!(scene.news(&ben).await, told(draft));
}
