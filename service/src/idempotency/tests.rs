use chrono::TimeDelta;
use entity::organization::{self, Sector};
use entity::user::PlatformRole;
use futures_util::future::join_all;
use proptest::prelude::*;
use sea_orm::PaginatorTrait;
use tempfile::TempDir;

use super::*;
use crate::error::FaultCode;
use crate::organization::{CreateOrganization, create_organization};
use crate::store::Written;
use crate::testing;

struct Office {
    _directory: TempDir,
    store: Store,
    ada: Viewer,
    ben: Viewer,
}

/// What somebody who sends a request is answered.
#[derive(Debug)]
enum Answer {
    Ran(Result<Written<organization::Model>>),
    Again(Recorded),
    Reused,
}

impl Answer {
    fn ran(self) -> Written<organization::Model> {
        match self {
            Self::Ran(made) => made.unwrap(),
            other => panic!("it did not run: {other:?}"),
        }
    }

    fn again(self) -> Recorded {
        match self {
            Self::Again(recorded) => recorded,
            other => panic!("it was not known: {other:?}"),
        }
    }
}

impl Office {
    async fn open() -> Self {
        let (directory, store) = testing::store().await;
        let mut viewers = Vec::new();
        for name in ["ada", "ben"] {
            let user = testing::user(&store, name, PlatformRole::Admin).await;
            viewers.push(testing::viewer(&store, user.id).await);
        }
        let (Some(ben), Some(ada)) = (viewers.pop(), viewers.pop()) else {
            panic!("there are two")
        };
        Self {
            _directory: directory,
            store,
            ada,
            ben,
        }
    }

    /// Does some work as the API does a mutation.
    async fn work(
        &self,
        viewer: &Viewer,
        key: &str,
        content: &str,
        work: impl Future<Output = Result<Written<organization::Model>>>,
    ) -> Answer {
        let sent = Sent {
            caller: viewer.user_id(),
            key,
            operation: 0,
            content,
        };
        let keyed = match Keyed::open(&self.store, sent).await.unwrap() {
            Known::Keyed(keyed) => keyed,
            Known::Reused => return Answer::Reused,
        };
        let asked = keyed.asked("made", viewer);
        match asked.before() {
            Some(Before::Recorded(before)) => return Answer::Again(before.clone()),
            Some(Before::Reused) => return Answer::Reused,
            None => {}
        }
        let noted = async {
            let made = work.await;
            if let Err(Error::Refused(faults)) = &made {
                note_refusal(faults);
            }
            made
        };
        let (made, ended) = asked.attempt().run(noted).await;
        let answered = matches!(made, Ok(_) | Err(Error::Refused(_)));
        let settled = asked.settle(&self.store, ended, answered).await;
        match settled.unwrap() {
            Settled::Own => Answer::Ran(made),
            Settled::Before(before) => Answer::Again(before),
            Settled::Reused => Answer::Reused,
        }
    }

    async fn create(&self, viewer: &Viewer, key: &str, slug: &str) -> Answer {
        let input = CreateOrganization {
            name: format!("The {slug}"),
            sector: Sector::Education,
            url: None,
            slug: Some(slug.to_owned()),
        };
        let work = create_organization(&self.store, viewer, input);
        self.work(viewer, key, slug, work).await
    }

    async fn organizations(&self) -> u64 {
        let all = organization::Entity::find();
        all.count(self.store.reader()).await.unwrap()
    }

    async fn rows(&self) -> Vec<idempotent_write::Model> {
        let all = idempotent_write::Entity::find();
        all.all(self.store.reader()).await.unwrap()
    }
}

fn school() -> CreateOrganization {
    CreateOrganization {
        name: "The school".to_owned(),
        sector: Sector::Education,
        url: None,
        slug: Some("school".to_owned()),
    }
}

fn named(made: &organization::Model) -> Vec<Named> {
    vec![Named {
        table: "organization".to_owned(),
        id: made.id,
    }]
}

