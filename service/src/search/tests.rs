use entity::TextList;
use entity::community::CommunityVisibility;
use entity::membership::{MembershipRole, MembershipState};
use entity::user::PlatformRole;
use entity::{Label, community};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait};
use uuid::Uuid;

use super::testing::Library;
use super::{
    Bucket, FacetField, FacetRequest, FacetValue, SearchFilter, SearchQuery, search, suggest,
};
use crate::change::catch_up;
use crate::domain::{self, CreateDomain, UpdateDomain};
use crate::error::Error;
use crate::innovation::{self, CreateInnovation, InnovationContent};
use crate::item::{self, ItemContent};
use crate::practice::{self, CreatePractice, PracticeContent};
use crate::review::{ReviewInput, ReviewVerdict, review};
use crate::testing;
use crate::validation::Patch;
use crate::viewer::Viewer;

const PUBLIC: CommunityVisibility = CommunityVisibility::Public;
const NOTHING: [Uuid; 0] = [];

fn value(text: &str) -> Patch<String> {
    Patch::Value(text.to_owned())
}

/// Has somebody else approve of what Ada made.
async fn approved(library: &Library, id: Uuid) {
    let store = &library.store;
    let ben = testing::user(store, "ben", PlatformRole::Member).await;
    let (role, state) = (MembershipRole::Reviewer, MembershipState::Active);
    testing::membership(store, library.community.id, ben.id, role, state).await;
    item::submit(store, &library.ada, id).await.unwrap();
    let input = ReviewInput {
        id,
        verdict: ReviewVerdict::Approve,
        comment: None,
        revision: 1,
    };
    let ben = testing::viewer(store, ben.id).await;
    review(store, &ben, input).await.unwrap();
}

#[tokio::test]
async fn every_text_is_found() {
    let library = Library::new(PUBLIC).await;
    let (store, ada) = (&library.store, &library.ada);
    let community_id = library.community.id;
    let label = |text: &str| Label {
        text: text.to_owned(),
        language: None,
    };
    let domain = domain::create(
        store,
        ada,
        CreateDomain {
            name: "Aardvark".into(),
            description: Some("badger".into()),
            concern: Some("camel".into()),
            labels: vec![label("dromedary")],
            alternative_labels: vec![label("elephant")],
            key_questions: vec!["flamingo".into()],
            ..CreateDomain::default()
        },
    );
    let domain = domain.await.unwrap().value.id;
    let practice = CreatePractice {
        community_id,
        content: ItemContent {
            title: value("giraffe"),
            body: value("**hedgehog**"),
            ..ItemContent::default()
        },
        practice: PracticeContent {
            kind: Patch::Value(entity::practice::PracticeKind::Method),
            summary: value("iguana"),
            problem: value("jackal"),
            context: value("kangaroo"),
            ..PracticeContent::default()
        },
        publish: false,
    };
    let practice = practice::create(store, ada, practice).await.unwrap();
    approved(&library, practice.value.item.id).await;
    let innovation = CreateInnovation {
        community_id,
        content: ItemContent {
            title: value("leopard"),
            body: value("*mongoose*"),
            ..ItemContent::default()
        },
        innovation: InnovationContent {
            idea: value("# narwhal"),
            problem: value("octopus"),
            hypothesis: value("pelican"),
            ..InnovationContent::default()
        },
    };
    let innovation = innovation::create(store, ada, innovation).await.unwrap();
    let resource = library
        .publish_with(ItemContent {
            title: value("quokka"),
            body: value("[raccoon](https://example.org)"),
            tags: Patch::Value(vec!["salamander".into()]),
            bylines: Patch::Value(vec!["Tapir".into()]),
            ..ItemContent::default()
        })
        .await;
    library.follow().await;
    for (id, words) in [
        (domain, "aardvark badger camel dromedary elephant flamingo"),
        (
            practice.value.item.id,
            "giraffe hedgehog iguana jackal kangaroo",
        ),
        (
            innovation.value.item.id,
            "leopard mongoose narwhal octopus pelican",
        ),
        (resource, "quokka raccoon tag:salamander author:tapir"),
    ] {
        for word in words.split(' ') {
            let found = library.found(&Viewer::anonymous(), word).await;
            assert_eq!(found, [id], "{word}");
        }
    }
}

