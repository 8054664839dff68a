//! What was told can be narrowed and withdrawn, by whoever told it, at once and everywhere.

use super::*;
use crate::change::catch_up;
use crate::item::ItemContent;
use crate::resource::{self, UpdateResource};
use crate::validation::Patch;

#[tokio::test]
async fn consent_is_narrowed_between_every_pair_and_never_widened() {
    let school = School::new(CommunityVisibility::Public).await;
    let pilot = school.pilot().await;
    for from in Consent::ALL {
        for to in Consent::ALL {
            for anonymous in [false, true] {
                let told = school
                    .told(&school.member, &pilot, *from, anonymous)
                    .await
                    .value;
                school.next_day().await;
                let (id, secret) = (told.report.id, told.secret);
                let by = if anonymous {
                    &Viewer::anonymous()
                } else {
                    &school.member
                };
                let before = school.store.position().await.unwrap();
                let narrowed = school.narrowed(by, id, *to, secret.as_ref()).await;
                let after = school.store.position().await.unwrap();
                if to > from {
                    let refused = faults(narrowed);
                    assert_eq!(refused[0].code, FaultCode::InvalidTransition);
                    assert_eq!(refused[0].field, ["consent"]);
                    assert_eq!(before, after);
                } else {
                    assert_eq!(narrowed.unwrap().consent, *to);
                    // The only report for everybody is evidence no more when it is narrowed, and a row says so.
                    let falls = to < from && *from == Consent::Public;
                    assert_eq!(after - before, i64::from(to < from) + i64::from(falls));
                }
                if to < from {
                    let row = school.changes().await.pop().unwrap();
                    assert_eq!(row.fields.0, ["consent"]);
                    assert!(row.narrowed);
                    let actor = (!anonymous).then(|| school.member.user_id()).flatten();
                    assert_eq!(row.actor_id, actor);
                }
            }
        }
    }
}

#[tokio::test]
async fn only_who_gave_a_report_takes_it_back() {
    let school = School::new(CommunityVisibility::Public).await;
    let pilot = school.pilot().await;
    let named = school
        .told(&school.member, &pilot, Public, false)
        .await
        .value;
    let narrower = school
        .told(&school.member, &pilot, Authors, false)
        .await
        .value;
    let told = school
        .told(&school.member, &pilot, Public, true)
        .await
        .value;
    let (id, secret) = (told.report.id, told.secret.unwrap());
    let other = school
        .told(&school.planner, &pilot, Public, true)
        .await
        .value
        .secret
        .unwrap();

    // While it is held back, nothing but its secret reaches it.
    for viewer in [&school.member, &school.facilitator] {
        let absent = school.narrowed(viewer, id, Authors, None).await;
        assert_eq!(code(absent), FaultCode::NotFound);
        let absent = school.narrowed(viewer, id, Authors, Some(&other)).await;
        assert_eq!(code(absent), FaultCode::NotFound);
        let absent = withdraw(&school.store, viewer, id, None).await;
        assert_eq!(code(absent), FaultCode::NotFound);
    }
    let position = school.store.position().await.unwrap();
    let narrowed = school
        .narrowed(&Viewer::anonymous(), id, Members, Some(&secret))
        .await;
    assert_eq!(narrowed.unwrap().consent, Members);
    assert_eq!(school.store.position().await.unwrap(), position);
    school.next_day().await;

    for viewer in [
        &school.planner,
        &school.author,
        &school.steward,
        &school.facilitator,
    ] {
        let by_name = school
            .narrowed(viewer, named.report.id, Authors, None)
            .await;
        assert_eq!(code(by_name), FaultCode::Forbidden);
        let anonymous = school.narrowed(viewer, id, Authors, None).await;
        assert_eq!(code(anonymous), FaultCode::Forbidden);
        let guessed = school.narrowed(viewer, id, Authors, Some(&other)).await;
        assert_eq!(code(guessed), FaultCode::InvalidCredentials);
    }
    let without = school.narrowed(&school.member, id, Authors, None).await;
    assert_eq!(
        code(without),
        FaultCode::Forbidden,
        "its author is as any other"
    );
    let needless = school
        .narrowed(&school.member, named.report.id, Authors, Some(&other))
        .await;
    assert_eq!(code(needless), FaultCode::Invalid);
    for viewer in [&school.stranger, &Viewer::anonymous()] {
        let concealed = school.narrowed(viewer, id, Authors, Some(&other)).await;
        assert_eq!(code(concealed), FaultCode::NotFound);
    }
    let signed_out = school
        .narrowed(&Viewer::anonymous(), id, Authors, None)
        .await;
    assert!(matches!(signed_out, Err(Error::Unauthenticated)));

    // A facilitator withdraws what they may read, and nothing else.
    let unseen = withdraw(&school.store, &school.facilitator, narrower.report.id, None).await;
    assert_eq!(code(unseen), FaultCode::NotFound);
    let steward = withdraw(&school.store, &school.steward, named.report.id, None).await;
    assert_eq!(code(steward), FaultCode::Forbidden);
    withdraw(&school.store, &school.facilitator, named.report.id, None)
        .await
        .unwrap();
    withdraw(
        &school.store,
        &Viewer::anonymous(),
        id,
        Some(secret.clone()),
    )
    .await
    .unwrap();
    let row = school.changes().await.pop().unwrap();
    assert_eq!((row.operation, row.actor_id), (Operation::Deleted, None));
    let again = withdraw(&school.store, &Viewer::anonymous(), id, Some(secret)).await;
    assert_eq!(code(again), FaultCode::NotFound);
}

#[tokio::test]
async fn what_is_narrowed_or_withdrawn_is_found_no_longer_before_the_index_knows() {
    let school = School::new(CommunityVisibility::Public).await;
    let index = SearchIndex::in_memory().unwrap();
    let pilot = school.pilot().await;
    let nobody = Viewer::anonymous();
    let named = school
        .told(&school.member, &pilot, Public, false)
        .await
        .value
        .report
        .id;
    let told = school
        .told(&school.member, &pilot, Public, true)
        .await
        .value;
    let (anonymous, secret) = (told.report.id, told.secret.unwrap());
    let follow = async || catch_up(&school.store, &index).await.unwrap();
    follow().await;
    assert_eq!(school.found(&index, &nobody).await, [named]);
    school.next_day().await;
    follow().await;
    assert_eq!(school.found(&index, &nobody).await.len(), 2);

    school
        .narrowed(&nobody, anonymous, Members, Some(&secret))
        .await
        .unwrap();
    assert_eq!(school.found(&index, &nobody).await, [named], "at once");
    follow().await;
    assert_eq!(school.found(&index, &nobody).await, [named]);
    assert_eq!(school.found(&index, &school.steward).await.len(), 2);

    let input = UpdateResource {
        content: ItemContent {
            visibility: Patch::Value(ItemVisibility::Members),
            ..ItemContent::default()
        },
        ..UpdateResource::default()
    };
    resource::update(&school.store, &school.author, pilot.subject_id, input, None)
        .await
        .unwrap();
    assert_eq!(
        school.found(&index, &nobody).await,
        [] as [Uuid; 0],
        "at once"
    );
    follow().await;
    assert_eq!(school.found(&index, &nobody).await, [] as [Uuid; 0]);
    assert_eq!(school.found(&index, &school.steward).await.len(), 2);

    withdraw(&school.store, &school.member, named, None)
        .await
        .unwrap();
    assert_eq!(
        school.found(&index, &school.steward).await,
        [anonymous],
        "at once"
    );
    follow().await;
    assert_eq!(school.found(&index, &school.steward).await, [anonymous]);
}
