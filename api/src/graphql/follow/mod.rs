//! Follows in the schema: what you want to hear of.

mod loaders;

use async_graphql::{Context, ID, Object, Result};
use service::follow::{self, FOLLOWED_TYPES};
use service::paging::Page;
use uuid::Uuid;

use super::connection::{Total, page_request, reads_page};
use super::errors::IntoGraphql;
use super::ids::Decoder;
use super::mutation::{DonePayload, settle};
use super::node::{NodeConnection, node_type, read_end};
use super::request::{ask, store, viewer};
use loaders::FollowedByViewer;

/// Whether the viewer follows a thing that they are shown.
pub async fn viewer_follows(context: &Context<'_>, id: Uuid) -> Result<bool> {
    Ok(ask(context, FollowedByViewer(id)).await?.is_some())
}

/// Queries of follows.
#[derive(Debug, Default)]
pub struct FollowQuery;

#[Object]
impl FollowQuery {
    /// What you follow and may see, the last followed first; empty for an anonymous request.
    async fn follows(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many from the start; 20 if not given, at most 100.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Start after this cursor.")] after: Option<String>,
    ) -> Result<Option<NodeConnection>> {
        let request = page_request(first, after, None, None);
        let (store, viewer) = (store(context)?.clone(), viewer(context)?);
        let page = if reads_page(context, &request) {
            follow::page(&store, &viewer, &request).await.graphql()?
        } else {
            Page::empty()
        };
        let page = page.map(|(entity_type, id)| (node_type(entity_type), id));
        let total = Total::by(move || {
            let (store, viewer) = (store.clone(), viewer.clone());
            Box::pin(async move { follow::count(&store, &viewer).await })
        });
        Ok(Some(NodeConnection::of(context, page, total).await?))
    }
}

/// Mutations of follows.
#[derive(Debug, Default)]
pub struct FollowMutation;

#[Object]
impl FollowMutation {
    /// Follows a community, a domain, an item or a member that you may read: `notifications` then tell of its news.
    /// Following a domain includes narrower ones. Following twice changes nothing; one person follows at most 1,000
    /// things. What you may not read any more is not followed for as long.
    async fn follow(
        &self,
        context: &Context<'_>,
        #[graphql(
            desc = "Id of a community, a domain, a user, a resource, a practice, an innovation, an activity, a discussion or a collection."
        )]
        id: ID,
    ) -> Result<Option<DonePayload>> {
        let mut decoder = Decoder::default();
        let target = read_end(&mut decoder, &["id"], &id, &FOLLOWED_TYPES);
        let outcome = follow::follow(store(context)?, &viewer(context)?, target).await;
        Ok(Some(DonePayload::new(settle(context, decoder, outcome)?)))
    }

    /// Follows something no more. What you do not follow changes nothing.
    async fn unfollow(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of what you follow.")] id: ID,
    ) -> Result<Option<DonePayload>> {
        let mut decoder = Decoder::default();
        let target = read_end(&mut decoder, &["id"], &id, &FOLLOWED_TYPES);
        let outcome = follow::unfollow(store(context)?, &viewer(context)?, target).await;
        Ok(Some(DonePayload::new(settle(context, decoder, outcome)?)))
    }
}
