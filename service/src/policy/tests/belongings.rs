//! What belongs to communities as a whole: statements, goals and learning questions, of every community of a world and of
//! every membership.

use std::collections::BTreeSet;

use entity::defining_statement::{self, StatementAspect, StatementState};
use entity::goal::{self, GoalState};
use entity::learning_question::{self, LearningQuestionState};
use entity::membership;
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel};
use uuid::Uuid;

use super::world::Placed;
use crate::goal::GoalScope;
use crate::paging::PageRequest;
use crate::policy::audience;
use crate::policy::community::{read_as_member, read_whole};
use crate::store::Store;
use crate::viewer::Viewer;

/// Of every community a statement, a goal and a question, and of every membership a goal.
pub(super) struct Belongings {
    statements: Vec<defining_statement::Model>,
    goals: Vec<goal::Model>,
    questions: Vec<learning_question::Model>,
}

impl Belongings {
    pub(super) async fn place(store: &Store, placed: &Placed) -> Self {
        let now = store.clock().now();
        let connection = store.migration_connection();
        let memberships = membership::Entity::find().all(connection).await.unwrap();
        let mut all = Self {
            statements: Vec::new(),
            goals: Vec::new(),
            questions: Vec::new(),
        };
        let goal = |community_id: Uuid, membership_id: Option<Uuid>| goal::Model {
            id: Uuid::now_v7(),
            community_id,
            membership_id,
            text: "To be tried.".to_owned(),
            target_date: None,
            state: GoalState::Open,
            created_at: now,
            updated_at: now,
        };
        for community in &placed.communities {
            all.statements.push(defining_statement::Model {
                id: Uuid::now_v7(),
                community_id: community.id,
                author_id: None,
                text: "We try.".to_owned(),
                aspect: StatementAspect::Norm,
                state: StatementState::Adopted,
                endorsement_count: 0,
                supersedes_id: None,
                superseded_by_id: None,
                created_at: now,
                updated_at: now,
            });
            all.goals.push(goal(community.id, None));
            all.questions.push(learning_question::Model {
                id: Uuid::now_v7(),
                community_id: community.id,
                author_id: None,
                text: "Does it work?".to_owned(),
                rank: 1,
                state: LearningQuestionState::Open,
                created_at: now,
                updated_at: now,
            });
        }
        for membership in memberships {
            all.goals
                .push(goal(membership.community_id, Some(membership.id)));
        }
        for row in &all.statements {
            let row = row.clone().into_active_model();
            row.insert(connection).await.unwrap();
        }
        for row in &all.goals {
            let row = row.clone().into_active_model();
            row.insert(connection).await.unwrap();
        }
        for row in &all.questions {
            let row = row.clone().into_active_model();
            row.insert(connection).await.unwrap();
        }
        all
    }

    /// Rules, SQL and tokens say the same of each.
    pub(super) async fn check(&self, store: &Store, placed: &Placed, viewer: &Viewer) {
        let tokens = audience::of_viewer(viewer);
        let whole = |community: Uuid| {
            let community = placed.community(community);
            let told = !audience::of_community_whole(community).is_disjoint(&tokens);
            assert_eq!(told, read_whole(viewer, community), "tokens");
            told
        };
        let statements: BTreeSet<Uuid> = self
            .statements
            .iter()
            .filter(|row| whole(row.community_id))
            .map(|row| row.id)
            .collect();
        let ids: Vec<Uuid> = self.statements.iter().map(|row| row.id).collect();
        let found = crate::defining_statement::by_ids(store, viewer, &ids).await;
        assert_eq!(
            found.unwrap().into_keys().collect::<BTreeSet<_>>(),
            statements
        );

        let questions: BTreeSet<Uuid> = self
            .questions
            .iter()
            .filter(|row| whole(row.community_id))
            .map(|row| row.id)
            .collect();
        let ids: Vec<Uuid> = self.questions.iter().map(|row| row.id).collect();
        let found = crate::learning_question::by_ids(store, viewer, &ids).await;
        assert_eq!(
            found.unwrap().into_keys().collect::<BTreeSet<_>>(),
            questions
        );

        let goals: BTreeSet<Uuid> = self
            .goals
            .iter()
            .filter(|row| {
                if row.membership_id.is_none() {
                    return whole(row.community_id);
                }
                let community = placed.community(row.community_id);
                let told = !audience::of_members(community).is_disjoint(&tokens);
                assert_eq!(told, read_as_member(viewer, community.id), "tokens");
                told
            })
            .map(|row| row.id)
            .collect();
        let ids: Vec<Uuid> = self.goals.iter().map(|row| row.id).collect();
        let found = crate::goal::by_ids(store, viewer, &ids).await.unwrap();
        assert_eq!(found.into_keys().collect::<BTreeSet<_>>(), goals);
        self.lists(store, placed, viewer, &goals).await;
    }

    /// Lists and counts show the same as lookups.
    async fn lists(&self, store: &Store, placed: &Placed, viewer: &Viewer, goals: &BTreeSet<Uuid>) {
        let request = PageRequest {
            first: Some(100),
            ..PageRequest::default()
        };
        let mut listed = BTreeSet::new();
        for community in &placed.communities {
            let scope = GoalScope::Community(community.id);
            let page = crate::goal::page(store, viewer, scope, None, &request)
                .await
                .unwrap();
            let count = crate::goal::count(store, viewer, scope, None)
                .await
                .unwrap();
            assert_eq!(count, page.rows.len() as u64);
            listed.extend(page.rows.iter().map(|(_, row)| row.id));
        }
        assert_eq!(&listed, goals);
    }
}
