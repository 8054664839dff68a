use entity::community::CommunityVisibility;
use entity::link;
use entity::membership::MembershipRole;
use entity::value_step::ValueCycle;

use super::*;
use crate::testing::{self, member};

fn story(community: Uuid, consent: Consent) -> TellStory {
    TellStory {
        community_id: community,
        title: "What I took home".to_owned(),
        consent,
        steps: vec![NewStep {
            cycle: ValueCycle::Immediate,
            text: "I was not alone.".to_owned(),
            references: Vec::new(),
        }],
    }
}

fn code<T: std::fmt::Debug>(result: Result<T>) -> FaultCode {
    match result {
        Err(Error::Refused(faults)) => faults[0].code,
        other => panic!("should have been refused: {other:?}"),
    }
}

/// From every consent to every other: narrower goes, wider does not.
#[tokio::test]
async fn consent_is_narrowed_and_never_widened() {
    let (_directory, store) = testing::store().await;
    let community = testing::community(&store, "circle", CommunityVisibility::Public).await;
    let author = member(&store, community.id, "ada", MembershipRole::Member).await;
    let other = member(&store, community.id, "ben", MembershipRole::Facilitator).await;
    for (from_place, from) in Consent::ALL.iter().copied().enumerate() {
        for (to_place, to) in Consent::ALL.iter().copied().enumerate() {
            let told = tell(&store, &author, story(community.id, from)).await;
            let id = told.unwrap().value.id;
            let before = store.position().await.unwrap();
            let outcome = narrow(&store, &author, id, to).await;
            if to_place > from_place {
                assert_eq!(code(outcome), FaultCode::Invalid, "{from:?} to {to:?}");
            } else {
                assert_eq!(outcome.unwrap().value.consent, to);
            }
            let changed = to_place < from_place;
            assert_eq!(store.position().await.unwrap() > before, changed);
            let by_other = narrow(&store, &other, id, Consent::Authors).await;
            let expected = if from.min(to) == Consent::Authors {
                FaultCode::NotFound
            } else {
                FaultCode::Forbidden
            };
            assert_eq!(code(by_other), expected, "{from:?} to {to:?}");
        }
    }
}

#[tokio::test]
async fn who_tells_it_and_facilitators_delete_it_with_its_relations() {
    let (_directory, store) = testing::store().await;
    let community = testing::community(&store, "circle", CommunityVisibility::Public).await;
    let author = member(&store, community.id, "ada", MembershipRole::Member).await;
    let other = member(&store, community.id, "ben", MembershipRole::Steward).await;
    let facilitator = member(&store, community.id, "cleo", MembershipRole::Facilitator).await;
    for (who, consent, refused) in [
        (&author, Consent::Authors, None),
        (&author, Consent::Public, None),
        (&other, Consent::Public, Some(FaultCode::Forbidden)),
        (&other, Consent::Authors, Some(FaultCode::NotFound)),
        (&facilitator, Consent::Members, None),
        (&facilitator, Consent::Authors, Some(FaultCode::NotFound)),
    ] {
        let told = tell(&store, &author, story(community.id, consent)).await;
        let id = told.unwrap().value.id;
        let outcome = delete(&store, who, id).await;
        match refused {
            None => {
                outcome.unwrap();
                let found = by_ids(&store, &author, &[id]).await.unwrap();
                assert!(found.is_empty());
            }
            Some(refused) => assert_eq!(code(outcome), refused, "{consent:?}"),
        }
    }
    assert_eq!(link::Entity::find().all(store.reader()).await.unwrap(), []);
}
