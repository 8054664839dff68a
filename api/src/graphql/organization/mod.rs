//! Organizations in the schema.

pub mod loaders;
mod mutations;
mod queries;

use std::sync::Arc;

use async_graphql::{Enum, ID, Object};
use service::entity::organization;

pub use mutations::{CreateOrganizationInput, OrganizationMutation, OrganizationPayload};
pub use queries::OrganizationQuery;

use super::connection::connection;
use super::ids::{NodeType, encode};
use super::plain::{plain_enums, plain_fields};
use super::scalars::Url;

/// The part of society that an organization or a community belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "service::entity::organization::Sector")]
pub enum Sector {
    /// Companies and their associations.
    Business,
    /// Public administration.
    Government,
    /// Schools, universities, training.
    Education,
    /// Charities, foundations, associations.
    Nonprofit,
    /// Anything else.
    Other,
}

/// A school, board, ministry, company or consortium that people come from or that sponsors communities.
#[derive(Clone, Debug)]
pub struct Organization {
    row: Arc<organization::Model>,
}

impl From<organization::Model> for Organization {
    fn from(row: organization::Model) -> Self {
        Self { row: Arc::new(row) }
    }
}

impl From<Arc<organization::Model>> for Organization {
    fn from(row: Arc<organization::Model>) -> Self {
        Self { row }
    }
}

/// A school, board, ministry, company or consortium that people come from or that sponsors communities.
#[Object]
impl Organization {
    /// Global id.
    pub async fn id(&self) -> ID {
        encode(NodeType::Organization, self.row.id)
    }

    /// Its name.
    async fn name(&self) -> &str {
        &self.row.name
    }

    /// Its unique readable name in addresses.
    async fn slug(&self) -> &str {
        &self.row.slug
    }

    /// The part of society that it belongs to.
    async fn sector(&self) -> Sector {
        self.row.sector.into()
    }

    /// Its home page.
    async fn url(&self) -> Option<Url> {
        self.row.url.clone().map(Url)
    }
}

connection!(
    plain OrganizationConnection,
    OrganizationEdge,
    Organization,
    "organizations"
);

plain_fields!(Organization {
    "id" => id,
    "name" => name,
    "slug" => slug,
    "sector" => sector,
    "url" => url,
});

plain_enums!(Sector);
