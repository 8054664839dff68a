//! What people know in random worlds: who is told of it, and who is asked.

use std::collections::{BTreeMap, BTreeSet};

use entity::expertise::{self, ExpertiseSource};
use entity::item::{self, ItemType};
use sea_orm::{EntityTrait, IntoActiveModel};
use uuid::Uuid;

use super::world::{Placed, tag_of};
use crate::expertise::{of_users, suggested};
use crate::policy::item::{ItemFacts, read};
use crate::store::Store;
use crate::testing;
use crate::viewer::Viewer;

/// What is known of the people of a world.
pub(super) struct Known {
    evidence: Vec<expertise::Model>,
    /// The people, each by a session.
    people: Vec<Viewer>,
}

fn questions(placed: &Placed) -> impl Iterator<Item = &(item::Model, Vec<Uuid>)> {
    let items = placed.items.iter();
    items.filter(|(item, _)| item.item_type == ItemType::Discussion)
}

impl Known {
    /// About the tag of every question some know nothing, some say that they know something, some have shown it in
    /// another discussion, and some both.
    pub(super) async fn place(store: &Store, placed: &Placed) -> Self {
        use ExpertiseSource::{Declared, Demonstrated};
        let ids: Vec<Uuid> = questions(placed).map(|(item, _)| item.id).collect();
        let mut evidence = Vec::new();
        for (place, question) in ids.iter().enumerate() {
            let elsewhere = ids[(place + 1) % ids.len()];
            for (number, person) in placed.people.iter().enumerate() {
                let sources: &[ExpertiseSource] = match (place + number) % 4 {
                    0 => &[],
                    1 => &[Declared],
                    2 => &[Demonstrated],
                    _ => &[Declared, Demonstrated],
                };
                evidence.extend(sources.iter().map(|source| {
                    let shown_in = (*source == Demonstrated).then_some(elsewhere);
                    expertise::Model {
                        user_id: person.id,
                        source: *source,
                        subject: tag_of(*question),
                        witness_id: shown_in.unwrap_or(person.id),
                        domain_id: None,
                        tag_key: tag_of(*question),
                        tag: Some(tag_of(*question)),
                        discussion_id: shown_in,
                        at: person.created_at,
                    }
                }));
            }
        }
        if !evidence.is_empty() {
            let rows = evidence.iter().cloned();
            expertise::Entity::insert_many(rows.map(IntoActiveModel::into_active_model))
                .exec_without_returning(store.migration_connection())
                .await
                .unwrap();
        }
        let mut people = Vec::new();
        for person in &placed.people {
            people.push(testing::viewer(store, person.id).await);
        }
        Self { evidence, people }
    }

    /// Those who know about a question.
    pub(super) fn about(&self, question: Uuid) -> Vec<Uuid> {
        let tag = tag_of(question);
        let about = self.evidence.iter().filter(|row| row.tag_key == tag);
        about.map(|row| row.user_id).collect()
    }

    /// The evidence that the viewer may know of: what was shown in a discussion is known to those who may read that.
    fn shown(&self, readable: &BTreeSet<Uuid>) -> impl Iterator<Item = &expertise::Model> {
        let evidence = self.evidence.iter();
        evidence.filter(move |row| row.discussion_id.is_none_or(|id| readable.contains(&id)))
    }

    /// Everybody is told of what they may know of, and of nothing else.
    pub(super) async fn compare(
        &self,
        store: &Store,
        placed: &Placed,
        viewer: &Viewer,
        readable: &BTreeSet<Uuid>,
    ) {
        let users: Vec<Uuid> = placed.people.iter().map(|person| person.id).collect();
        let found = of_users(store, viewer, &users).await.unwrap();
        let mut told = BTreeSet::new();
        for (user, known) in found {
            for one in known {
                assert!(told.insert((user, one.tag, one.source)), "twice");
            }
        }
        let expected = self.shown(readable);
        let expected = expected.map(|row| (row.user_id, row.tag.clone(), row.source));
        assert_eq!(told, expected.collect(), "expertise");
        self.compare_helpers(store, placed, viewer, readable).await;
    }

    /// Those are suggested who know about a question, as far as the viewer may know of it, and who may read and answer
    /// it.
    async fn compare_helpers(
        &self,
        store: &Store,
        placed: &Placed,
        viewer: &Viewer,
        readable: &BTreeSet<Uuid>,
    ) {
        let shown = questions(placed).filter(|(item, _)| readable.contains(&item.id));
        let shown: Vec<_> = shown.collect();
        let mut expected = BTreeMap::new();
        for (item, authors) in &shown {
            let facts = ItemFacts {
                community: placed.community(item.community_id),
                item,
                authors,
            };
            let tag = tag_of(item.id);
            let known = self.shown(readable).filter(|row| row.tag_key == tag);
            let known: BTreeSet<Uuid> = known.map(|row| row.user_id).collect();
            let helpers: BTreeSet<Uuid> = self
                .people
                .iter()
                .filter(|person| person.role(item.community_id).is_some() && read(person, facts))
                .filter_map(Viewer::user_id)
                .filter(|user| known.contains(user) && !authors.contains(user))
                .collect();
            if item.waiting_since.is_some() && !helpers.is_empty() {
                expected.insert(item.id, helpers);
            }
        }
        let ids: Vec<Uuid> = shown.iter().map(|(item, _)| item.id).collect();
        let found = suggested(store, viewer, &ids).await.unwrap();
        let found: BTreeMap<Uuid, BTreeSet<Uuid>> = found
            .into_iter()
            .map(|(question, helpers)| {
                let many = helpers.len();
                let helpers: BTreeSet<Uuid> = helpers.into_iter().collect();
                assert_eq!(helpers.len(), many, "each once");
                (question, helpers)
            })
            .collect();
        assert_eq!(found, expected, "suggested helpers");
    }
}
