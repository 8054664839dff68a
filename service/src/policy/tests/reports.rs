//! Experience reports of every consent, by name and anonymous, on everything that can be tried: rules, SQL, tokens and
//! search say the same of each.

use std::collections::BTreeSet;

use ::search::Change;
use entity::experience_report::{self, Consent};
use sea_orm::{EntityTrait, IntoActiveModel};
use uuid::Uuid;

use super::super::audience;
use super::super::experience_report::{actions, read};
use super::super::item::ItemFacts;
use super::super::pilot::TRIED_TYPES;
use super::world::{Placed, pilot_of};
use crate::experience_report::{ReportScope, by_ids, count, page};
use crate::item::entity_type;
use crate::paging::PageRequest;
use crate::policy::Action;
use crate::search::document::Source;
use crate::search::{DocumentKind, SearchFilter, SearchIndex, SearchQuery, search};
use crate::store::Store;
use crate::viewer::Viewer;

/// What was placed, and an index of it.
pub(super) struct Reports {
    rows: Vec<experience_report::Model>,
    index: SearchIndex,
}

impl Reports {
    pub(super) async fn place(store: &Store, placed: &Placed) -> Self {
        let mut rows = Vec::new();
        let tried = placed.items.iter();
        let tried = tried.filter(|(item, _)| TRIED_TYPES.contains(&item.item_type));
        for (number, (item, authors)) in tried.enumerate() {
            let person = |place: usize| placed.people[place % placed.people.len()].id;
            for consent in Consent::ALL {
                for author_id in [None, Some(person(number))] {
                    rows.push(experience_report::Model {
                        id: Uuid::new_v4(),
                        about_type: entity::change::EntityType::Pilot,
                        about_id: pilot_of(item.id),
                        owner_id: authors.first().copied().or(Some(person(number + 1))),
                        subject_type: entity_type(item.item_type),
                        subject_id: item.id,
                        community_id: item.community_id,
                        author_id,
                        anonymous: author_id.is_none(),
                        secret_hash: None,
                        text: "It went well.".to_owned(),
                        media_url: None,
                        rating: None,
                        would_reuse: None,
                        consent: *consent,
                        created_at: author_id.map(|_| item.created_at),
                    });
                }
            }
        }
        for rows in rows.chunks(100) {
            let rows = rows.iter().cloned().map(IntoActiveModel::into_active_model);
            experience_report::Entity::insert_many(rows)
                .exec_without_returning(store.migration_connection())
                .await
                .unwrap();
        }
        let index = SearchIndex::in_memory().unwrap();
        let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
        let documents = Source::Reports.documents(store.reader(), &ids).await;
        let puts = documents
            .unwrap()
            .into_iter()
            .map(Box::new)
            .map(Change::Put);
        index.engine().apply(puts.collect(), 0).unwrap();
        Self { rows, index }
    }

    pub(super) async fn compare(&self, store: &Store, placed: &Placed, viewer: &Viewer) {
        let tokens = audience::of_viewer(viewer);
        let mut readable = BTreeSet::new();
        for row in &self.rows {
            let found = placed
                .items
                .iter()
                .find(|(item, _)| item.id == row.subject_id);
            let (item, authors) = found.unwrap();
            let community = placed.community(item.community_id);
            let facts = ItemFacts {
                community,
                item,
                authors,
            };
            let reads = read(viewer, facts, row);
            let told = audience::of_report(community, item, authors, row);
            assert_eq!(!told.is_disjoint(&tokens), reads, "tokens of {row:?}");
            if reads {
                readable.insert(row.id);
            }
            if row.anonymous {
                let may = actions(viewer, facts, row);
                assert!(
                    !may.contains(&Action::Narrow),
                    "nobody is known as its author"
                );
            }
        }
        let ids: Vec<Uuid> = self.rows.iter().map(|row| row.id).collect();
        let found = by_ids(store, viewer, &ids).await.unwrap();
        assert_eq!(found.into_keys().collect::<BTreeSet<_>>(), readable);
        self.lists(store, placed, viewer, &readable).await;
        self.searched(store, viewer, &readable).await;
    }

    async fn lists(
        &self,
        store: &Store,
        placed: &Placed,
        viewer: &Viewer,
        readable: &BTreeSet<Uuid>,
    ) {
        let request = PageRequest {
            first: Some(100),
            ..PageRequest::default()
        };
        let mut listed = BTreeSet::new();
        for (item, _) in &placed.items {
            for scope in [
                ReportScope::Subject(item.id),
                ReportScope::About(pilot_of(item.id)),
            ] {
                let shown = page(store, viewer, scope, &request).await.unwrap();
                let counted = count(store, viewer, scope).await.unwrap();
                assert_eq!(counted, shown.rows.len() as u64);
                listed.extend(shown.rows.iter().map(|(_, row)| row.id));
            }
        }
        assert_eq!(&listed, readable, "lists of reports");
    }

    async fn searched(&self, store: &Store, viewer: &Viewer, readable: &BTreeSet<Uuid>) {
        let query = SearchQuery {
            query: "well".to_owned(),
            filter: SearchFilter {
                kinds: vec![DocumentKind::ExperienceReport],
                ..SearchFilter::default()
            },
            first: Some(100),
            ..SearchQuery::default()
        };
        let answer = search(store, &self.index, viewer, query).await.unwrap();
        assert_eq!(answer.total, readable.len() as u64);
        assert!(answer.hits.iter().all(|hit| readable.contains(&hit.id)));
    }
}
