//! Memberships in the schema.

pub mod loaders;
mod mutations;

use std::sync::Arc;

use async_graphql::{Context, Enum, Error, ID, Object, Result};
use service::entity::{community, membership};
use service::goal::GoalScope;
use service::membership as service_membership;
use service::membership::MemberFilter;
use service::paging::{Page, PageRequest};
use uuid::Uuid;

pub(super) use mutations::answer;
pub use mutations::{MemberMutation, MembershipMutation, MembershipPayload};

use super::community::Community;
use super::community::loaders::CommunityById;
use super::connection::{Total, connection, page_request, reads_page};
use super::errors::IntoGraphql;
use super::goal::GoalConnection;
use super::ids::{NodeType, encode};
use super::participation::Participation;
use super::plain::{plain_enums, plain_fields};
use super::request::{ask, store, viewer};
use super::scalars::DateTime;
use super::user::{self, User};
use loaders::{CommunityOfOwnMembership, FunctionsOf};

/// What a member may do, in rising order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "service::entity::membership::MembershipRole")]
pub enum MembershipRole {
    /// Takes part: makes resources, practices and innovations.
    Member,
    /// Reviews, and reads drafts.
    Reviewer,
    /// Keeps the repertoire: edits, archives and brings back.
    Steward,
    /// Leads the community: its settings and its members.
    Facilitator,
}

/// Where a membership stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "service::entity::membership::MembershipState")]
pub enum MembershipState {
    /// Waits for the invited person.
    Invited,
    /// Waits for a facilitator.
    Requested,
    /// Takes part.
    Active,
    /// The invited person said no.
    Declined,
    /// The invitation ran out.
    Expired,
    /// A facilitator said no.
    Rejected,
    /// The member left.
    Left,
    /// A facilitator ended it.
    Removed,
    /// A facilitator ended it and bars the way back.
    Banned,
}

/// What a member does for a community beside their role. A function gives no power.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "service::entity::membership_function::MembershipFunction")]
pub enum MembershipFunction {
    /// Backs the community within an organization.
    Sponsor,
    /// Keeps its events and its people together.
    Coordinator,
    /// Carries knowledge to and from other communities.
    Broker,
    /// Is asked about the subject.
    SubjectExpert,
    /// Looks after its tools.
    TechnologySteward,
}

/// A person's part in a community: one per person and community, kept through its states.
#[derive(Clone, Debug)]
pub struct Membership {
    row: Arc<membership::Model>,
}

impl Membership {
    /// The community as far as the viewer may see it: their own membership shows what it is about in any case.
    async fn seen_community(&self, context: &Context<'_>) -> Result<Option<Community>> {
        let id = self.row.community_id;
        let mut found = ask(context, CommunityById(id)).await?;
        if found.is_none() && viewer(context)?.user_id() == Some(self.row.user_id) {
            found = ask(context, CommunityOfOwnMembership(id)).await?;
        }
        Ok(found.map(Into::into))
    }
}

impl From<membership::Model> for Membership {
    fn from(row: membership::Model) -> Self {
        Self { row: Arc::new(row) }
    }
}

/// A person's part in a community: one per person and community, kept through its states.
#[Object]
impl Membership {
    /// Global id.
    pub async fn id(&self) -> ID {
        encode(NodeType::Membership, self.row.id)
    }

    /// The community.
    async fn community(&self, context: &Context<'_>) -> Result<Community> {
        let found = self.seen_community(context).await?;
        found.ok_or_else(|| {
            Error::new(format!(
                "the viewer does not see the community of membership {}",
                self.row.id
            ))
        })
    }

    /// The person.
    async fn user(&self, context: &Context<'_>) -> Result<User> {
        let found = user::one(context, self.row.user_id).await?;
        found.ok_or_else(|| Error::new(format!("membership {} has no user", self.row.id)))
    }

    /// What the member may do.
    async fn role(&self) -> MembershipRole {
        self.row.role.into()
    }

    /// What the member does for the community beside that, without any power; at most 5. Empty unless the member is
    /// active.
    async fn functions(&self, context: &Context<'_>) -> Result<Vec<MembershipFunction>> {
        let found = ask(context, FunctionsOf(self.row.id)).await?;
        Ok(found.unwrap_or_default())
    }

    /// Where it stands.
    async fn state(&self) -> MembershipState {
        self.row.state.into()
    }

    /// When it last became active; null when it never was.
    async fn joined_at(&self) -> Option<DateTime> {
        self.row.joined_at.map(Into::into)
    }

    /// How much the member takes part.
    async fn participation(&self, context: &Context<'_>) -> Result<Participation> {
        Participation::of(context, &self.row).await
    }

    /// The member's own goals, the oldest first. For active members of the community; empty for everyone else.
    async fn goals(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many from the start; 20 if not given, at most 100.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Start after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, at most 100.")] last: Option<i32>,
        #[graphql(desc = "End before this cursor.")] before: Option<String>,
    ) -> Result<GoalConnection> {
        let request = page_request(first, after, last, before);
        GoalConnection::of(context, GoalScope::Membership(self.row.id), None, &request).await
    }
}

connection!(
    plain MembershipConnection,
    MembershipEdge,
    Membership,
    "memberships"
);

impl MembershipConnection {
    /// The memberships of a user that the viewer may see.
    pub async fn of_user(context: &Context<'_>, user: Uuid, request: &PageRequest) -> Result<Self> {
        let (store, viewer) = (store(context)?.clone(), viewer(context)?);
        let page = if reads_page(context, request) {
            service_membership::page_of_user(&store, &viewer, user, request)
                .await
                .graphql()?
        } else {
            Page::empty()
        };
        let total = Total::by(move || {
            let (store, viewer) = (store.clone(), viewer.clone());
            Box::pin(async move { service_membership::count_of_user(&store, &viewer, user).await })
        });
        Ok(Self::new(page.map(Membership::from), total))
    }

    /// The members of a community that the viewer may see.
    pub async fn of_community(
        context: &Context<'_>,
        community: &Arc<community::Model>,
        filter: MemberFilter,
        request: &PageRequest,
    ) -> Result<Self> {
        let (store, viewer) = (store(context)?.clone(), viewer(context)?);
        let community = Arc::clone(community);
        let page = if reads_page(context, request) {
            service_membership::page_of_community(&store, &viewer, &community, filter, request)
                .await
                .graphql()?
        } else {
            Page::empty()
        };
        let total = Total::by(move || {
            let (store, viewer) = (store.clone(), viewer.clone());
            let community = Arc::clone(&community);
            Box::pin(async move {
                service_membership::count_of_community(&store, &viewer, &community, filter).await
            })
        });
        Ok(Self::new(page.map(Membership::from), total))
    }
}

plain_fields!(Membership {
    "id" => id,
    "role" => role,
    "state" => state,
    "joinedAt" => joined_at,
});

plain_enums!(MembershipRole, MembershipState);
