//! Lists of items of one type.

use async_graphql::{Context, Lookahead, Result};
use service::item::{self, ItemFilter, ItemKind, List, ListScope, Listed, With};
use service::paging::{Keyset, Page, PageRequest};

use crate::graphql::connection::{Total, reads_page};
use crate::graphql::errors::IntoGraphql;
use crate::graphql::request::{store, viewer};

/// What of the lists of an item is selected, to be read together with it.
#[must_use]
pub fn selected(item: &Lookahead<'_>) -> With {
    let any = |fields: &[&str]| fields.iter().any(|field| item.field(field).exists());
    With {
        body: any(&["body", "bodyHtml"]),
        authors: any(&["authors", "viewerCan"]),
        domains: any(&["domains"]),
        tags: any(&["tags"]),
    }
}

/// The same of the items of a connection.
#[must_use]
pub fn selected_of_page(connection: &Lookahead<'_>) -> With {
    let nodes = selected(&connection.field("nodes"));
    let edges = selected(&connection.field("edges").field("node"));
    With {
        body: nodes.body || edges.body,
        authors: nodes.authors || edges.authors,
        domains: nodes.domains || edges.domains,
        tags: nodes.tags || edges.tags,
    }
}

/// A page of a list of items, with the way to count all of it. Neither is read when it is not selected.
pub async fn list<K, T>(
    context: &Context<'_>,
    filter: ItemFilter,
    scope: ListScope,
    keyset: Keyset,
    request: &PageRequest,
) -> Result<(Page<T>, Total)>
where
    K: ItemKind,
    K::Model: service::item::DetailsRow,
    T: From<Listed<K::Model>>,
{
    let (store, viewer) = (store(context)?.clone(), viewer(context)?);
    let page = if reads_page(context, request) {
        let list = List {
            filter: &filter,
            scope,
            keyset,
        };
        let with = selected_of_page(&context.look_ahead());
        item::page::<K>(&store, &viewer, list, request, with)
            .await
            .graphql()?
            .map(T::from)
    } else {
        Page::empty()
    };
    let total = Total::by(move || {
        let (store, viewer, filter) = (store.clone(), viewer.clone(), filter.clone());
        Box::pin(async move { item::count::<K>(&store, &viewer, &filter, scope).await })
    });
    Ok((page, total))
}
