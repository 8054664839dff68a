use entity::community::CommunityVisibility;
use entity::membership::MembershipRole;
use sea_orm::PaginatorTrait;

use super::*;
use crate::error::Error;
use crate::search::testing::Library;
use crate::search::{IndexSettings, MOST_VALUES, SearchIndex, SearchQuery, search};
use crate::testing;

#[test]
fn words_are_compared_as_people_mean_them() {
    let words = |query| normalized(query).unwrap();
    assert_eq!(
        words("  Évaluation   PAR les pairs\n"),
        "evaluation par les pairs"
    );
    assert_eq!(words("a"), "a");
    for nothing in ["", "  ", "!?", "bell\u{0}", &"long ".repeat(40)] {
        assert_eq!(normalized(nothing), None, "{nothing:?}");
    }
}

async fn member(library: &Library, handle: &str) -> Viewer {
    let role = MembershipRole::Member;
    testing::member(&library.store, library.community.id, handle, role).await
}

async fn gaps(library: &Library, viewer: &Viewer) -> Vec<KnowledgeGap> {
    let id = library.community.id;
    let found = knowledge_gaps(&library.store, viewer, &[id]).await.unwrap();
    found.into_values().flatten().collect()
}

async fn noted(library: &Library) -> u64 {
    let all = missed_search::Entity::find();
    all.count(library.store.reader()).await.unwrap()
}

#[tokio::test]
async fn what_three_people_miss_is_shown_to_members() {
    let library = Library::new(CommunityVisibility::Private).await;
    library.publish("Walking lessons").await;
    library.follow().await;
    let people = [
        library.ada.clone(),
        member(&library, "ben").await,
        member(&library, "cleo").await,
    ];
    for (number, person) in people.iter().enumerate() {
        assert_eq!(
            gaps(&library, person).await,
            [],
            "{number} people do not do"
        );
        // Twice on a day is once.
        for query in ["Zymurgy", "  zymürgy ", "walking"] {
            library.found(person, query).await;
        }
    }
    let day = library.store.clock().now().date_naive();
    let expected = KnowledgeGap {
        query: "zymurgy".into(),
        searches: 3,
        abandoned: 0,
        last_day: day,
    };
    for person in &people {
        assert_eq!(
            gaps(&library, person).await,
            std::slice::from_ref(&expected)
        );
    }
    assert_eq!(gaps(&library, &library.stranger).await, []);
    assert_eq!(gaps(&library, &Viewer::anonymous()).await, []);

    library.store.clock().advance(TimeDelta::days(1));
    library.found(&people[0], "zymurgy").await;
    let later = gaps(&library, &people[0]).await;
    assert_eq!(
        (later[0].searches, later[0].last_day),
        (4, day.succ_opt().unwrap())
    );
    library.store.clock().advance(TimeDelta::days(KEPT_DAYS));
    assert_eq!(
        gaps(&library, &people[0]).await,
        [],
        "two of the three are too long ago"
    );
    assert_eq!(forget_missed(&library.store).await.unwrap(), 3);
    assert_eq!(noted(&library).await, 1);
}

#[tokio::test]
async fn one_person_with_many_searches_is_one_person() {
    let library = Library::new(CommunityVisibility::Public).await;
    for _ in 0..5 {
        library.found(&library.ada, "zymurgy").await;
        library.store.clock().advance(TimeDelta::days(1));
    }
    assert_eq!(noted(&library).await, 5);
    assert_eq!(gaps(&library, &library.ada).await, []);
}

#[tokio::test]
async fn only_searches_of_a_community_are_noted_and_nobody_is_named() {
    let library = Library::new(CommunityVisibility::Private).await;
    let search = async |viewer: &Viewer, filter: SearchFilter| {
        let query = SearchQuery {
            query: "zymurgy".into(),
            filter,
            ..SearchQuery::default()
        };
        library.search(viewer, query).await;
        noted(&library).await
    };
    let here = SearchFilter {
        community_ids: vec![library.community.id],
        ..SearchFilter::default()
    };
    let narrower = SearchFilter {
        tags: vec!["beer".into()],
        ..here.clone()
    };
    assert_eq!(search(&library.ada, narrower).await, 0);
    assert_eq!(
        search(&library.stranger, here.clone()).await,
        0,
        "it is closed to them"
    );
    assert_eq!(search(&library.stranger, SearchFilter::default()).await, 0);
    assert_eq!(
        search(&Viewer::anonymous(), SearchFilter::default()).await,
        0
    );
    assert_eq!(search(&library.ada, SearchFilter::default()).await, 1);
    assert_eq!(
        search(&library.ada, here).await,
        1,
        "the same person and day"
    );
    let row = missed_search::Entity::find()
        .one(library.store.reader())
        .await;
    let row = row.unwrap().unwrap();
    let ada = library.ada.user_id().unwrap();
    let plain = [ada.to_string(), ada.simple().to_string()];
    assert!(!plain.contains(&row.person));
    assert_ne!(
        row.person,
        digest(&format!("{} {ada} {}", row.community_id, row.query))
    );
}

