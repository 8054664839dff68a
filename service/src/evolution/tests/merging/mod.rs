//! What becomes of two communities that merge, and of those who belong to them.

mod parts;
mod people;

use entity::community::{CommunityStage, CommunityStatus};
use entity::flag::FlagReason;
use futures_util::FutureExt;
use tempfile::TempDir;

use super::*;
use crate::community::UpdateCommunity;
use crate::error::BlockerCode;
use crate::flag::RaiseFlag;
use crate::store::Written;

/// Two communities that Ada facilitates, of which the one is to go into the other.
struct Pair {
    _directory: TempDir,
    store: Store,
    ada: Viewer,
    from: community::Model,
    into: community::Model,
}

impl Pair {
    async fn new(from: CommunityVisibility, into: CommunityVisibility) -> Self {
        let (directory, store) = testing::store().await;
        let ada = person(&store, "ada").await;
        let (from, into, ada) = two(&store, &ada, from, into).await;
        Self {
            _directory: directory,
            store,
            ada,
            from,
            into,
        }
    }

    async fn public() -> Self {
        let public = CommunityVisibility::Public;
        Self::new(public, public).await
    }

    /// Has Ada merge them.
    async fn merge(&self) -> Result<Written<community::Model>> {
        let (from, into) = (self.from.id, self.into.id);
        merge(&self.store, &self.ada, from, into, because(), None).await
    }

    /// Starts a discussion in the community that goes, with an answer.
    async fn discussion(&self, author: &Viewer) -> Uuid {
        let visibility = ItemVisibility::Community;
        make(
            &self.store,
            author,
            &self.from,
            Made::Discussion,
            visibility,
        )
        .await
    }
}

#[tokio::test]
async fn a_community_goes_only_into_one_that_is_at_most_as_open() {
    use CommunityVisibility::{Internal, Private, Public, Unlisted};
    let (_directory, store) = testing::store().await;
    let ada = person(&store, "ada").await;
    let by_openness = [Unlisted, Private, Internal, Public];
    for (place, from) in by_openness.into_iter().enumerate() {
        for (other, into) in by_openness.into_iter().enumerate() {
            let (from, into, ada) = two(&store, &ada, from, into).await;
            let outcome = merge(&store, &ada, from.id, into.id, because(), None).await;
            if other > place {
                let refused = faults(outcome);
                assert_eq!(refused[0].code, FaultCode::InvalidTransition);
                assert_eq!(refused[0].blocked_by[0].code, BlockerCode::CriterionUnmet);
            } else {
                assert_eq!(outcome.unwrap().value.id, into.id);
            }
        }
    }
}

#[tokio::test]
async fn what_a_merge_leaves_behind_is_archived_and_leads_on() {
    let pair = Pair::public().await;
    let (store, from, into) = (&pair.store, &pair.from, &pair.into);
    let item = pair.discussion(&pair.ada).await;
    let report = RaiseFlag {
        target: (EntityType::Discussion, item),
        reason: FlagReason::Outdated,
        note: None,
    };
    let report = crate::flag::raise(store, &pair.ada, report).await.unwrap();
    pair.merge().await.unwrap();
    let flagged = entity::flag::Entity::find_by_id(report.value.id)
        .one(store.reader())
        .await
        .unwrap();
    assert_eq!(
        flagged.unwrap().community_id,
        into.id,
        "others decide it now"
    );
    let below = testing::changes(store, EntityType::Post).await;
    let below = below.last().unwrap();
    assert_eq!(
        below.fields.0,
        [MOVED],
        "what is below an item is told of too"
    );
    assert_eq!(below.community_id, Some(into.id));
    let tokens = below.audience_after.clone().unwrap().0;
    let told = testing::changes(store, EntityType::Discussion).await;
    assert_eq!(
        Some(tokens),
        told.last().unwrap().audience_after.clone().map(|to| to.0)
    );
    let closed = community::Entity::find_by_id(from.id)
        .one(store.reader())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(closed.status, CommunityStatus::Archived);
    assert_eq!(closed.stage, CommunityStage::Transformation);
    let led = crate::community::by_slug(store, &pair.ada, &from.slug).await;
    assert_eq!(led.unwrap().unwrap().id, into.id, "the slug leads on");
    let origin = kin_of(store, &pair.ada, Kin::CameFrom, &[item])
        .await
        .unwrap();
    assert_eq!(origin[&item][0].id, from.id);
    let rows = testing::changes(store, EntityType::Community).await;
    let last = rows.last().unwrap();
    assert_eq!(
        (last.entity_id, last.fields.0.as_slice()),
        (into.id, ["mergedFrom".to_owned()].as_slice())
    );
    let twice = faults(pair.merge().await);
    assert_eq!(twice[0].code, FaultCode::Forbidden, "it is archived");
}

