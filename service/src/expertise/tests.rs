use entity::change::EntityType;
use entity::community::CommunityVisibility;
use entity::discussion::DiscussionKind;
use entity::item::ItemVisibility;
use entity::membership::MembershipRole;
use uuid::Uuid;

use super::*;
use crate::discussion::{AddPost, CreateDiscussion, accept_post, add_post, create, reopen};
use crate::error::{Error, FaultCode};
use crate::item::ItemContent;
use crate::store::{Store, counted};
use crate::testing;
use crate::validation::Patch;
use crate::viewer::Viewer;

const NOBODY: [Uuid; 0] = [];

fn tag(name: &str) -> Subject {
    Subject {
        tag: Some(name.to_owned()),
        ..Subject::default()
    }
}

fn code<T: std::fmt::Debug>(result: Result<T, Error>) -> FaultCode {
    match result {
        Err(Error::Refused(faults)) if faults.len() == 1 => faults[0].code,
        other => panic!("should have been refused for one reason: {other:?}"),
    }
}

async fn member(store: &Store, community: Uuid, handle: &str) -> Viewer {
    testing::member(store, community, handle, MembershipRole::Member).await
}

/// A help request with these tags.
async fn ask(store: &Store, asker: &Viewer, community: Uuid, tags: &[&str]) -> Uuid {
    ask_those(store, asker, community, tags, ItemVisibility::Community).await
}

/// The same for those who may read it.
async fn ask_those(
    store: &Store,
    asker: &Viewer,
    community: Uuid,
    tags: &[&str],
    visibility: ItemVisibility,
) -> Uuid {
    let input = CreateDiscussion {
        community_id: community,
        content: ItemContent {
            title: Patch::Value("How?".to_owned()),
            body: Patch::Value("How is it done?".to_owned()),
            tags: Patch::Value(tags.iter().map(|&tag| tag.to_owned()).collect()),
            visibility: Patch::Value(visibility),
            ..ItemContent::default()
        },
        kind: DiscussionKind::HelpRequest,
        about_id: None,
    };
    create(store, asker, input).await.unwrap().value.item.id
}

async fn answer(store: &Store, helper: &Viewer, discussion: Uuid) -> Uuid {
    let input = AddPost {
        discussion_id: discussion,
        body: "So.".to_owned(),
        parent_id: None,
    };
    add_post(store, helper, input).await.unwrap().value.id
}

async fn known(store: &Store, viewer: &Viewer, of: &Viewer) -> Vec<(String, ExpertiseSource, f64)> {
    let id = of.user_id().unwrap();
    let mut found = of_users(store, viewer, &[id]).await.unwrap();
    let list = found.remove(&id).unwrap_or_default().into_iter();
    list.map(|one| (one.tag.unwrap_or_default(), one.source, one.weight))
        .collect()
}

#[tokio::test]
async fn what_is_known_of_somebody_has_its_source_and_weight() {
    let (_directory, store) = testing::store().await;
    let community = testing::community(&store, "circle", CommunityVisibility::Public).await;
    let ada = member(&store, community.id, "ada").await;
    let ben = member(&store, community.id, "ben").await;
    let stranger = testing::person(&store, "eve").await;
    let id = |viewer: &Viewer| viewer.user_id().unwrap();

    let declared = declare(&store, &ben, tag("Fractions")).await.unwrap();
    let again = declare(&store, &ben, tag(" fractions ")).await.unwrap();
    assert_eq!(
        again.position, declared.position,
        "the same again changes nothing"
    );
    endorse(&store, &ada, id(&ben), tag("fractions"))
        .await
        .unwrap();
    let own = endorse(&store, &ben, id(&ben), tag("fractions")).await;
    assert_eq!(code(own), FaultCode::Forbidden);
    let no_peer = endorse(&store, &stranger, id(&ben), tag("fractions")).await;
    assert_eq!(code(no_peer), FaultCode::Forbidden);
    let nobody = endorse(&store, &ada, Uuid::now_v7(), tag("fractions")).await;
    assert_eq!(code(nobody), FaultCode::NotFound);
    let both = Subject {
        domain_id: Some(Uuid::now_v7()),
        tag: Some("a".to_owned()),
    };
    assert_eq!(code(declare(&store, &ben, both).await), FaultCode::Invalid);
    let neither = declare(&store, &ben, Subject::default()).await;
    assert_eq!(code(neither), FaultCode::Required);
    let nowhere = Subject {
        domain_id: Some(Uuid::now_v7()),
        tag: None,
    };
    assert_eq!(
        code(declare(&store, &ben, nowhere).await),
        FaultCode::NotFound
    );
    crate::membership::leave(&store, &ada, community.id)
        .await
        .unwrap();
    let left = endorse(&store, &ada, id(&ben), tag("decimals")).await;
    assert_eq!(code(left), FaultCode::Forbidden);
    assert_eq!(
        known(&store, &Viewer::anonymous(), &ben).await,
        [
            ("Fractions".to_owned(), ExpertiseSource::Declared, 1.0),
            ("fractions".to_owned(), ExpertiseSource::Endorsed, 1.0)
        ]
    );
    assert_eq!(testing::changes(&store, EntityType::User).await.len(), 2);
}

