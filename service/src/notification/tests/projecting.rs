//! What the change log comes to: who is told of what happens, and who is not.

use entity::community::{CommunityKind, JoinPolicy};
use entity::discussion::DiscussionKind;
use entity::item::ItemVisibility;
use entity::resource::ResourceKind;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel};

use super::*;
use crate::discussion::{AddPost, CreateDiscussion};
use crate::expertise::{Subject, declare};
use crate::item::ItemContent;
use crate::projection::catch_up;
use crate::resource::{CreateResource, ResourceContent, UpdateResource};
use crate::validation::Patch;

impl Scene {
    async fn follow(&self, viewer: &Viewer, target: End) {
        crate::follow::follow(&self.store, viewer, target)
            .await
            .unwrap();
    }

    async fn share(&self, author: &Viewer, publish: bool, content: ItemContent) -> End {
        let input = CreateResource {
            community_id: self.community.id,
            content: ItemContent {
                title: Patch::Value("Saplings".to_owned()),
                ..content
            },
            resource: ResourceContent {
                kind: Patch::Value(ResourceKind::Guide),
                ..ResourceContent::default()
            },
            publish,
        };
        let made = crate::resource::create(&self.store, author, input).await;
        (EntityType::Resource, made.unwrap().value.item.id)
    }

    async fn ask(&self, asker: &Viewer, body: &str, tags: &[&str]) -> End {
        let input = CreateDiscussion {
            community_id: self.community.id,
            content: ItemContent {
                title: Patch::Value("Snails".to_owned()),
                body: Patch::Value(body.to_owned()),
                tags: Patch::Value(tags.iter().map(|&tag| tag.to_owned()).collect()),
                ..ItemContent::default()
            },
            kind: DiscussionKind::HelpRequest,
            about_id: None,
        };
        let made = crate::discussion::create(&self.store, asker, input).await;
        (EntityType::Discussion, made.unwrap().value.item.id)
    }

    async fn post(&self, author: &Viewer, discussion: End, parent: Option<End>, body: &str) -> End {
        let input = AddPost {
            discussion_id: discussion.1,
            body: body.to_owned(),
            parent_id: parent.map(|(_, id)| id),
        };
        let made = crate::discussion::add_post(&self.store, author, input).await;
        (EntityType::Post, made.unwrap().value.id)
    }

    /// What somebody is told that was not read, each with its reason, the oldest first; it is read then.
    async fn news(&self, viewer: &Viewer) -> Vec<(NotificationReason, End)> {
        catch_up(&self.store).await.unwrap();
        let mut unread = self.seen(viewer, true).await;
        unread.sort_by_key(|row| (row.raised_at, row.reason));
        let ids = unread.iter().map(|row| row.id).collect();
        mark_read(&self.store, viewer, ids).await.unwrap();
        unread
            .into_iter()
            .map(|row| (row.reason, (row.about_type, row.about_id)))
            .collect()
    }
}

const NOTHING: [(NotificationReason, End); 0] = [];

#[tokio::test]
async fn who_follows_community_person_or_domain_is_told_once_of_what_is_new() {
    let scene = Scene::new(CommunityVisibility::Public).await;
    let ada = scene.member("ada", MembershipRole::Member).await;
    let ben = scene.stranger("ben").await;
    let cleo = scene.stranger("cleo").await;
    let dan = scene.stranger("dan").await;
    let root = testing::user(&scene.store, "root", PlatformRole::Admin).await;
    let root = testing::viewer(&scene.store, root.id).await;
    let domain = async |name: &str, parent_id: Option<Uuid>| {
        let input = crate::domain::CreateDomain {
            name: name.to_owned(),
            parent_id,
            ..crate::domain::CreateDomain::default()
        };
        let made = crate::domain::create(&scene.store, &root, input).await;
        made.unwrap().value.id
    };
    let gardens = domain("Gardens", None).await;
    let roofs = domain("Roof gardens", Some(gardens)).await;

    scene.follow(&ben, scene.here()).await;
    scene.follow(&ben, (EntityType::User, id(&ada))).await;
    scene.follow(&cleo, (EntityType::Domain, gardens)).await;
    scene.follow(&ada, scene.here()).await;
    let filed = ItemContent {
        domain_ids: Patch::Value(vec![roofs]),
        ..ItemContent::default()
    };
    let shared = scene.share(&ada, true, filed).await;
    let told = [(NotificationReason::Followed, shared)];
    assert_eq!(scene.news(&ben).await, told);
    assert_eq!(scene.news(&cleo).await, told);
    assert_eq!(scene.news(&ada).await, NOTHING, "it is her own act");
    assert_eq!(scene.news(&dan).await, NOTHING);
}

