//! Who may synchronize what.

use entity::item::ItemVisibility;
use entity::membership::{MembershipRole, MembershipState};

use super::*;
use crate::pilot::testing::faults;
use crate::testing;

use SyncOutcome::{Created, Failed, Unchanged, Updated};

#[tokio::test]
async fn members_synchronize_by_a_token_that_is_good_for_it() {
    let synced = Synced::new().await;
    let school = &synced.school;
    let call = || synced.call(items(0..1));
    let refused = faults(synced.try_call(&school.stranger, call()).await);
    assert_eq!(refused[0].code, FaultCode::Forbidden);
    assert_eq!(refused[0].field, ["communityId"]);
    let nobody = synced.try_call(&Viewer::anonymous(), call()).await;
    assert!(matches!(nobody, Err(Error::Unauthenticated)));

    let author = school.author.user_id().unwrap();
    let token = async |scopes: &[Scope], only| {
        testing::viewer_with(&school.store, author, scopes, only).await
    };
    let writing = token(&[Scope::Read, Scope::Write], None).await;
    let missing = |error: Error| matches!(error, Error::ScopeMissing("SYNC"));
    assert!(missing(
        synced.try_call(&writing, call()).await.unwrap_err()
    ));
    let ended = finish_sync(&school.store, &writing, synced.end("monday", None)).await;
    assert!(missing(ended.unwrap_err()));
    let elsewhere = token(&[Scope::Sync], Some(Uuid::now_v7())).await;
    let refused = faults(synced.try_call(&elsewhere, call()).await);
    assert_eq!(refused[0].code, FaultCode::Forbidden);
    let here = token(&[Scope::Sync], Some(school.community.id)).await;
    let results = synced.results_as(&here, items(0..1)).await;
    assert_eq!(results[0].outcome, Created);
}

#[tokio::test]
async fn each_item_is_written_within_the_rights_of_the_owner() {
    let synced = Synced::new().await;
    let school = &synced.school;
    let mut hidden = item("hidden", "Hidden");
    hidden.content.visibility = Patch::Value(ItemVisibility::Stewards);
    let made = synced.results(vec![item("seen", "Seen"), hidden]).await;
    // Another member learns of neither whether it is as they guess, nor whether they may read it.
    for title in ["Seen", "Else"] {
        let listed = vec![
            item("seen", title),
            item("hidden", title),
            item("own", "Own"),
        ];
        let results = synced.results_as(&school.member, listed).await;
        assert_eq!((results[0].outcome, results[1].outcome), (Failed, Failed));
        assert_eq!(
            told(&results[0]),
            [said(FaultCode::Forbidden, "input.0.externalId")]
        );
        assert_eq!(
            told(&results[1]),
            [said(FaultCode::Forbidden, "input.1.externalId")]
        );
        assert_eq!(results[0].faults[0].message, results[1].faults[0].message);
        assert!([Created, Unchanged].contains(&results[2].outcome));
    }
    for (result, title) in made.iter().zip(["Seen", "Hidden"]) {
        assert_eq!(
            synced.state(result.resource_id.unwrap()).await.item.title,
            title
        );
    }
    let own = synced
        .results_as(&school.member, vec![item("own", "Own, changed")])
        .await;
    assert_eq!(own[0].outcome, Updated, "their own they may change");
}

#[tokio::test]
async fn the_same_id_in_another_system_or_community_is_another_resource() {
    let synced = Synced::new().await;
    let school = &synced.school;
    let first = synced.one(item("7", "Fractions")).await.resource_id;
    let other = SyncResources {
        system: "canvas".to_owned(),
        ..synced.call(vec![item("7", "Fractions")])
    };
    let other = synced.try_call(&school.steward, other).await.unwrap().value;
    assert_eq!(other.results[0].outcome, Created);
    let place = testing::community(&school.store, "elsewhere", CommunityVisibility::Public).await;
    let stella = school.steward.user_id().unwrap();
    let (role, state) = (MembershipRole::Steward, MembershipState::Active);
    testing::membership(&school.store, place.id, stella, role, state).await;
    let stella = testing::viewer(&school.store, stella).await;
    let there = SyncResources {
        community_id: place.id,
        ..synced.call(vec![item("7", "Fractions")])
    };
    let there = synced.try_call(&stella, there).await.unwrap().value;
    assert_eq!(there.results[0].outcome, Created);
    assert_ne!(there.results[0].resource_id, first);

    // A run of the one says nothing of the other.
    synced.in_run("monday", Vec::new()).await;
    let ended = FinishSync {
        community_id: place.id,
        ..synced.end("monday", Some(1.0))
    };
    let refused = faults(finish_sync(&school.store, &stella, ended).await);
    assert_eq!(
        (refused[0].code, refused[0].field.join(".")),
        said(FaultCode::NotFound, "run")
    );
    let finished = synced
        .try_finish(synced.end("monday", Some(1.0)))
        .await
        .unwrap();
    let archived: Vec<_> = finished
        .value
        .results
        .iter()
        .map(|one| one.resource_id)
        .collect();
    assert_eq!(archived, [first]);
}
