//! A work queue holds what awaits its viewer, and nothing that the viewer may not read.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use entity::community::{self, CommunityKind};
use entity::flag::{self, FlagState};
use entity::innovation::{self, InnovationStage};
use entity::item::{self, ItemType, PublicationStatus};
use entity::likely_duplicate;
use entity::membership::{self, MembershipState};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use uuid::Uuid;

use super::expertise::Known;
use super::interaction::Interaction;
use super::readable_items;
use super::world::{Placed, World};
use crate::community::kind::clock::Clock;
use crate::community::kind::{WorkReason, of};
use crate::paging::PageRequest;
use crate::policy::item::is_author;
use crate::policy::work::{Share, awaits, reviews};
use crate::store::Store;
use crate::testing;
use crate::viewer::Viewer;
use crate::work_queue;

type Listed = HashSet<(WorkReason, Uuid)>;

/// Whom something can await at all.
enum Asked {
    Anybody,
    /// Those who know about it.
    Knowing(Vec<Uuid>),
    /// Those who review items of the type.
    Reviewing(ItemType),
}

/// Something that waits in a world.
struct Waiting {
    reason: WorkReason,
    community: Uuid,
    id: Uuid,
    /// What one must be able to read.
    items: Vec<Uuid>,
    /// Whose own work it is.
    owners: Vec<Uuid>,
    asked: Asked,
}

impl Waiting {
    fn awaits(
        &self,
        community: &community::Model,
        viewer: &Viewer,
        readable: &BTreeSet<Uuid>,
    ) -> bool {
        let own = is_author(viewer, community.id, &self.owners);
        let shared = match awaits(viewer, community, self.reason) {
            Share::Nothing => false,
            Share::Own => own,
            Share::Others => !own,
            Share::Everything => true,
        };
        let asked = match &self.asked {
            Asked::Anybody => true,
            Asked::Knowing(users) => viewer.user_id().is_some_and(|user| users.contains(&user)),
            Asked::Reviewing(item_type) => reviews(viewer, community).contains(item_type),
        };
        let listed = of(community.kind).work.contains(&self.reason);
        listed && shared && asked && self.items.iter().all(|id| readable.contains(id))
    }
}

/// All that waits in a world, whomever it awaits.
pub(super) struct Work(Vec<Waiting>);

impl Work {
    /// Writes down which resources are likely the same, and gathers what waits. Comes after the flags.
    pub(super) async fn place(store: &Store, placed: &Placed, known: &Known) -> Self {
        let now = store.clock().now();
        let ideas = ideas(store).await;
        let mut all = Vec::new();
        for (item, authors) in &placed.items {
            let community = placed.community(item.community_id);
            let is_idea = ideas.contains(&item.id);
            let reasons = reasons(community, item, is_idea, now).into_iter();
            all.extend(reasons.map(|reason| Waiting {
                reason,
                community: community.id,
                id: item.id,
                items: vec![item.id],
                owners: authors.clone(),
                asked: match reason {
                    WorkReason::MatchesExpertise => Asked::Knowing(known.about(item.id)),
                    WorkReason::AwaitingReview => Asked::Reviewing(item.item_type),
                    _ => Asked::Anybody,
                },
            }));
        }
        all.extend(pilots(placed, now));
        all.extend(place_duplicates(store, placed).await);
        all.extend(requests_and_flags(store).await);
        Self(all)
    }

    /// The queue of all communities of the world; answers the reasons in it.
    pub(super) async fn compare(
        &self,
        store: &Store,
        placed: &Placed,
        viewer: &Viewer,
        readable: &BTreeSet<Uuid>,
    ) -> HashSet<WorkReason> {
        let communities: Vec<_> = placed.communities.iter().cloned().map(Arc::new).collect();
        let mut listed = Listed::new();
        let mut request = PageRequest {
            first: Some(40),
            ..PageRequest::default()
        };
        loop {
            let page = work_queue::page(store, viewer, &communities, &request).await;
            let page = page.unwrap();
            for (cursor, item) in page.rows {
                assert!(listed.insert((item.reason, item.node.1)), "twice");
                request.after = Some(cursor);
            }
            if !page.has_next {
                break;
            }
        }
        let expected: Listed = self
            .0
            .iter()
            .filter(|one| one.awaits(placed.community(one.community), viewer, readable))
            .map(|one| (one.reason, one.id))
            .collect();
        assert_eq!(listed, expected, "work queues");
        let count = work_queue::count(store, viewer, &communities).await;
        assert_eq!(count.unwrap(), listed.len() as u64);
        listed.into_iter().map(|(reason, _)| reason).collect()
    }
}

/// The innovations that are only ideas.
async fn ideas(store: &Store) -> HashSet<Uuid> {
    let ideas = innovation::Entity::find()
        .filter(innovation::Column::Stage.eq(InnovationStage::Idea))
        .all(store.reader())
        .await
        .unwrap();
    ideas.into_iter().map(|row| row.id).collect()
}

