//! Mutations of adoptions.

use async_graphql::{Context, ID, InputObject, Object, Result};
use service::adoption::{self, ADOPTED_TYPES, ReportAdoption, UpdateAdoption};

use super::{Adoption, AdoptionOutcome, AdoptionState};
use crate::graphql::ids::{Decoder, NodeType, encode};
use crate::graphql::mutation::{DeletePayload, given, payload, settle};
use crate::graphql::node::read_end;
use crate::graphql::request::{store, viewer};

payload!(AdoptionPayload, adoption: Adoption, "adoption");

/// What you took back to your own practice.
#[derive(Clone, Debug, InputObject)]
pub struct AdoptionInput {
    /// Id of a resource, a practice or an innovation.
    pub subject_id: ID,
    /// In what setting, one line of at most 300 characters, for example `Grade 3, Elm Street School`.
    pub setting: String,
    /// Where you practise.
    pub organization_id: Option<ID>,
    /// What you do otherwise than it says, at most 4,000 characters.
    pub adaptation: Option<String>,
    /// Where it stands.
    pub state: AdoptionState,
    /// What came of it. What is PLANNED has none yet; `TOO_EARLY` does not fit what is CONFIRMED.
    pub outcome: Option<AdoptionOutcome>,
    /// How it went, at most 20,000 characters. Whoever may read the subject may read it.
    pub story: Option<String>,
}

impl AdoptionInput {
    fn read(self, decoder: &mut Decoder) -> ReportAdoption {
        let path = &["input", "subjectId"];
        ReportAdoption {
            subject: read_end(decoder, path, &self.subject_id, &ADOPTED_TYPES),
            setting: self.setting,
            organization_id: self
                .organization_id
                .map(|id| decoder.id(&["input", "organizationId"], &id, NodeType::Organization)),
            adaptation: self.adaptation,
            state: self.state.into(),
            outcome: self.outcome.map(Into::into),
            story: self.story,
        }
    }
}

/// Mutations of adoptions.
#[derive(Debug, Default)]
pub struct AdoptionMutation;

#[Object]
impl AdoptionMutation {
    /// Says that you take something back to your own practice; for everybody who is signed in and may read it. At most
    /// 50 adoptions of one thing by one person.
    async fn report_adoption(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The adoption.")] input: AdoptionInput,
    ) -> Result<Option<AdoptionPayload>> {
        let mut decoder = Decoder::default();
        let input = input.read(&mut decoder);
        let outcome = adoption::report(store(context)?, &viewer(context)?, input).await;
        Ok(Some(settle(context, decoder, outcome)?.into()))
    }

    /// Says how your adoption goes on: PLANNED → `IN_USE` → CONFIRMED or STOPPED, and from PLANNED to STOPPED. What you
    /// leave out stays, null as well; an empty `story` takes it back.
    async fn update_adoption(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the adoption.")] id: ID,
        #[graphql(desc = "Where it stands now.")] state: Option<AdoptionState>,
        #[graphql(
            desc = "What came of it. What is PLANNED has none yet; `TOO_EARLY` does not fit what is CONFIRMED."
        )]
        outcome: Option<AdoptionOutcome>,
        #[graphql(desc = "How it went, at most 20,000 characters.")] story: Option<String>,
    ) -> Result<Option<AdoptionPayload>> {
        let mut decoder = Decoder::default();
        let id = decoder.id(&["id"], &id, NodeType::Adoption);
        let input = UpdateAdoption {
            state: state.map(Into::into),
            outcome: given(outcome.map(Into::into)),
            story: given(story),
        };
        let outcome = adoption::update(store(context)?, &viewer(context)?, id, input).await;
        Ok(Some(settle(context, decoder, outcome)?.into()))
    }

    /// Takes an adoption back for good; for who reported it, and facilitators of the community of what was adopted. It
    /// no longer counts as evidence.
    async fn withdraw_adoption(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the adoption.")] id: ID,
    ) -> Result<Option<DeletePayload>> {
        let mut decoder = Decoder::default();
        let id = decoder.id(&["id"], &id, NodeType::Adoption);
        let outcome = adoption::withdraw(store(context)?, &viewer(context)?, id).await;
        let outcome = outcome.map(|written| written.map(|id| encode(NodeType::Adoption, id)));
        Ok(Some(DeletePayload::new(settle(context, decoder, outcome)?)))
    }
}
