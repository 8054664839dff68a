//! Boundary shares in the schema.

pub mod loaders;
mod mutations;
mod transition;

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, Object, Result};
use service::boundary_share::{count_of_community, page_of_community};
use service::paging::{Page, PageRequest};
use uuid::Uuid;

pub use mutations::{BoundarySharePayload, ShareMutation};
pub use transition::{BoundaryShareTransition, BoundaryShareTransitionConnection};

use super::community::Community;
use super::community::loaders::CommunityById;
use super::connection::{Total, connection, page_request, reads_page};
use super::errors::IntoGraphql;
use super::ids::{NodeType, encode};
use super::item::{self, Item};
use super::request::{ask, store, viewer};
use super::scalars::DateTime;
use super::user::{self, User};

/// Where a share stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "service::entity::boundary_share::BoundaryShareState")]
pub enum BoundaryShareState {
    /// It waits for the other community.
    Offered,
    /// The other community took it up.
    Accepted,
    /// The other community made something of its own of it.
    Adapted,
    /// The other community did not take it up.
    Declined,
    /// It was taken back; what was made of it stays.
    Withdrawn,
}

/// What one community offers to another.
#[derive(Clone, Debug)]
pub struct BoundaryShare {
    row: Arc<service::boundary_share::BoundaryShare>,
}

impl From<service::boundary_share::BoundaryShare> for BoundaryShare {
    fn from(row: service::boundary_share::BoundaryShare) -> Self {
        Self { row: Arc::new(row) }
    }
}

impl BoundaryShare {
    async fn of_type(&self, context: &Context<'_>, id: Uuid) -> Result<Option<Item>> {
        item::one(context, self.row.item_type, id).await
    }
}

async fn known(context: &Context<'_>, community: Uuid) -> Result<Option<Community>> {
    let found = ask(context, CommunityById(community)).await?;
    Ok(found.map(Into::into))
}

/// An item that one community offers to another, through a broker who belongs to both. Who brokers it sees it, and those
/// who look after one of the two communities; once it is taken up, all who see the other community. It opens nothing: the
/// item is read by its own rules.
#[Object]
impl BoundaryShare {
    /// Global id.
    pub async fn id(&self) -> ID {
        encode(NodeType::BoundaryShare, self.row.id)
    }

    /// What is offered; null when it is gone, or you may not see it.
    async fn item(&self, context: &Context<'_>) -> Result<Option<Item>> {
        self.of_type(context, self.row.item_id).await
    }

    /// The community that offers it; null when you may not see it.
    #[graphql(name = "fromCommunity")]
    async fn offering_community(&self, context: &Context<'_>) -> Result<Option<Community>> {
        known(context, self.row.from_community_id).await
    }

    /// The community that it is offered to; null when you may not see it.
    async fn to_community(&self, context: &Context<'_>) -> Result<Option<Community>> {
        known(context, self.row.to_community_id).await
    }

    /// Who brokers between the two communities; null where that is not known any more.
    async fn broker(&self, context: &Context<'_>) -> Result<Option<User>> {
        match self.row.broker_id {
            Some(id) => user::one(context, id).await,
            None => Ok(None),
        }
    }

    /// What the broker says of it.
    async fn note(&self) -> Option<&str> {
        self.row.note.as_deref()
    }

    /// What the other community made of it; null where there is none that you may see.
    async fn adaptation(&self, context: &Context<'_>) -> Result<Option<Item>> {
        match self.row.adaptation_id {
            Some(id) => self.of_type(context, id).await,
            None => Ok(None),
        }
    }

    /// Where it stands.
    async fn state(&self) -> BoundaryShareState {
        self.row.state.into()
    }

    /// How it came to its state, the oldest step first. What becomes of it by a merge of communities has a reason.
    async fn transitions(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many from the start; 20 if not given, at most 100.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Start after this cursor.")] after: Option<String>,
    ) -> Result<BoundaryShareTransitionConnection> {
        let request = page_request(first, after, None, None);
        BoundaryShareTransitionConnection::of(context, self.row.id, &request).await
    }

    /// When it was offered.
    async fn created_at(&self) -> DateTime {
        self.row.created_at.into()
    }
}

connection!(
    BoundaryShareConnection,
    BoundaryShareEdge,
    BoundaryShare,
    "boundary shares"
);

impl BoundaryShareConnection {
    /// What a community offers to others and is offered, as far as the viewer may see it.
    pub async fn of_community(
        context: &Context<'_>,
        community: Uuid,
        state: Option<BoundaryShareState>,
        request: &PageRequest,
    ) -> Result<Self> {
        let (store, viewer) = (store(context)?.clone(), viewer(context)?);
        let state = state.map(Into::into);
        let page = if reads_page(context, request) {
            page_of_community(&store, &viewer, community, state, request)
                .await
                .graphql()?
        } else {
            Page::empty()
        };
        let total = Total::by(move || {
            let (store, viewer) = (store.clone(), viewer.clone());
            Box::pin(async move { count_of_community(&store, &viewer, community, state).await })
        });
        Ok(Self::new(page.map(BoundaryShare::from), total))
    }
}
