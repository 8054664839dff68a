//! Communities with what belongs to them as a whole: members, history, statements, goals, the learning agenda.

use std::collections::HashSet;

use entity::change::EntityType;
use entity::{
    community, community_domain, community_language, community_sponsor, defining_statement,
    endorsement, goal, learning_question, membership, membership_function, transition,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::json;
use uuid::Uuid;

use super::Exporter;
use super::pager::Pager;
use crate::error::Result;
use crate::item::grouped;
use crate::operation::line::{Fields, encode, id_text, prefix};
use crate::store::StoredEntity;

/// The lines of a step in the life of something.
pub(super) const TRANSITION: &str = "transition";
const ENDORSEMENT: &str = "endorsement";

impl Exporter<'_> {
    /// Writes the communities; false where the export is to end.
    pub(super) async fn communities(&mut self) -> Result<bool> {
        use community::Column;
        let mut pager = Pager::<community::Entity>::new(
            &[Column::CreatedAt, Column::Id],
            [self.sight.communities()],
        );
        if let Some(only) = self.community {
            pager = pager.of(Column::Id, &[only]);
        }
        loop {
            let rows = pager.next(self.snapshot).await?;
            if rows.is_empty() {
                return Ok(true);
            }
            let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
            let lines = self.community_lines(rows).await?;
            let count = lines.len();
            self.emit(prefix(EntityType::Community), lines).await?;
            self.belongings(&ids).await?;
            if !self.step(count).await? {
                return Ok(false);
            }
        }
    }

    async fn community_lines(&self, rows: Vec<community::Model>) -> Result<Vec<Fields>> {
        let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
        let domains = community_domain::Entity::find()
            .filter(community_domain::Column::CommunityId.is_in(ids.iter().copied()))
            .order_by_asc(community_domain::Column::Place)
            .all(self.snapshot)
            .await?;
        let mut domains = grouped(domains.into_iter().map(|row| {
            let id = id_text(EntityType::Domain, row.domain_id);
            (row.community_id, id)
        }));
        let sponsors = community_sponsor::Entity::find()
            .filter(community_sponsor::Column::CommunityId.is_in(ids.iter().copied()))
            .order_by_asc(community_sponsor::Column::Place)
            .all(self.snapshot)
            .await?;
        let mut sponsors = grouped(sponsors.into_iter().map(|row| {
            let id = id_text(EntityType::Organization, row.organization_id);
            (row.community_id, id)
        }));
        let languages = community_language::Entity::find()
            .filter(community_language::Column::CommunityId.is_in(ids.iter().copied()))
            .order_by_asc(community_language::Column::Place)
            .all(self.snapshot)
            .await?;
        let mut languages = grouped(
            languages
                .into_iter()
                .map(|row| (row.community_id, row.language)),
        );
        let mut former = self.former_slugs(EntityType::Community, &ids).await?;
        let parents = self
            .seen_communities(rows.iter().filter_map(|row| row.parent_id).collect())
            .await?;
        let mut lines = Vec::with_capacity(rows.len());
        for mut row in rows {
            let id = row.id;
            row.parent_id = row.parent_id.filter(|parent| parents.contains(parent));
            let mut fields = Fields::new();
            self.encode::<community::Entity>(row, prefix(EntityType::Community), &mut fields)?;
            fields.insert(
                "domainIds".into(),
                domains.remove(&id).unwrap_or_default().into(),
            );
            fields.insert(
                "sponsorIds".into(),
                sponsors.remove(&id).unwrap_or_default().into(),
            );
            fields.insert(
                "languages".into(),
                languages.remove(&id).unwrap_or_default().into(),
            );
            if let Some(former) = former.remove(&id) {
                fields.insert("formerSlugs".into(), json!(former));
            }
            lines.push(fields);
        }
        Ok(lines)
    }

    pub(super) async fn seen_communities(&self, ids: Vec<Uuid>) -> Result<HashSet<Uuid>> {
        if ids.is_empty() {
            return Ok(HashSet::new());
        }
        let mut select = community::Entity::find()
            .select_only()
            .column(community::Column::Id)
            .filter(community::Column::Id.is_in(ids));
        if let Some(rule) = self.sight.communities() {
            select = select.filter(rule);
        }
        let seen: Vec<Uuid> = select.into_tuple().all(self.snapshot).await?;
        Ok(seen.into_iter().collect())
    }

    /// What belongs to these communities as a whole.
    async fn belongings(&mut self, communities: &[Uuid]) -> Result<()> {
        // Who left and who was admitted, and what was overridden, is for members.
        let as_member: Vec<Uuid> = communities
            .iter()
            .copied()
            .filter(|id| self.sight.as_member(*id))
            .collect();
        self.transitions(EntityType::Community, &as_member).await?;
        self.memberships(communities).await?;
        self.statements(communities).await?;
        let pager = Pager::<goal::Entity>::new(
            &[goal::Column::CommunityId, goal::Column::Id],
            [self.sight.goals()],
        )
        .of(goal::Column::CommunityId, communities);
        self.plain(pager, prefix(EntityType::Goal)).await?;
        let pager = Pager::<learning_question::Entity>::new(
            &[
                learning_question::Column::CommunityId,
                learning_question::Column::Id,
            ],
            [self.sight.of_communities("learning_question")],
        )
        .of(learning_question::Column::CommunityId, communities);
        self.plain(pager, prefix(EntityType::LearningQuestion))
            .await
    }

    async fn memberships(&mut self, communities: &[Uuid]) -> Result<()> {
        use membership::Column;
        let mut pager = Pager::<membership::Entity>::new(
            &[Column::CommunityId, Column::UserId],
            [self.sight.memberships()],
        )
        .of(Column::CommunityId, communities);
        loop {
            let rows = pager.next(self.snapshot).await?;
            if rows.is_empty() {
                return Ok(());
            }
            let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
            let functions = membership_function::Entity::find()
                .filter(membership_function::Column::MembershipId.is_in(ids.iter().copied()))
                .order_by_asc(membership_function::Column::Function)
                .all(self.snapshot)
                .await?;
            let mut functions = grouped(
                functions
                    .into_iter()
                    .map(|row| (row.membership_id, row.function)),
            );
            let mut lines = Vec::with_capacity(rows.len());
            for row in rows {
                let id = row.id;
                let mut fields = Fields::new();
                self.encode::<membership::Entity>(
                    row,
                    prefix(EntityType::Membership),
                    &mut fields,
                )?;
                if let Some(functions) = functions.remove(&id) {
                    fields.insert("functions".into(), json!(functions));
                }
                lines.push(fields);
            }
            self.emit(prefix(EntityType::Membership), lines).await?;
            if self.sight.is_whole() {
                self.transitions(EntityType::Membership, &ids).await?;
            }
        }
    }

    async fn statements(&mut self, communities: &[Uuid]) -> Result<()> {
        use defining_statement::Column;
        let mut pager = Pager::<defining_statement::Entity>::new(
            &[Column::CommunityId, Column::Id],
            [self.sight.of_communities("defining_statement")],
        )
        .of(Column::CommunityId, communities);
        loop {
            let rows = pager.next(self.snapshot).await?;
            if rows.is_empty() {
                return Ok(());
            }
            let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
            let own = prefix(EntityType::DefiningStatement);
            let lines = self.encode_all::<defining_statement::Entity>(rows, own)?;
            self.emit(own, lines).await?;
            // Who endorsed what is counted, and shown to nobody.
            if self.sight.is_whole() {
                let pager = Pager::<endorsement::Entity>::new(
                    &[
                        endorsement::Column::StatementId,
                        endorsement::Column::UserId,
                    ],
                    [],
                )
                .of(endorsement::Column::StatementId, &ids);
                self.plain(pager, ENDORSEMENT).await?;
            }
        }
    }

    /// The steps in the lives of some things of a type.
    pub(super) async fn transitions(&mut self, of: EntityType, ids: &[Uuid]) -> Result<()> {
        use transition::Column;
        let mut pager = Pager::<transition::Entity>::new(&[Column::EntityId, Column::Id], [])
            .of(Column::EntityId, ids);
        loop {
            let rows = pager.next(self.snapshot).await?;
            if rows.is_empty() {
                return Ok(());
            }
            let mut lines = Vec::with_capacity(rows.len());
            for row in rows {
                let about = id_text(of, row.entity_id);
                let mut fields = Fields::new();
                self.encode::<transition::Entity>(row, TRANSITION, &mut fields)?;
                fields.insert("ofId".into(), about);
                lines.push(fields);
            }
            self.emit(TRANSITION, lines).await?;
        }
    }

    /// Lines that are rows and nothing else.
    pub(super) async fn plain<E>(&mut self, mut pager: Pager<E>, own: &'static str) -> Result<()>
    where
        E: StoredEntity,
        E::Model: sea_orm::IntoActiveModel<E::ActiveModel>,
    {
        loop {
            let rows = pager.next(self.snapshot).await?;
            if rows.is_empty() {
                return Ok(());
            }
            let lines = self.encode_all::<E>(rows, own)?;
            self.emit(own, lines).await?;
        }
    }

    pub(super) fn encode<E>(
        &self,
        row: E::Model,
        own: &'static str,
        into: &mut Fields,
    ) -> Result<()>
    where
        E: StoredEntity,
        E::Model: sea_orm::IntoActiveModel<E::ActiveModel>,
    {
        encode::<E>(row, own, self.sight.is_whole(), into)
    }

    pub(super) fn encode_all<E>(
        &self,
        rows: Vec<E::Model>,
        own: &'static str,
    ) -> Result<Vec<Fields>>
    where
        E: StoredEntity,
        E::Model: sea_orm::IntoActiveModel<E::ActiveModel>,
    {
        rows.into_iter()
            .map(|row| {
                let mut fields = Fields::new();
                self.encode::<E>(row, own, &mut fields)?;
                Ok(fields)
            })
            .collect()
    }
}
