//! The transport's rules, over a toy schema.

mod access;
mod audits;
mod connections;
mod cross_origin;
mod execution;
mod hostile;
mod operator;
mod support;
mod transport;
