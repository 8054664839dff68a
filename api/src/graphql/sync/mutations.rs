//! Mutations of synchronization.

use async_graphql::{Context, ID, Object, Result};
use service::sync::{self, FinishSync, SyncResources};

use super::{SyncConflictRule, SyncResourceInput, SyncResourcesPayload};
use crate::graphql::community::CommunityPayload;
use crate::graphql::ids::{Decoder, NodeType};
use crate::graphql::mutation::settle;
use crate::graphql::request::{store, viewer};

/// Mutations of synchronization.
#[derive(Debug, Default)]
pub struct SyncMutation;

#[Object]
impl SyncMutation {
    /// Makes or changes the resources that another system lists, known by the community, the system and their external id:
    /// at most 1,000 a call, each with an outcome of its own. It is safe to repeat: what is the same as before is UNCHANGED
    /// and costs nothing. What was edited here since the last time is not overwritten unless `setSyncPolicy` says so.
    /// Resources that have the external reference already are taken up. For active members of the community, by a session
    /// or by a token with the scope SYNC; what you may do with each resource is decided as if you changed it yourself.
    async fn sync_resources(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the community that the resources belong to.")] community_id: ID,
        #[graphql(desc = "The name of the other system, at most 100 characters; case counts.")]
        system: String,
        #[graphql(
            desc = "The resources, at most 1,000. A later item with the external id of an earlier one fails."
        )]
        input: Vec<SyncResourceInput>,
        #[graphql(
            desc = "A name of your choice, at most 200 characters, for all calls that together list everything: `finishSync` ends it. Of a system five may be going on."
        )]
        run: Option<String>,
        #[graphql(desc = "True to write nothing, and only say what would become of each item.")]
        dry_run: Option<bool>,
    ) -> Result<Option<SyncResourcesPayload>> {
        let mut decoder = Decoder::default();
        let call = SyncResources {
            community_id: decoder.id(&["communityId"], &community_id, NodeType::Community),
            system,
            items: input.into_iter().map(SyncResourceInput::read).collect(),
            run,
            dry_run: dry_run.unwrap_or(false),
        };
        let outcome = sync::sync_resources(store(context)?, &viewer(context)?, call).await;
        Ok(Some(settle(context, decoder, outcome)?.into()))
    }

    /// Ends a run: archives the published resources of the system in the community that no call of the run listed; it never
    /// deletes. Above the limit it archives nothing, and says how many it would have been. After an interruption the same
    /// call goes on; once a run is finished nothing more happens. For stewards and facilitators of the community.
    async fn finish_sync(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the community that the resources belong to.")] community_id: ID,
        #[graphql(desc = "The name of the other system.")] system: String,
        #[graphql(desc = "The name of the run, as the calls of `syncResources` gave it.")]
        run: String,
        #[graphql(
            desc = "The share of the system's resources that may be archived, of those that are not archived yet; from 0 to 1, 0.1 if not given."
        )]
        delete_limit: Option<f64>,
        #[graphql(desc = "True to write nothing, and only say what would be archived.")]
        dry_run: Option<bool>,
    ) -> Result<Option<SyncResourcesPayload>> {
        let mut decoder = Decoder::default();
        let input = FinishSync {
            community_id: decoder.id(&["communityId"], &community_id, NodeType::Community),
            system,
            run,
            delete_limit,
            dry_run: dry_run.unwrap_or(false),
        };
        let outcome = sync::finish_sync(store(context)?, &viewer(context)?, input).await;
        Ok(Some(settle(context, decoder, outcome)?.into()))
    }

    /// Says what happens to a resource that was edited or archived here since the last synchronization when the other system
    /// changes it too: REPORT until it is said. For facilitators of the community; `Community.syncPolicies` shows it.
    async fn set_sync_policy(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the community.")] community_id: ID,
        #[graphql(desc = "The name of the other system, at most 100 characters; case counts.")]
        system: String,
        #[graphql(desc = "What happens.")] on_conflict: SyncConflictRule,
    ) -> Result<Option<CommunityPayload>> {
        let mut decoder = Decoder::default();
        let community = decoder.id(&["communityId"], &community_id, NodeType::Community);
        let (store, viewer) = (store(context)?, viewer(context)?);
        let outcome = sync::set_policy(store, &viewer, community, system, on_conflict.into()).await;
        Ok(Some(settle(context, decoder, outcome)?.into()))
    }
}
