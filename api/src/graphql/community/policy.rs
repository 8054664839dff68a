//! The rules of a community in the schema: its kind's, with its own settings.

use std::sync::Arc;

use async_graphql::{Context, Enum, InputObject, MaybeUndefined, Object, Result, SimpleObject};
use service::community::UpdatePolicy;
use service::community::kind::{self, conflict_count, page_of_conflicts};
use service::entity::community;
use service::validation::Patch;
use uuid::Uuid;

use super::Community;
use crate::graphql::connection::{Total, page_request, reads_page};
use crate::graphql::errors::{IntoGraphql, UserError};
use crate::graphql::mutation::{Settled, map, patch};
use crate::graphql::node::NodeConnection;
use crate::graphql::request::{store, viewer};
use crate::graphql::review::node_type;
use crate::graphql::scalars::Position;

/// Whose review a revision of a resource needs before readers are shown it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "service::entity::community::ReviewRule")]
pub enum ReviewRule {
    /// Nobody's: its authors publish it.
    None,
    /// That of one reviewer, steward or facilitator.
    OneReviewer,
    /// That of one steward or facilitator.
    OneSteward,
}

/// The rules in force in a community: what its kind asks for, with the community's own settings.
#[derive(Clone, Copy, Debug, SimpleObject)]
pub struct CommunityPolicy {
    /// Whose review a revision of a resource needs before readers are shown it.
    resource_review: ReviewRule,
    /// How many approvals of one revision publish a practice.
    practice_quorum: i32,
    /// How many endorsements adopt a defining statement; fewer where there are fewer active members.
    statement_quorum: i32,
    /// Within how many hours a help request is to have its first answer; null: no such clock.
    first_answer_target_hours: Option<i32>,
    /// After how many days what is published is to be reviewed again; null: no such clock.
    review_interval_days: Option<i32>,
    /// After how many days in one stage an innovation is to be parked or moved on; null: no such clock.
    stage_age_limit_days: Option<i32>,
}

impl From<kind::CommunityPolicy> for CommunityPolicy {
    fn from(policy: kind::CommunityPolicy) -> Self {
        Self {
            resource_review: policy.resource_review.into(),
            practice_quorum: policy.practice_quorum,
            statement_quorum: policy.statement_quorum,
            first_answer_target_hours: policy.first_answer_target_hours,
            review_interval_days: policy.review_interval_days,
            stage_age_limit_days: policy.stage_age_limit_days,
        }
    }
}

/// A change of the rules of a community. Fields that you leave out stay; null goes back to what the kind asks for.
#[derive(Clone, Copy, Debug, InputObject)]
pub struct CommunityPolicyInput {
    /// Whose review a revision of a resource needs before readers are shown it.
    pub resource_review: MaybeUndefined<ReviewRule>,
    /// How many approvals of one revision publish a practice; 1 to 10.
    pub practice_quorum: MaybeUndefined<i32>,
    /// How many endorsements adopt a defining statement; 1 to 10.
    pub statement_quorum: MaybeUndefined<i32>,
    /// Within how many hours a help request is to have its first answer; 1 to 720.
    pub first_answer_target_hours: MaybeUndefined<i32>,
    /// After how many days what is published is to be reviewed again; 7 to 1,095.
    pub review_interval_days: MaybeUndefined<i32>,
    /// After how many days in one stage an innovation is to be parked or moved on; 7 to 1,095.
    pub stage_age_limit_days: MaybeUndefined<i32>,
}

impl CommunityPolicyInput {
    /// Reads the input for the service.
    #[must_use]
    pub fn read(self) -> UpdatePolicy {
        let number = |field: MaybeUndefined<i32>| -> Patch<i64> { map(patch(field), i64::from) };
        UpdatePolicy {
            resource_review: map(patch(self.resource_review), Into::into),
            practice_quorum: number(self.practice_quorum),
            statement_quorum: number(self.statement_quorum),
            first_answer_target_hours: number(self.first_answer_target_hours),
            review_interval_days: number(self.review_interval_days),
            stage_age_limit_days: number(self.stage_age_limit_days),
        }
    }
}

/// The outcome of `setCommunityKind`.
#[derive(Debug)]
pub struct SetCommunityKindPayload {
    community: Option<Arc<community::Model>>,
    kind: community::CommunityKind,
    user_errors: Vec<UserError>,
    position: Option<Position>,
}

impl SetCommunityKindPayload {
    /// The payload of a settled change to a kind, or of a dry run of it.
    #[must_use]
    pub fn new(settled: Settled<community::Model>, kind: community::CommunityKind) -> Self {
        Self {
            community: settled.value.map(Arc::new),
            kind,
            user_errors: settled.user_errors,
            position: settled.position,
        }
    }

    /// The payload of a change that is not made again: with the community that it was about, as the viewer may see it.
    #[must_use]
    pub fn again(community: Option<Arc<community::Model>>, kind: community::CommunityKind) -> Self {
        Self {
            community,
            kind,
            user_errors: Vec::new(),
            position: None,
        }
    }
}

/// The outcome of `setCommunityKind`.
#[Object]
impl SetCommunityKindPayload {
    /// The community as it is now; null when the input was refused.
    async fn community(&self) -> Option<Community> {
        self.community.clone().map(Community::from)
    }

    /// The published items that you may see and that the kind's guards would not let be published, or recommended, as
    /// they are, the oldest first: also practices that are RECOMMENDED without the evidence that the kind asks for. They
    /// stay as they are; what each lacks is asked for when it is published, or recommended, the next time.
    async fn conflicts(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many from the start; 20 if not given, at most 100.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Start after this cursor.")] after: Option<String>,
    ) -> Result<NodeConnection> {
        let Some(community) = &self.community else {
            return Ok(NodeConnection::empty());
        };
        conflicts(context, community.id, self.kind, first, after).await
    }

    /// Why the input was refused; empty when it was not. Nothing was written then.
    async fn user_errors(&self) -> &[UserError] {
        &self.user_errors
    }

    /// The place of this write in the change log. Send it as `X-Repertoire-Position` to make the next request, a
    /// search too, wait until it can see this write.
    async fn position(&self) -> Option<Position> {
        self.position.clone()
    }
}

async fn conflicts(
    context: &Context<'_>,
    community: Uuid,
    kind: community::CommunityKind,
    first: Option<i32>,
    after: Option<String>,
) -> Result<NodeConnection> {
    let (store, viewer) = (store(context)?.clone(), viewer(context)?);
    let request = page_request(first, after, None, None);
    let page = if reads_page(context, &request) {
        page_of_conflicts(&store, &viewer, community, kind, &request)
            .await
            .graphql()?
    } else {
        service::paging::Page::empty()
    };
    let total = Total::by(move || {
        let (store, viewer) = (store.clone(), viewer.clone());
        Box::pin(async move { conflict_count(&store, &viewer, community, kind).await })
    });
    let page = page.map(|conflict| (node_type(conflict.item_type), conflict.id));
    NodeConnection::of(context, page, total).await
}
