//! Queries of search.

use async_graphql::{Context, ID, InputType, Lookahead, Object, Result};
use futures_util::future::try_join_all;
use service::paging::page_size;
use service::search::{self, FacetRequest};

use super::connection::facet_requests;
use super::{
    SearchConnection, SearchFacetField, SearchFilter, SearchOrder, SearchResult, Suggestion,
};
use crate::graphql::connection::wants_page;
use crate::graphql::errors::IntoGraphql;
use crate::graphql::ids::decode_any;
use crate::graphql::request::{app, viewer};

/// Queries of search.
#[derive(Debug, Default)]
pub struct SearchQuery;

#[Object]
impl SearchQuery {
    /// Full-text search over everything that you may see. An empty query matches everything. A query takes words,
    /// "phrases", prefix*, -exclusion, OR, and title: tag: author: kind: domain: in: lang: before: after: with a value;
    /// a broken one is understood as far as possible and never an error, and a name that is none of these is a word. Up
    /// to three words a hit has all of them, unless nothing has; of more it has any, and the order decides. 10,000
    /// letters are read.
    async fn search(
        &self,
        context: &Context<'_>,
        #[graphql(
            desc = "What was typed. Beside words it takes fields with a value, in quotes where that has spaces: `in:shelf` a\n\
                community by its slug, `domain:reading` a domain by its slug, with narrower ones, `kind:practice` or\n\
                `kind:lesson-plan` a SearchKind or a ResourceKind, `tag:\"peer review\"` a whole tag, `author:ada` words of\n\
                the name of an author, `title:walking` words of the title, `lang:fr` a language, with `fr-CA`. `before:2026`\n\
                and `after:2026-03-15` take a year, a month or a day, in UTC: last changed before it began, or since then.\n\
                Several of `kind:`, of `in:` and of `lang:` are alternatives; `-kind:video` excludes. Case does not matter.\n\
                A slug that a domain or a community had before stands for the one that it has now."
        )]
        query: String,
        #[graphql(desc = "What hits must have, besides.")] filter: Option<SearchFilter>,
        #[graphql(desc = "The order of the hits; RELEVANCE if not given.")] order_by: Option<
            SearchOrder,
        >,
        #[graphql(desc = "How many hits; 20 if not given, at most 100.")] first: Option<i32>,
        #[graphql(desc = "Start after this cursor.")] after: Option<String>,
    ) -> Result<Option<SearchConnection>> {
        let look = context.look_ahead();
        let first = page_size("first", first.map(i64::from)).graphql()?;
        let first = if wants_page(context) { first } else { 0 };
        let query = search::SearchQuery {
            query,
            filter: filter.unwrap_or_default().read().graphql()?,
            order: order_by.map(Into::into).unwrap_or_default(),
            first: i64::try_from(first).ok(),
            after,
            facets: selected_facets(&look),
            snippets: look.field("edges").field("snippets").exists(),
            explain: look.field("edges").field("explanation").exists(),
            did_you_mean: look.field("didYouMean").exists(),
        };
        let app = app(context)?;
        let answer = search::search(&app.store, &app.index, &viewer(context)?, query.clone()).await;
        Ok(Some(SearchConnection::new(query, answer.graphql()?)))
    }

    /// What is like something that you may see, best first: what shares its telling words, its tags and its domains.
    /// Null if there is no such thing that you may see.
    async fn related(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "An item, a community or a domain.")] id: ID,
        #[graphql(desc = "How many; 10 if not given, at most 100.")] first: Option<i32>,
    ) -> Result<Option<Vec<SearchResult>>> {
        let (_, id) = decode_any("id", &id).graphql()?;
        let app = app(context)?;
        let viewer = viewer(context)?;
        let first = first.map(i64::from);
        let found = search::related(&app.store, &app.index, &viewer, id, first).await;
        let Some(found) = found.graphql()? else {
            return Ok(None);
        };
        let loading = found
            .into_iter()
            .map(|(kind, id)| SearchResult::load(context, kind, id));
        Ok(Some(
            try_join_all(loading).await?.into_iter().flatten().collect(),
        ))
    }

    /// Completions of a beginning, from titles, names and tags of what you may see, best first.
    async fn suggest(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What was typed so far.")] prefix: String,
        #[graphql(desc = "What the completions must have, besides.")] filter: Option<SearchFilter>,
        #[graphql(desc = "How many; 10 if not given, at most 100.")] first: Option<i32>,
    ) -> Result<Option<Vec<Suggestion>>> {
        let filter = filter.unwrap_or_default().read().graphql()?;
        let first = first.map(i64::from);
        let app = app(context)?;
        let viewer = viewer(context)?;
        let found = search::suggest(&app.store, &app.index, &viewer, &prefix, &filter, first).await;
        let found = found.graphql()?.into_iter();
        Ok(Some(found.map(Suggestion::from).collect()))
    }
}

/// The facets that the client selected, so that one pass over the matches counts them all. What cannot be read here is
/// counted when the field is answered.
fn selected_facets(look: &Lookahead<'_>) -> Vec<FacetRequest> {
    let mut wanted: Vec<FacetRequest> = Vec::new();
    for field in look.field("facets").selection_fields() {
        let arguments = field.arguments().unwrap_or_default();
        let argument = |name: &str| {
            let found = arguments.iter().find(|(known, _)| known == name);
            found.map(|(_, value)| value.clone())
        };
        let fields = <Vec<SearchFacetField> as InputType>::parse(argument("fields"));
        let size = <Option<i32> as InputType>::parse(argument("size"));
        let (Ok(fields), Ok(size)) = (fields, size) else {
            continue;
        };
        for request in facet_requests(&fields, size) {
            let known = |one: &FacetRequest| one.field == request.field && one.size == request.size;
            if !wanted.iter().any(known) {
                wanted.push(request);
            }
        }
    }
    wanted
}
