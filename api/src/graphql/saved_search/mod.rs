//! Saved searches in the schema.

pub mod loaders;

use std::sync::Arc;

use async_graphql::{Context, ID, Object, Result};
use service::paging::Page;
use service::saved_search::{self, SaveSearch};

use super::connection::{Total, connection, page_request, reads_page};
use super::errors::IntoGraphql;
use super::ids::{Decoder, NodeType, encode};
use super::mutation::{DeletePayload, payload, settle};
use super::request::{store, viewer};
use super::scalars::DateTime;
use super::search::SearchFilter;

/// A search that you saved.
#[derive(Clone, Debug)]
pub struct SavedSearch {
    row: Arc<saved_search::SavedSearch>,
}

impl From<saved_search::SavedSearch> for SavedSearch {
    fn from(row: saved_search::SavedSearch) -> Self {
        Self { row: Arc::new(row) }
    }
}

/// A search that you saved. Nobody but you sees it. To run it again, give `query` and `filter` to `search`.
#[Object]
impl SavedSearch {
    /// Global id.
    pub async fn id(&self) -> ID {
        encode(NodeType::SavedSearch, self.row.id)
    }

    /// What you call it.
    async fn name(&self) -> &str {
        &self.row.name
    }

    /// What it searches for.
    async fn query(&self) -> &str {
        &self.row.query
    }

    /// What its hits must have, besides; the fields are those of the input. A field that asks for nothing is null.
    async fn filter(&self) -> SearchFilter {
        service::search::SearchFilter::from(self.row.filter.clone()).into()
    }

    /// Whether you are told of what it finds newly.
    async fn alerts(&self) -> bool {
        self.row.alerts
    }

    /// When you saved it.
    async fn created_at(&self) -> DateTime {
        self.row.created_at.into()
    }
}

connection!(
    SavedSearchConnection,
    SavedSearchEdge,
    SavedSearch,
    "saved searches"
);
payload!(SavedSearchPayload, saved_search: SavedSearch, "saved search");

/// Queries of saved searches.
#[derive(Debug, Default)]
pub struct SavedSearchQuery;

#[Object]
impl SavedSearchQuery {
    /// The searches that you saved, the newest first; empty for an anonymous request, and for a token that is good for one
    /// community only.
    async fn saved_searches(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many from the start; 20 if not given, at most 100.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Start after this cursor.")] after: Option<String>,
    ) -> Result<SavedSearchConnection> {
        let request = page_request(first, after, None, None);
        let (store, viewer) = (store(context)?.clone(), viewer(context)?);
        let page = if reads_page(context, &request) {
            saved_search::page(&store, &viewer, &request)
                .await
                .graphql()?
        } else {
            Page::empty()
        };
        let total = Total::by(move || {
            let (store, viewer) = (store.clone(), viewer.clone());
            Box::pin(async move { saved_search::count(&store, &viewer).await })
        });
        Ok(SavedSearchConnection::new(
            page.map(SavedSearch::from),
            total,
        ))
    }
}

/// Mutations of saved searches.
#[derive(Debug, Default)]
pub struct SavedSearchMutation;

#[Object]
impl SavedSearchMutation {
    /// Saves a search; one person saves at most 100. The same again changes nothing. With `alerts`, `notifications` tell
    /// you once of each thing that it finds from now on: what is made later, and what is shown to you for the first time
    /// by a change. An alert has all the words of the query, function words aside, and nothing is corrected.
    async fn save_search(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What you call it, at most 300 characters.")] name: String,
        #[graphql(
            desc = "What to search for, as `search` takes it, at most 1,000 characters; empty where the filter says it all."
        )]
        query: String,
        #[graphql(desc = "What hits must have, besides.")] filter: Option<SearchFilter>,
        #[graphql(desc = "Whether to tell you of what it finds newly; false if not given.")]
        alerts: Option<bool>,
    ) -> Result<Option<SavedSearchPayload>> {
        let mut decoder = Decoder::default();
        let input = SaveSearch {
            name,
            query,
            filter: filter.unwrap_or_default().decode(&mut decoder),
            alerts: alerts.unwrap_or(false),
        };
        let outcome = saved_search::save(store(context)?, &viewer(context)?, input).await;
        Ok(Some(settle(context, decoder, outcome)?.into()))
    }

    /// Deletes a search that you saved.
    async fn delete_saved_search(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the saved search.")] id: ID,
    ) -> Result<Option<DeletePayload>> {
        let mut decoder = Decoder::default();
        let row = decoder.id(&["id"], &id, NodeType::SavedSearch);
        let outcome = saved_search::delete(store(context)?, &viewer(context)?, row).await;
        let outcome = outcome.map(|written| written.map(|()| id));
        Ok(Some(DeletePayload::new(settle(context, decoder, outcome)?)))
    }
}
