//! What is asked again runs nothing and is told what was made, at once or later, to those who may know.

use std::sync::Arc;

use futures_util::future::join_all;

use super::*;
use crate::error::FaultCode;

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

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_at_once_one_runs_and_the_others_are_told() {
    let office = Arc::new(Office::open().await);
    let sent = (0..40).map(|number| {
        let office = Arc::clone(&office);
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
    let office = Arc::new(Office::open().await);
    let sent = (0..12).map(|number| {
        let office = Arc::clone(&office);
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
