//! The steps of a pilot in the schema.

use async_graphql::{Context, Object, Result};
use service::entity::pilot::PilotState as State;
use service::paging::PageRequest;
use service::transition::{self, Transition};
use uuid::Uuid;

use super::PilotState;
use crate::graphql::connection::{Total, connection};
use crate::graphql::errors::IntoGraphql;
use crate::graphql::request::store;
use crate::graphql::scalars::DateTime;
use crate::graphql::user::{self, User};

/// One step of a pilot from state to state.
#[derive(Clone, Debug)]
pub struct PilotTransition {
    row: Transition,
}

/// One step of a pilot from state to state.
#[Object]
impl PilotTransition {
    /// The state before; null for the first step.
    async fn from(&self) -> Option<PilotState> {
        self.row
            .from_state
            .as_deref()
            .and_then(State::parse)
            .map(Into::into)
    }

    /// The state after.
    async fn to(&self) -> Result<PilotState> {
        let state = State::parse(&self.row.to_state);
        state.map(Into::into).ok_or_else(|| {
            async_graphql::Error::new(format!("unknown state {}", self.row.to_state))
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
    PilotTransitionConnection,
    PilotTransitionEdge,
    PilotTransition,
    "steps of a pilot"
);

impl PilotTransitionConnection {
    /// The steps of a pilot that the viewer was shown.
    pub async fn of(context: &Context<'_>, pilot: Uuid, request: &PageRequest) -> Result<Self> {
        let store = store(context)?.clone();
        let page = transition::page(&store, pilot, request).await.graphql()?;
        let total = Total::by(move || {
            let store = store.clone();
            Box::pin(async move { transition::count(&store, pilot).await })
        });
        Ok(Self::new(page.map(|row| PilotTransition { row }), total))
    }
}
