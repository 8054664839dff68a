//! Mutations of search.

use async_graphql::{Context, Object, Result};
use service::search;

use super::SearchFilter;
use crate::graphql::ids::Decoder;
use crate::graphql::mutation::{DonePayload, settle};
use crate::graphql::request::{store, viewer};

/// Mutations of search.
#[derive(Debug, Default)]
pub struct SearchMutation;

#[Object]
impl SearchMutation {
    /// Says that you left a search without opening anything of what it found, so that the community sees what its people
    /// miss: `Community.knowledgeGaps` shows the words from three people up. Call it when somebody leaves a page of hits,
    /// or searches for something else, and has opened none. Who searched is not kept; once a day counts; what is narrowed
    /// by more than `communityIds` and `includeAbandoned`, and texts of more than 100 letters, are not counted.
    async fn abandon_search(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What was searched for, as `search` took it.")] query: String,
        #[graphql(desc = "The filter, as `search` took it.")] filter: Option<SearchFilter>,
    ) -> Result<Option<DonePayload>> {
        let mut decoder = Decoder::default();
        let filter = filter.unwrap_or_default().decode(&mut decoder);
        let outcome = search::abandon(store(context)?, &viewer(context)?, &query, &filter).await;
        Ok(Some(DonePayload::new(settle(context, decoder, outcome)?)))
    }
}
