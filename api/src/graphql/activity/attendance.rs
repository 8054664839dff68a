//! Attendance in the schema.

use async_graphql::{Context, Error, Object, Result};
use chrono::{DateTime, Utc};
use service::activity::{Attendance as Row, attendance_count, page_of_attendance};
use service::entity::attendance::AttendanceState as State;
use service::paging::{Page, PageRequest};

use super::{Activity, AttendanceState};
use crate::graphql::connection::{Total, connection, reads_page};
use crate::graphql::errors::IntoGraphql;
use crate::graphql::request::{store, viewer};
use crate::graphql::user::{self, User};

/// Whether somebody comes to an occurrence, or was there.
#[derive(Clone, Debug)]
pub struct Attendance {
    row: Row,
}

/// Whether somebody comes to an occurrence, or was there.
#[Object]
impl Attendance {
    /// The person.
    async fn user(&self, context: &Context<'_>) -> Result<User> {
        let found = user::one(context, self.row.user_id).await?;
        found.ok_or_else(|| Error::new(format!("there is no user {}", self.row.user_id)))
    }

    /// Whether they come, or were there.
    async fn state(&self) -> AttendanceState {
        self.row.state.into()
    }
}

connection!(
    AttendanceConnection,
    AttendanceEdge,
    Attendance,
    "attendance of an occurrence"
);

impl AttendanceConnection {
    /// The attendance of an occurrence, for members.
    pub async fn of(
        context: &Context<'_>,
        activity: &Activity,
        recurrence_id: DateTime<Utc>,
        state: Option<State>,
        request: &PageRequest,
    ) -> Result<Self> {
        let (store, viewer) = (store(context)?.clone(), viewer(context)?);
        let (community, row) = (activity.item.community_id, activity.details.clone());
        let page = if reads_page(context, request) {
            let of = (community, &*row);
            page_of_attendance(&store, &viewer, of, recurrence_id, state, request)
                .await
                .graphql()?
        } else {
            Page::empty()
        };
        let total = Total::by(move || {
            let (store, viewer, row) = (store.clone(), viewer.clone(), row.clone());
            Box::pin(async move {
                attendance_count(&store, &viewer, (community, &row), recurrence_id, state).await
            })
        });
        Ok(Self::new(page.map(|row| Attendance { row }), total))
    }
}
