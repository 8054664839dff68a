//! Pilots in the schema.

mod inputs;
pub mod loaders;
mod mutations;
mod queries;
mod transition;

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, Object, Result};
use service::entity::item;
use service::entity::pilot::{self, PilotState as State};
use service::experience_report::ReportScope;
use service::paging::{Page, PageRequest};
use service::pilot::{Pilot as Row, PilotScope, count, page, transitions};
use service::policy::item::ItemFacts;
use service::policy::pilot::actions;

pub use inputs::{PlanPilotInput, UpdatePilotInput};
pub use mutations::{PilotMutation, PilotPayload};
pub use queries::PilotQuery;
pub use transition::{PilotTransition, PilotTransitionConnection};

use super::community::{self, Community};
use super::connection::{Total, connection, page_request, reads_page};
use super::errors::IntoGraphql;
use super::experience_report::ExperienceReportConnection;
use super::ids::{NodeType, encode};
use super::item::loaders::AuthorsOf;
use super::item::{Action, Lifecycle, TransitionOption};
use super::node::{self, Node};
use super::request::{ask, store, viewer};
use super::scalars::{Date, DateTime};
use super::user::{self, User};
use uuid::Uuid;

/// Where a pilot stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "service::entity::pilot::PilotState")]
pub enum PilotState {
    /// It is to be run.
    Planned,
    /// It is being run.
    Running,
    /// It was run; its outcome and findings are written down.
    Concluded,
    /// It was given up; its last transition says why.
    Cancelled,
}

/// What a pilot came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "service::entity::pilot::PilotOutcome")]
pub enum PilotOutcome {
    /// What was tried works.
    Worked,
    /// It works, with the changes that the findings tell of.
    WorkedWithChanges,
    /// It works for some, not for others.
    Mixed,
    /// It does not work.
    DidNotWork,
    /// That cannot be told.
    Inconclusive,
}

/// A resource, a practice or an innovation that is tried out.
#[derive(Clone, Debug)]
pub struct Pilot {
    row: Arc<Row>,
}

impl From<Row> for Pilot {
    fn from(row: Row) -> Self {
        Self { row: Arc::new(row) }
    }
}

impl Pilot {
    async fn tried(&self, context: &Context<'_>) -> Result<Option<Node>> {
        let of_type = node::node_type(self.row.subject_type);
        node::find(context, of_type, self.row.subject_id).await
    }
}

/// What the policy looks at.
pub(super) struct Tried {
    community: Community,
    item: Arc<item::Model>,
    authors: Vec<Uuid>,
}

impl Tried {
    async fn by(context: &Context<'_>, pilot: &Pilot) -> Result<Option<Self>> {
        let of_type = node::node_type(pilot.row.subject_type);
        Self::of(context, of_type, pilot.row.subject_id).await
    }

    /// What was tried; none when the viewer may not see it.
    pub(super) async fn of(
        context: &Context<'_>,
        of_type: NodeType,
        id: Uuid,
    ) -> Result<Option<Self>> {
        let item = match node::find(context, of_type, id).await? {
            Some(Node::Resource(subject)) => subject.item,
            Some(Node::Practice(subject)) => subject.item,
            Some(Node::Innovation(subject)) => subject.item,
            _ => return Ok(None),
        };
        Ok(Some(Self {
            community: community::required(context, item.community_id).await?,
            authors: ask(context, AuthorsOf(item.id)).await?.unwrap_or_default(),
            item,
        }))
    }

    pub(super) fn facts(&self) -> ItemFacts<'_> {
        ItemFacts {
            community: self.community.row(),
            item: &self.item,
            authors: &self.authors,
        }
    }
}

/// A resource, a practice or an innovation that is tried out, to learn whether it works. Whoever may see what is tried may
/// see its pilots.
#[Object]
impl Pilot {
    /// Global id.
    pub async fn id(&self) -> ID {
        encode(NodeType::Pilot, self.row.id)
    }

    /// What is tried: a resource, a practice or an innovation; null when you may not see it.
    async fn subject(&self, context: &Context<'_>) -> Result<Option<Node>> {
        self.tried(context).await
    }

    /// The community of what is tried.
    async fn community(&self, context: &Context<'_>) -> Result<Community> {
        community::required(context, self.row.community_id).await
    }

    /// Who planned it; null where that is not known any more.
    async fn planned_by(&self, context: &Context<'_>) -> Result<Option<User>> {
        match self.row.planner_id {
            Some(id) => user::one(context, id).await,
            None => Ok(None),
        }
    }

