//! Queries of users.

use async_graphql::{Context, ID, Object, Result};
use service::user;

use super::User;
use crate::graphql::errors::IntoGraphql;
use crate::graphql::ids::{Key, NodeType, decode_key};
use crate::graphql::request::{store, viewer};

/// Queries of users.
#[derive(Debug, Default)]
pub struct UserQuery;

#[Object]
impl UserQuery {
    /// The signed-in user; null for an anonymous request.
    async fn viewer(&self, context: &Context<'_>) -> Result<Option<User>> {
        match viewer(context)?.user_id() {
            Some(id) => super::one(context, id).await,
            None => Ok(None),
        }
    }

    /// A user by id or by handle; null when there is none.
    async fn user(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Id of the user.")] id: Option<ID>,
        #[graphql(desc = "Handle of the user, in the place of the id; case is ignored.")]
        handle: Option<String>,
    ) -> Result<Option<User>> {
        match decode_key(id.as_ref(), NodeType::User, "handle", handle).graphql()? {
            Key::Id(id) => super::one(context, id).await,
            Key::Name(handle) => {
                let found = user::by_handle(store(context)?, &viewer(context)?, &handle).await;
                Ok(found.graphql()?.map(Into::into))
            }
        }
    }
}
