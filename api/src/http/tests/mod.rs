//! The transport's rules, over a toy schema.

mod access;
mod connections;
mod cross_origin;
mod hostile;
mod operator;
mod support;
mod transport;
