//! The server's HTTP side: routes, GraphQL over HTTP, the operator's endpoints, the accept loop.
//!
//! ```text
//! let executor = async_graphql::Schema::build(Query, Mutation, EmptySubscription).finish();
//! let mut parts = http::Parts::new(executor, gate);
//! let metrics = http::metrics::install()?;
//! tokio::spawn(http::metrics::upkeep(metrics.clone()));
//! parts.metrics = Some(metrics);
//! let router = http::router(parts)?;
//! http::serve(listener, router, http::Settings::from(&limits), shutdown).await?;
//! ```

mod body;
mod cors;
mod edge;
mod error;
mod graphiql;
pub mod graphql;
pub mod health;
mod media_type;
pub mod metrics;
mod operations;
mod proxy;
mod refusal;
pub mod request_id;
mod router;
pub mod server;
mod stall;
mod unsubscribe;

#[cfg(test)]
mod tests;

pub use self::body::read as read_body;
pub use self::cors::{Cors, OriginError, Origins};
pub use self::error::HttpError;
pub use self::graphql::{Gate, GraphqlExecutor, Incoming, OpenGate};
pub use self::health::{AlwaysReady, Check, Readiness};
pub use self::operations::{Filing, Intake, OperationFiles, Outgoing, accepted as accepted_upload};
pub use self::proxy::{Network, client};
pub use self::request_id::RequestId;
pub use self::router::{KeySet, Parts, RouterError, router};
pub use self::server::{Ended, Settings, serve};
pub use self::unsubscribe::{Unsubscribe, Unsubscribing};
