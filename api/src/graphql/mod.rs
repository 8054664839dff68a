//! GraphQL over the services: one module a feature, and what all of them share.

pub mod activity;
pub mod auth;
pub mod codes;
pub mod community;
pub mod connection;
pub mod defining_statement;
pub mod discussion;
pub mod domain;
pub mod errors;
pub mod expertise;
pub mod flag;
pub mod follow;
pub mod goal;
pub mod health;
pub mod ids;
pub mod innovation;
pub mod item;
pub mod learning_question;
pub mod limits;
pub mod loaders;
pub mod membership;
pub mod mutation;
pub mod node;
pub mod notification;
pub mod organization;
pub mod practice;
pub mod request;
pub mod resource;
pub mod review;
pub mod scalars;
mod schema;
pub mod search;
pub mod server_info;
pub mod user;
pub mod work_queue;

pub use schema::{ApiSchema, schema, sdl};
