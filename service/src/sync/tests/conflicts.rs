//! What was edited here and in the other system.

use super::*;
use crate::testing;

use SyncConflictRule::{KeepOurs, Report, TakeTheirs};
use SyncOutcome::{Conflict, Created, Unchanged, Updated};

#[tokio::test]
async fn what_was_edited_here_is_reported_kept_or_overwritten_by_the_rule() {
    let synced = Synced::new().await;
    let id = synced.one(item("7", "Theirs")).await.resource_id.unwrap();
    synced.edit(id, "Ours").await;
    assert_eq!(
        synced.one(item("7", "Theirs")).await.outcome,
        Unchanged,
        "they changed nothing"
    );

    let before = synced.position().await;
    let reported = synced.one(item("7", "Theirs, new")).await;
    assert_eq!(
        (reported.outcome, reported.resource_id),
        (Conflict, Some(id))
    );
    assert_eq!(told(&reported), [said(FaultCode::Conflict, "input.0")]);
    assert_eq!(reported.faults[0].current_revision, Some(2));
    let message = &reported.faults[0].message;
    assert!(
        message.contains('2') && message.contains('1'),
        "both revisions: {message}"
    );
    assert_eq!(synced.position().await, before, "nothing was written");

    synced.rule(KeepOurs).await;
    let before = synced.position().await;
    assert_eq!(
        synced.one(item("7", "Theirs, new")).await.outcome,
        Unchanged
    );
    assert_eq!(
        synced.one(item("7", "Theirs, newer")).await.outcome,
        Unchanged
    );
    assert_eq!(synced.state(id).await.item.title, "Ours");
    assert_eq!(synced.position().await, before);

    synced.rule(TakeTheirs).await;
    let taken = synced.one(item("7", "Theirs, newer")).await;
    assert_eq!(
        taken.outcome, Updated,
        "what was kept out comes in when the rule says so"
    );
    let state = synced.state(id).await;
    assert_eq!(
        (state.item.title.as_str(), state.item.revision),
        ("Theirs, newer", 3)
    );

    synced.rule(Report).await;
    assert_eq!(
        synced.one(item("7", "Theirs, last")).await.outcome,
        Updated,
        "no longer edited here"
    );
}

#[tokio::test]
async fn the_same_change_on_both_sides_is_no_conflict() {
    let synced = Synced::new().await;
    let id = synced.one(item("7", "Old")).await.resource_id.unwrap();
    synced.edit(id, "New").await;
    assert_eq!(synced.one(item("7", "New")).await.outcome, Unchanged);
    assert_eq!(synced.reference(id).await.synced_revision, Some(2));
    assert_eq!(synced.one(item("7", "Newer")).await.outcome, Updated);
}

#[tokio::test]
async fn a_conflict_of_one_keeps_nothing_else_from_being_written() {
    let synced = Synced::new().await;
    let id = synced.one(item("7", "Theirs")).await.resource_id.unwrap();
    synced.one(item("8", "Shapes")).await;
    synced.edit(id, "Ours").await;
    let outcomes = synced
        .outcomes(vec![
            item("7", "Theirs, new"),
            item("8", "Circles"),
            item("9", "Lines"),
        ])
        .await;
    assert_eq!(outcomes, [Conflict, Updated, Created]);
}

#[tokio::test]
async fn what_somebody_here_archived_stays_so_unless_the_rule_says_otherwise() {
    let synced = Synced::new().await;
    let id = synced
        .one(item("7", "Fractions"))
        .await
        .resource_id
        .unwrap();
    synced.archive(id).await;
    assert_eq!(synced.one(item("7", "Fractions")).await.outcome, Unchanged);
    let reported = synced.one(item("7", "Fractions, new")).await;
    assert_eq!(told(&reported), [said(FaultCode::Conflict, "input.0")]);
    synced.rule(KeepOurs).await;
    assert_eq!(
        synced.one(item("7", "Fractions, new")).await.outcome,
        Unchanged
    );
    assert_eq!(synced.status(id).await, Some(PublicationStatus::Archived));
    assert_eq!(synced.state(id).await.item.revision, 1);

    // What is not to be published is changed where it is.
    let mut hidden = item("7", "Fractions, hidden");
    hidden.publish = false;
    assert_eq!(synced.one(hidden).await.outcome, Updated);
    assert_eq!(synced.status(id).await, Some(PublicationStatus::Archived));

    synced.rule(TakeTheirs).await;
    assert_eq!(
        synced.one(item("7", "Fractions, new")).await.outcome,
        Updated
    );
    let state = synced.state(id).await;
    assert_eq!(state.item.status, Some(PublicationStatus::Published));
    assert_eq!(state.item.title, "Fractions, new");
}

#[tokio::test]
async fn facilitators_say_what_happens_and_see_it() {
    let synced = Synced::new().await;
    let school = &synced.school;
    let community = school.community.id;
    let first = synced.rule(KeepOurs).await;
    let same = synced.rule(KeepOurs).await;
    assert_eq!(
        first.position, same.position,
        "the same again writes nothing"
    );
    let other = synced.rule(TakeTheirs).await;
    assert!(other.position > first.position);
    let changes = testing::changes(&school.store, entity::change::EntityType::Community).await;
    let told: Vec<_> = changes
        .iter()
        .map(|row| {
            (
                row.fields.0.join(" "),
                row.audience_after.clone().unwrap().0.len(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("syncPolicies".to_owned(), 1),
            ("syncPolicies".to_owned(), 1)
        ]
    );

    let seen = async |viewer: &Viewer| {
        let found = policies_of(&school.store, viewer, &[community])
            .await
            .unwrap();
        let rows = found.get(&community).cloned().unwrap_or_default();
        rows.into_iter()
            .map(|row| (row.system, row.on_conflict))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        seen(&school.facilitator).await,
        [("moodle".to_owned(), TakeTheirs)]
    );
    assert_eq!(seen(&school.steward).await, []);
    assert_eq!(seen(&Viewer::anonymous()).await, []);
    for viewer in [&school.steward, &school.stranger] {
        let refused = set_policy(
            &school.store,
            viewer,
            community,
            "moodle".to_owned(),
            Report,
        );
        let refused = crate::pilot::testing::faults(refused.await);
        assert_eq!(refused[0].code, FaultCode::Forbidden);
        assert_eq!(refused[0].field, ["communityId"]);
    }
    for number in 1..MOST_SYSTEMS {
        let system = format!("system {number}");
        set_policy(
            &school.store,
            &school.facilitator,
            community,
            system,
            Report,
        )
        .await
        .unwrap();
    }
    let refused = synced
        .try_call(
            &school.steward,
            SyncResources {
                system: "one too many".to_owned(),
                ..synced.call(Vec::new())
            },
        )
        .await;
    let refused = crate::pilot::testing::faults(refused);
    assert_eq!(
        (refused[0].code, refused[0].field.join(".")),
        said(FaultCode::LimitReached, "system")
    );
}
