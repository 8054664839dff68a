use entity::community::{self, CommunityVisibility};
use entity::evidence::EvidenceLevel;
use entity::item::{ItemVisibility, PublicationStatus};
use entity::membership::{MembershipRole, MembershipState};
use entity::notification::NotificationReason;
use entity::resource::ResourceKind;
use entity::saved_search::SearchState;
use entity::search_alert;
use entity::user::PlatformRole;
use sea_orm::PaginatorTrait;

use super::*;
use crate::community::UpdateCommunity;
use crate::item::{ItemContent, TimeRange};
use crate::notification;
use crate::paging::PageRequest;
use crate::projection::catch_up;
use crate::resource::{self, CreateResource, ResourceContent, UpdateResource};
use crate::search::{DocumentKind, MOST_VALUES};
use crate::testing;
use crate::validation::Patch;

/// A community with an author, and somebody who searches.
struct Scene {
    _directory: tempfile::TempDir,
    store: Store,
    community: community::Model,
    author: Viewer,
    reader: Viewer,
}

impl Scene {
    async fn new(visibility: CommunityVisibility) -> Self {
        let (directory, store) = testing::store().await;
        let community = testing::community(&store, "readers", visibility).await;
        let author = testing::user(&store, "ada", PlatformRole::Member).await;
        let (role, state) = (MembershipRole::Facilitator, MembershipState::Active);
        testing::membership(&store, community.id, author.id, role, state).await;
        let reader = testing::user(&store, "ben", PlatformRole::Member).await;
        Self {
            author: testing::viewer(&store, author.id).await,
            reader: testing::viewer(&store, reader.id).await,
            _directory: directory,
            store,
            community,
        }
    }

    async fn save(&self, query: &str, filter: SearchFilter) -> SavedSearch {
        let input = SaveSearch {
            name: "Mine".into(),
            query: query.to_owned(),
            filter,
            alerts: true,
        };
        save(&self.store, &self.reader, input).await.unwrap().value
    }

    async fn share(&self, title: &str, content: ItemContent) -> Uuid {
        let input = CreateResource {
            community_id: self.community.id,
            content: ItemContent {
                title: Patch::Value(title.to_owned()),
                ..content
            },
            resource: ResourceContent {
                kind: Patch::Value(ResourceKind::Guide),
                ..ResourceContent::default()
            },
            publish: true,
        };
        let made = resource::create(&self.store, &self.author, input).await;
        made.unwrap().value.item.id
    }

    async fn change(&self, id: Uuid, content: ItemContent) {
        let input = UpdateResource {
            content,
            resource: ResourceContent::default(),
            note: None,
        };
        let changed = resource::update(&self.store, &self.author, id, input, None).await;
        changed.unwrap();
    }

    /// What somebody is told of that was not read, in the order of the ids; it is read then.
    async fn told(&self, viewer: &Viewer) -> Vec<Uuid> {
        catch_up(&self.store).await.unwrap();
        let request = PageRequest::default();
        let unread = notification::page(&self.store, viewer, true, &request).await;
        let unread: Vec<_> = unread
            .unwrap()
            .rows
            .into_iter()
            .map(|(_, row)| row)
            .collect();
        let read = unread.iter().map(|row| row.id).collect();
        notification::mark_read(&self.store, viewer, read)
            .await
            .unwrap();
        for row in &unread {
            assert_eq!(row.reason, NotificationReason::SearchAlert);
        }
        let mut told: Vec<Uuid> = unread.iter().map(|row| row.about_id).collect();
        told.sort_unstable();
        told
    }
}

fn titled(title: &str) -> ItemContent {
    ItemContent {
        title: Patch::Value(title.to_owned()),
        ..ItemContent::default()
    }
}

const NOTHING: [Uuid; 0] = [];

#[tokio::test]
async fn a_new_hit_is_told_of_once() {
    let scene = Scene::new(CommunityVisibility::Public).await;
    scene
        .share("Walking lessons before", ItemContent::default())
        .await;
    let saved = scene.save("walking", SearchFilter::default()).await;
    assert_eq!(scene.told(&scene.reader).await, NOTHING, "it is not new");
    let walk = scene
        .share("A lesson that walks", ItemContent::default())
        .await;
    scene
        .share("Swimming lessons", ItemContent::default())
        .await;
    assert_eq!(
        scene.told(&scene.reader).await,
        [walk],
        "by the stem of the word"
    );
    scene.change(walk, titled("A walking lesson")).await;
    assert_eq!(scene.told(&scene.reader).await, NOTHING, "once is enough");
    assert_eq!(
        scene.told(&scene.author).await,
        NOTHING,
        "nobody else searches for it"
    );
    let input = SaveSearch {
        name: "Another".into(),
        query: "lesson".into(),
        alerts: true,
        ..SaveSearch::default()
    };
    save(&scene.store, &scene.reader, input).await.unwrap();
    scene
        .change(walk, titled("A walking lesson outdoors"))
        .await;
    assert_eq!(
        scene.told(&scene.reader).await,
        NOTHING,
        "to that search it is old"
    );
    delete(&scene.store, &scene.reader, saved.id).await.unwrap();
    let told = search_alert::Entity::find().count(scene.store.reader());
    assert_eq!(told.await.unwrap(), 0, "what it told of goes with it");
}

