//! Collections in the schema.

mod entries;
mod inputs;
mod mutations;
mod queries;

use async_graphql::{Context, Result};
use service::entity::collection;
use service::item::{Details, Edges, ItemState, Listed};

pub use entries::{CollectionEntryConnection, CollectionEntryEdge};
pub use inputs::{CollectionEntryInput, CollectionInput, UpdateCollectionInput};
pub use mutations::{CollectionMutation, CollectionPayload};
pub use queries::{CollectionQuery, page};

use super::connection::{connection, page_request};
use super::item::{
    PublicationStatus, TransitionOption, plain_item_fields, publication_options, reviewed_object,
};

reviewed_object! {
    without_body
    /// An ordered path through items, such as a curriculum, or a saved search. Published and reviewed like a resource.
    Collection, collection::Model, Collection {
        /// What it is for.
        pub async fn description(&self) -> Option<&str> {
            self.details.description.as_deref()
        }

        /// The search whose hits are its entries; null for a path of chosen entries.
        pub async fn search_query(&self) -> Option<&str> {
            self.details.search_query.as_deref()
        }

        /// Where it stands.
        pub async fn status(&self) -> PublicationStatus {
            self.item.status.unwrap_or(service::entity::item::PublicationStatus::Draft).into()
        }

        /// The steps that lead on from its present status, and what holds each back for you.
        pub async fn available_transitions(&self, context: &Context<'_>) -> Result<Vec<TransitionOption>> {
            publication_options(context, &self.item).await
        }

        /// What it holds that you may see: the chosen entries in their order, or what its search finds for you now, the
        /// best first.
        pub async fn entries(
            &self,
            context: &Context<'_>,
            #[graphql(desc = "How many from the start; 20 if not given, at most 100.")] first: Option<i32>,
            #[graphql(desc = "Start after this cursor.")] after: Option<String>,
        ) -> Result<CollectionEntryConnection> {
            let request = page_request(first, after, None, None);
            CollectionEntryConnection::of(context, self.item.id, self.details.search_query.as_deref(), &request).await
        }

        /// The activity that it was made in; null where it says none, and where you may not see the activity.
        pub async fn made_in(
            &self,
            context: &async_graphql::Context<'_>,
        ) -> async_graphql::Result<Option<super::activity::Activity>> {
            let found = super::activity::made_in(context, self.item.id).await?;
            Ok(found.map(|(activity, _)| activity))
        }
    }
}

impl From<ItemState> for Collection {
    fn from(mut state: ItemState) -> Self {
        let edges = Edges::from(&mut state);
        let id = state.item.id;
        let details = match state.details {
            Details::Collection(row, _) => row,
            _ => collection::Model {
                id,
                description: None,
                search_query: None,
            },
        };
        Listed {
            item: state.item,
            details,
            edges,
        }
        .into()
    }
}

plain_item_fields!(Collection {
    "description" => description,
    "searchQuery" => search_query,
    "status" => status,
    "reviewDueAt" => review_due_at,
});

connection!(
    plain CollectionConnection,
    CollectionEdge,
    Collection,
    "collections"
);