#[tokio::test]
async fn an_index_that_is_not_there_misses_nothing() {
    let library = Library::new(CommunityVisibility::Public).await;
    let directory = library.directory.path().join("index");
    let settings = IndexSettings::default();
    let index = SearchIndex::open(directory, settings).await.unwrap();
    assert!(index.needs_rebuild().is_some());
    let query = SearchQuery {
        query: "zymurgy".into(),
        ..SearchQuery::default()
    };
    let refused = search(&library.store, &index, &library.ada, query).await;
    assert!(matches!(refused, Err(Error::Unavailable(_))), "{refused:?}");
    assert_eq!(noted(&library).await, 0);
}

#[tokio::test]
async fn what_is_found_and_never_opened_counts_as_missed() {
    let library = Library::new(CommunityVisibility::Private).await;
    library.publish("Walking lessons").await;
    library.follow().await;
    let people = [
        library.ada.clone(),
        member(&library, "ben").await,
        member(&library, "cleo").await,
    ];
    let abandon = async |viewer: &Viewer, filter: SearchFilter| {
        abandon(&library.store, viewer, "Walking  LESSONS", &filter).await
    };
    let here = || SearchFilter {
        community_ids: vec![library.community.id],
        ..SearchFilter::default()
    };
    // Neither by whom the community is closed to, nor what was narrowed otherwise.
    let narrower = SearchFilter {
        tags: vec!["beer".into()],
        ..here()
    };
    abandon(&people[0], narrower).await.unwrap();
    abandon(&library.stranger, here()).await.unwrap();
    assert_eq!(noted(&library).await, 0);
    let position = library.store.position().await.unwrap();
    for person in &people[..2] {
        for _ in 0..2 {
            let written = abandon(person, here()).await.unwrap();
            assert_eq!(written.position, position, "it is in no change row");
        }
    }
    assert_eq!(gaps(&library, &people[0]).await, [], "two are too few");
    // For the third there is nothing: the two outcomes of one query are counted together.
    let nothing = missed_search::Model {
        community_id: library.community.id,
        query: "walking lessons".into(),
        day: library.store.clock().now().date_naive(),
        person: "somebody".into(),
        outcome: SearchOutcome::NothingFound,
    };
    missed_search::Entity::insert(nothing.into_active_model())
        .exec_without_returning(library.store.migration_connection())
        .await
        .unwrap();
    let found = gaps(&library, &people[2]).await;
    assert_eq!(found.len(), 1);
    assert_eq!(
        (
            found[0].query.as_str(),
            found[0].searches,
            found[0].abandoned
        ),
        ("walking lessons", 3, 2)
    );
    // What somebody missed first on a day is what counts of that day.
    library.found(&people[2], "zymurgy").await;
    let later = SearchFilter::default();
    crate::search::abandon(&library.store, &people[2], "zymurgy", &later)
        .await
        .unwrap();
    let rows = missed_search::Entity::find()
        .filter(missed_search::Column::Query.eq("zymurgy"))
        .all(library.store.reader())
        .await
        .unwrap();
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].outcome, SearchOutcome::NothingFound);
}

#[tokio::test]
async fn abandoning_asks_for_the_right_and_for_a_filter_within_bounds() {
    let library = Library::new(CommunityVisibility::Public).await;
    let ada = library.ada.user_id().unwrap();
    let reads = testing::viewer_with(&library.store, ada, &[Scope::Read], None).await;
    let filter = SearchFilter::default();
    let of = async |viewer: &Viewer, filter: &SearchFilter| {
        abandon(&library.store, viewer, "walking", filter).await
    };
    let anonymous = of(&Viewer::anonymous(), &filter).await;
    assert!(matches!(anonymous, Err(Error::Unauthenticated)));
    assert!(matches!(
        of(&reads, &filter).await,
        Err(Error::ScopeMissing(_))
    ));
    let long = SearchFilter {
        community_ids: vec![Uuid::nil(); MOST_VALUES + 1],
        ..SearchFilter::default()
    };
    let refused = of(&library.ada, &long).await;
    assert!(
        matches!(refused, Err(Error::Refused(faults)) if faults[0].field == ["filter", "communityIds"])
    );
    assert_eq!(noted(&library).await, 0);
}
