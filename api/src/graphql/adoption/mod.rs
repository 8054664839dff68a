//! Adoptions in the schema.

pub mod loaders;
mod mutations;

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, Object, Result};
use service::adoption::{count_of_subject, next_states, page_of_subject};
use service::paging::{Page, PageRequest};
use service::policy::adoption::update_read;
use uuid::Uuid;

pub use mutations::{AdoptionInput, AdoptionMutation, AdoptionPayload};

use super::community::loaders::CommunityById;
use super::connection::{Total, connection, reads_page};
use super::errors::IntoGraphql;
use super::ids::{NodeType, encode};
use super::item::{Lifecycle, TransitionOption};
use super::node::{self, Node};
use super::organization::{Organization, loaders::OrganizationById};
use super::request::{ask, store, viewer};
use super::scalars::DateTime;
use super::user::{self, User};

/// Where an adoption stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "service::adoption::AdoptionState")]
pub enum AdoptionState {
    /// It is to be used.
    Planned,
    /// It is used.
    InUse,
    /// It was used for long enough to tell, and stays.
    Confirmed,
    /// It is no longer used.
    Stopped,
}

/// What came of an adoption.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "service::adoption::AdoptionOutcome")]
pub enum AdoptionOutcome {
    /// Things got better.
    Improved,
    /// Things stayed as they were.
    NoChange,
    /// Things got worse.
    Worse,
    /// It is too early to tell.
    TooEarly,
}

/// What somebody took back to their own practice.
#[derive(Clone, Debug)]
pub struct Adoption {
    row: Arc<service::adoption::Adoption>,
}

impl From<service::adoption::Adoption> for Adoption {
    fn from(row: service::adoption::Adoption) -> Self {
        Self { row: Arc::new(row) }
    }
}

/// What somebody took back to their own practice: a resource, a practice or an innovation, in a setting of theirs.
/// Whoever may read what was adopted sees it, and who reported it.
#[Object]
impl Adoption {
    /// Global id.
    pub async fn id(&self) -> ID {
        encode(NodeType::Adoption, self.row.id)
    }

    /// What was adopted; null when you may not see it any more.
    async fn subject(&self, context: &Context<'_>) -> Result<Option<Node>> {
        let node_type = node::node_type(self.row.subject_type);
        node::find(context, node_type, self.row.subject_id).await
    }

    /// Who adopted it; null where that is not known any more.
    async fn adopter(&self, context: &Context<'_>) -> Result<Option<User>> {
        match self.row.adopter_id {
            Some(id) => user::one(context, id).await,
            None => Ok(None),
        }
    }

    /// Where the adopter practises.
    async fn organization(&self, context: &Context<'_>) -> Result<Option<Organization>> {
        match self.row.organization_id {
            Some(id) => Ok(ask(context, OrganizationById(id)).await?.map(Into::into)),
            None => Ok(None),
        }
    }

    /// In what setting, one line. Adoptions of one setting reach one setting; case and accents ignored.
    async fn setting(&self) -> &str {
        &self.row.setting
    }

    /// What was done otherwise than it says.
    async fn adaptation(&self) -> Option<&str> {
        self.row.adaptation.as_deref()
    }

    /// The number of the revision that the adopter was shown.
    async fn revision_used(&self) -> i32 {
        self.row.revision_used
    }

    /// Where it stands.
    async fn state(&self) -> AdoptionState {
        self.row.state.into()
    }

    /// What came of it; null while that is not said.
    async fn outcome(&self) -> Option<AdoptionOutcome> {
        self.row.outcome.map(Into::into)
    }

    /// How it went, in the adopter's words: plain text of several lines.
    async fn story(&self) -> Option<&str> {
        self.row.story.as_deref()
    }

    /// The states to which `updateAdoption` leads on, and what holds each back for you.
    async fn available_transitions(&self, context: &Context<'_>) -> Result<Vec<TransitionOption>> {
        let (home, adopter) = (self.row.community_id, self.row.adopter_id);
        let community = ask(context, CommunityById(home)).await?;
        let decision = update_read(&viewer(context)?, home, community.as_deref(), adopter);
        let states = next_states(self.row.state).iter();
        Ok(states
            .map(|to| TransitionOption::decided(Lifecycle::State, to.as_str(), decision))
            .collect())
    }

    /// When it was reported.
    async fn created_at(&self) -> DateTime {
        self.row.created_at.into()
    }

    /// When it was last changed.
    async fn updated_at(&self) -> DateTime {
        self.row.updated_at.into()
    }
}

connection!(AdoptionConnection, AdoptionEdge, Adoption, "adoptions");

impl AdoptionConnection {
    /// The adoptions of something, as far as the viewer may read them.
    pub async fn of_subject(
        context: &Context<'_>,
        subject: Uuid,
        request: &PageRequest,
    ) -> Result<Self> {
        let (store, viewer) = (store(context)?.clone(), viewer(context)?);
        let page = if reads_page(context, request) {
            page_of_subject(&store, &viewer, subject, request)
                .await
                .graphql()?
        } else {
            Page::empty()
        };
        let total = Total::by(move || {
            let (store, viewer) = (store.clone(), viewer.clone());
            Box::pin(async move { count_of_subject(&store, &viewer, subject).await })
        });
        Ok(Self::new(page.map(Adoption::from), total))
    }
}