#[tokio::test]
async fn an_accepted_answer_shows_expertise_to_those_who_see_it_until_it_is_taken_back() {
    let (_directory, store) = testing::store().await;
    let community = testing::community(&store, "circle", CommunityVisibility::Private).await;
    let ada = member(&store, community.id, "ada").await;
    let ben = member(&store, community.id, "ben").await;
    let asked = ask(&store, &ada, community.id, &["paper", "folding"]).await;
    let own = answer(&store, &ada, asked).await;
    accept_post(&store, &ada, own).await.unwrap();
    assert_eq!(
        known(&store, &ada, &ada).await,
        [],
        "one's own answer shows nothing"
    );
    let helpful = answer(&store, &ben, asked).await;
    accept_post(&store, &ada, helpful).await.unwrap();
    let shown = known(&store, &ada, &ben).await;
    assert_eq!(
        shown,
        [
            ("folding".to_owned(), ExpertiseSource::Demonstrated, 3.0),
            ("paper".to_owned(), ExpertiseSource::Demonstrated, 3.0)
        ]
    );
    let nobody = Viewer::anonymous();
    assert_eq!(
        known(&store, &nobody, &ben).await,
        [],
        "a private word stays private"
    );
    let changes = testing::changes(&store, EntityType::User).await;
    assert!(changes.iter().all(|change| {
        let audience = change.audience_after.as_ref().unwrap();
        !audience.0.iter().any(|token| token == "public")
    }));
    reopen(&store, &ada, asked).await.unwrap();
    assert_eq!(known(&store, &ada, &ben).await, []);
}

#[tokio::test]
async fn helpers_are_suggested_by_what_they_showed_and_how_busy_they_are() {
    let (_directory, store) = testing::store().await;
    let community = testing::community(&store, "circle", CommunityVisibility::Public).await;
    let ada = member(&store, community.id, "ada").await;
    let ben = member(&store, community.id, "ben").await;
    let cleo = member(&store, community.id, "cleo").await;
    let dora = member(&store, community.id, "dora").await;
    let gone = member(&store, community.id, "gone").await;
    let id = |viewer: &Viewer| viewer.user_id().unwrap();
    for helper in [&ben, &cleo] {
        let asked = ask(&store, &ada, community.id, &["paper"]).await;
        let post = answer(&store, helper, asked).await;
        accept_post(&store, &ada, post).await.unwrap();
    }
    for viewer in [&ada, &dora, &gone] {
        declare(&store, viewer, tag("Paper")).await.unwrap();
    }
    crate::membership::leave(&store, &gone, community.id)
        .await
        .unwrap();
    let asked = ask(&store, &ada, community.id, &["paper"]).await;
    let suggested_to = async |viewer: &Viewer| {
        let found = suggested(&store, viewer, &[asked]).await.unwrap();
        found.get(&asked).cloned().unwrap_or_default()
    };
    let mut best = suggested_to(&ada).await;
    assert_eq!(
        best.pop(),
        Some(id(&dora)),
        "who says so comes after who showed it"
    );
    best.sort_unstable();
    let mut expected = vec![id(&ben), id(&cleo)];
    expected.sort_unstable();
    assert_eq!(best, expected, "neither the asker nor who has left");

    // Two open requests that Ben answered lately are his load; after two weeks they are not.
    for _ in 0..2 {
        let other = ask(&store, &dora, community.id, &["other"]).await;
        answer(&store, &ben, other).await;
    }
    assert_eq!(suggested_to(&ada).await, [id(&cleo), id(&ben), id(&dora)]);
    store.clock().advance(chrono::TimeDelta::days(15));
    let post = answer(&store, &cleo, asked).await;
    assert_eq!(
        suggested_to(&ada).await.len(),
        3,
        "the question itself is no load"
    );
    accept_post(&store, &ada, post).await.unwrap();
    assert_eq!(
        suggested_to(&ada).await,
        NOBODY,
        "it waits for nobody any more"
    );
}

#[tokio::test]
async fn only_those_are_suggested_who_may_read_the_question() {
    use ItemVisibility::{Authors, Community, Members, Stewards};
    let (_directory, store) = testing::store().await;
    let community = testing::community(&store, "circle", CommunityVisibility::Private).await;
    let ada = member(&store, community.id, "ada").await;
    let ben = member(&store, community.id, "ben").await;
    let role = MembershipRole::Steward;
    let stella = testing::member(&store, community.id, "stella", role).await;
    let id = |viewer: &Viewer| viewer.user_id().unwrap();
    // What Ben has shown comes before what Stella says of herself.
    let answered = ask(&store, &ada, community.id, &["paper"]).await;
    let post = answer(&store, &ben, answered).await;
    accept_post(&store, &ada, post).await.unwrap();
    declare(&store, &stella, tag("paper")).await.unwrap();
    for (visibility, expected) in [
        (Community, vec![id(&ben), id(&stella)]),
        (Members, vec![id(&ben), id(&stella)]),
        (Stewards, vec![id(&stella)]),
        (Authors, Vec::new()),
    ] {
        let asked = ask_those(&store, &ada, community.id, &["paper"], visibility).await;
        let mut found = suggested(&store, &ada, &[asked]).await.unwrap();
        let found = found.remove(&asked).unwrap_or_default();
        assert_eq!(found, expected, "{visibility:?}");
    }
}

#[tokio::test]
async fn helpers_of_many_questions_cost_as_many_statements_as_of_one() {
    let (_directory, store) = testing::store().await;
    let community = testing::community(&store, "circle", CommunityVisibility::Public).await;
    let ada = member(&store, community.id, "ada").await;
    let mut asked = Vec::new();
    for number in 0..8 {
        let helper = member(&store, community.id, &format!("helper{number}")).await;
        declare(&store, &helper, tag("paper")).await.unwrap();
        asked.push(ask(&store, &ada, community.id, &["paper"]).await);
    }
    let (one, few) = counted(suggested(&store, &ada, &asked[..1])).await;
    let (all, many) = counted(suggested(&store, &ada, &asked)).await;
    assert_eq!((few, many), (3, 3));
    assert_eq!(one.unwrap()[&asked[0]].len(), MOST_HELPERS);
    assert!(
        all.unwrap()
            .values()
            .all(|users| users.len() == MOST_HELPERS)
    );
}