#[tokio::test]
async fn a_retry_runs_nothing_and_is_told_what_was_made() {
    let office = Office::open().await;
    let made = office.create(&office.ada, "key", "school").await.ran();
    let position = office.store.position().await.unwrap();
    let again = office.create(&office.ada, "key", "school").await.again();
    let expected = Recorded {
        position: Some(made.position),
        nodes: named(&made.value),
        ..Recorded::default()
    };
    assert_eq!(again, expected);
    assert_eq!(office.store.position().await.unwrap(), position);
    assert_eq!(office.organizations().await, 1);

    let other = office.create(&office.ada, "key", "library").await;
    assert!(matches!(other, Answer::Reused), "{other:?}");
    assert_eq!(office.organizations().await, 1);
    office
        .create(&office.ada, "other key", "library")
        .await
        .ran();
    office.create(&office.ben, "key", "museum").await.ran();
    assert_eq!(office.organizations().await, 3);

    let of = async |viewer: &Viewer, key| outcome(&office.store, viewer, key).await.unwrap();
    assert_eq!(of(&office.ada, "key").await, Some(expected));
    assert_eq!(of(&office.ada, "another").await, None);
    assert_eq!(of(&Viewer::anonymous(), "key").await, None);
    let broken = outcome(&office.store, &office.ada, "").await.unwrap_err();
    assert!(matches!(
        broken,
        Error::BadArgument {
            argument: "key",
            ..
        }
    ));
}

#[tokio::test]
async fn an_answer_is_told_to_those_of_the_same_rights_only() {
    let office = Office::open().await;
    let user = office.ada.user_id().unwrap();
    let community = Uuid::now_v7();
    let of = async |scopes: &[Scope], only| {
        testing::viewer_with(&office.store, user, scopes, only).await
    };
    let made = office.create(&office.ada, "key", "school").await.ran();
    let refreshed = testing::viewer(&office.store, user).await;
    assert_ne!(refreshed.credential(), office.ada.credential());
    let again = office.create(&refreshed, "key", "school").await.again();
    assert_eq!(again.nodes, named(&made.value));
    let found = outcome(&office.store, &refreshed, "key").await.unwrap();
    assert_eq!(found, Some(again));

    let (narrow, bound) = (Scope::ALL.split_last().unwrap().1, Some(community));
    let others = [of(narrow, None).await, of(Scope::ALL, bound).await];
    for other in &others {
        let told = office.create(other, "key", "school").await;
        assert!(matches!(told, Answer::Reused), "{told:?}");
        let found = outcome(&office.store, other, "key").await.unwrap();
        assert_eq!(found, None);
    }
    assert_eq!(office.organizations().await, 1);

    // What a token was answered is told to another one like it, and to nobody else.
    let [_, token] = &others;
    let refused = async { Err(Error::fault(FaultCode::Forbidden, &["id"], "Not here.")) };
    let first = office.work(token, "other", "same", refused).await;
    assert!(matches!(first, Answer::Ran(Err(_))), "{first:?}");
    let never = || async { panic!("it ran again") };
    let next = of(Scope::ALL, bound).await;
    let again = office.work(&next, "other", "same", never()).await.again();
    assert_eq!(again.faults[0].message, "Not here.");
    for other in [&office.ada, &others[0]] {
        let told = office.work(other, "other", "same", never()).await;
        assert!(matches!(told, Answer::Reused), "{told:?}");
    }
}