/// Why an item waits.
fn reasons(
    community: &community::Model,
    item: &item::Model,
    is_idea: bool,
    now: DateTime<Utc>,
) -> Vec<WorkReason> {
    let mut reasons = Vec::new();
    if let Some(since) = item.waiting_since {
        match item.item_type {
            ItemType::Discussion => {
                reasons.extend([WorkReason::Unanswered, WorkReason::MatchesExpertise]);
            }
            ItemType::Innovation => {
                let due = Clock::StageAge.runs_out(community, since);
                if is_idea || due.is_some_and(|due| due <= now) {
                    reasons.push(WorkReason::Undecided);
                }
            }
            _ => reasons.push(WorkReason::AwaitingReview),
        }
    }
    if item.status == Some(PublicationStatus::Published) {
        if item.review_due_at.is_some_and(|due| due <= now) {
            reasons.push(WorkReason::ReviewOverdue);
        }
        if item.steward_id.is_none() {
            reasons.push(WorkReason::WithoutSteward);
        }
        if item.unadopted_since.is_some() {
            reasons.push(WorkReason::NotAdopted);
        }
    }
    reasons
}

/// The pilots past their end: they are the work of who planned them, too.
fn pilots(placed: &Placed, now: DateTime<Utc>) -> impl Iterator<Item = Waiting> {
    let late = placed.pilots.iter().filter(move |pilot| {
        let due = pilot.report_due_at;
        due.is_some_and(|due| due <= now)
    });
    late.map(move |pilot| {
        let mut items = placed.items.iter();
        let subject = items.find(|(item, _)| item.id == pilot.subject_id);
        let (_, authors) = subject.unwrap();
        Waiting {
            reason: WorkReason::PilotWithoutReport,
            community: pilot.community_id,
            id: pilot.id,
            items: vec![pilot.subject_id],
            owners: authors.iter().copied().chain(pilot.planner_id).collect(),
            asked: Asked::Anybody,
        }
    })
}

/// Says of each resource that it is likely the same as the one before. Where that is of another community, as of two of
/// which one moved, nothing waits, nor where one is not offered.
async fn place_duplicates(store: &Store, placed: &Placed) -> Vec<Waiting> {
    let resources: Vec<&item::Model> = placed
        .items
        .iter()
        .map(|(item, _)| item)
        .filter(|item| item.item_type == ItemType::Resource)
        .collect();
    let mut waiting = Vec::new();
    for pair in resources.windows(2) {
        let (older, newer) = (pair[0], pair[1]);
        let row = likely_duplicate::Model {
            item_id: newer.id,
            other_id: older.id,
            community_id: newer.community_id,
            found_at: newer.created_at,
        };
        let row = row.into_active_model();
        row.insert(store.migration_connection()).await.unwrap();
        let offered = pair.iter().all(|item| {
            matches!(
                item.status,
                Some(PublicationStatus::Published | PublicationStatus::InReview)
            )
        });
        if offered && older.community_id == newer.community_id {
            waiting.push(Waiting {
                reason: WorkReason::LikelyDuplicate,
                community: newer.community_id,
                id: newer.id,
                items: vec![older.id, newer.id],
                owners: Vec::new(),
                asked: Asked::Anybody,
            });
        }
    }
    waiting
}

/// What waits in a community as a whole.
async fn requests_and_flags(store: &Store) -> Vec<Waiting> {
    let requests = membership::Entity::find()
        .filter(membership::Column::State.eq(MembershipState::Requested))
        .all(store.reader())
        .await
        .unwrap();
    let flags = flag::Entity::find()
        .filter(flag::Column::State.eq(FlagState::Open))
        .all(store.reader())
        .await
        .unwrap();
    let requests = requests
        .into_iter()
        .map(|row| (WorkReason::MembershipRequest, row.community_id, row.id));
    let flags = flags
        .into_iter()
        .map(|row| (WorkReason::Flag, row.community_id, row.id));
    let all = requests.chain(flags);
    all.map(|(reason, community, id)| Waiting {
        reason,
        community,
        id,
        items: Vec::new(),
        owners: Vec::new(),
        asked: Asked::Anybody,
    })
    .collect()
}

/// What random worlds are made of is enough for every reason that any kind of community knows.
#[tokio::test]
async fn something_may_wait_for_every_reason() {
    let (_directory, store) = testing::store().await;
    let placed = World::of_all_work().place(&store).await;
    Interaction::place(&store, &placed).await;
    let known = Known::place(&store, &placed).await;
    let work = Work::place(&store, &placed, &known).await;
    let mut listed = HashSet::new();
    for viewer in placed.viewers(&store).await {
        let readable = readable_items(&placed, &viewer);
        listed.extend(work.compare(&store, &placed, &viewer, &readable).await);
    }
    let kinds = CommunityKind::ALL.iter();
    let all: HashSet<WorkReason> = kinds.flat_map(|kind| of(*kind).work).copied().collect();
    assert_eq!(listed, all);
}
