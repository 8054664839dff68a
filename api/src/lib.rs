//! Repertoire's server: GraphQL over HTTP, and the operator's endpoints.

pub mod graphql;
pub mod http;