    /// What is to be found out.
    async fn question(&self) -> &str {
        &self.row.question
    }

    /// Where and how it is tried.
    async fn setting(&self) -> &str {
        &self.row.setting
    }

    /// Whom it is tried with.
    async fn audience(&self) -> Option<&str> {
        self.row.audience.as_deref()
    }

    /// The places where it is tried; at most 50.
    async fn sites(&self) -> &[String] {
        &self.row.sites.0
    }

    /// How it is told whether it worked; at most 20.
    async fn measures(&self) -> &[String] {
        &self.row.measures.0
    }

    /// How many people take part.
    async fn participant_count(&self) -> Option<i32> {
        self.row.participant_count
    }

    /// Its first day.
    async fn starts_on(&self) -> Option<Date> {
        self.row.starts_on.map(Into::into)
    }

    /// Its last day.
    async fn ends_on(&self) -> Option<Date> {
        self.row.ends_on.map(Into::into)
    }

    /// Where it stands. `availableTransitions` says where it can go.
    async fn state(&self) -> PilotState {
        self.row.state.into()
    }

    /// What it came to; null unless it is CONCLUDED.
    async fn outcome(&self) -> Option<PilotOutcome> {
        self.row.outcome.map(Into::into)
    }

    /// What was found, Markdown; null unless it is CONCLUDED. See `findingsHtml` for something to show.
    async fn findings(&self) -> Option<&str> {
        self.row.findings.as_deref()
    }

    /// Sanitized HTML of the findings: safe to put into a page.
    async fn findings_html(&self) -> Option<String> {
        let findings = self.row.findings.as_deref();
        findings.map(service::text::markdown_to_html)
    }

    /// What those who were there tell, as far as you may read it, in no particular order. Anonymous reports come when the
    /// day on which they were written is over.
    async fn reports(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many from the start; 20 if not given, at most 100.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Start after this cursor.")] after: Option<String>,
    ) -> Result<ExperienceReportConnection> {
        let request = page_request(first, after, None, None);
        ExperienceReportConnection::of(context, ReportScope::About(self.row.id), &request).await
    }

    /// The steps from state to state, the oldest first.
    async fn transitions(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many from the start; 20 if not given, at most 100.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Start after this cursor.")] after: Option<String>,
    ) -> Result<PilotTransitionConnection> {
        let request = page_request(first, after, None, None);
        PilotTransitionConnection::of(context, self.row.id, &request).await
    }

    /// The states that lead on from its present one, by `setPilotState`, and what holds you back from each.
    async fn available_transitions(&self, context: &Context<'_>) -> Result<Vec<TransitionOption>> {
        let Some(tried) = Tried::by(context, self).await? else {
            return Ok(Vec::new());
        };
        let reported = self.row.state == State::Running
            && ask(context, loaders::Reported(self.row.id))
                .await?
                .is_some();
        let open = transitions(&viewer(context)?, tried.facts(), &self.row, reported);
        Ok(open
            .into_iter()
            .map(|(to, blocked_by)| {
                TransitionOption::new(Lifecycle::State, to.as_str(), blocked_by)
            })
            .collect())
    }

    /// What you may do with it now.
    async fn viewer_can(&self, context: &Context<'_>) -> Result<Vec<Action>> {
        let Some(tried) = Tried::by(context, self).await? else {
            return Ok(Vec::new());
        };
        let actions = actions(
            &viewer(context)?,
            tried.facts(),
            self.row.planner_id,
            self.row.state,
        );
        Ok(actions.into_iter().map(Into::into).collect())
    }

    /// When it was planned.
    async fn created_at(&self) -> DateTime {
        self.row.created_at.into()
    }

    /// When it was last changed.
    async fn updated_at(&self) -> DateTime {
        self.row.updated_at.into()
    }
}

connection!(PilotConnection, PilotEdge, Pilot, "pilots");

impl PilotConnection {
    /// The pilots of a list that the viewer may see.
    pub async fn of(
        context: &Context<'_>,
        scope: PilotScope,
        state: Option<pilot::PilotState>,
        request: &PageRequest,
    ) -> Result<Self> {
        let (store, viewer) = (store(context)?.clone(), viewer(context)?);
        let page = if reads_page(context, request) {
            page(&store, &viewer, scope, state, request)
                .await
                .graphql()?
        } else {
            Page::empty()
        };
        let total = Total::by(move || {
            let (store, viewer) = (store.clone(), viewer.clone());
            Box::pin(async move { count(&store, &viewer, scope, state).await })
        });
        Ok(Self::new(page.map(Pilot::from), total))
    }
}
