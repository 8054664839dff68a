//! Expertise in the schema.

pub mod loaders;

use async_graphql::{Context, Enum, ID, InputObject, Object, Result};
use service::expertise::{self as expertises, Subject};

use super::domain::{Domain, loaders::DomainById};
use super::ids::{Decoder, NodeType};
use super::mutation::settle;
use super::request::{ask, store, viewer};
use super::user::UserPayload;

/// Where expertise is known from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "service::entity::expertise::ExpertiseSource")]
pub enum ExpertiseSource {
    /// The person says so.
    #[graphql(name = "SELF")]
    Declared,
    /// Peers say so: members of a community to which the person belongs too.
    Endorsed,
    /// Answers of the person were accepted.
    Demonstrated,
}

/// What a person is known to know about a domain or a tag, from one source.
#[derive(Clone, Debug)]
pub struct Expertise {
    row: expertises::Expertise,
}

impl From<expertises::Expertise> for Expertise {
    fn from(row: expertises::Expertise) -> Self {
        Self { row }
    }
}

/// What a person is known to know about a domain or a tag, from one source.
#[Object]
impl Expertise {
    /// The domain; null for a tag.
    async fn domain(&self, context: &Context<'_>) -> Result<Option<Domain>> {
        match self.row.domain_id {
            Some(id) => Ok(ask(context, DomainById(id)).await?.map(Into::into)),
            None => Ok(None),
        }
    }

    /// The tag; null for a domain.
    async fn tag(&self) -> Option<&str> {
        self.row.tag.as_deref()
    }

    /// Where it is known from.
    async fn source(&self) -> ExpertiseSource {
        self.row.source.into()
    }

    /// How much it weighs: 1 for the person's own word, 1 for each peer up to 5, 3 for each accepted answer of which you
    /// may see the discussion.
    async fn weight(&self) -> f64 {
        self.row.weight
    }
}

/// What somebody knows about: a domain or a tag, just one of the two.
#[derive(Clone, Debug, InputObject)]
pub struct ExpertiseInput {
    /// A domain.
    pub domain_id: Option<ID>,
    /// A tag, at most 80 characters.
    pub tag: Option<String>,
}

impl ExpertiseInput {
    fn read(self, decoder: &mut Decoder) -> Subject {
        Subject {
            domain_id: self
                .domain_id
                .map(|id| decoder.id(&["input", "domainId"], &id, NodeType::Domain)),
            tag: self.tag,
        }
    }
}

/// Mutations of expertise.
#[derive(Debug, Default)]
pub struct ExpertiseMutation;

#[Object]
impl ExpertiseMutation {
    /// Says what you know about; at most 50 subjects. Saying it again changes nothing.
    async fn declare_expertise(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What you know about.")] input: ExpertiseInput,
    ) -> Result<Option<UserPayload>> {
        let mut decoder = Decoder::default();
        let subject = input.read(&mut decoder);
        let outcome = expertises::declare(store(context)?, &viewer(context)?, subject).await;
        Ok(Some(settle(context, decoder, outcome)?.into()))
    }

    /// Says what a peer knows about: somebody who belongs to a community of which you are an active member too, and
    /// never yourself. Saying it again changes nothing.
    async fn endorse_expertise(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the peer.")] user_id: ID,
        #[graphql(desc = "What the peer knows about.")] input: ExpertiseInput,
    ) -> Result<Option<UserPayload>> {
        let mut decoder = Decoder::default();
        let user = decoder.id(&["userId"], &user_id, NodeType::User);
        let subject = input.read(&mut decoder);
        let (store, viewer) = (store(context)?, viewer(context)?);
        let outcome = expertises::endorse(store, &viewer, user, subject).await;
        Ok(Some(settle(context, decoder, outcome)?.into()))
    }

    /// Takes back what you said by `declareExpertise`, or of a peer by `endorseExpertise`. What accepted answers show
    /// stays. Taking back what you did not say changes nothing.
    async fn withdraw_expertise(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Of whom you said it; of yourself if not given.")] user_id: Option<ID>,
        #[graphql(desc = "What you said is known.")] input: ExpertiseInput,
    ) -> Result<Option<UserPayload>> {
        let mut decoder = Decoder::default();
        let (store, viewer) = (store(context)?, viewer(context)?);
        let user = match user_id {
            Some(id) => decoder.id(&["userId"], &id, NodeType::User),
            None => viewer.user_id().unwrap_or_default(),
        };
        let subject = input.read(&mut decoder);
        let outcome = expertises::withdraw(store, &viewer, user, subject).await;
        Ok(Some(settle(context, decoder, outcome)?.into()))
    }
}
