//! Lists of items of one type.

use async_graphql::{Context, Result};
use service::item::{self, ItemFilter, ItemKind, ListScope, Listed};
use service::paging::{Keyset, Page, PageRequest};

use crate::graphql::connection::{Total, wants_page};
use crate::graphql::errors::IntoGraphql;
use crate::graphql::request::{store, viewer};

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
    let page = if wants_page(context) {
        item::page::<K>(&store, &viewer, &filter, scope, keyset, request)
            .await
            .graphql()?
            .map(T::from)
    } else {
        request.check(&keyset).graphql()?;
        Page::empty()
    };
    let total = Total::by(move || {
        let (store, viewer, filter) = (store.clone(), viewer.clone(), filter.clone());
        Box::pin(async move { item::count::<K>(&store, &viewer, &filter, scope).await })
    });
    Ok((page, total))
}
