//! Repertoire's server: the command line, GraphQL over HTTP and the operator's endpoints.

// The futures of a schema nest as deep as its types refer to each other.
#![recursion_limit = "256"]

pub mod app;
pub mod cli;
pub mod config;
pub mod graphql;
pub mod http;
pub mod migrations;
pub mod server;
