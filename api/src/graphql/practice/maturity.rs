//! The maturity of practices in the schema: its steps, and what holds each back.

use async_graphql::{Context, Object, Result};
use service::entity::practice::PracticeMaturity as Maturity;
use service::entity::{item, transition};
use service::paging::PageRequest;
use service::policy::item::{ItemFacts, set_maturity};
use service::practice::{Proof, guards, next_maturities, page_of_steps, step_count};
use uuid::Uuid;

use super::PracticeMaturity;
use crate::graphql::community;
use crate::graphql::connection::{Total, connection};
use crate::graphql::errors::IntoGraphql;
use crate::graphql::evidence::{self, loaders::ApproversOfShown};
use crate::graphql::item::loaders::AuthorsOf;
use crate::graphql::item::{Lifecycle, TransitionOption};
use crate::graphql::request::{ask, store, viewer};
use crate::graphql::scalars::DateTime;
use crate::graphql::user::{self, User};

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

/// One step of a practice from maturity to maturity.
#[derive(Clone, Debug)]
pub struct MaturityStep {
    row: transition::Model,
}

/// One step of a practice from maturity to maturity.
#[Object]
impl MaturityStep {
    /// The maturity before.
    async fn from(&self) -> Option<PracticeMaturity> {
        let from = self.row.from_state.as_deref();
        from.and_then(Maturity::parse).map(Into::into)
    }

    /// The maturity after.
    async fn to(&self) -> Result<PracticeMaturity> {
        let maturity = Maturity::parse(&self.row.to_state);
        maturity.map(Into::into).ok_or_else(|| {
            async_graphql::Error::new(format!("unknown maturity {}", self.row.to_state))
        })
    }

    /// Who took it; null where that is not known any more.
    async fn actor(&self, context: &Context<'_>) -> Result<Option<User>> {
        match self.row.actor_id {
            Some(id) => user::one(context, id).await,
            None => Ok(None),
        }
    }

    /// Why.
    async fn reason(&self) -> Option<&str> {
        self.row.reason.as_deref()
    }

    /// When.
    async fn at(&self) -> DateTime {
        self.row.at.into()
    }
}

connection!(
    MaturityStepConnection,
    MaturityStepEdge,
    MaturityStep,
    "steps of a practice from maturity to maturity"
);

impl MaturityStepConnection {
    /// The steps of a practice that the viewer was shown.
    pub async fn of(context: &Context<'_>, practice: Uuid, request: &PageRequest) -> Result<Self> {
        let store = store(context)?.clone();
        let page = page_of_steps(&store, practice, request).await.graphql()?;
        let total = Total::by(move || {
            let store = store.clone();
            Box::pin(async move { step_count(&store, practice).await })
        });
        Ok(Self::new(page.map(|row| MaturityStep { row }), total))
    }
}