#[tokio::test]
async fn what_a_private_community_is_about_is_all_that_is_found_of_it() {
    let library = Library::new(CommunityVisibility::Private).await;
    let mut row: community::ActiveModel = library.community.clone().into();
    row.description = Set(Some("Our secret zebra.".into()));
    row.purpose = Set("To train yaks.".into());
    row.update(library.store.migration_connection())
        .await
        .unwrap();
    let other = library.publish("Yaks in private").await;
    let input = crate::community::UpdateCommunity {
        name: Patch::Value("Herders".into()),
        ..Default::default()
    };
    crate::community::update(&library.store, &library.ada, library.community.id, input)
        .await
        .unwrap();
    library.follow().await;
    let id = library.community.id;
    assert_eq!(library.found(&library.stranger, "yaks").await, [id]);
    assert_eq!(library.found(&library.stranger, "herders").await, [id]);
    assert_eq!(library.found(&library.stranger, "zebra").await, NOTHING);
    assert_eq!(library.found(&Viewer::anonymous(), "yaks").await, NOTHING);
    assert!(library.found(&library.ada, "yaks").await.contains(&other));
}

#[tokio::test]
async fn facets_have_names_for_people() {
    let library = Library::new(PUBLIC).await;
    let input = CreateDomain {
        name: "Mathematics".into(),
        ..CreateDomain::default()
    };
    let domain = domain::create(&library.store, &library.ada, input);
    let domain = domain.await.unwrap().value.id;
    library
        .publish_with(ItemContent {
            title: value("Fractions with paper"),
            domain_ids: Patch::Value(vec![domain]),
            language: value("en"),
            ..ItemContent::default()
        })
        .await;
    library.follow().await;
    let facets = [
        FacetField::ResourceKind,
        FacetField::Community,
        FacetField::Domain,
        FacetField::Language,
        FacetField::Author,
    ]
    .map(|field| FacetRequest { field, size: None });
    let query = SearchQuery {
        query: "fractions".into(),
        facets: facets.to_vec(),
        ..SearchQuery::default()
    };
    let answer = library.search(&Viewer::anonymous(), query).await;
    let buckets: Vec<Bucket> = answer
        .facets
        .into_iter()
        .flat_map(|facet| facet.buckets)
        .collect();
    let text = |text: &str| FacetValue::Text(text.to_owned());
    let expected = [
        (text("LESSON_PLAN"), "Lesson plan"),
        (FacetValue::Community(library.community.id), "readers"),
        (FacetValue::Domain(domain), "Mathematics"),
        (text("en"), "en"),
        (FacetValue::User(library.ada.user_id().unwrap()), "ada"),
    ]
    .map(|(value, label)| Bucket {
        value,
        label: label.to_owned(),
        count: 1,
    });
    assert_eq!(buckets, expected);
}

#[tokio::test]
async fn a_domains_labels_are_synonyms_until_they_change() {
    let library = Library::new(PUBLIC).await;
    let label = |text: &str| Label {
        text: text.to_owned(),
        language: Some("fr".to_owned()),
    };
    let input = CreateDomain {
        name: "Assessment".into(),
        labels: vec![label("Épreuve")],
        ..CreateDomain::default()
    };
    let domain = domain::create(&library.store, &library.ada, input);
    let domain = domain.await.unwrap().value.id;
    let id = library.publish("Assessment by peers").await;
    library.follow().await;
    let found = library.found(&library.ada, "kind:resource epreuve").await;
    assert_eq!(found, [id]);
    let input = UpdateDomain {
        labels: Patch::Value(vec![label("Examen")]),
        ..UpdateDomain::default()
    };
    domain::update(&library.store, &library.ada, domain, input)
        .await
        .unwrap();
    library.follow().await;
    let found = library.found(&library.ada, "kind:resource epreuve").await;
    assert_eq!(found, NOTHING);
    let found = library.found(&library.ada, "kind:resource examen").await;
    assert_eq!(found, [id]);
}

