//! What was refused, and what failed.

use super::*;
use crate::error::FaultCode;

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
