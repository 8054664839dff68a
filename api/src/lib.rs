//! Repertoire's server: the command line, GraphQL over HTTP and the operator's endpoints.

pub mod app;
pub mod cli;
pub mod config;
pub mod graphql;
pub mod http;
pub mod migrations;
pub mod server;