#[tokio::test]
async fn what_begins_to_match_is_told_of() {
    let scene = Scene::new(CommunityVisibility::Public).await;
    let old = scene.share("Old", ItemContent::default()).await;
    scene.save("walking", SearchFilter::default()).await;
    scene.store.clock().advance(chrono::TimeDelta::seconds(1));
    let new = scene.share("New", ItemContent::default()).await;
    assert_eq!(scene.told(&scene.reader).await, NOTHING);
    scene.change(old, titled("Walking, old")).await;
    scene.change(new, titled("Walking, new")).await;
    assert_eq!(scene.told(&scene.reader).await, [new]);
}

#[tokio::test]
async fn an_alert_has_all_the_words_and_what_the_filter_asks() {
    let scene = Scene::new(CommunityVisibility::Public).await;
    let filter = SearchFilter {
        tags: vec!["outdoors".into()],
        kinds: vec![DocumentKind::Resource],
        ..SearchFilter::default()
    };
    let query = "how do we plan walking lessons in the rain";
    scene.save(query, filter).await;
    let tagged = || ItemContent {
        tags: Patch::Value(vec!["Outdoors".into()]),
        ..ItemContent::default()
    };
    scene.share("Walking lessons", tagged()).await;
    scene
        .share(
            "Planning walks and lessons for rainy days: rain",
            ItemContent::default(),
        )
        .await;
    let hit = scene
        .share("Planning walks and lessons for rain", tagged())
        .await;
    assert_eq!(scene.told(&scene.reader).await, [hit]);
}

#[tokio::test]
async fn nobody_is_told_of_what_they_may_not_see() {
    let scene = Scene::new(CommunityVisibility::Private).await;
    scene.save("walking", SearchFilter::default()).await;
    scene.share("Walking lessons", ItemContent::default()).await;
    assert_eq!(scene.told(&scene.reader).await, NOTHING);
    let (role, state) = (MembershipRole::Member, MembershipState::Active);
    let reader = scene.reader.user_id().unwrap();
    testing::membership(&scene.store, scene.community.id, reader, role, state).await;
    let narrow = |visibility| ItemContent {
        visibility: Patch::Value(visibility),
        ..ItemContent::default()
    };
    let stewards = narrow(ItemVisibility::Stewards);
    let secret = scene.share("Walking for stewards", stewards).await;
    let open = scene.share("Walking for all", ItemContent::default()).await;
    let reader = testing::viewer(&scene.store, reader).await;
    assert_eq!(
        scene.told(&reader).await,
        [open],
        "not what was there before they came"
    );
    scene.change(secret, narrow(ItemVisibility::Members)).await;
    assert_eq!(
        scene.told(&reader).await,
        [secret],
        "from now on they see it"
    );
}

/// What was there before somebody could see its community is no news: it is found by searching, and there may be
/// thousands of it.
#[tokio::test]
async fn what_opens_with_its_community_is_not_told_of() {
    let scene = Scene::new(CommunityVisibility::Unlisted).await;
    let old = scene.share("Walking lessons", ItemContent::default()).await;
    scene.save("walking", SearchFilter::default()).await;
    scene.store.clock().advance(chrono::TimeDelta::seconds(1));
    let opened = UpdateCommunity {
        visibility: Patch::Value(CommunityVisibility::Public),
        ..UpdateCommunity::default()
    };
    let id = scene.community.id;
    crate::community::update(&scene.store, &scene.author, id, opened)
        .await
        .unwrap();
    assert_eq!(scene.told(&scene.reader).await, NOTHING);
    let new = scene.share("Walking on", ItemContent::default()).await;
    assert_eq!(scene.told(&scene.reader).await, [new]);
    scene.change(old, titled("Walking lessons, in rain")).await;
    let told = scene.told(&scene.reader).await;
    assert_eq!(
        told, NOTHING,
        "it was made before, and its own readers stay"
    );
}

#[tokio::test]
async fn without_alerts_and_of_ones_own_nobody_is_told() {
    let scene = Scene::new(CommunityVisibility::Public).await;
    for viewer in [&scene.reader, &scene.author] {
        let input = SaveSearch {
            name: "Quiet".into(),
            query: "walking".into(),
            alerts: viewer.user_id() == scene.author.user_id(),
            ..SaveSearch::default()
        };
        save(&scene.store, viewer, input).await.unwrap();
    }
    scene.share("Walking lessons", ItemContent::default()).await;
    assert_eq!(scene.told(&scene.reader).await, NOTHING);
    assert_eq!(scene.told(&scene.author).await, NOTHING, "it is their own");
}

