//! Communities in the schema.

mod enums;
mod inputs;
pub mod loaders;
mod mutations;
mod object;
mod policy;
mod queries;
mod stage;
mod stage_label;

use async_graphql::{Context, Error, Result};
use uuid::Uuid;

pub use enums::{
    Cadence, CommunityKind, CommunityStage, CommunityStatus, CommunityVisibility, JoinPolicy,
    MeetingMode,
};
pub use inputs::{
    CommunityFilter, CommunityOrder, CommunityOrderField, CreateCommunityInput,
    SplitCommunityInput, UpdateCommunityInput,
};
pub use mutations::{CommunityMutation, CommunityPayload};
pub use object::Community;
pub use policy::{CommunityPolicy, CommunityPolicyInput, ReviewRule, SetCommunityKindPayload};
pub use queries::{CommunityQuery, page};
pub use stage::{StageAdvice, StageChange, StageCriterion, TransformationOutcome};
pub use stage_label::{StageLabel, StageLabelInput};

use service::evolution::Kin;
use service::paging::{Page, PageRequest};

use super::connection::{Total, connection, reads_page};
use super::errors::IntoGraphql;
use super::request::{ask, store, viewer};
use loaders::{CommunityById, KinOf};

/// The community of something that the viewer may see.
pub async fn required(context: &Context<'_>, id: Uuid) -> Result<Community> {
    let row = ask(context, CommunityById(id)).await?;
    row.map(Community::from)
        .ok_or_else(|| Error::new(format!("the viewer does not see community {id}")))
}

connection!(plain CommunityConnection, CommunityEdge, Community, "communities");

/// The communities that are kin to something that the viewer was shown, as far as the viewer may know of them.
pub async fn kin(context: &Context<'_>, kin: Kin, id: Uuid) -> Result<Vec<Community>> {
    let found = ask(context, KinOf(kin, id)).await?;
    Ok(found.unwrap_or_default())
}

impl CommunityConnection {
    /// The communities that are part of one that the viewer sees whole.
    pub(super) async fn of_parts(
        context: &Context<'_>,
        parent: Uuid,
        request: &PageRequest,
    ) -> Result<Self> {
        let (store, viewer) = (store(context)?.clone(), viewer(context)?);
        let page = if reads_page(context, request) {
            let page = service::community::page_of_parts(&store, &viewer, parent, request).await;
            page.graphql()?.map(Community::from)
        } else {
            Page::empty()
        };
        let total = Total::by(move || {
            let (store, viewer) = (store.clone(), viewer.clone());
            Box::pin(
                async move { service::community::count_of_parts(&store, &viewer, parent).await },
            )
        });
        Ok(Self::new(page, total))
    }
}
