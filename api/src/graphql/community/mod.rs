//! Communities in the schema.

pub mod loaders;

use std::sync::Arc;

use async_graphql::{Context, Error, ID, Object, Result};
use service::entity::community;
use uuid::Uuid;

use super::ids::{NodeType, encode};
use super::request::ask;
use loaders::CommunityById;

/// A community of practice.
#[derive(Clone, Debug)]
pub struct Community {
    row: Arc<community::Model>,
}

impl Community {
    /// The row, for the policy.
    #[must_use]
    pub fn row(&self) -> &community::Model {
        &self.row
    }
}

impl From<community::Model> for Community {
    fn from(row: community::Model) -> Self {
        Self { row: Arc::new(row) }
    }
}

impl From<Arc<community::Model>> for Community {
    fn from(row: Arc<community::Model>) -> Self {
        Self { row }
    }
}

/// The community of something that the viewer may see.
pub async fn required(context: &Context<'_>, id: Uuid) -> Result<Community> {
    let row = ask(context, CommunityById(id)).await?;
    row.map(Community::from)
        .ok_or_else(|| Error::new(format!("the viewer does not see community {id}")))
}

/// A community of practice.
#[Object]
impl Community {
    /// Global id.
    pub async fn id(&self) -> ID {
        encode(NodeType::Community, self.row.id)
    }
}
