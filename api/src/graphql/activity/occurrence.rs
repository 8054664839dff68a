//! An occurrence of an activity in the schema.

use std::sync::Arc;

use async_graphql::{Context, Object, Result};
use service::activity::{Entry, Occurrence as Row};

use super::{Activity, ActivityState, AttendanceConnection, AttendanceState};
use crate::graphql::connection::page_request;
use crate::graphql::node::NodeConnection;
use crate::graphql::scalars::{DateTime, Url};

/// One occurrence of an activity.
#[derive(Clone, Debug)]
pub struct Occurrence {
    activity: Activity,
    row: Row,
}

impl Occurrence {
    /// An occurrence of an activity.
    #[must_use]
    pub fn new(activity: Activity, row: Row) -> Self {
        Self { activity, row }
    }
}

impl From<Entry> for Occurrence {
    fn from((activity, row): Entry) -> Self {
        Self::new(Activity::from(Arc::unwrap_or_clone(activity)), row)
    }
}

/// One occurrence of an activity: what is its own, and otherwise what the activity says.
#[Object]
impl Occurrence {
    /// The start that the rule gives; it stays when the occurrence is moved (RFC 5545 RECURRENCE-ID).
    async fn recurrence_id(&self) -> DateTime {
        self.row.recurrence_id.into()
    }

    /// The activity.
    async fn activity(&self) -> &Activity {
        &self.activity
    }

    /// When it begins.
    async fn starts_at(&self) -> DateTime {
        self.row.starts_at.into()
    }

    /// When it ends.
    async fn ends_at(&self) -> DateTime {
        self.row.ends_at.into()
    }

    /// Where it stands.
    async fn state(&self) -> ActivityState {
        self.row.state.into()
    }

    /// What is to be done, Markdown.
    async fn agenda(&self) -> Option<&str> {
        self.row.agenda.as_deref()
    }

    /// What was done, Markdown.
    async fn notes(&self) -> Option<&str> {
        self.row.notes.as_deref()
    }

    /// Where the recording is.
    async fn recording_url(&self) -> Option<Url> {
        self.row.recording_url.clone().map(Url)
    }

    /// Whatever says that it was made in this occurrence, as far as you may see it, the oldest first.
    async fn outputs(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many from the start; 20 if not given, at most 100.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Start after this cursor.")] after: Option<String>,
    ) -> Result<NodeConnection> {
        let request = page_request(first, after, None, None);
        let occurrence = Some(self.row.recurrence_id);
        NodeConnection::made_in(context, self.row.activity_id, occurrence, &request).await
    }

    /// Who comes, and who was there. For active members of the community; empty for everyone else.
    async fn attendance(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "In this state; in any if not given.")] state: Option<AttendanceState>,
        #[graphql(desc = "How many from the start; 20 if not given, at most 100.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Start after this cursor.")] after: Option<String>,
    ) -> Result<AttendanceConnection> {
        let request = page_request(first, after, None, None);
        let start = self.row.recurrence_id;
        let state = state.map(Into::into);
        AttendanceConnection::of(context, &self.activity, start, state, &request).await
    }
}
