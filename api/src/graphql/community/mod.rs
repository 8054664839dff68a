//! Communities in the schema.

mod enums;
mod inputs;
pub mod loaders;
mod mutations;
mod object;
mod policy;
mod queries;
mod stage;

use async_graphql::{Context, Error, Result};
use uuid::Uuid;

pub use enums::{
    CommunityKind, CommunityStage, CommunityStatus, CommunityVisibility, JoinPolicy, MeetingMode,
};
pub use inputs::{
    CommunityFilter, CommunityOrder, CommunityOrderField, CreateCommunityInput,
    UpdateCommunityInput,
};
pub use mutations::{CommunityMutation, CommunityPayload};
pub use object::Community;
pub use policy::{CommunityPolicy, CommunityPolicyInput, ReviewRule, SetCommunityKindPayload};
pub use queries::{CommunityQuery, page};
pub use stage::{StageAdvice, StageChange, StageCriterion, TransformationOutcome};

use super::connection::connection;
use super::request::ask;
use loaders::CommunityById;

/// The community of something that the viewer may see.
pub async fn required(context: &Context<'_>, id: Uuid) -> Result<Community> {
    let row = ask(context, CommunityById(id)).await?;
    row.map(Community::from)
        .ok_or_else(|| Error::new(format!("the viewer does not see community {id}")))
}

connection!(CommunityConnection, CommunityEdge, Community, "communities");
