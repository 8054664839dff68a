//! The maturity of practices in the schema: its steps, and what holds each back.

use async_graphql::{Context, Result};
use service::entity::item;
use service::entity::practice::PracticeMaturity as Maturity;
use service::policy::item::{ItemFacts, set_maturity};
use service::practice::{Proof, guards, next_maturities, page_of_steps, step_count};

use super::PracticeMaturity;
use crate::graphql::community;
use crate::graphql::evidence::{self, loaders::ApproversOfShown};
use crate::graphql::item::loaders::AuthorsOf;
use crate::graphql::item::{Lifecycle, TransitionOption};
use crate::graphql::request::{ask, viewer};
use crate::graphql::transition::history;

/// The steps that lead on from a maturity, and what holds each back for the viewer.
pub async fn maturity_options(
    context: &Context<'_>,
    item: &item::Model,
    maturity: Maturity,
) -> Result<Vec<TransitionOption>> {
    let next = next_maturities(maturity);
    if next.is_empty() {
        return Ok(Vec::new());
    }
    let community = community::required(context, item.community_id).await?;
    let authors = ask(context, AuthorsOf(item.id)).await?.unwrap_or_default();
    let approvers = ask(context, ApproversOfShown(item.id)).await?;
    let facts = ItemFacts {
        community: community.row(),
        item,
        authors: &authors,
    };
    let proof = Proof {
        community: community.row(),
        item,
        counts: evidence::counts(context, item.id).await?,
        approvers: &approvers.unwrap_or_default(),
    };
    let viewer = viewer(context)?;
    Ok(next
        .iter()
        .map(|to| {
            let permission = set_maturity(&viewer, facts, *to).blocker();
            let blockers = permission.into_iter().chain(guards(proof, *to));
            TransitionOption::new(Lifecycle::Maturity, to.as_str(), blockers.collect())
        })
        .collect())
}

history!(
    MaturityStep, MaturityStepConnection, MaturityStepEdge,
    PracticeMaturity, stored: Maturity,
    one: "One step of a practice from maturity to maturity.",
    many: "steps of a practice from maturity to maturity",
    from: "The maturity before.",
    to: "The maturity after.",
    read: page_of_steps, step_count,
);
