//! Ratings in the schema.

use async_graphql::{Context, Object, Result};
use service::entity::resource;
use service::paging::{Page, PageRequest};
use service::resource::page_of_ratings;

use crate::graphql::connection::{Total, connection, reads_page};
use crate::graphql::errors::IntoGraphql;
use crate::graphql::request::store;
use crate::graphql::scalars::DateTime;
use crate::graphql::user::{self, User};

/// How good somebody finds a resource.
#[derive(Clone, Debug)]
pub struct Rating {
    row: service::resource::Rating,
}

/// How good somebody finds a resource.
#[Object]
impl Rating {
    /// From 1 to 5, the best.
    async fn value(&self) -> i32 {
        self.row.rating
    }

    /// What the rater says of it.
    async fn comment(&self) -> Option<&str> {
        self.row.comment.as_deref()
    }

    /// Who rated it.
    async fn author(&self, context: &Context<'_>) -> Result<Option<User>> {
        user::one(context, self.row.user_id).await
    }

    /// When it was rated last.
    async fn updated_at(&self) -> DateTime {
        self.row.updated_at.into()
    }
}

connection!(
    RatingConnection,
    RatingEdge,
    Rating,
    "ratings of a resource"
);

impl RatingConnection {
    /// The ratings of a resource that the viewer was shown.
    pub async fn of(
        context: &Context<'_>,
        resource: &resource::Model,
        request: &PageRequest,
    ) -> Result<Self> {
        let store = store(context)?;
        let page = if reads_page(context, request) {
            page_of_ratings(store, resource.id, request)
                .await
                .graphql()?
        } else {
            Page::empty()
        };
        let total = Total::known(u64::try_from(resource.rating_count).unwrap_or(0));
        Ok(Self::new(page.map(|row| Rating { row }), total))
    }
}
