use entity::change::EntityType;
use entity::community::CommunityVisibility;
use entity::item::PublicationStatus;
use entity::membership::MembershipState;
use entity::practice::{PracticeKind, PracticeMaturity};
use entity::user::PlatformRole;
use entity::{evidence, item, practice, transition};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use uuid::Uuid;

use super::*;
use crate::community::{UpdatePolicy, set_kind, update_policy};
use crate::error::{Error, FaultCode};
use crate::evidence::Counts;
use crate::evidence::formula::{level, recommends};
use crate::item::ItemContent;
use crate::paging::PageRequest;
use crate::practice::{CreatePractice, PracticeContent};
use crate::store::Store;
use crate::testing;
use crate::validation::Patch;
use crate::viewer::Viewer;

#[test]
fn the_defaults_of_every_kind_are_within_the_bounds_of_settings() {
    for kind in CommunityKind::ALL {
        let policy = of(*kind).defaults;
        assert!(QUORUM.contains(&policy.practice_quorum.into()), "{kind:?}");
        assert!(QUORUM.contains(&policy.statement_quorum.into()), "{kind:?}");
        let hours = policy.first_answer_target_hours.into_iter();
        assert!(hours.map(i64::from).all(|hours| HOURS.contains(&hours)));
        let days = [policy.review_interval_days, policy.stage_age_limit_days];
        let mut days = days.into_iter().flatten().map(i64::from);
        assert!(days.all(|days| DAYS.contains(&days)), "{kind:?}");
    }
}

#[test]
fn the_kinds_differ_in_what_they_ask_of_a_resource_and_a_practice() {
    let asked = CommunityKind::ALL.iter().map(|kind| {
        let policy = of(*kind).defaults;
        let resource = policy.approvals(ItemType::Resource);
        let practice = policy.approvals(ItemType::Practice);
        (resource.needed, resource.by, practice.needed)
    });
    let reviewer = MembershipRole::Reviewer;
    assert_eq!(
        asked.collect::<Vec<_>>(),
        [
            (0, reviewer, 1),
            (1, reviewer, 2),
            (1, MembershipRole::Steward, 1),
            (0, reviewer, 1)
        ]
    );
}

fn codes(error: Error) -> Vec<(FaultCode, String)> {
    let Error::Refused(faults) = error else {
        panic!("{error} is no refusal")
    };
    faults
        .into_iter()
        .map(|fault| (fault.code, fault.field.join(".")))
        .collect()
}

#[tokio::test]
async fn settings_are_bounded_and_null_goes_back_to_the_kind() {
    let (_directory, store) = testing::store().await;
    let ada = testing::user(&store, "ada", PlatformRole::Member).await;
    let ben = testing::user(&store, "ben", PlatformRole::Member).await;
    let row = testing::community(&store, "helpers", CommunityVisibility::Public).await;
    for (user, role) in [
        (&ada, MembershipRole::Facilitator),
        (&ben, MembershipRole::Steward),
    ] {
        testing::membership(&store, row.id, user.id, role, MembershipState::Active).await;
    }
    let (ada, ben) = (
        testing::viewer(&store, ada.id).await,
        testing::viewer(&store, ben.id).await,
    );
    let change = UpdatePolicy {
        resource_review: Patch::Value(ReviewRule::OneSteward),
        practice_quorum: Patch::Value(4),
        review_interval_days: Patch::Value(7),
        ..UpdatePolicy::default()
    };
    let refused = update_policy(&store, &ben, row.id, change.clone()).await;
    assert_eq!(codes(refused.unwrap_err())[0].0, FaultCode::Forbidden);

    let changed = update_policy(&store, &ada, row.id, change.clone())
        .await
        .unwrap();
    let policy = policy_of(&changed.value);
    assert_eq!(policy.resource_review, ReviewRule::OneSteward);
    assert_eq!(policy.practice_quorum, 4);
    assert_eq!(policy.review_interval_days, Some(7));
    assert_eq!(policy.first_answer_target_hours, Some(48));
    assert_eq!(changed.value.revision, 1, "it is no revision");

    let again = update_policy(&store, &ada, row.id, change).await.unwrap();
    assert_eq!(
        again.position, changed.position,
        "the same again is no change"
    );

    let wrong = UpdatePolicy {
        practice_quorum: Patch::Value(0),
        statement_quorum: Patch::Value(11),
        first_answer_target_hours: Patch::Value(721),
        review_interval_days: Patch::Value(6),
        stage_age_limit_days: Patch::Value(i64::MAX),
        ..UpdatePolicy::default()
    };
    let faults = codes(
        update_policy(&store, &ada, row.id, wrong)
            .await
            .unwrap_err(),
    );
    assert_eq!(faults.len(), 5, "{faults:?}");
    assert!(
        faults
            .iter()
            .all(|(code, _)| *code == FaultCode::OutOfRange)
    );

    let back = UpdatePolicy {
        resource_review: Patch::Null,
        practice_quorum: Patch::Null,
        review_interval_days: Patch::Null,
        ..UpdatePolicy::default()
    };
    let back = update_policy(&store, &ada, row.id, back).await.unwrap();
    assert_eq!(policy_of(&back.value), of(CommunityKind::Helping).defaults);
}

