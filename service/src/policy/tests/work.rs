//! A work queue holds what awaits its viewer, and nothing that the viewer may not read.

use std::collections::BTreeSet;
use std::sync::Arc;

use entity::flag::{self, FlagState};
use entity::item::{ItemType, PublicationStatus};
use entity::membership::{self, MembershipState};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::world::Placed;
use crate::community::kind::WorkReason;
use crate::paging::PageRequest;
use crate::policy::item::{ItemFacts, is_author, read};
use crate::policy::work::{Share, awaits, reviews};
use crate::store::Store;
use crate::viewer::Viewer;
use crate::work_queue;

type Listed = BTreeSet<(&'static str, Uuid)>;

fn name(reason: WorkReason) -> &'static str {
    match reason {
        WorkReason::Unanswered => "unanswered",
        WorkReason::AwaitingReview => "awaiting review",
        WorkReason::Undecided => "undecided",
        WorkReason::MembershipRequest => "membership request",
        WorkReason::Flag => "flag",
        other => panic!("{other:?} is in none of these worlds"),
    }
}

/// Why something may wait in these worlds.
fn reason(item: &entity::item::Model) -> Option<WorkReason> {
    match item.item_type {
        ItemType::Discussion => Some(WorkReason::Unanswered),
        ItemType::Innovation => Some(WorkReason::Undecided),
        ItemType::Resource | ItemType::Practice | ItemType::Collection => {
            let in_review = item.status == Some(PublicationStatus::InReview);
            in_review.then_some(WorkReason::AwaitingReview)
        }
        ItemType::Activity => None,
    }
}

/// What waits in a community as a whole: for which reason, where, and its id.
type Waiting = (WorkReason, Uuid, Uuid);

fn expected(placed: &Placed, viewer: &Viewer, others: &[Waiting]) -> Listed {
    let mut expected = Listed::new();
    for (item, authors) in &placed.items {
        let community = placed.community(item.community_id);
        let Some(reason) = reason(item) else { continue };
        let own = is_author(viewer, community.id, authors);
        let shared = match awaits(viewer, community, reason) {
            Share::Nothing => false,
            Share::Own => own,
            Share::Others => !own,
            Share::Everything => true,
        };
        let may = reason != WorkReason::AwaitingReview
            || reviews(viewer, community).contains(&item.item_type);
        let facts = ItemFacts {
            community,
            item,
            authors,
        };
        if shared && may && read(viewer, facts) {
            expected.insert((name(reason), item.id));
        }
    }
    for (reason, community, id) in others {
        if awaits(viewer, placed.community(*community), *reason) == Share::Everything {
            expected.insert((name(*reason), *id));
        }
    }
    expected
}

pub(super) async fn compare(store: &Store, placed: &Placed, viewer: &Viewer) {
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
            assert!(listed.insert((name(item.reason), item.node.1)), "twice");
            request.after = Some(cursor);
        }
        if !page.has_next {
            break;
        }
    }
    let others = waiting(store).await;
    assert_eq!(listed, expected(placed, viewer, &others), "work queues");
    let count = work_queue::count(store, viewer, &communities)
        .await
        .unwrap();
    assert_eq!(count, listed.len() as u64);
}

/// The requests and flags of a world that wait for somebody.
async fn waiting(store: &Store) -> Vec<Waiting> {
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
    requests.chain(flags).collect()
}
