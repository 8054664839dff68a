//! Pilots are read exactly as what they try out is.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::super::pilot::TRIED_TYPES;
use super::world::{Placed, pilot_of};
use crate::paging::PageRequest;
use crate::pilot::{PilotScope, by_ids, count, page};
use crate::store::Store;
use crate::viewer::Viewer;

/// Lookups, lists and counts show the pilots of what is readable, and no others.
pub(super) async fn compare(
    store: &Store,
    placed: &Placed,
    viewer: &Viewer,
    readable: &BTreeSet<Uuid>,
) {
    let tried = || {
        let items = placed.items.iter().map(|(item, _)| item);
        items.filter(|item| TRIED_TYPES.contains(&item.item_type))
    };
    let ids: Vec<Uuid> = tried().map(|item| pilot_of(item.id)).collect();
    let expected: BTreeSet<Uuid> = tried()
        .filter(|item| readable.contains(&item.id))
        .map(|item| pilot_of(item.id))
        .collect();
    let found = by_ids(store, viewer, &ids).await.unwrap();
    assert_eq!(found.into_keys().collect::<BTreeSet<_>>(), expected);
    let request = PageRequest {
        first: Some(100),
        ..PageRequest::default()
    };
    let communities = placed.communities.iter().map(|row| row.id);
    let of_communities = communities.map(PilotScope::Community);
    let of_items = tried().map(|item| PilotScope::Subject(item.id));
    for scopes in [of_communities.collect::<Vec<_>>(), of_items.collect()] {
        let mut listed = BTreeSet::new();
        for scope in scopes {
            let shown = page(store, viewer, scope, None, &request).await.unwrap();
            let counted = count(store, viewer, scope, None).await.unwrap();
            assert_eq!(counted, shown.rows.len() as u64);
            listed.extend(shown.rows.iter().map(|(_, row)| row.id));
        }
        assert_eq!(listed, expected, "lists of pilots");
    }
}