#[tokio::test]
async fn a_dry_run_of_another_kind_changes_nothing() {
    let (_directory, store) = testing::store().await;
    let ada = testing::user(&store, "ada", PlatformRole::Member).await;
    let row = testing::community(&store, "helpers", CommunityVisibility::Public).await;
    let role = MembershipRole::Facilitator;
    testing::membership(&store, row.id, ada.id, role, MembershipState::Active).await;
    let ada = testing::viewer(&store, ada.id).await;
    let kind = CommunityKind::KnowledgeStewarding;

    let tried = set_kind(&store, &ada, row.id, kind, true).await.unwrap();
    assert_eq!(tried.value, row);
    assert_eq!(testing::changes(&store, EntityType::Community).await, []);

    let changed = set_kind(&store, &ada, row.id, kind, false).await.unwrap();
    assert_eq!(changed.value.kind, kind);
    let changes = testing::changes(&store, EntityType::Community).await;
    assert_eq!(changes[0].fields.0, ["kind"]);
    let step = transition::Entity::find()
        .filter(transition::Column::EntityId.eq(row.id))
        .one(store.reader())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (step.from_state.as_deref(), step.to_state.as_str()),
        (Some("HELPING"), "KNOWLEDGE_STEWARDING")
    );
    assert_eq!(step.actor_id, ada.user_id());
}

/// A practice that is as far as this.
async fn practice_at(
    store: &Store,
    author: &Viewer,
    community: Uuid,
    status: PublicationStatus,
    maturity: PracticeMaturity,
) -> Uuid {
    let input = CreatePractice {
        community_id: community,
        content: ItemContent {
            title: Patch::Value("Reading in pairs".to_owned()),
            ..ItemContent::default()
        },
        practice: PracticeContent {
            kind: Patch::Value(PracticeKind::Routine),
            ..PracticeContent::default()
        },
        publish: false,
    };
    let made = crate::practice::create(store, author, input).await;
    let id = made.unwrap().value.item.id;
    item::Entity::update_many()
        .col_expr(item::Column::Status, Expr::value(status.as_str()))
        .col_expr(item::Column::Published, Expr::value(true))
        .filter(item::Column::Id.eq(id))
        .exec(store.migration_connection())
        .await
        .unwrap();
    practice::Entity::update_many()
        .col_expr(practice::Column::Maturity, Expr::value(maturity.as_str()))
        .filter(practice::Column::Id.eq(id))
        .exec(store.migration_connection())
        .await
        .unwrap();
    id
}

async fn count(store: &Store, item_id: Uuid, counts: Counts) {
    let row = evidence::Model {
        item_id,
        level: level(counts),
        concluded: counts.concluded,
        worked: counts.worked,
        reports: counts.reports,
        adoptions: counts.adoptions,
        confirmed: counts.confirmed,
        settings: counts.settings,
    };
    evidence::Entity::insert(row.into_active_model())
        .exec_without_returning(store.migration_connection())
        .await
        .unwrap();
}

#[tokio::test]
async fn what_is_recommended_without_evidence_is_a_conflict_by_the_formula() {
    use PracticeMaturity::{Emerging, Recommended, Trialled};
    use PublicationStatus::{Archived, Published};
    let (_directory, store) = testing::store().await;
    let ada = testing::user(&store, "ada", PlatformRole::Member).await;
    let row = testing::community(&store, "helpers", CommunityVisibility::Public).await;
    let role = MembershipRole::Facilitator;
    testing::membership(&store, row.id, ada.id, role, MembershipState::Active).await;
    let ada = testing::viewer(&store, ada.id).await;
    let at = async |status: PublicationStatus, maturity: PracticeMaturity| {
        practice_at(&store, &ada, row.id, status, maturity).await
    };

    let mut expected = vec![at(Published, Recommended).await];
    for worked in 0..2 {
        for (confirmed, settings) in [(0, 0), (2, 2), (3, 1), (3, 2), (4, 3)] {
            let counts = Counts {
                concluded: 1,
                worked,
                adoptions: confirmed,
                confirmed,
                settings,
                ..Counts::default()
            };
            let id = at(Published, Recommended).await;
            count(&store, id, counts).await;
            if !recommends(counts) {
                expected.push(id);
            }
        }
    }
    assert_eq!(expected.len(), 4);
    // These are not recommended, or not offered.
    for (status, maturity) in [
        (Published, Emerging),
        (Published, Trialled),
        (Archived, Recommended),
    ] {
        at(status, maturity).await;
    }
    for (kind, expected) in [
        (CommunityKind::BestPractice, expected),
        (CommunityKind::Helping, Vec::new()),
    ] {
        let request = PageRequest {
            first: Some(50),
            ..PageRequest::default()
        };
        let page = page_of_conflicts(&store, &ada, row.id, kind, &request).await;
        let found = page.unwrap().rows.into_iter();
        let found: Vec<Uuid> = found.map(|(_, conflict)| conflict.id).collect();
        assert_eq!(found, expected, "{kind:?}");
        let counted = conflict_count(&store, &ada, row.id, kind).await.unwrap();
        assert_eq!(counted, expected.len() as u64, "{kind:?}");
    }
}
