//! People in the schema.

pub mod loaders;

use std::sync::Arc;

use async_graphql::{Context, ID, Object, Result};
use service::entity::user;
use uuid::Uuid;

use super::ids::{NodeType, encode};
use super::request::{ask, ask_many};
use loaders::UserById;

/// A person, or the service account of an integration.
#[derive(Clone, Debug)]
pub struct User {
    row: Arc<user::Model>,
}

impl From<user::Model> for User {
    fn from(row: user::Model) -> Self {
        Self { row: Arc::new(row) }
    }
}

impl From<Arc<user::Model>> for User {
    fn from(row: Arc<user::Model>) -> Self {
        Self { row }
    }
}

/// A user.
pub async fn one(context: &Context<'_>, id: Uuid) -> Result<Option<User>> {
    Ok(ask(context, UserById(id)).await?.map(User::from))
}

/// Some users, in the order of their ids.
pub async fn many(context: &Context<'_>, ids: Vec<Uuid>) -> Result<Vec<User>> {
    let rows = ask_many(context, ids.into_iter().map(UserById).collect()).await?;
    Ok(rows.into_iter().map(User::from).collect())
}

/// A person, or the service account of an integration.
#[Object]
impl User {
    /// Global id.
    pub async fn id(&self) -> ID {
        encode(NodeType::User, self.row.id)
    }
}
