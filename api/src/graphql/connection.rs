//! Relay connections: arguments in, pages out, totals only when they are selected.

use std::sync::Arc;

use async_graphql::{Context, Result, SimpleObject};
use futures_util::future::BoxFuture;
use service::paging::PageRequest;

use super::errors::IntoGraphql;

/// Where a page stands in its list.
#[derive(Clone, Debug, SimpleObject)]
pub struct PageInfo {
    /// Whether there is more after this page; ask with `first` and `after: endCursor`.
    pub has_next_page: bool,
    /// Whether there is more before this page; ask with `last` and `before: startCursor`.
    pub has_previous_page: bool,
    /// Cursor of the first edge; null on an empty page.
    pub start_cursor: Option<String>,
    /// Cursor of the last edge; null on an empty page.
    pub end_cursor: Option<String>,
}

/// Counts a whole list, when `totalCount` is selected.
#[derive(Clone)]
pub struct Total(Arc<dyn Fn() -> BoxFuture<'static, service::error::Result<u64>> + Send + Sync>);

impl std::fmt::Debug for Total {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Total")
    }
}

impl Total {
    /// A total that is counted by a call.
    pub fn by(
        count: impl Fn() -> BoxFuture<'static, service::error::Result<u64>> + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(count))
    }

    /// A total that is known.
    #[must_use]
    pub fn known(number: u64) -> Self {
        Self::by(move || Box::pin(async move { Ok(number) }))
    }

    /// Counts.
    pub async fn count(&self) -> Result<i32> {
        Ok(count((self.0)().await.graphql()?))
    }
}

/// A number of objects as `Int`: no list here comes near its bound.
#[must_use]
pub fn count(number: u64) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

/// The page arguments of a field.
#[must_use]
pub fn page_request(
    first: Option<i32>,
    after: Option<String>,
    last: Option<i32>,
    before: Option<String>,
) -> PageRequest {
    PageRequest {
        first: first.map(i64::from),
        after,
        last: last.map(i64::from),
        before,
    }
}

/// Whether a page must be read: the client selected its edges or nodes, or gave arguments that only reading it checks.
/// None is read for `{ resources { totalCount } }`.
#[must_use]
pub fn reads_page(context: &Context<'_>, request: &PageRequest) -> bool {
    !request.is_default() || wants_page(context)
}

/// Whether the client selected the edges or nodes of a connection.
#[must_use]
pub fn wants_page(context: &Context<'_>) -> bool {
    let look = context.look_ahead();
    ["edges", "nodes", "pageInfo"]
        .into_iter()
        .any(|field| look.field(field).exists())
}

/// Declares a connection type and its edge type for a node type; `plain` for one that has plain fields.
macro_rules! connection {
    (plain $connection:ident, $edge:ident, $node:ty, $what:literal $(,)?) => {
        $crate::graphql::connection::connection!(
            @ $connection, $edge, $node, $what,
            $crate::graphql::plain::Plain<$node>, $crate::graphql::plain::Plain<&$node>
        );
    };
    ($connection:ident, $edge:ident, $node:ty, $what:literal $(,)?) => {
        $crate::graphql::connection::connection!(@ $connection, $edge, $node, $what, $node, &$node);
    };
    (@ $connection:ident, $edge:ident, $node:ty, $what:literal, $owned:ty, $shared:ty) => {
        #[doc = concat!("A page of ", $what, ".")]
        #[derive(Clone, Debug)]
        pub struct $connection {
            page: service::paging::Page<$node>,
            total: $crate::graphql::connection::Total,
        }

        impl $connection {
            /// A connection over a page, with the way to count the whole list.
            #[must_use]
            pub fn new(
                page: service::paging::Page<$node>,
                total: $crate::graphql::connection::Total,
            ) -> Self {
                Self { page, total }
            }

            /// A connection over nothing.
            #[must_use]
            pub fn empty() -> Self {
                Self::new(
                    service::paging::Page::empty(),
                    $crate::graphql::connection::Total::known(0),
                )
            }
        }

        #[doc = concat!("A page of ", $what, ".")]
        #[async_graphql::Object]
        impl $connection {
            /// The objects of this page with their cursors.
            async fn edges(
                &self,
            ) -> $crate::graphql::list::List<$crate::graphql::plain::Plain<$edge>> {
                let edge = |(cursor, node): &(String, $node)| $edge {
                    cursor: cursor.clone(),
                    node: node.clone().into(),
                };
                self.page.rows.iter().map(|row| edge(row).into()).collect()
            }

            /// The objects of this page, for when their cursors are not needed.
            async fn nodes(&self) -> $crate::graphql::list::List<$shared> {
                self.page.rows.iter().map(|(_, node)| node.into()).collect()
            }

            /// Where this page stands in the list.
            async fn page_info(&self) -> $crate::graphql::connection::PageInfo {
                $crate::graphql::connection::PageInfo {
                    has_next_page: self.page.has_next,
                    has_previous_page: self.page.has_previous,
                    start_cursor: self.page.rows.first().map(|(cursor, _)| cursor.clone()),
                    end_cursor: self.page.rows.last().map(|(cursor, _)| cursor.clone()),
                }
            }

            /// Number of objects in the whole list that you may see; counted only when selected.
            async fn total_count(&self) -> async_graphql::Result<i32> {
                self.total.count().await
            }
        }

        #[doc = concat!("One of the ", $what, ", with its place in the list.")]
        #[derive(Clone, Debug, async_graphql::SimpleObject)]
        pub struct $edge {
            /// Opaque place in the list, for `after` and `before`.
            cursor: String,
            /// The object.
            node: $owned,
        }

        $crate::graphql::plain::plain_fields!($edge { "cursor" => cursor });
    };
}

pub(crate) use connection;
