//! The stages of a community in the schema: what the next one asks for, and the steps that were taken.

use std::sync::Arc;

use async_graphql::{Context, Enum, Error, Object, Result, SimpleObject};
use service::community::{self, leads_on, next_stage, next_stages};
use service::entity::community as entity;
use service::entity::community::CommunityStage as Stage;
use service::policy::community as policy;

use super::CommunityStage;
use super::loaders::FindingsOf;
use crate::graphql::item::{Lifecycle, TransitionOption};
use crate::graphql::request::{ask, viewer};
use crate::graphql::scalars::DateTime;
use crate::graphql::user::{self, User};

/// What a community's transformation ends in (Wenger, `McDermott` & Snyder 2002).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "service::entity::community::TransformationOutcome")]
pub enum TransformationOutcome {
    /// It comes together anew: goes on to COALESCING.
    Renewed,
    /// A part of it became a community of its own: comes of `splitCommunity` only.
    Split,
    /// It became part of another community: comes of `mergeCommunities` only.
    Merged,
    /// An organization takes over its work. The community is archived.
    Institutionalised,
    /// Its members stay in touch, without a practice to keep. The community is archived.
    SocialClub,
    /// It comes to an end. The community is archived.
    Faded,
}

/// What a community needs to go on to its next stage.
#[derive(Clone, Debug, SimpleObject)]
pub struct StageAdvice {
    /// Where it is.
    current: CommunityStage,
    /// What comes next; null in TRANSFORMATION, which ends in an outcome.
    next: Option<CommunityStage>,
    /// What the next stage asks for; at most 10. For active members of the community; empty for everyone else.
    criteria: Vec<StageCriterion>,
}

/// Something that a stage asks for.
#[derive(Clone, Debug, SimpleObject)]
pub struct StageCriterion {
    /// Its name, for programs.
    key: &'static str,
    /// What is to be done, as a full sentence.
    description: &'static str,
    /// Whether it is there.
    met: bool,
}

impl StageAdvice {
    /// The advice for a community, as far as the viewer is given any.
    pub(super) async fn of(context: &Context<'_>, row: &entity::Model) -> Result<Self> {
        let next = next_stage(row.stage);
        let told = policy::read_as_member(&viewer(context)?, row.id);
        let findings = match next.filter(|_| told) {
            Some(next) => ask(context, FindingsOf(row.id, next)).await?,
            None => None,
        };
        let criteria = findings
            .into_iter()
            .flatten()
            .map(|finding| StageCriterion {
                key: finding.criterion.key,
                description: finding.criterion.description,
                met: finding.met,
            });
        Ok(Self {
            current: row.stage.into(),
            next: next.map(Into::into),
            criteria: criteria.collect(),
        })
    }
}

/// The stages that a community may go to, with what holds it back. What is unmet is told to those who may take the step.
pub(super) async fn stage_options(
    context: &Context<'_>,
    row: &entity::Model,
) -> Result<Vec<TransitionOption>> {
    let refused = policy::update(&viewer(context)?, row).blocker();
    let mut options = Vec::new();
    for to in next_stages(row.stage) {
        let mut blocked_by: Vec<_> = refused.iter().cloned().collect();
        if refused.is_none() && leads_on(row.stage, *to) {
            let findings = ask(context, FindingsOf(row.id, *to)).await?;
            let unmet = findings.into_iter().flatten().filter(|found| !found.met);
            blocked_by.extend(unmet.map(|found| found.criterion.blocker()));
        }
        options.push(TransitionOption::new(
            Lifecycle::Stage,
            to.as_str(),
            blocked_by,
        ));
    }
    Ok(options)
}

/// One step of a community from stage to stage.
#[derive(Clone, Debug)]
pub struct StageChange {
    row: Arc<community::StageChange>,
}

impl From<community::StageChange> for StageChange {
    fn from(row: community::StageChange) -> Self {
        Self { row: Arc::new(row) }
    }
}

/// One step of a community from stage to stage.
#[Object]
impl StageChange {
    /// The stage before; null for the beginning.
    async fn from(&self) -> Option<CommunityStage> {
        let stage = self.row.from_state.as_deref().and_then(Stage::parse);
        stage.map(Into::into)
    }

    /// The stage after; the same as before where the community ended there.
    async fn to(&self) -> Result<CommunityStage> {
        let stage = Stage::parse(&self.row.to_state);
        stage
            .map(Into::into)
            .ok_or_else(|| Error::new(format!("unknown stage {}", self.row.to_state)))
    }

    /// Who took it; null where that is not known.
    async fn actor(&self, context: &Context<'_>) -> Result<Option<User>> {
        match self.row.actor_id {
            Some(id) => user::one(context, id).await,
            None => Ok(None),
        }
    }

    /// Why; null for the beginning.
    async fn reason(&self) -> Option<&str> {
        self.row.reason.as_deref()
    }

    /// What the community's transformation ended in; null for every other step.
    async fn outcome(&self) -> Option<TransformationOutcome> {
        self.row.outcome.map(Into::into)
    }

    /// Whether it was taken although the stage asked for more than there was.
    #[graphql(name = "override")]
    async fn overriding(&self) -> bool {
        self.row.overrode.is_some()
    }

    /// The keys of what was unmet then; at most 10.
    async fn unmet(&self) -> &[String] {
        self.row.overrode.as_ref().map_or(&[], |keys| &keys.0)
    }

    /// When.
    async fn at(&self) -> DateTime {
        self.row.at.into()
    }
}
