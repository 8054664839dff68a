//! What the index holds of each thing, made from its rows.
//!
//! What is archived, parked or abandoned stays in the index: it is part of the repertoire's memory, and its status is a
//! field that can be filtered by. What the audience of a document does not see of its object is not in it.

mod community;
mod discussion;
mod domain;
mod experience_report;
mod item;
mod pilot;
mod value_story;

use std::collections::HashMap;

use ::search::{Document, DocumentKind};
use chrono::{DateTime, Utc};
use entity::change::EntityType;
use entity::user;
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::error::Result;

/// Where documents come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// The tree of domains.
    Domains,
    /// The communities.
    Communities,
    /// The items of every type.
    Items,
    /// The value stories.
    ValueStories,
    /// The experience reports.
    Reports,
}

impl Source {
    /// All of them.
    pub(crate) const ALL: [Self; 5] = [
        Self::Domains,
        Self::Communities,
        Self::Items,
        Self::ValueStories,
        Self::Reports,
    ];

    /// The table whose ids the documents have.
    pub(crate) fn table(self) -> &'static str {
        match self {
            Self::Domains => "domain",
            Self::Communities => "community",
            Self::Items => "item",
            Self::ValueStories => "value_story",
            Self::Reports => "experience_report",
        }
    }

    /// The documents of those that are there, in a few statements for all.
    pub(crate) async fn documents(
        self,
        connection: &impl ConnectionTrait,
        ids: &[Uuid],
    ) -> Result<Vec<Document>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        match self {
            Self::Domains => domain::documents(connection, ids).await,
            Self::Communities => community::documents(connection, ids).await,
            Self::Items => item::documents(connection, ids).await,
            Self::ValueStories => value_story::documents(connection, ids).await,
            Self::Reports => experience_report::documents(connection, ids).await,
        }
    }
}

/// What kind of document a type of entity has, and where it comes from; none for what is not searched.
pub(crate) fn source_of(entity_type: EntityType) -> Option<(Source, DocumentKind)> {
    match entity_type {
        EntityType::Domain => Some((Source::Domains, DocumentKind::Domain)),
        EntityType::Community => Some((Source::Communities, DocumentKind::Community)),
        EntityType::Resource => Some((Source::Items, DocumentKind::Resource)),
        EntityType::Practice => Some((Source::Items, DocumentKind::Practice)),
        EntityType::Innovation => Some((Source::Items, DocumentKind::Innovation)),
        EntityType::Activity => Some((Source::Items, DocumentKind::Activity)),
        EntityType::Discussion => Some((Source::Items, DocumentKind::Discussion)),
        EntityType::Collection => Some((Source::Items, DocumentKind::Collection)),
        EntityType::ValueStory => Some((Source::ValueStories, DocumentKind::ValueStory)),
        EntityType::ExperienceReport => Some((Source::Reports, DocumentKind::ExperienceReport)),
        EntityType::User
        | EntityType::Organization
        | EntityType::Membership
        | EntityType::Post
        | EntityType::ApiToken
        | EntityType::Webhook
        | EntityType::DefiningStatement
        | EntityType::Goal
        | EntityType::LearningQuestion
        | EntityType::Review
        | EntityType::Flag
        | EntityType::BoundaryShare
        | EntityType::Adoption
        | EntityType::Pilot => None,
    }
}

/// Domains that something is filed under, with all broader ones.
#[derive(Debug, Default)]
struct Domains {
    /// Each domain's broader ones, itself included, with their slugs.
    broader: HashMap<Uuid, Vec<(Uuid, String)>>,
}

impl Domains {
    /// Of these domains, in one statement.
    async fn load(connection: &impl ConnectionTrait, mut ids: Vec<Uuid>) -> Result<Self> {
        ids.sort_unstable();
        ids.dedup();
        if ids.is_empty() {
            return Ok(Self::default());
        }
        let select = Query::select()
            .column(("domain_ancestor", "domain_id"))
            .column(("domain_ancestor", "ancestor_id"))
            .column(("domain", "slug"))
            .from("domain_ancestor")
            .inner_join(
                "domain",
                Expr::col(("domain", "id")).equals(("domain_ancestor", "ancestor_id")),
            )
            .and_where(Expr::col(("domain_ancestor", "domain_id")).is_in(ids))
            .take();
        let mut broader: HashMap<Uuid, Vec<(Uuid, String)>> = HashMap::new();
        for row in connection.query_all(&select).await? {
            broader
                .entry(row.try_get("", "domain_id")?)
                .or_default()
                .push((row.try_get("", "ancestor_id")?, row.try_get("", "slug")?));
        }
        Ok(Self { broader })
    }

    /// Puts the domains of a thing into its document.
    fn file(&self, document: &mut Document, domains: Vec<Uuid>) {
        for domain in &domains {
            for (id, slug) in self.broader.get(domain).into_iter().flatten() {
                if !domains.contains(id) && !document.domain_ancestors.contains(id) {
                    document.domain_ancestors.push(*id);
                }
                if !document.domain_slugs.contains(slug) {
                    document.domain_slugs.push(slug.clone());
                }
            }
        }
        document.domains = domains;
    }
}

/// The names of users, in one statement.
pub(super) async fn display_names(
    connection: &impl ConnectionTrait,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, String>> {
    let rows: Vec<(Uuid, String)> = user::Entity::find()
        .select_only()
        .columns([user::Column::Id, user::Column::DisplayName])
        .filter(user::Column::Id.is_in(ids.iter().copied()))
        .into_tuple()
        .all(connection)
        .await?;
    Ok(rows.into_iter().collect())
}

fn stamp(document: &mut Document, created_at: DateTime<Utc>, updated_at: DateTime<Utc>) {
    document.created_at = created_at.timestamp_micros();
    document.updated_at = updated_at.timestamp_micros();
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Types whose text nobody searches for, each for a reason: people and organizations have lists of their own,
    /// memberships, tokens and webhooks have no text, posts are found in their discussion and pilots in what they try out, reviews are
    /// read beside their revisions, adoptions beside what they are of, flags are for those who decide them, and of a share
    /// what is found is the item. Adopted statements, a community's goals and its learning questions are in the
    /// community's own document; what is only proposed is not yet its word, and individual goals are its members' own.
    const NOT_SEARCHED: [EntityType; 14] = [
        EntityType::User,
        EntityType::Organization,
        EntityType::Membership,
        EntityType::Post,
        EntityType::ApiToken,
        EntityType::Webhook,
        EntityType::DefiningStatement,
        EntityType::Goal,
        EntityType::LearningQuestion,
        EntityType::Review,
        EntityType::Flag,
        EntityType::BoundaryShare,
        EntityType::Adoption,
        EntityType::Pilot,
    ];

    #[test]
    fn every_type_with_text_has_a_kind_of_document() {
        for entity_type in EntityType::ALL {
            assert_eq!(
                source_of(*entity_type).is_none(),
                NOT_SEARCHED.contains(entity_type),
                "{entity_type:?} must have documents, or a reason to have none"
            );
        }
        for kind in DocumentKind::ALL {
            let made = EntityType::ALL
                .iter()
                .filter(|entity_type| source_of(**entity_type).is_some_and(|(_, of)| of == *kind));
            assert_eq!(made.count(), 1, "{kind:?} is made from one type");
        }
    }
}
