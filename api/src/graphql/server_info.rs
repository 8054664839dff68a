//! What the server says of itself.

use async_graphql::{ComplexObject, Context, ID, Object, Result, SimpleObject};
use service::change::database_id;

use super::auth::SignUpPolicy;
use super::errors::IntoGraphql;
use super::request::{app, store};
use super::scalars::Position;

/// The server and its place in the change log.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(complex)]
pub struct ServerInfo {
    /// Version of the server.
    pub version: &'static str,
    /// Newest position in the change log.
    pub position: Position,
    /// Position that the search index of this process has reached.
    pub index_position: Position,
    /// Who may make an account by `signUp`.
    pub sign_up: SignUpPolicy,
    /// Whether this server sends mail: without, nobody can confirm an address or reset a password here.
    pub sends_mail: bool,
}

#[ComplexObject]
impl ServerInfo {
    /// Tells the database from all others: a position means something in its own database only. Who finds another one here
    /// than before takes a new snapshot.
    async fn database_id(&self, context: &Context<'_>) -> Result<ID> {
        Ok(ID(database_id(store(context)?).await.graphql()?))
    }
}

/// Queries of the server itself.
#[derive(Debug, Default)]
pub struct ServerQuery;

#[Object]
impl ServerQuery {
    /// The server and its place in the change log.
    async fn server_info(&self, context: &Context<'_>) -> Result<ServerInfo> {
        let app = app(context)?;
        let position = app.store.position().await.graphql()?;
        Ok(ServerInfo {
            version: env!("CARGO_PKG_VERSION"),
            position: position.into(),
            index_position: app.index.position().into(),
            sign_up: app.auth.options().sign_up.into(),
            sends_mail: app.mailer.is_some(),
        })
    }
}
