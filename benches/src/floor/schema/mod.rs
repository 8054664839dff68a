//! The floor's schema: as much of the contract as the questions ask for.

mod resource;
mod search;

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::{Context, EmptyMutation, EmptySubscription, ID, Object, Schema};

use self::resource::{PageInfo, Resource, ResourceConnection, ResourceEdge, ResourceFilter};
use self::search::{SearchConnection, SearchFilter, SearchKind, SearchResult, Suggestion};
use super::PlainSearch;
use super::plain_completions::{PlainCompletion, PlainCompletions};
use crate::dump::{DumpedResource, World};

pub(super) type FloorSchema = Schema<Query, EmptyMutation, EmptySubscription>;

/// Everything that can be asked for, in memory.
pub(super) struct Library {
    world: World,
    resources: Vec<DumpedResource>,
    by_id: HashMap<String, usize>,
    /// Last changed first.
    newest: Vec<usize>,
    /// Where each is in that order.
    places: Vec<usize>,
    search: PlainSearch,
    completions: PlainCompletions,
}

impl Library {
    pub(super) fn new(
        world: World,
        resources: Vec<DumpedResource>,
        search: PlainSearch,
        completions: PlainCompletions,
    ) -> Self {
        let by_id = resources
            .iter()
            .enumerate()
            .map(|(number, resource)| (resource.id.clone(), number))
            .collect();
        let mut newest: Vec<usize> = (0..resources.len()).collect();
        newest.sort_by_key(|number| {
            let resource = &resources[*number];
            std::cmp::Reverse((resource.updated_at, resource.row))
        });
        let mut places = vec![0; resources.len()];
        for (place, number) in newest.iter().enumerate() {
            places[*number] = place;
        }
        Self {
            world,
            resources,
            by_id,
            newest,
            places,
            search,
            completions,
        }
    }
}

pub(super) fn build(library: Arc<Library>) -> FloorSchema {
    Schema::build(Query, EmptyMutation, EmptySubscription)
        .data(library)
        .finish()
}

fn library<'a>(context: &Context<'a>) -> &'a Arc<Library> {
    context.data_unchecked::<Arc<Library>>()
}

pub(super) struct Query;

#[Object]
impl Query {
    async fn resource(&self, context: &Context<'_>, id: ID) -> Option<Resource> {
        let library = library(context);
        library
            .by_id
            .get(id.as_str())
            .map(|number| Resource(Arc::clone(library), *number))
    }

    async fn resources(
        &self,
        context: &Context<'_>,
        first: usize,
        after: Option<String>,
        filter: Option<ResourceFilter>,
    ) -> ResourceConnection {
        let library = library(context);
        let after = after
            .and_then(|cursor| library.by_id.get(&cursor))
            .map(|number| library.places[*number] + 1);
        let fits = |number: &&usize| {
            filter
                .as_ref()
                .is_none_or(|filter| filter.fits(library, &library.resources[**number]))
        };
        let rest = &library.newest[after.unwrap_or(0)..];
        let mut found: Vec<usize> = rest.iter().filter(fits).take(first + 1).copied().collect();
        let has_next_page = found.len() > first;
        found.truncate(first);
        let edges: Vec<ResourceEdge> = found
            .into_iter()
            .map(|number| ResourceEdge {
                cursor: library.resources[number].id.clone(),
                node: Resource(Arc::clone(library), number),
            })
            .collect();
        let end_cursor = edges.last().map(|edge| edge.cursor.clone());
        ResourceConnection {
            edges,
            page_info: PageInfo {
                has_next_page,
                end_cursor,
            },
        }
    }

    #[expect(
        clippy::unused_async,
        reason = "resolvers of a schema are asynchronous"
    )]
    async fn search(
        &self,
        context: &Context<'_>,
        query: String,
        first: usize,
    ) -> async_graphql::Result<SearchConnection> {
        let library = library(context);
        let answer = library
            .search
            .answer(&query, first, |number| {
                let resource = &library.resources[number];
                (&resource.title, &resource.body)
            })
            .map_err(|error| async_graphql::Error::new(error.to_string()))?;
        Ok(SearchConnection {
            library: Arc::clone(library),
            answer,
        })
    }

    async fn suggest(
        &self,
        context: &Context<'_>,
        prefix: String,
        first: usize,
        filter: Option<SearchFilter>,
    ) -> Vec<Suggestion> {
        let library = library(context);
        let communities = filter.and_then(|filter| filter.community_ids);
        let fits = |place: usize| {
            let community = library.world.communities.get(place);
            communities.as_ref().is_none_or(|ids| {
                community
                    .is_some_and(|community| ids.iter().any(|id| id.as_str() == community.named.id))
            })
        };
        let shown = |completion: PlainCompletion<'_>| match completion {
            PlainCompletion::Title(number) => Suggestion {
                text: library.resources[number].title.clone(),
                kind: Some(SearchKind::Resource),
                node: Some(SearchResult::Resource(Resource(
                    Arc::clone(library),
                    number,
                ))),
            },
            PlainCompletion::Tag(tag) => Suggestion {
                text: tag.to_owned(),
                kind: None,
                node: None,
            },
        };
        let found = library.completions.find(&prefix, first, fits);
        found.into_iter().map(shown).collect()
    }
}
