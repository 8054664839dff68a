//! What resources are called in other systems, in the schema.

mod loaders;

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use service::external_reference::{self, NewReference};
use uuid::Uuid;

use loaders::ReferencesOf;

use super::errors::IntoGraphql;
use super::ids::{NodeType, decode};
use super::item::selected;
use super::plain::Plain;
use super::request::{ask, store, viewer};
use super::resource::Resource;
use super::scalars::Url;

/// A resource's identity in another system, unique within its community.
#[derive(Clone, Debug, SimpleObject)]
pub struct ExternalReference {
    /// The name of the system; case counts.
    system: String,
    /// What the resource is called there; case counts.
    external_id: String,
    /// Where the system shows it.
    url: Option<Url>,
}

impl From<external_reference::ExternalReference> for ExternalReference {
    fn from(row: external_reference::ExternalReference) -> Self {
        Self {
            system: row.system,
            external_id: row.external_id,
            url: row.url.map(Url),
        }
    }
}

/// A resource's identity in another system. Within a community no two resources have the same.
#[derive(Clone, Debug, InputObject)]
pub struct ExternalReferenceInput {
    /// The name of the system, at most 100 characters; case counts, space around it does not.
    pub system: String,
    /// What the resource is called there, at most 500 characters; case counts, space around it does not.
    pub external_id: String,
    /// Where the system shows it.
    pub url: Option<Url>,
}

impl ExternalReferenceInput {
    /// Reads the input for the service.
    #[must_use]
    pub fn read(self) -> NewReference {
        NewReference {
            system: self.system,
            external_id: self.external_id,
            url: self.url.map(|url| url.0),
        }
    }

    /// Reads a list for the service.
    #[must_use]
    pub fn read_all(list: Vec<Self>) -> Vec<NewReference> {
        list.into_iter().map(Self::read).collect()
    }
}

/// What a resource that the viewer was shown is called in other systems.
pub async fn of_resource(context: &Context<'_>, id: Uuid) -> Result<Vec<ExternalReference>> {
    Ok(ask(context, ReferencesOf(id)).await?.unwrap_or_default())
}

/// Queries of what resources are called elsewhere.
#[derive(Debug, Default)]
pub struct ExternalReferenceQuery;

#[Object]
impl ExternalReferenceQuery {
    /// The resource of a community that another system calls so; null when there is none that you may see.
    async fn resource_by_external_id(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the community.")] community_id: ID,
        #[graphql(desc = "The name of the system; case counts.")] system: String,
        #[graphql(desc = "What the resource is called there; case counts.")] external_id: String,
    ) -> Result<Option<Plain<Resource>>> {
        let community = decode("communityId", &community_id, NodeType::Community).graphql()?;
        let with = selected(&context.look_ahead());
        let (store, viewer) = (store(context)?, viewer(context)?);
        let found =
            external_reference::find(store, &viewer, community, &system, &external_id, with).await;
        Ok(found.graphql()?.map(|found| Resource::from(found).into()))
    }
}
