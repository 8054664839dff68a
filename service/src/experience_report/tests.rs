use chrono::{Days, TimeDelta};
use entity::change::{EntityType, Operation};
use entity::community::CommunityVisibility;
use entity::experience_report::Consent::{self, Authors, Members, Public};
use entity::item::{ItemType, ItemVisibility};
use entity::pilot::PilotState::{Cancelled, Concluded, Running};
use entity::{change, held_report};
use sea_orm::{EntityTrait, PaginatorTrait};
use uuid::Uuid;

use super::*;
use crate::auth::Secret;
use crate::change::catch_up;
use crate::deadline::run_due;
use crate::error::{BlockerCode, Error, FaultCode};
use crate::item::ItemContent;
use crate::paging::PageRequest;
use crate::pilot::Pilot;
use crate::pilot::testing::{School, code, faults};
use crate::resource::{self, UpdateResource};
use crate::search::{SearchIndex, SearchQuery, search};
use crate::store::Written;
use crate::testing;
use crate::validation::Patch;
use crate::viewer::Viewer;

fn input(pilot: &Pilot, consent: Consent, anonymous: bool) -> TellExperience {
    TellExperience {
        about: (EntityType::Pilot, pilot.id),
        text: "The cards helped my pupils.".to_owned(),
        media_url: Some("https://example.org/video".to_owned()),
        rating: Some(4),
        would_reuse: Some(true),
        consent,
        anonymous,
    }
}

impl School {
    async fn told(
        &self,
        viewer: &Viewer,
        pilot: &Pilot,
        consent: Consent,
        anonymous: bool,
    ) -> Written<Told> {
        let input = input(pilot, consent, anonymous);
        tell(&self.store, viewer, input).await.unwrap()
    }

    async fn sees(&self, viewer: &Viewer, report: Uuid) -> bool {
        let found = by_ids(&self.store, viewer, &[report]).await.unwrap();
        found.contains_key(&report)
    }

    async fn listed(&self, viewer: &Viewer, pilot: &Pilot) -> Vec<Uuid> {
        let scope = ReportScope::About(pilot.id);
        let request = PageRequest {
            first: Some(100),
            ..PageRequest::default()
        };
        let listed = page(&self.store, viewer, scope, &request).await.unwrap();
        let counted = count(&self.store, viewer, scope).await.unwrap();
        assert_eq!(counted, listed.rows.len() as u64);
        listed.rows.into_iter().map(|(_, row)| row.id).collect()
    }

    /// Turns the clock to the next day, and does what is due.
    async fn next_day(&self) {
        self.store.clock().advance(TimeDelta::days(1));
        run_due(&self.store).await.unwrap();
    }

    async fn changes(&self) -> Vec<change::Model> {
        testing::changes(&self.store, EntityType::ExperienceReport).await
    }

    async fn narrowed(
        &self,
        viewer: &Viewer,
        id: Uuid,
        to: Consent,
        secret: Option<&Secret>,
    ) -> Result<ExperienceReport, Error> {
        let written = narrow(&self.store, viewer, id, to, secret.cloned()).await?;
        Ok(written.value)
    }

    async fn found(&self, index: &SearchIndex, viewer: &Viewer) -> Vec<Uuid> {
        let query = SearchQuery {
            query: "\"helped my pupils\"".to_owned(),
            ..SearchQuery::default()
        };
        let found = search(&self.store, index, viewer, query).await.unwrap();
        assert_eq!(found.total, found.hits.len() as u64);
        found.hits.into_iter().map(|hit| hit.id).collect()
    }
}

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
async fn an_anonymous_report_comes_with_the_others_of_its_day() {
    let school = School::new(CommunityVisibility::Public).await;
    let pilot = school.pilot().await;
    school.go(&school.planner, pilot.id, Running).await.unwrap();
    let before = school.store.position().await.unwrap();
    let mut ids = Vec::new();
    for _ in 0..3 {
        let told = school.told(&school.member, &pilot, Public, true).await;
        assert_eq!(told.position, before, "the log does not move");
        let report = told.value.report;
        assert_eq!((report.author_id, report.created_at), (None, None));
        assert_eq!(report.id.get_version_num(), 4);
        ids.push(report.id);
    }
    let day = school.store.clock().now().date_naive();
    let held = held_report::Entity::find().all(school.store.reader()).await;
    for row in held.unwrap() {
        assert_eq!(row.held_until, day.checked_add_days(Days::new(1)).unwrap());
    }
    let due = run_due(&school.store).await.unwrap();
    assert_eq!(due.done, 0);
    let tomorrow = day.checked_add_days(Days::new(1)).unwrap();
    let midnight = tomorrow.and_time(chrono::NaiveTime::MIN).and_utc();
    assert_eq!(
        due.next,
        Some(midnight),
        "the next run is when the day is over"
    );
    for viewer in [&school.member, &school.author, &school.planner] {
        assert_eq!(school.listed(viewer, &pilot).await, [] as [Uuid; 0]);
        assert!(!school.sees(viewer, ids[0]).await);
    }
    let concluded = school.go(&school.planner, pilot.id, Concluded).await;
    assert_eq!(
        faults(concluded)[0].blocked_by[0].code,
        BlockerCode::ReportMissing
    );

    school.next_day().await;
    ids.sort_unstable();
    assert_eq!(school.listed(&Viewer::anonymous(), &pilot).await, ids);
    let changes = school.changes().await;
    let logged: Vec<_> = changes.iter().map(|row| row.entity_id).collect();
    assert_eq!(
        logged, ids,
        "in the order of their ids, not of their writing"
    );
    for row in changes {
        assert_eq!((row.actor_id, row.operation), (None, Operation::Created));
        assert!(row.at >= midnight);
    }
    let held = held_report::Entity::find()
        .count(school.store.reader())
        .await;
    assert_eq!(held.unwrap(), 0);
    school
        .go(&school.planner, pilot.id, Concluded)
        .await
        .unwrap();
}

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