#[tokio::test]
async fn what_is_forgotten_goes_in_transactions_of_bounded_size() {
    let office = Office::open().await;
    let clock = office.store.clock();
    for number in 0..5 {
        clock.advance(TimeDelta::minutes(1));
        let slug = format!("school-{number}");
        office.create(&office.ada, &slug, &slug).await.ran();
    }
    clock.advance(TimeDelta::hours(24) - TimeDelta::minutes(1));
    assert_eq!(remove_by(&office.store, 2).await.unwrap(), 4);
    assert_eq!(office.rows().await.len(), 1, "the last one is told still");
    clock.advance(TimeDelta::minutes(1));
    assert_eq!(remove_forgotten(&office.store).await.unwrap(), 1);
    assert_eq!(office.rows().await, []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_at_once_one_runs_and_the_others_are_told() {
    let office = std::sync::Arc::new(Office::open().await);
    let sent = (0..40).map(|number| {
        let office = std::sync::Arc::clone(&office);
        tokio::spawn(async move {
            // Four keys, ten times each, all for the same slug: whoever runs a second time would be refused.
            let key = format!("key {}", number % 4);
            office
                .create(&office.ada, &key, &format!("school-{}", number % 4))
                .await
        })
    });
    let answers: Vec<Answer> = join_all(sent)
        .await
        .into_iter()
        .map(Result::unwrap)
        .collect();
    assert_eq!(office.organizations().await, 4);
    assert_eq!(office.rows().await.len(), 4);
    let mut ran: HashMap<Uuid, i64> = HashMap::new();
    let mut told = Vec::new();
    for answer in answers {
        match answer {
            Answer::Ran(made) => {
                let made = made.unwrap();
                ran.insert(made.value.id, made.position);
            }
            other => told.push(other.again()),
        }
    }
    assert_eq!((ran.len(), told.len()), (4, 36));
    for recorded in told {
        let [named] = recorded.nodes.as_slice() else {
            panic!("one thing was made: {recorded:?}")
        };
        assert_eq!(recorded.position, ran.get(&named.id).copied());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_different_requests_at_once_one_is_told_that_the_key_is_used() {
    let office = std::sync::Arc::new(Office::open().await);
    let sent = (0..12).map(|number| {
        let office = std::sync::Arc::clone(&office);
        tokio::spawn(async move {
            let slug = format!("school-{number}");
            office.create(&office.ada, "key", &slug).await
        })
    });
    let answers = join_all(sent).await;
    let ran = answers
        .iter()
        .filter(|answer| matches!(answer, Ok(Answer::Ran(Ok(_)))));
    let reused = answers
        .iter()
        .filter(|answer| matches!(answer, Ok(Answer::Reused)));
    assert_eq!((ran.count(), reused.count()), (1, 11));
    assert_eq!(office.organizations().await, 1);
}

#[tokio::test]
async fn a_refusal_is_told_again_though_its_reason_is_gone() {
    let office = Office::open().await;
    let made = office.create(&office.ada, "first", "school").await.ran();
    let refused = office.create(&office.ada, "key", "school").await;
    let Answer::Ran(Err(Error::Refused(faults))) = refused else {
        panic!("the slug is taken: {refused:?}")
    };
    assert_eq!(faults[0].code, FaultCode::Taken);
    organization::Entity::delete_by_id(made.value.id)
        .exec(office.store.migration_connection())
        .await
        .unwrap();
    let again = office.create(&office.ada, "key", "school").await.again();
    assert_eq!(again.faults, faults);
    assert_eq!((again.position, again.nodes), (None, Vec::new()));
    assert_eq!(office.organizations().await, 0);
    office.create(&office.ada, "another", "school").await.ran();
}

#[tokio::test]
async fn nothing_is_kept_of_what_was_refused_to_nobody_in_particular() {
    let office = Office::open().await;
    let nobody = Viewer::anonymous();
    let refuse = |message: &'static str| async move {
        Err(Error::fault(FaultCode::NotFound, &["token"], message))
    };
    for message in ["first", "second"] {
        let refused = office.work(&nobody, "key", "same", refuse(message)).await;
        let Answer::Ran(Err(Error::Refused(faults))) = refused else {
            panic!("it is judged each time: {refused:?}")
        };
        assert_eq!(faults[0].message, message);
    }
    assert_eq!(office.rows().await, []);
    let made = create_organization(&office.store, &office.ada, school());
    let made = office.work(&nobody, "key", "same", made).await.ran();
    let never = async { panic!("it ran again") };
    let again = office.work(&nobody, "key", "same", never).await.again();
    assert_eq!(again.nodes, named(&made.value));
    let other = create_organization(&office.store, &office.ada, school());
    let other = office.work(&nobody, "key", "other", other).await;
    assert!(
        matches!(other, Answer::Ran(Err(Error::Refused(_)))),
        "another request of somebody unknown is another caller's: {other:?}"
    );
}

#[tokio::test]
async fn what_is_refused_after_a_write_is_told_again_as_refused() {
    let office = Office::open().await;
    let work = async {
        create_organization(&office.store, &office.ada, school()).await?;
        Err(Error::fault(
            FaultCode::InvalidCredentials,
            &["token"],
            "Used twice.",
        ))
    };
    office.work(&office.ada, "key", "same", work).await;
    let never = async { panic!("it ran again") };
    let again = office.work(&office.ada, "key", "same", never).await.again();
    assert_eq!(again.faults[0].code, FaultCode::InvalidCredentials);
    assert_eq!((again.position, again.nodes), (None, Vec::new()));
}

#[tokio::test]
async fn an_error_is_not_kept_and_what_was_taken_back_leaves_no_row() {
    let office = Office::open().await;
    let store = office.store.clone();
    let fails = async {
        let written = store.write(None, |unit| {
            async move {
                let unknown = organization::Entity::find_by_id(Uuid::now_v7());
                unknown.one(unit.db()).await?;
                Err::<organization::Model, _>(Error::Unavailable("Not now.".into()))
            }
            .boxed()
        });
        written.await
    };
    let failed = office.work(&office.ada, "key", "school", fails).await;
    assert!(
        matches!(failed, Answer::Ran(Err(Error::Unavailable(_)))),
        "{failed:?}"
    );
    assert_eq!(office.rows().await, []);
    office.create(&office.ada, "key", "school").await.ran();
    office.create(&office.ada, "key", "school").await.again();
}

#[tokio::test]
async fn after_a_day_a_key_is_new() {
    let office = Office::open().await;
    office.create(&office.ada, "key", "school").await.ran();
    let clock = office.store.clock();
    clock.advance(TimeDelta::hours(23) + TimeDelta::minutes(59));
    office.create(&office.ada, "key", "school").await.again();
    assert_eq!(remove_forgotten(&office.store).await.unwrap(), 0);

    clock.advance(TimeDelta::minutes(1));
    assert_eq!(
        outcome(&office.store, &office.ada, "key").await.unwrap(),
        None
    );
    let made = office.create(&office.ada, "key", "library").await.ran();
    let again = office.create(&office.ada, "key", "library").await.again();
    assert_eq!(
        again.nodes,
        named(&made.value),
        "the row is renewed, though it was there still"
    );

    clock.advance(TimeDelta::hours(24));
    assert_eq!(remove_forgotten(&office.store).await.unwrap(), 1);
    assert_eq!(office.rows().await, []);
}

#[tokio::test]
async fn whoever_reads_the_table_learns_neither_who_nor_what() {
    let office = Office::open().await;
    let (key, slug) = ("e8b6e4a2-6f3b-4b53-9a35", "a-school-of-its-own");
    office.create(&office.ada, key, slug).await.ran();
    let rows = format!("{:?}", office.rows().await).to_lowercase();
    let user = office.ada.user_id().unwrap();
    for secret in [key, slug, &user.to_string(), &user.simple().to_string()] {
        assert!(!rows.contains(secret), "{secret} is in {rows}");
    }
}

#[tokio::test]
async fn writes_apart_leave_the_whole_answer_to_the_end() {
    let office = Office::open().await;
    let store = office.store.clone();
    let input = |slug: &str| CreateOrganization {
        name: slug.to_owned(),
        sector: Sector::Education,
        url: None,
        slug: Some(slug.to_owned()),
    };
    let work = apart(async {
        create_organization(&store, &office.ada, input("first")).await?;
        assert_eq!(
            office.rows().await,
            [],
            "no row goes with one of several writes"
        );
        create_organization(&store, &office.ada, input("second")).await
    });
    Box::pin(office.work(&office.ada, "key", "both", work))
        .await
        .ran();
    assert_eq!(office.rows().await.len(), 1);
    let never = async { panic!("it ran again") };
    office.work(&office.ada, "key", "both", never).await.again();
}

proptest! {
    #[test]
    fn a_key_is_visible_ascii(text in "\\PC{0,300}") {
        let visible = text.chars().all(|character| ('!'..='~').contains(&character));
        let length = text.chars().count();
        prop_assert_eq!(is_key(&text), visible && (1..=255).contains(&length));
    }

    #[test]
    fn every_text_of_visible_ascii_is_a_key(text in "[!-~]{1,255}") {
        prop_assert!(is_key(&text));
    }
}
