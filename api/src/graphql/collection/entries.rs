//! What a collection holds, in the schema.

use async_graphql::{Context, Object, Result, SimpleObject};
use service::collection::{Entry, entry_count, page_of_entries, page_of_search};
use service::paging::{Page, PageRequest};
use service::search::DocumentKind;
use uuid::Uuid;

use crate::graphql::connection::{PageInfo, Total, reads_page};
use crate::graphql::errors::IntoGraphql;
use crate::graphql::ids::NodeType;
use crate::graphql::node::{self, Node, node_type};
use crate::graphql::request::{app, store, viewer};

/// A page of the entries of a collection.
#[derive(Clone, Debug)]
pub struct CollectionEntryConnection {
    page: Page<(Node, Option<String>)>,
    total: Total,
}

/// An entry of a collection, with its place in it.
#[derive(Clone, Debug, SimpleObject)]
pub struct CollectionEntryEdge {
    /// Opaque place in the list, for `after`.
    cursor: String,
    /// The item.
    node: Node,
    /// What the curator says of it.
    note: Option<String>,
}

impl CollectionEntryConnection {
    /// The entries of a collection that the viewer may read, or what its search finds for the viewer.
    pub async fn of(
        context: &Context<'_>,
        collection: Uuid,
        search_query: Option<&str>,
        request: &PageRequest,
    ) -> Result<Self> {
        match search_query {
            Some(query) => Self::found(context, query, request).await,
            None => Self::chosen(context, collection, request).await,
        }
    }

    async fn chosen(
        context: &Context<'_>,
        collection: Uuid,
        request: &PageRequest,
    ) -> Result<Self> {
        let (store, viewer) = (store(context)?.clone(), viewer(context)?);
        let page = if reads_page(context, request) {
            let page = page_of_entries(&store, &viewer, collection, request).await;
            let entry = |entry: Entry| ((node_type(entry.item.0), entry.item.1), entry.note);
            loaded(context, page.graphql()?.map(entry)).await?
        } else {
            Page::empty()
        };
        let total = Total::by(move || {
            let (store, viewer) = (store.clone(), viewer.clone());
            Box::pin(async move { entry_count(&store, &viewer, collection).await })
        });
        Ok(Self { page, total })
    }

    async fn found(context: &Context<'_>, query: &str, request: &PageRequest) -> Result<Self> {
        let (app, viewer) = (app(context)?, viewer(context)?);
        let found = page_of_search(&app.store, &app.index, &viewer, query, request).await;
        let (page, total) = found.graphql()?;
        let page = loaded(context, page.map(|(kind, id)| ((of_kind(kind), id), None))).await?;
        Ok(Self {
            page,
            total: Total::known(total),
        })
    }
}

/// The objects of a page that was filtered for the viewer. One that is gone meanwhile is left out.
async fn loaded(
    context: &Context<'_>,
    page: Page<((NodeType, Uuid), Option<String>)>,
) -> Result<Page<(Node, Option<String>)>> {
    let ids: Vec<_> = page.rows.iter().map(|(_, (id, _))| *id).collect();
    let nodes = node::load(context, &ids).await?;
    let rows = page.rows.into_iter().zip(nodes);
    let rows = rows.filter_map(|((cursor, (_, note)), node)| Some((cursor, (node?, note))));
    Ok(Page {
        rows: rows.collect(),
        has_next: page.has_next,
        has_previous: page.has_previous,
    })
}

fn of_kind(kind: DocumentKind) -> NodeType {
    match kind {
        DocumentKind::Domain => NodeType::Domain,
        DocumentKind::Community => NodeType::Community,
        DocumentKind::Practice => NodeType::Practice,
        DocumentKind::Resource => NodeType::Resource,
        DocumentKind::Innovation => NodeType::Innovation,
        DocumentKind::Activity => NodeType::Activity,
        DocumentKind::Discussion => NodeType::Discussion,
        DocumentKind::Collection => NodeType::Collection,
        DocumentKind::ValueStory => NodeType::ValueStory,
        DocumentKind::ExperienceReport => NodeType::ExperienceReport,
    }
}

/// A page of the entries of a collection.
#[Object]
impl CollectionEntryConnection {
    /// The entries of this page with their cursors and notes.
    async fn edges(&self) -> Vec<CollectionEntryEdge> {
        let rows = self.page.rows.iter();
        rows.map(|(cursor, (node, note))| CollectionEntryEdge {
            cursor: cursor.clone(),
            node: node.clone(),
            note: note.clone(),
        })
        .collect()
    }

    /// The items of this page, for when cursors and notes are not needed.
    async fn nodes(&self) -> Vec<&Node> {
        self.page.rows.iter().map(|(_, (node, _))| node).collect()
    }

    /// Where this page stands in the list.
    async fn page_info(&self) -> PageInfo {
        PageInfo {
            has_next_page: self.page.has_next,
            has_previous_page: self.page.has_previous,
            start_cursor: self.page.rows.first().map(|(cursor, _)| cursor.clone()),
            end_cursor: self.page.rows.last().map(|(cursor, _)| cursor.clone()),
        }
    }

    /// Number of entries that you may see; counted only when selected.
    async fn total_count(&self) -> Result<i32> {
        self.total.count().await
    }
}
