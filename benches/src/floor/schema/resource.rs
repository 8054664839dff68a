//! Resources, and pages of them.

use std::sync::Arc;

use async_graphql::{Enum, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};

use super::Library;
use crate::dump::{DumpedResource, Named};

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
pub(super) struct Resource(pub(super) Arc<Library>, pub(super) usize);

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
pub(super) struct PageInfo {
    pub(super) has_next_page: bool,
    pub(super) end_cursor: Option<String>,
}

#[derive(SimpleObject)]
pub(super) struct ResourceEdge {
    pub(super) cursor: String,
    pub(super) node: Resource,
}

#[derive(SimpleObject)]
pub(super) struct ResourceConnection {
    pub(super) edges: Vec<ResourceEdge>,
    pub(super) page_info: PageInfo,
}

#[derive(InputObject)]
pub(super) struct ResourceFilter {
    community_ids: Option<Vec<ID>>,
    tags: Option<Vec<String>>,
}

impl ResourceFilter {
    pub(super) fn fits(&self, library: &Library, resource: &DumpedResource) -> bool {
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