#[tokio::test]
async fn merging_is_for_who_facilitates_both() {
    let (_directory, store) = testing::store().await;
    let (ada, ben) = (person(&store, "ada").await, person(&store, "ben").await);
    let from = found_by(&store, &ada, "From", CommunityVisibility::Public).await;
    let into = found_by(&store, &ben, "Into", CommunityVisibility::Unlisted).await;
    let ada = again(&store, &ada).await;
    let refused = faults(merge(&store, &ada, from.id, into.id, because(), None).await);
    assert_eq!(
        (refused[0].code, refused[0].field.as_slice()),
        (FaultCode::NotFound, ["intoId".to_owned()].as_slice()),
        "an unlisted community does not exist for others"
    );
    let itself = faults(merge(&store, &ada, from.id, from.id, String::new(), None).await);
    let fields: Vec<_> = itself.iter().map(|fault| fault.field.join(".")).collect();
    assert_eq!(fields, ["reason", "intoId"]);
}

#[tokio::test]
async fn a_merge_is_of_what_was_read() {
    let pair = Pair::public().await;
    let (from, into) = (pair.from.id, pair.into.id);
    let input = UpdateCommunity {
        purpose: Patch::Value("Another one.".to_owned()),
        ..UpdateCommunity::default()
    };
    let newest = crate::community::update(&pair.store, &pair.ada, from, input).await;
    let newest = newest.unwrap().value.revision;
    let read = Some(pair.from.revision);
    let refused = faults(merge(&pair.store, &pair.ada, from, into, because(), read).await);
    assert_eq!(
        (refused[0].code, refused[0].current_revision),
        (FaultCode::Conflict, Some(newest))
    );
    let merged = merge(&pair.store, &pair.ada, from, into, because(), Some(newest)).await;
    assert_eq!(merged.unwrap().value.id, into);
}

#[tokio::test]
async fn whoever_may_not_merge_waits_for_no_writer() {
    let pair = Pair::public().await;
    let (from, into) = (pair.from.id, pair.into.id);
    let ben = person(&pair.store, "ben").await;
    let another = pair.store.clone();
    let written = pair.store.write(None, move |_unit| {
        async move {
            let refused = faults(merge(&another, &ben, from, into, because(), None).await);
            let codes: Vec<_> = refused.iter().map(|fault| fault.code).collect();
            assert_eq!(codes, [FaultCode::Forbidden; 2]);
            Ok(())
        }
        .boxed()
    });
    written.await.unwrap();
}

#[tokio::test]
async fn a_community_of_more_than_a_thousand_items_moves_whole() {
    const ITEMS: usize = 1_100;
    let pair = Pair::new(CommunityVisibility::Public, CommunityVisibility::Private).await;
    let (store, from, into) = (&pair.store, &pair.from, &pair.into);
    let inputs: Vec<_> = (0..ITEMS)
        .map(|number| CreateResource {
            community_id: from.id,
            content: content(&format!("Walk {number}"), ItemVisibility::Community),
            resource: ResourceContent {
                kind: Patch::Value(ResourceKind::Guide),
                ..ResourceContent::default()
            },
            publish: true,
        })
        .collect();
    let (actor, author) = (pair.ada.user_id(), pair.ada.clone());
    let made = store
        .write(actor, move |unit| {
            async move { crate::resource::create_many(unit, &author, inputs).await }.boxed()
        })
        .await
        .unwrap();
    let made: BTreeSet<Uuid> = made
        .value
        .into_iter()
        .map(|state| state.unwrap().item.id)
        .collect();
    pair.merge().await.unwrap();
    let (_, homes) = repertoire(store, &[from.id, into.id]).await;
    assert!(homes.values().all(|home| *home == into.id));
    assert_eq!(homes.into_keys().collect::<BTreeSet<_>>(), made);
    assert_eq!(moved(store).await.collect::<BTreeSet<_>>(), made);
    let narrowed = entity::change::Entity::find()
        .filter(entity::change::Column::Narrowed.eq(true))
        .filter(entity::change::Column::EntityType.eq(EntityType::Resource))
        .count(store.reader());
    assert_eq!(
        narrowed.await.unwrap(),
        ITEMS as u64,
        "search leaves out at once what the public no longer reads"
    );
}
