//! Who is named, answered or invited is told.

use entity::community::JoinPolicy;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, IntoActiveModel};

use super::*;

#[tokio::test]
async fn answers_reach_who_asked_who_posted_and_who_follows() {
    let scene = Scene::new(CommunityVisibility::Private).await;
    let ada = scene.member("ada", MembershipRole::Member).await;
    let ben = scene.member("ben", MembershipRole::Member).await;
    let cleo = scene.member("cleo", MembershipRole::Member).await;
    let dan = scene.member("dan", MembershipRole::Member).await;
    let asked = scene.ask(&ada, "What now?", &[]).await;
    scene.follow(&cleo, asked).await;
    assert_eq!(scene.news(&ada).await, NOTHING);

    let answer = scene.post(&ben, asked, None, "Ducks.").await;
    scene.post(&ben, asked, None, "Many ducks.").await;
    let replied = [(NotificationReason::Replied, asked)];
    assert_eq!(scene.news(&ada).await, replied, "once for both");
    assert_eq!(scene.news(&cleo).await, replied);
    assert_eq!(scene.news(&ben).await, NOTHING);

    scene.post(&cleo, asked, Some(answer), "Whose?").await;
    assert_eq!(scene.news(&ben).await, replied, "it answers his post");
    assert_eq!(scene.news(&cleo).await, NOTHING);
    assert_eq!(scene.news(&dan).await, NOTHING);

    crate::membership::leave(&scene.store, &ada, scene.community.id)
        .await
        .unwrap();
    scene.post(&ben, asked, None, "Mine.").await;
    assert_eq!(
        scene.news(&ada).await,
        NOTHING,
        "she may not read it any more"
    );
}

#[tokio::test]
async fn who_is_named_is_told_once_of_that_text() {
    let scene = Scene::new(CommunityVisibility::Public).await;
    let ada = scene.member("ada", MembershipRole::Member).await;
    let ben = scene.member("ben", MembershipRole::Member).await;
    let cleo = scene.member("cleo", MembershipRole::Member).await;
    let asked = scene.ask(&ada, "@ben, what now?", &[]).await;
    assert_eq!(
        scene.news(&ben).await,
        [(NotificationReason::Mentioned, asked)]
    );
    let post = scene.post(&ben, asked, None, "Ask @cleo.").await;
    let named = [(NotificationReason::Mentioned, post)];
    assert_eq!(scene.news(&cleo).await, named);
    let reword = async |body: &str| {
        let body = body.to_owned();
        crate::discussion::update_post(&scene.store, &ben, post.1, body)
            .await
            .unwrap();
    };
    reword("Do ask @cleo.").await;
    assert_eq!(scene.news(&cleo).await, NOTHING, "she was named before");
    reword("Do ask.").await;
    reword("Do ask, or let @cleo ask.").await;
    assert_eq!(scene.news(&cleo).await, named);
}

#[tokio::test]
async fn who_is_invited_or_let_in_is_told() {
    let scene = Scene::new(CommunityVisibility::Unlisted).await;
    let mut row = scene.community.clone().into_active_model();
    row.join_policy = Set(JoinPolicy::Approval);
    row.update(scene.store.migration_connection())
        .await
        .unwrap();
    let ada = scene.member("ada", MembershipRole::Facilitator).await;
    let ben = scene.stranger("ben").await;
    let community = scene.community.id;
    let invited = crate::membership::invite(&scene.store, &ada, community, id(&ben), None)
        .await
        .unwrap()
        .value;
    let told = [(
        NotificationReason::Invited,
        (EntityType::Membership, invited.id),
    )];
    let ben = testing::viewer(&scene.store, id(&ben)).await;
    assert_eq!(scene.news(&ben).await, told);
    crate::membership::join(&scene.store, &ben, community)
        .await
        .unwrap();
    assert_eq!(scene.news(&ben).await, NOTHING, "he came himself");
    assert_eq!(scene.news(&ada).await, NOTHING);
    crate::membership::leave(&scene.store, &ben, community)
        .await
        .unwrap();

    let mut row = scene.community.clone().into_active_model();
    row.visibility = Set(CommunityVisibility::Private);
    row.update(scene.store.migration_connection())
        .await
        .unwrap();
    crate::membership::join(&scene.store, &ben, community)
        .await
        .unwrap();
    assert_eq!(scene.news(&ben).await, NOTHING, "he asked himself");
    crate::membership::respond(&scene.store, &ada, invited.id, true)
        .await
        .unwrap();
    assert_eq!(scene.news(&ben).await, told);
}