#[tokio::test]
async fn only_its_owner_sees_and_deletes_a_saved_search() {
    let scene = Scene::new(CommunityVisibility::Public).await;
    let saved = scene.save("walking", SearchFilter::default()).await;
    let store = &scene.store;
    let again = scene.save("walking", SearchFilter::default()).await;
    assert_eq!(again, saved, "the same again is the same");
    let only = Some(scene.community.id);
    let reader = scene.reader.user_id().unwrap();
    let bound = testing::viewer_with(store, reader, Scope::ALL, only).await;
    for viewer in [&scene.author, &Viewer::anonymous(), &bound] {
        assert_eq!(count(store, viewer).await.unwrap(), 0);
        let page = page(store, viewer, &PageRequest::default()).await.unwrap();
        assert!(page.rows.is_empty());
        assert!(by_ids(store, viewer, &[saved.id]).await.unwrap().is_empty());
        assert!(delete(store, viewer, saved.id).await.is_err());
    }
    assert_eq!(count(store, &scene.reader).await.unwrap(), 1);
    let found = by_ids(store, &scene.reader, &[saved.id]).await.unwrap();
    assert_eq!(found[&saved.id], saved);
    delete(store, &scene.reader, saved.id).await.unwrap();
    assert_eq!(count(store, &scene.reader).await.unwrap(), 0);
}

#[tokio::test]
async fn all_faults_of_a_saved_search_are_told_at_once() {
    let scene = Scene::new(CommunityVisibility::Public).await;
    let input = SaveSearch {
        name: " ".into(),
        query: "a".repeat(1_001),
        filter: SearchFilter {
            author_ids: vec![Uuid::nil(); MOST_VALUES + 1],
            tags: vec!["ok".into(), "a\u{0}".into()],
            educational_levels: vec![" ".into()],
            years: vec![2026, 20_260],
            ..SearchFilter::default()
        },
        alerts: false,
    };
    let refused = save(&scene.store, &scene.reader, input).await;
    let Err(Error::Refused(faults)) = refused else {
        panic!("it is refused")
    };
    let faults: Vec<_> = faults
        .iter()
        .map(|fault| (fault.code, fault.field.join(".")))
        .collect();
    let expected = [
        (FaultCode::Required, "name"),
        (FaultCode::TooLong, "query"),
        (FaultCode::TooLong, "filter.authorIds"),
        (FaultCode::OutOfRange, "filter.years.1"),
        (FaultCode::Invalid, "filter.tags.1"),
        (FaultCode::Required, "filter.educationalLevels.0"),
    ];
    assert_eq!(faults, expected.map(|(code, path)| (code, path.to_owned())));
    let nothing = SaveSearch {
        name: "All".into(),
        query: "  ".into(),
        ..SaveSearch::default()
    };
    let refused = save(&scene.store, &scene.reader, nothing).await;
    assert!(
        matches!(refused, Err(Error::Refused(faults)) if faults[0].code == FaultCode::Required)
    );
    for number in 0..MOST_SAVED {
        scene
            .save(&format!("walking {number}"), SearchFilter::default())
            .await;
    }
    let one_more = SaveSearch {
        name: "One more".into(),
        query: "walking".into(),
        ..SaveSearch::default()
    };
    let refused = save(&scene.store, &scene.reader, one_more).await;
    assert!(
        matches!(refused, Err(Error::Refused(faults)) if faults[0].code == FaultCode::LimitReached)
    );
}

#[test]
fn a_filter_survives_its_row() {
    let now = crate::clock::Clock::default().now();
    let filter = SearchFilter {
        kinds: vec![DocumentKind::Practice, DocumentKind::ValueStory],
        resource_kinds: vec![ResourceKind::Guide],
        statuses: vec![PublicationStatus::Archived],
        evidence_levels: vec![EvidenceLevel::Confirmed],
        include_abandoned: true,
        community_ids: vec![Uuid::now_v7()],
        community_kinds: vec![entity::community::CommunityKind::Helping],
        domain_ids: vec![Uuid::now_v7()],
        without_narrower_domains: true,
        tags: vec!["a".into()],
        languages: vec!["fr".into()],
        licences: vec!["CC0-1.0".into()],
        author_ids: vec![Uuid::now_v7()],
        updated_at: TimeRange {
            from: Some(now),
            to: None,
        },
        states: vec![SearchState::Piloting, SearchState::Cancelled],
        educational_levels: vec!["Primary".into()],
        years: vec![2026],
    };
    let saved = SavedFilter::from(filter.clone());
    let text = serde_json::to_string(&saved).unwrap();
    let read: SavedFilter = serde_json::from_str(&text).unwrap();
    assert_eq!(SearchFilter::from(read), filter);
    // A row may be older than some of the fields.
    let older: SavedFilter = serde_json::from_str(r#"{"tags":["a"]}"#).unwrap();
    let tagged = SearchFilter {
        tags: vec!["a".into()],
        ..SearchFilter::default()
    };
    assert_eq!(SearchFilter::from(older), tagged);
    let empty: SavedFilter = serde_json::from_str("{}").unwrap();
    assert_eq!(SearchFilter::from(empty), SearchFilter::default());
}
