//! Mutations of review and stewardship.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, Result};
use service::{item, review};

use super::ReviewVerdict;
use crate::graphql::ids::{Decoder, NodeType};
use crate::graphql::item::{ItemPayload, PUBLISHED_TYPES, REVISED_TYPES};
use crate::graphql::mutation::{map, patch, settle};
use crate::graphql::request::{store, viewer};
use crate::graphql::scalars::DateTime;

/// What a reviewer says of a revision.
#[derive(Debug, InputObject)]
pub struct ReviewInput {
    /// Id of a resource, a practice or a collection.
    pub id: ID,
    /// What it comes to.
    pub verdict: ReviewVerdict,
    /// What you say of it; COMMENT needs it. At most 4,000 characters.
    pub comment: Option<String>,
    /// The number of the revision that you read; it must be the newest.
    pub revision: i32,
}

/// Mutations of review and stewardship.
#[derive(Debug, Default)]
pub struct ReviewMutation;

#[Object]
impl ReviewMutation {
    /// Hands a draft, or a pending revision that reviewers asked to be changed, in for review; for its authors, and
    /// stewards and facilitators of its community. What is in review already stays there.
    async fn submit_for_review(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of a resource, a practice or a collection.")] id: ID,
    ) -> Result<Option<ItemPayload>> {
        let mut decoder = Decoder::default();
        let id = decoder.id_of(&["id"], &id, PUBLISHED_TYPES);
        let outcome = item::submit(store(context)?, &viewer(context)?, id).await;
        Ok(Some(settle(context, decoder, outcome)?.into()))
    }

    /// Reviews the newest revision of an item, never your own work; for reviewers and above, or for stewards and above
    /// where `Community.policy` says so. The last approval that the community asks for publishes it.
    async fn review(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What you say.")] input: ReviewInput,
    ) -> Result<Option<ItemPayload>> {
        let mut decoder = Decoder::default();
        let input = review::ReviewInput {
            id: decoder.id_of(&["input", "id"], &input.id, PUBLISHED_TYPES),
            verdict: input.verdict.into(),
            comment: input.comment,
            revision: input.revision,
        };
        let outcome = review::review(store(context)?, &viewer(context)?, input).await;
        Ok(Some(settle(context, decoder, outcome)?.into()))
    }

    /// Names who keeps an item, and sets the date of its next review; for stewards and facilitators of its community.
    /// What you leave out stays; null empties it.
    async fn set_steward(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of a resource, a practice or a collection.")] id: ID,
        #[graphql(desc = "An active member of the community.")] user_id: MaybeUndefined<ID>,
        #[graphql(desc = "When it is to be reviewed next.")] review_due_at: MaybeUndefined<
            DateTime,
        >,
    ) -> Result<Option<ItemPayload>> {
        let mut decoder = Decoder::default();
        let id = decoder.id_of(&["id"], &id, PUBLISHED_TYPES);
        let steward = map(patch(user_id), |id| {
            decoder.id(&["userId"], &id, NodeType::User)
        });
        let due_at = map(patch(review_due_at), |time| {
            decoder.time(&["reviewDueAt"], &time.0)
        });
        let (store, viewer) = (store(context)?, viewer(context)?);
        let outcome = review::set_steward(store, &viewer, id, steward, due_at).await;
        Ok(Some(settle(context, decoder, outcome)?.into()))
    }

    /// Says that an item still holds: its next review is due after the `reviewIntervalDays` of its community; for
    /// stewards and facilitators.
    async fn renew_review(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of a resource, a practice or a collection.")] id: ID,
    ) -> Result<Option<ItemPayload>> {
        let mut decoder = Decoder::default();
        let id = decoder.id_of(&["id"], &id, PUBLISHED_TYPES);
        let outcome = review::renew_review(store(context)?, &viewer(context)?, id).await;
        Ok(Some(settle(context, decoder, outcome)?.into()))
    }

    /// Makes the content of an older revision a new one, which is reviewed like any other; for those who may change the
    /// item.
    async fn restore_revision(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of a resource, a practice, an innovation or a collection.")] id: ID,
        #[graphql(desc = "The number of the revision to restore.")] number: i32,
        #[graphql(
            desc = "The newest revision that you read, pending or not; a newer one is a CONFLICT."
        )]
        expected_revision: Option<i32>,
    ) -> Result<Option<ItemPayload>> {
        let mut decoder = Decoder::default();
        let id = decoder.id_of(&["id"], &id, REVISED_TYPES);
        let (store, viewer) = (store(context)?, viewer(context)?);
        let outcome = item::restore_revision(store, &viewer, id, number, expected_revision).await;
        Ok(Some(settle(context, decoder, outcome)?.into()))
    }
}
