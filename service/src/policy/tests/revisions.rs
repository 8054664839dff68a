//! Revisions and reviews in random worlds: readers see those of what they are shown, and only some see what waits.

use std::collections::BTreeSet;

use entity::item::PublicationStatus;
use entity::membership::MembershipRole;
use entity::review::ReviewVerdict;
use entity::{item, review, revision};
use sea_orm::{ActiveModelTrait, ConnectionTrait, IntoActiveModel};
use serde_json::json;
use uuid::Uuid;

use super::world::Placed;
use crate::policy::audience;
use crate::policy::item::{ItemFacts, read, read_drafts};
use crate::store::Store;
use crate::viewer::Viewer;

/// A revision with a review of it.
pub(super) struct Reviewed {
    item: Uuid,
    revision: Uuid,
    review: Uuid,
    /// Whether readers of the item are shown it.
    shown: bool,
}

/// Writes the revision that an item shows, and one that waits for its review.
pub(super) async fn place(connection: &impl ConnectionTrait, item: &item::Model) -> [Reviewed; 2] {
    let state = if item.published {
        PublicationStatus::Published
    } else {
        PublicationStatus::Draft
    };
    [
        insert(connection, item, 1, state).await,
        insert(connection, item, 2, PublicationStatus::InReview).await,
    ]
}

async fn insert(
    connection: &impl ConnectionTrait,
    item: &item::Model,
    number: i32,
    state: PublicationStatus,
) -> Reviewed {
    let row = revision::Model {
        id: Uuid::now_v7(),
        item_id: item.id,
        number,
        state,
        title: item.title.clone(),
        body: None,
        content: json!({}),
        author_id: None,
        note: None,
        created_at: item.created_at,
    };
    let of_it = review::Model {
        id: Uuid::now_v7(),
        item_id: item.id,
        item_type: item.item_type,
        revision_id: row.id,
        revision: number,
        author_id: None,
        role: MembershipRole::Reviewer,
        verdict: ReviewVerdict::Comment,
        comment: Some("Read it.".to_owned()),
        created_at: item.created_at,
    };
    let reviewed = Reviewed {
        item: item.id,
        revision: row.id,
        review: of_it.id,
        shown: state == PublicationStatus::Published,
    };
    row.into_active_model().insert(connection).await.unwrap();
    of_it.into_active_model().insert(connection).await.unwrap();
    reviewed
}

/// SQL and tokens say of revisions and reviews what the rules say.
pub(super) async fn compare(store: &Store, placed: &Placed, viewer: &Viewer) {
    let tokens = audience::of_viewer(viewer);
    let mut expected = (BTreeSet::new(), BTreeSet::new());
    for (item, authors) in &placed.items {
        let community = placed.community(item.community_id);
        let facts = ItemFacts {
            community,
            item,
            authors,
        };
        let drafts = read_drafts(viewer, facts);
        let told = !audience::of_draft(community, item, authors).is_disjoint(&tokens);
        assert_eq!(told, drafts, "drafts by tokens");
        let seen = placed.reviewed.iter().filter(|one| one.item == item.id);
        for one in seen.filter(|one| drafts || (one.shown && read(viewer, facts))) {
            expected.0.insert(one.revision);
            expected.1.insert(one.review);
        }
    }
    let of = |id: fn(&Reviewed) -> Uuid| -> Vec<Uuid> { placed.reviewed.iter().map(id).collect() };
    let revisions = crate::item::revisions_by_ids(store, viewer, &of(|one| one.revision)).await;
    let reviews = crate::review::reviews_by_ids(store, viewer, &of(|one| one.review)).await;
    let found = (
        revisions.unwrap().into_keys().collect(),
        reviews.unwrap().into_keys().collect(),
    );
    assert_eq!(found, expected, "revisions and reviews in SQL");
}
