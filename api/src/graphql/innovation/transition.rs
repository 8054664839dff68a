//! The steps of an innovation in the schema.

use async_graphql::{Context, Object, Result};
use service::entity::innovation::InnovationStage as Stage;
use service::paging::PageRequest;
use service::transition::{self, Transition};
use uuid::Uuid;

use super::InnovationStage;
use crate::graphql::connection::{Total, connection};
use crate::graphql::errors::IntoGraphql;
use crate::graphql::request::store;
use crate::graphql::scalars::DateTime;
use crate::graphql::user::{self, User};

/// One step of an innovation from stage to stage.
#[derive(Clone, Debug)]
pub struct InnovationTransition {
    row: Transition,
}

/// One step of an innovation from stage to stage.
#[Object]
impl InnovationTransition {
    /// The stage before; null for the first step.
    async fn from(&self) -> Option<InnovationStage> {
        self.row
            .from_state
            .as_deref()
            .and_then(Stage::parse)
            .map(Into::into)
    }

    /// The stage after.
    async fn to(&self) -> Result<InnovationStage> {
        let stage = Stage::parse(&self.row.to_state);
        stage.map(Into::into).ok_or_else(|| {
            async_graphql::Error::new(format!("unknown stage {}", self.row.to_state))
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
    InnovationTransitionConnection,
    InnovationTransitionEdge,
    InnovationTransition,
    "steps of an innovation"
);

impl InnovationTransitionConnection {
    /// The steps of an innovation that the viewer was shown.
    pub async fn of(
        context: &Context<'_>,
        innovation: Uuid,
        request: &PageRequest,
    ) -> Result<Self> {
        let store = store(context)?.clone();
        let page = transition::page(&store, innovation, request)
            .await
            .graphql()?;
        let total = Total::by(move || {
            let store = store.clone();
            Box::pin(async move { transition::count(&store, innovation).await })
        });
        Ok(Self::new(
            page.map(|row| InnovationTransition { row }),
            total,
        ))
    }
}
