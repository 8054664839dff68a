//! API tokens in the schema.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, InputObject, Object, Result, SimpleObject};
use service::auth::{self, CreateApiToken};
use service::entity::api_token;
use service::paging::PageRequest;
use service::viewer::Scope;
use uuid::Uuid;

use crate::graphql::community::Community;
use crate::graphql::community::loaders::CommunityById;
use crate::graphql::connection::{Total, connection};
use crate::graphql::errors::{IntoGraphql, UserError};
use crate::graphql::ids::{Decoder, NodeType, encode};
use crate::graphql::request::{ask, store, viewer};
use crate::graphql::scalars::DateTime;

/// What an API token may be used for, within the rights of its owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "service::viewer::Scope")]
pub enum TokenScope {
    /// Queries.
    Read,
    /// Mutations.
    Write,
    /// Imports, synchronization and webhooks.
    Sync,
    /// Analytics, for analysts and administrators.
    Analytics,
    /// What only administrators may do.
    Admin,
}

/// A scoped token of an integration.
#[derive(Clone, Debug)]
pub struct ApiToken {
    row: Arc<api_token::Model>,
}

impl From<api_token::Model> for ApiToken {
    fn from(row: api_token::Model) -> Self {
        Self { row: Arc::new(row) }
    }
}

/// A scoped token of an integration.
#[Object]
impl ApiToken {
    /// Global id.
    pub async fn id(&self) -> ID {
        encode(NodeType::ApiToken, self.row.id)
    }

    /// What it is for.
    async fn name(&self) -> &str {
        &self.row.name
    }

    /// What it may be used for.
    async fn scopes(&self) -> Vec<TokenScope> {
        let scopes = self.row.scopes.0.iter();
        scopes
            .filter_map(|name| Scope::parse(name))
            .map(Into::into)
            .collect()
    }

    /// The one community that it is good for; null when it is good for all.
    async fn community(&self, context: &Context<'_>) -> Result<Option<Community>> {
        match self.row.community_id {
            Some(id) => Ok(ask(context, CommunityById(id)).await?.map(Into::into)),
            None => Ok(None),
        }
    }

    /// When it ends; null when it does not.
    async fn expires_at(&self) -> Option<DateTime> {
        self.row.expires_at.map(Into::into)
    }

    /// When it was last used, to the minute; null when it was not.
    async fn last_used_at(&self) -> Option<DateTime> {
        self.row.last_used_at.map(Into::into)
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime {
        self.row.created_at.into()
    }
}

connection!(ApiTokenConnection, ApiTokenEdge, ApiToken, "API tokens");

impl ApiTokenConnection {
    /// The tokens of a user: the viewer's own; of everyone else none.
    pub async fn of_user(context: &Context<'_>, user: Uuid, request: &PageRequest) -> Result<Self> {
        let (store, viewer) = (store(context)?.clone(), viewer(context)?);
        let page = auth::page_api_tokens(&store, &viewer, user, request)
            .await
            .graphql()?;
        let total = Total::by(move || {
            let (store, viewer) = (store.clone(), viewer.clone());
            Box::pin(async move { auth::count_api_tokens(&store, &viewer, user).await })
        });
        Ok(Self::new(page.map(ApiToken::from), total))
    }
}

/// A new API token of your own.
#[derive(Clone, Debug, InputObject)]
pub struct CreateApiTokenInput {
    /// What it is for, at most 100 characters.
    pub name: String,
    /// What it may be used for; at least one.
    pub scopes: Vec<TokenScope>,
    /// The one community that it is good for, of which you are a member; all if not given.
    pub community_id: Option<ID>,
    /// When it ends; never if not given.
    pub expires_at: Option<DateTime>,
}

impl CreateApiTokenInput {
    /// Reads the input for the service.
    #[must_use]
    pub fn read(self, decoder: &mut Decoder) -> CreateApiToken {
        CreateApiToken {
            name: self.name,
            scopes: self.scopes.into_iter().map(Into::into).collect(),
            community_id: self
                .community_id
                .map(|id| decoder.id(&["input", "communityId"], &id, NodeType::Community)),
            expires_at: self
                .expires_at
                .map(|time| decoder.time(&["input", "expiresAt"], &time.0)),
        }
    }
}

/// The outcome of making an API token.
#[derive(SimpleObject)]
pub struct CreateApiTokenPayload {
    /// The token; null when the input was refused.
    pub api_token: Option<ApiToken>,
    /// The token itself, for `Authorization: Bearer`. It is shown once: keep it safe.
    pub secret: Option<String>,
    /// Why the input was refused; empty when it was not. Nothing was written then.
    pub user_errors: Vec<UserError>,
}

/// The outcome of revoking an API token.
#[derive(Clone, Debug, SimpleObject)]
pub struct RevokeApiTokenPayload {
    /// The id of the revoked token; null when the input was refused.
    pub revoked_id: Option<ID>,
    /// Why the input was refused; empty when it was not. Nothing was written then.
    pub user_errors: Vec<UserError>,
}
