//! Domains in the schema.

pub mod loaders;

use std::sync::Arc;

use async_graphql::{Context, ID, Object, Result};
use service::entity::domain;
use uuid::Uuid;

use super::ids::{NodeType, encode};
use super::request::ask_many;
use loaders::DomainById;

/// A concept of the tree of domains: what communities care about.
#[derive(Clone, Debug)]
pub struct Domain {
    row: Arc<domain::Model>,
}

impl From<domain::Model> for Domain {
    fn from(row: domain::Model) -> Self {
        Self { row: Arc::new(row) }
    }
}

impl From<Arc<domain::Model>> for Domain {
    fn from(row: Arc<domain::Model>) -> Self {
        Self { row }
    }
}

/// Some domains, in the order of their ids.
pub async fn many(context: &Context<'_>, ids: Vec<Uuid>) -> Result<Vec<Domain>> {
    let rows = ask_many(context, ids.into_iter().map(DomainById).collect()).await?;
    Ok(rows.into_iter().map(Domain::from).collect())
}

/// A concept of the tree of domains: what communities care about.
#[Object]
impl Domain {
    /// Global id.
    pub async fn id(&self) -> ID {
        encode(NodeType::Domain, self.row.id)
    }
}