#[tokio::test]
async fn a_draft_is_news_when_it_is_published_and_to_those_who_may_read_it() {
    let scene = Scene::new(CommunityVisibility::Public).await;
    let ada = scene.member("ada", MembershipRole::Member).await;
    let ben = scene.member("ben", MembershipRole::Reviewer).await;
    let eve = scene.stranger("eve").await;
    for viewer in [&ben, &eve] {
        scene.follow(viewer, scene.here()).await;
    }
    let among_us = ItemContent {
        visibility: Patch::Value(ItemVisibility::Members),
        ..ItemContent::default()
    };
    let draft = scene.share(&ada, false, among_us).await;
    assert_eq!(scene.news(&ben).await, NOTHING, "he could read it already");
    let item_type = entity::item::ItemType::Resource;
    crate::item::publish(&scene.store, &ada, item_type, draft.1, None)
        .await
        .unwrap();
    assert_eq!(
        scene.news(&ben).await,
        [(NotificationReason::Followed, draft)]
    );
    assert_eq!(scene.news(&eve).await, NOTHING);
}

#[tokio::test]
async fn who_follows_an_item_is_told_of_its_news() {
    let scene = Scene::new(CommunityVisibility::Public).await;
    let ada = scene.member("ada", MembershipRole::Member).await;
    let ben = scene.stranger("ben").await;
    let shared = scene.share(&ada, true, ItemContent::default()).await;
    scene.follow(&ben, shared).await;
    assert_eq!(scene.news(&ben).await, NOTHING);
    let reword = async |content: ItemContent| {
        let input = UpdateResource {
            content,
            ..UpdateResource::default()
        };
        crate::resource::update(&scene.store, &ada, shared.1, input, None)
            .await
            .unwrap();
    };
    reword(ItemContent {
        body: Patch::Value("Twice as many.".to_owned()),
        ..ItemContent::default()
    })
    .await;
    let told = [(NotificationReason::Followed, shared)];
    assert_eq!(scene.news(&ben).await, told);
    reword(ItemContent {
        tags: Patch::Value(vec!["trees".to_owned()]),
        ..ItemContent::default()
    })
    .await;
    assert_eq!(scene.news(&ben).await, NOTHING, "it only keeps it in order");

    let item_type = entity::item::ItemType::Resource;
    crate::item::archive(&scene.store, &ada, item_type, shared.1, None)
        .await
        .unwrap_err();
    let steward = scene.member("stella", MembershipRole::Facilitator).await;
    crate::item::archive(&scene.store, &steward, item_type, shared.1, None)
        .await
        .unwrap();
    assert_eq!(scene.news(&ben).await, told);
    reword_gone(&scene, &steward, &ben, shared).await;
}

/// What is deleted is neither followed nor told of.
async fn reword_gone(scene: &Scene, steward: &Viewer, follower: &Viewer, shared: End) {
    crate::item::restore(&scene.store, steward, shared.1)
        .await
        .unwrap();
    catch_up(&scene.store).await.unwrap();
    assert_eq!(scene.seen(follower, true).await.len(), 1);
    let item_type = entity::item::ItemType::Resource;
    crate::item::delete(&scene.store, steward, item_type, shared.1)
        .await
        .unwrap();
    assert_eq!(scene.seen(follower, false).await, [], "at once");
    catch_up(&scene.store).await.unwrap();
    let follow = entity::follow::Entity::find().one(scene.store.reader());
    assert_eq!(follow.await.unwrap(), None);
    let left = entity::notification::Entity::find().one(scene.store.reader());
    assert_eq!(left.await.unwrap(), None);
}

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
