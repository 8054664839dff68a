//! Mutations of flags.

use async_graphql::{Context, ID, Object, Result};
use service::flag::{self, FLAGGED_TYPES, RaiseFlag};

use super::{Flag, FlagReason};
use crate::graphql::ids::{Decoder, NodeType};
use crate::graphql::mutation::{payload, settle};
use crate::graphql::node::read_end;
use crate::graphql::request::{store, viewer};

payload!(FlagPayload, flag: Flag, "flag");

/// Mutations of flags.
#[derive(Debug, Default)]
pub struct FlagMutation;

#[Object]
impl FlagMutation {
    /// Reports something to the stewards and facilitators of its community; for everybody who is signed in and may read
    /// it. While your earlier flag of the same is OPEN, that one is answered and nothing changes; 100 of yours may be
    /// OPEN at most.
    async fn flag(
        &self,
        context: &Context<'_>,
        #[graphql(
            desc = "Id of a resource, a practice, an innovation, an activity, a discussion, a collection, a post, an adoption, a defining statement or a value story."
        )]
        id: ID,
        #[graphql(desc = "What is wrong.")] reason: FlagReason,
        #[graphql(desc = "What you say of it, at most 4,000 characters.")] note: Option<String>,
    ) -> Result<Option<FlagPayload>> {
        let mut decoder = Decoder::default();
        let input = RaiseFlag {
            target: read_end(&mut decoder, &["id"], &id, &FLAGGED_TYPES),
            reason: reason.into(),
            note,
        };
        let outcome = flag::raise(store(context)?, &viewer(context)?, input).await;
        Ok(Some(settle(context, decoder, outcome)?.into()))
    }

    /// Decides an OPEN flag: UPHELD or DISMISSED; for stewards and facilitators of its community. The same decision again
    /// changes nothing. What is flagged stays as it is: hide, archive or delete it beside.
    async fn resolve_flag(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the flag.")] id: ID,
        #[graphql(desc = "Whether it was found right.")] upheld: bool,
        #[graphql(desc = "Why, at most 4,000 characters; who raised the flag sees it.")]
        note: Option<String>,
    ) -> Result<Option<FlagPayload>> {
        let mut decoder = Decoder::default();
        let id = decoder.id(&["id"], &id, NodeType::Flag);
        let (store, viewer) = (store(context)?, viewer(context)?);
        let outcome = flag::resolve(store, &viewer, id, upheld, note).await;
        Ok(Some(settle(context, decoder, outcome)?.into()))
    }
}
