//! Experience reports in the schema.

pub mod loaders;
mod mutations;

use std::sync::Arc;

use async_graphql::{Context, ID, Object, Result};
use service::experience_report::{ExperienceReport as Row, ReportScope, count, page};
use service::paging::{Page, PageRequest};
use service::policy::experience_report::actions;

pub use mutations::{ExperienceReportInput, ExperienceReportPayload, ReportMutation};

use super::connection::{Total, connection, reads_page};
use super::consent::Consent;
use super::errors::IntoGraphql;
use super::ids::{NodeType, encode};
use super::item::Action;
use super::node::{self, Node};
use super::pilot::Tried;
use super::request::{store, viewer};
use super::scalars::{DateTime, Url};
use super::user::{self, User};

/// How it went, told by somebody who was there.
#[derive(Clone, Debug)]
pub struct ExperienceReport {
    row: Arc<Row>,
}

impl From<Row> for ExperienceReport {
    fn from(row: Row) -> Self {
        Self { row: Arc::new(row) }
    }
}

/// How it went, told by somebody who was there. Of an anonymous report nothing says who wrote it, or when: its author and
/// its time are null to everybody, its author and administrators included, and it comes when its day is over.
#[Object]
impl ExperienceReport {
    /// Global id. It is random: it says nothing of when the report was written.
    pub async fn id(&self) -> ID {
        encode(NodeType::ExperienceReport, self.row.id)
    }

    /// What it is about: a pilot; null when you may not see it.
    async fn about(&self, context: &Context<'_>) -> Result<Option<Node>> {
        node::find(
            context,
            node::node_type(self.row.about_type),
            self.row.about_id,
        )
        .await
    }

    /// Who wrote it; null where it is anonymous, and where that is not known any more.
    async fn author(&self, context: &Context<'_>) -> Result<Option<User>> {
        match self.row.author_id {
            Some(id) => user::one(context, id).await,
            None => Ok(None),
        }
    }

    /// What it tells, Markdown. See `textHtml` for something to show.
    async fn text(&self) -> &str {
        &self.row.text
    }

    /// Sanitized HTML of what it tells: safe to put into a page.
    async fn text_html(&self) -> String {
        service::text::markdown_to_html(&self.row.text)
    }

    /// Where a recording is: the participant's video, say.
    async fn media_url(&self) -> Option<Url> {
        self.row.media_url.clone().map(Url)
    }

    /// How good it was, from 1 to 5.
    async fn rating(&self) -> Option<i32> {
        self.row.rating
    }

    /// Whether its author would use it again.
    async fn would_reuse(&self) -> Option<bool> {
        self.row.would_reuse
    }

    /// Who may read it.
    async fn consent(&self) -> Consent {
        self.row.consent.into()
    }

    /// Whether nobody is to know who wrote it.
    async fn anonymous(&self) -> bool {
        self.row.anonymous
    }

    /// What you may do with it now. Of an anonymous report this is the same for its author as for everybody else: what its
    /// secret opens is not told here.
    async fn viewer_can(&self, context: &Context<'_>) -> Result<Vec<Action>> {
        let viewer = viewer(context)?;
        let of_type = node::node_type(self.row.subject_type);
        let Some(tried) = Tried::of(context, of_type, self.row.subject_id).await? else {
            return Ok(Vec::new());
        };
        let actions = actions(&viewer, tried.facts(), &self.row);
        Ok(actions.into_iter().map(Into::into).collect())
    }

    /// When it was written; null where it is anonymous.
    async fn created_at(&self) -> Option<DateTime> {
        self.row.created_at.map(Into::into)
    }
}

connection!(
    ExperienceReportConnection,
    ExperienceReportEdge,
    ExperienceReport,
    "experience reports"
);

impl ExperienceReportConnection {
    /// The reports of a list that the viewer may read.
    pub async fn of(
        context: &Context<'_>,
        scope: ReportScope,
        request: &PageRequest,
    ) -> Result<Self> {
        let (store, viewer) = (store(context)?.clone(), viewer(context)?);
        let page = if reads_page(context, request) {
            page(&store, &viewer, scope, request).await.graphql()?
        } else {
            Page::empty()
        };
        let total = Total::by(move || {
            let (store, viewer) = (store.clone(), viewer.clone());
            Box::pin(async move { count(&store, &viewer, scope).await })
        });
        Ok(Self::new(page.map(ExperienceReport::from), total))
    }
}
