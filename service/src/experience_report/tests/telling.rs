//! Who reads what is told, what may not be told, and what goes with its subject.

use entity::held_report;
use entity::item::ItemType;
use entity::pilot::PilotState::Cancelled;

use super::*;

#[tokio::test]
async fn a_report_is_read_as_far_as_its_author_consents() {
    let school = School::new(CommunityVisibility::Public).await;
    let pilot = school.pilot().await;
    let nobody = Viewer::anonymous();
    let readers = [
        (&school.author, Authors),
        (&school.planner, Authors),
        (&school.stranger, Authors),
        (&school.member, Members),
        (&school.steward, Members),
        (&school.facilitator, Members),
        (&nobody, Public),
    ];
    for consent in Consent::ALL {
        let told = school.told(&school.stranger, &pilot, *consent, false).await;
        let id = told.value.report.id;
        assert!(told.value.secret.is_none());
        for (viewer, least) in readers {
            let expected = *consent >= least;
            assert_eq!(school.sees(viewer, id).await, expected, "{consent:?}");
            let listed = school.listed(viewer, &pilot).await.contains(&id);
            assert_eq!(listed, expected, "{consent:?}");
        }
    }
    let changes = school.changes().await;
    assert!(
        changes
            .iter()
            .all(|row| row.actor_id == school.stranger.user_id())
    );
}

#[tokio::test]
async fn all_that_is_wrong_with_a_report_is_said_at_once_and_nothing_is_written() {
    let school = School::new(CommunityVisibility::Public).await;
    let pilot = school.pilot().await;
    for anonymous in [false, true] {
        let wrong = TellExperience {
            text: " \n".to_owned(),
            media_url: Some("video".to_owned()),
            rating: Some(6),
            ..input(&pilot, Public, anonymous)
        };
        let found = faults(tell(&school.store, &school.member, wrong).await);
        let said: Vec<_> = found
            .iter()
            .map(|fault| (fault.code, fault.field.join(".")))
            .collect();
        assert_eq!(
            said,
            [
                (FaultCode::Required, "input.text".to_owned()),
                (FaultCode::Invalid, "input.mediaUrl".to_owned()),
                (FaultCode::OutOfRange, "input.rating".to_owned()),
            ]
        );
        let nothing = TellExperience {
            about: (EntityType::Pilot, Uuid::now_v7()),
            ..input(&pilot, Public, anonymous)
        };
        let nothing = tell(&school.store, &school.member, nothing).await;
        assert_eq!(code(nothing), FaultCode::NotFound);
        let signed_out = input(&pilot, Public, anonymous);
        let signed_out = tell(&school.store, &Viewer::anonymous(), signed_out).await;
        assert!(matches!(signed_out, Err(Error::Unauthenticated)));
    }
    school
        .go(&school.planner, pilot.id, Cancelled)
        .await
        .unwrap();
    for anonymous in [false, true] {
        let late = tell(
            &school.store,
            &school.member,
            input(&pilot, Public, anonymous),
        )
        .await;
        let late = faults(late);
        assert_eq!(late[0].code, FaultCode::InvalidTransition);
        assert_eq!(late[0].blocked_by[0].code, BlockerCode::NotFromHere);
    }
    assert_eq!(school.changes().await, []);
    let held = held_report::Entity::find()
        .count(school.store.reader())
        .await;
    assert_eq!(held.unwrap(), 0);
}

#[tokio::test]
async fn one_person_reports_so_often_by_name() {
    let school = School::new(CommunityVisibility::Public).await;
    let pilot = school.pilot().await;
    for _ in 0..MOST_BY_ONE {
        school.told(&school.member, &pilot, Authors, false).await;
    }
    let more = tell(&school.store, &school.member, input(&pilot, Authors, false)).await;
    assert_eq!(code(more), FaultCode::LimitReached);
    school.told(&school.planner, &pilot, Authors, false).await;
    school.told(&school.member, &pilot, Authors, true).await;
}

#[tokio::test]
async fn reports_go_with_what_they_tell_of() {
    let school = School::new(CommunityVisibility::Public).await;
    let draft = school.resource(false, ItemVisibility::Community).await;
    let pilot = school.try_plan(&school.author, draft).await.unwrap();
    let told = school
        .told(&school.author, &pilot, Members, false)
        .await
        .value;
    let held = school
        .told(&school.author, &pilot, Members, true)
        .await
        .value;
    crate::item::delete(&school.store, &school.author, ItemType::Resource, draft)
        .await
        .unwrap();
    school.next_day().await;
    let changes = school.changes().await;
    let told_of: Vec<_> = changes
        .iter()
        .map(|row| (row.entity_id, row.operation))
        .collect();
    let id = told.report.id;
    assert_eq!(
        told_of,
        [(id, Operation::Created), (id, Operation::Deleted)]
    );
    assert_eq!(changes[0].audience_after, changes[1].audience_before);
    let nobody = Viewer::anonymous();
    let gone = withdraw(&school.store, &nobody, held.report.id, held.secret).await;
    assert_eq!(code(gone), FaultCode::NotFound);
}
