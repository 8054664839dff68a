//! The floor's schema: as much of the contract as the questions ask for.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::{
    Context, EmptyMutation, EmptySubscription, Enum, ID, InputObject, Object, Schema, SimpleObject,
    Union,
};
use chrono::{DateTime, Utc};

use super::PlainSearch;
use super::plain_completions::{PlainCompletion, PlainCompletions};
use super::plain_search::{PlainAnswer, PlainFacets};
use crate::dump::{DumpedResource, Named, World};

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

#[derive(SimpleObject)]
#[graphql(name = "Community")]
struct PlainCommunity<'a> {
    id: &'a str,
    slug: &'a str,
    name: &'a str,
}

#[derive(SimpleObject)]
#[graphql(name = "Domain")]
struct PlainDomain<'a> {
    id: &'a str,
    slug: &'a str,
    name: &'a str,
}

#[derive(SimpleObject)]
#[graphql(name = "User")]
struct PlainUser<'a> {
    id: &'a str,
    handle: &'a str,
    display_name: &'a str,
}

#[derive(Clone, Copy, PartialEq, Eq, Enum)]
enum Action {
    Read,
}

/// A resource by its number.
#[derive(Clone)]
struct Resource(Arc<Library>, usize);

impl Resource {
    fn row(&self) -> &DumpedResource {
        &self.0.resources[self.1]
    }
}

#[Object]
impl Resource {
    async fn id(&self) -> &str {
        &self.row().id
    }

    async fn title(&self) -> &str {
        &self.row().title
    }

    async fn description(&self) -> Option<&str> {
        self.row().description.as_deref()
    }

    async fn body(&self) -> &str {
        &self.row().body
    }

    async fn kind(&self) -> &str {
        &self.row().kind
    }

    async fn licence(&self) -> Option<&str> {
        self.row().licence.as_deref()
    }

    async fn language(&self) -> Option<&str> {
        self.row().language.as_deref()
    }

    async fn tags(&self) -> &[String] {
        &self.row().tags
    }

    async fn status(&self) -> &str {
        "PUBLISHED"
    }

    async fn revision(&self) -> i32 {
        self.row().revision
    }

    async fn created_at(&self) -> DateTime<Utc> {
        self.row().created_at
    }

    async fn updated_at(&self) -> DateTime<Utc> {
        self.row().updated_at
    }

    async fn community(&self) -> PlainCommunity<'_> {
        let Named { id, slug, name } = &self.0.world.communities[self.row().community].named;
        PlainCommunity { id, slug, name }
    }

    async fn domains(&self) -> Vec<PlainDomain<'_>> {
        let named = |place: &usize| {
            let Named { id, slug, name } = &self.0.world.domains[*place].1;
            PlainDomain { id, slug, name }
        };
        self.row().domains.iter().map(named).collect()
    }

    async fn authors(&self) -> Vec<PlainUser<'_>> {
        let named = |place: &usize| {
            let Named { id, slug, name } = &self.0.world.users[*place].1;
            PlainUser {
                id,
                handle: slug,
                display_name: name,
            }
        };
        self.row().authors.iter().map(named).collect()
    }

    async fn viewer_can(&self) -> Vec<Action> {
        vec![Action::Read]
    }
}

#[derive(SimpleObject)]
struct PageInfo {
    has_next_page: bool,
    end_cursor: Option<String>,
}

#[derive(SimpleObject)]
struct ResourceEdge {
    cursor: String,
    node: Resource,
}

#[derive(SimpleObject)]
struct ResourceConnection {
    edges: Vec<ResourceEdge>,
    page_info: PageInfo,
}

#[derive(InputObject)]
struct ResourceFilter {
    community_ids: Option<Vec<ID>>,
    tags: Option<Vec<String>>,
}

impl ResourceFilter {
    fn fits(&self, library: &Library, resource: &DumpedResource) -> bool {
        let community = &library.world.communities[resource.community].named.id;
        let in_community = self
            .community_ids
            .as_ref()
            .is_none_or(|ids| ids.iter().any(|id| id.as_str() == community));
        in_community
            && self
                .tags
                .as_ref()
                .is_none_or(|tags| tags.iter().any(|tag| resource.tags.contains(tag)))
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Enum)]
enum SearchFacetField {
    ResourceKind,
    Community,
    Tag,
}

#[derive(SimpleObject)]
struct SearchBucket {
    value: String,
    label: String,
    count: u64,
}

#[derive(SimpleObject)]
struct SearchFacet {
    field: SearchFacetField,
    buckets: Vec<SearchBucket>,
}

#[derive(SimpleObject)]
struct Snippet {
    field: &'static str,
    html: String,
}

#[derive(Union)]
enum SearchResult {
    Resource(Resource),
}

#[derive(Clone, Copy, PartialEq, Eq, Enum)]
enum SearchKind {
    Resource,
}

#[derive(InputObject)]
struct SearchFilter {
    community_ids: Option<Vec<ID>>,
}

#[derive(SimpleObject)]
struct Suggestion {
    text: String,
    kind: Option<SearchKind>,
    node: Option<SearchResult>,
}

#[derive(SimpleObject)]
struct SearchEdge {
    cursor: String,
    score: f32,
    node: SearchResult,
    snippets: Vec<Snippet>,
}

struct SearchConnection {
    library: Arc<Library>,
    answer: PlainAnswer,
}

#[Object]
impl SearchConnection {
    async fn total_count(&self) -> usize {
        self.answer.total
    }

    async fn edges(&self) -> Vec<SearchEdge> {
        let edge = |(place, hit): (usize, &super::plain_search::PlainHit)| SearchEdge {
            cursor: place.to_string(),
            score: hit.score,
            node: SearchResult::Resource(Resource(Arc::clone(&self.library), hit.number)),
            snippets: hit
                .snippets
                .iter()
                .map(|(field, html)| Snippet {
                    field,
                    html: html.clone(),
                })
                .collect(),
        };
        self.answer.hits.iter().enumerate().map(edge).collect()
    }

    async fn facets(&self, fields: Vec<SearchFacetField>, size: usize) -> Vec<SearchFacet> {
        let PlainFacets {
            kinds,
            communities,
            tags,
        } = &self.answer.facets;
        let facet = |field: SearchFacetField| {
            let counts = match field {
                SearchFacetField::ResourceKind => kinds,
                SearchFacetField::Community => communities,
                SearchFacetField::Tag => tags,
            };
            let bucket = |(value, count): &(String, u64)| {
                let community = value
                    .parse()
                    .ok()
                    .filter(|_| field == SearchFacetField::Community);
                let named =
                    community.map(|place: usize| &self.library.world.communities[place].named);
                let (value, label) = named.map_or((value, value), |named| (&named.id, &named.name));
                SearchBucket {
                    value: value.clone(),
                    label: label.clone(),
                    count: *count,
                }
            };
            SearchFacet {
                field,
                buckets: counts.iter().take(size).map(bucket).collect(),
            }
        };
        fields.into_iter().map(facet).collect()
    }
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