#[tokio::test]
async fn what_is_out_of_bounds_is_refused_by_name() {
    let library = Library::new(PUBLIC).await;
    let refused = |query: SearchQuery| {
        let (store, index) = (library.store.clone(), library.index.clone());
        async move {
            match search(&store, &index, &Viewer::anonymous(), query).await {
                Err(Error::BadArgument { argument, .. }) => argument,
                other => panic!("{other:?}"),
            }
        }
    };
    let query = SearchQuery::default;
    for first in [-1, 101, 100_000] {
        let argument = refused(SearchQuery {
            first: Some(first),
            ..query()
        });
        assert_eq!(argument.await, "first");
    }
    for cursor in ["", "x", "abc=", "ÄÖÜ"] {
        let argument = refused(SearchQuery {
            after: Some(cursor.into()),
            ..query()
        });
        assert_eq!(argument.await, "after");
    }
    let filter = SearchFilter {
        tags: vec!["tag".into(); 101],
        ..SearchFilter::default()
    };
    let argument = refused(SearchQuery { filter, ..query() });
    assert_eq!(argument.await, "filter");
    let facets = vec![FacetRequest {
        field: FacetField::Tag,
        size: Some(0),
    }];
    let argument = refused(SearchQuery { facets, ..query() });
    assert_eq!(argument.await, "size");
}

#[tokio::test]
async fn any_query_is_answered() {
    let library = Library::new(PUBLIC).await;
    library.publish("Fractions with paper").await;
    library.follow().await;
    for query in [
        "",
        "\"",
        "((",
        "title:",
        "-",
        "OR OR",
        "\0",
        "before:never",
        "*",
    ] {
        let viewer = Viewer::anonymous();
        library.found(&viewer, query).await;
        let (store, index) = (&library.store, &library.index);
        suggest(store, index, &viewer, query, &SearchFilter::default(), None)
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn too_much_that_was_narrowed_waits_for_the_follower() {
    let library = Library::new(PUBLIC).await;
    library.publish("Fractions with paper").await;
    library.follow().await;
    let followed = library.index.position();
    let now = library.store.clock().now();
    let rows: Vec<_> = (1..=10_001)
        .map(|number| entity::change::ActiveModel {
            position: Set(followed + number),
            entity_type: Set(entity::change::EntityType::Resource),
            entity_id: Set(Uuid::now_v7()),
            operation: Set(entity::change::Operation::Deleted),
            community_id: Set(None),
            actor_id: Set(None),
            at: Set(now),
            fields: Set(TextList::default()),
            audience_before: Set(Some(TextList::default())),
            audience_after: Set(None),
            narrowed: Set(true),
        })
        .collect();
    let connection = library.store.migration_connection();
    for chunk in rows.chunks(1_000) {
        entity::change::Entity::insert_many(chunk.to_vec())
            .exec_without_returning(connection)
            .await
            .unwrap();
    }
    entity::change_head::ActiveModel {
        id: Set(1),
        position: Set(followed + 10_001),
        ..Default::default()
    }
    .update(connection)
    .await
    .unwrap();
    let searching = search(
        &library.store,
        &library.index,
        &library.ada,
        SearchQuery::default(),
    );
    // The search finds that it must wait, and the follower comes to its help.
    let (answer, followed) = tokio::join!(searching, catch_up(&library.store, &library.index));
    followed.unwrap();
    assert_eq!(answer.unwrap().total, 1);
}
