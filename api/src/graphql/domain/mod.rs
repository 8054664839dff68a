//! Domains in the schema.

mod inputs;
pub mod loaders;
mod mutations;
mod queries;

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, Object, Result, SimpleObject};
use service::entity;
use service::entity::domain;
use uuid::Uuid;

pub use inputs::{CompetencyInput, CreateDomainInput, DomainFilter, LabelInput, UpdateDomainInput};
pub use mutations::{DomainMutation, DomainPayload};
pub use queries::{DomainQuery, page};

use super::community::{self, CommunityConnection, CommunityFilter};
use super::connection::{connection, page_request};
use super::follow;
use super::ids::{NodeType, encode};
use super::plain::plain_fields;
use super::request::{ask, ask_many};
use super::scalars::{DateTime, Locale};
use loaders::{AncestorsOf, DomainById, RelatedTo};

/// How far a competency reaches. Frameworks of what people can do have three steps or more, and share these: the basic,
/// independent and proficient users of the one for languages (CEFR); foundation, intermediate and advanced in that for
/// digital competence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "service::entity::domain::CompetencyLevel")]
pub enum CompetencyLevel {
    /// With guidance, in familiar situations: what newcomers learn first.
    Foundation,
    /// Alone, in the situations of everyday work.
    Practitioner,
    /// In new and difficult situations, and so that others learn from it.
    Expert,
}

/// What a practitioner of a domain can do.
#[derive(Clone, Debug, SimpleObject)]
pub struct Competency {
    /// What they can do.
    pub statement: String,
    /// How far it reaches.
    pub level: CompetencyLevel,
}

impl From<&domain::Competency> for Competency {
    fn from(competency: &domain::Competency) -> Self {
        Self {
            statement: competency.statement.clone(),
            level: competency.level.into(),
        }
    }
}

/// A text in a language.
#[derive(Clone, Debug, SimpleObject)]
pub struct Label {
    /// The text.
    pub text: String,
    /// Its language; null where none is stated.
    pub language: Option<Locale>,
}

impl From<&entity::Label> for Label {
    fn from(label: &entity::Label) -> Self {
        Self {
            text: label.text.clone(),
            language: label.language.clone().map(Locale),
        }
    }
}

/// A concept of the tree of domains: what communities care about.
#[derive(Clone, Debug)]
pub struct Domain {
    row: Arc<domain::Model>,
}

impl From<domain::Model> for Domain {
    fn from(row: domain::Model) -> Self {
        Self { row: Arc::new(row) }
    }
}

impl From<Arc<domain::Model>> for Domain {
    fn from(row: Arc<domain::Model>) -> Self {
        Self { row }
    }
}

/// Some domains, in the order of their ids.
pub async fn many(context: &Context<'_>, ids: &[Uuid]) -> Result<Vec<Domain>> {
    let rows = ask_many(context, ids.iter().copied().map(DomainById).collect()).await?;
    Ok(rows.into_iter().map(Domain::from).collect())
}

/// A concept of the tree of domains: what communities care about.
#[Object]
impl Domain {
    /// Global id.
    pub async fn id(&self) -> ID {
        encode(NodeType::Domain, self.row.id)
    }

    /// Its preferred name.
    async fn name(&self) -> &str {
        &self.row.name
    }

    /// Its preferred names by language; at most 50.
    async fn labels(&self) -> Vec<Label> {
        self.row.labels.0.iter().map(Label::from).collect()
    }

    /// Its unique readable name in addresses.
    async fn slug(&self) -> &str {
        &self.row.slug
    }

    /// What it covers.
    async fn description(&self) -> Option<&str> {
        self.row.description.as_deref()
    }

    /// The problems that members of its communities care about.
    async fn concern(&self) -> Option<&str> {
        self.row.concern.as_deref()
    }

    /// Synonyms: search expands queries by them; at most 50.
    async fn alternative_labels(&self) -> Vec<Label> {
        let labels = self.row.alternative_labels.0.iter();
        labels.map(Label::from).collect()
    }

    /// What it asks; at most 50.
    async fn key_questions(&self) -> &[String] {
        &self.row.key_questions.0
    }

    /// What its practitioners can do, in the order that its keepers gave; at most 50.
    async fn competencies(&self) -> Vec<Competency> {
        let competencies = self.row.competencies.0.iter();
        competencies.map(Competency::from).collect()
    }

    /// The domains of other branches of the tree that are related to it, as it is to them, by name; at most 20. None of
    /// them is broader or narrower than it.
    async fn related_domains(&self, context: &Context<'_>) -> Result<Vec<Domain>> {
        let found = ask(context, RelatedTo(self.row.id)).await?;
        Ok(found.unwrap_or_default())
    }

    /// The broader domain; null for a root.
    async fn parent(&self, context: &Context<'_>) -> Result<Option<Domain>> {
        match self.row.parent_id {
            Some(id) => Ok(ask(context, DomainById(id)).await?.map(Into::into)),
            None => Ok(None),
        }
    }

    /// All broader domains, the broadest first; at most 20.
    async fn ancestors(&self, context: &Context<'_>) -> Result<Vec<Domain>> {
        if self.row.parent_id.is_none() {
            return Ok(Vec::new());
        }
        let found = ask(context, AncestorsOf(self.row.id)).await?;
        Ok(found.unwrap_or_default())
    }

    /// The domains directly under it, by name.
    async fn children(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many from the start; 20 if not given, at most 100.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Start after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, at most 100.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> Result<DomainConnection> {
        let filter = service::domain::DomainFilter {
            parent_id: Some(self.row.id),
            ..Default::default()
        };
        page(context, filter, &page_request(first, after, last, before)).await
    }

    /// The communities that care about it or about a narrower domain, by name.
    async fn communities(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many from the start; 20 if not given, at most 100.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Start after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, at most 100.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> Result<CommunityConnection> {
        let request = page_request(first, after, last, before);
        let filter = CommunityFilter {
            domain_ids: Some(vec![encode(NodeType::Domain, self.row.id)]),
            ..CommunityFilter::default()
        };
        community::page(context, Some(filter), None, &request).await
    }

    /// Whether you follow it, and with it narrower ones.
    async fn viewer_follows(&self, context: &Context<'_>) -> Result<bool> {
        follow::viewer_follows(context, self.row.id).await
    }

    /// Counts changes of its own fields, from 1. Send it as `expectedRevision` when you change the domain.
    async fn revision(&self) -> i32 {
        self.row.revision
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime {
        self.row.created_at.into()
    }

    /// When it was last changed.
    async fn updated_at(&self) -> DateTime {
        self.row.updated_at.into()
    }
}

connection!(plain DomainConnection, DomainEdge, Domain, "domains");

plain_fields!(Domain {
    "id" => id,
    "name" => name,
    "slug" => slug,
    "description" => description,
    "concern" => concern,
    "keyQuestions" => key_questions,
    "revision" => revision,
    "createdAt" => created_at,
    "updatedAt" => updated_at,
});
