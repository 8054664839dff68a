//! Mutations of defining statements.

use async_graphql::{Context, ID, InputObject, Object, Result};
use service::defining_statement::{self, ProposeStatement};

use super::{DefiningStatement, StatementAspect};
use crate::graphql::ids::{Decoder, NodeType};
use crate::graphql::item::read_origin;
use crate::graphql::mutation::{payload, settle};
use crate::graphql::request::{store, viewer};
use crate::graphql::scalars::DateTime;

payload!(StatementPayload, statement: DefiningStatement, "statement");

/// A statement to be proposed.
#[derive(Clone, Debug, InputObject)]
pub struct ProposeStatementInput {
    /// The community that it is about.
    pub community_id: ID,
    /// What it says, at most 2,000 characters.
    pub text: String,
    /// What it is about.
    pub aspect: StatementAspect,
    /// The activity of the community that it was made in.
    pub made_in_id: Option<ID>,
    /// The recurrenceId of the occurrence that it was made in.
    pub made_in_occurrence: Option<DateTime>,
    /// The adopted statement whose place it takes when it is adopted.
    pub supersedes_id: Option<ID>,
}

impl ProposeStatementInput {
    fn read(self, decoder: &mut Decoder) -> ProposeStatement {
        let community = &["input", "communityId"];
        let (activity, occurrence) = (self.made_in_id.as_ref(), self.made_in_occurrence.as_ref());
        ProposeStatement {
            community_id: decoder.id(community, &self.community_id, NodeType::Community),
            text: self.text,
            aspect: self.aspect.into(),
            origin: read_origin(decoder, activity, occurrence),
            supersedes_id: self
                .supersedes_id
                .map(|id| decoder.id(&["input", "supersedesId"], &id, NodeType::DefiningStatement)),
        }
    }
}

/// Mutations of what defines a community.
#[derive(Debug, Default)]
pub struct StatementMutation;

#[Object]
impl StatementMutation {
    /// Proposes a statement of what defines a community; for its active members. Proposing is not endorsing: you may
    /// endorse your own statement as everybody may.
    async fn propose_statement(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The statement.")] input: ProposeStatementInput,
    ) -> Result<Option<StatementPayload>> {
        let mut decoder = Decoder::default();
        let input = input.read(&mut decoder);
        let outcome = defining_statement::propose(store(context)?, &viewer(context)?, input).await;
        Ok(Some(settle(context, decoder, outcome)?.into()))
    }

    /// Endorses a statement; for active members of its community. With the quorum it is ADOPTED, and the one that it
    /// supersedes SUPERSEDED. Endorsing twice changes nothing.
    async fn endorse_statement(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the statement.")] id: ID,
    ) -> Result<Option<StatementPayload>> {
        let mut decoder = Decoder::default();
        let id = decoder.id(&["id"], &id, NodeType::DefiningStatement);
        let outcome = defining_statement::endorse(store(context)?, &viewer(context)?, id).await;
        Ok(Some(settle(context, decoder, outcome)?.into()))
    }

    /// Takes a proposed statement back; for who proposed it, and facilitators of its community.
    async fn withdraw_statement(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the statement.")] id: ID,
    ) -> Result<Option<StatementPayload>> {
        let mut decoder = Decoder::default();
        let id = decoder.id(&["id"], &id, NodeType::DefiningStatement);
        let outcome = defining_statement::withdraw(store(context)?, &viewer(context)?, id).await;
        Ok(Some(settle(context, decoder, outcome)?.into()))
    }
}
