//! The rules of Repertoire: one module a feature. Knows no GraphQL and no HTTP.
//!
//! A command takes the [`store::Store`], the [`viewer::Viewer`] and its input, asks [`policy`], collects all faults of
//! the input, and writes rows and change rows in one unit of work. A query takes the viewer first and filters in SQL.

#![expect(
    clippy::must_use_candidate,
    reason = "a future must be used anyway, and the attribute that boxes one hides that it is one"
)]

pub mod activity;
pub mod adoption;
pub mod auth;
pub mod boundary_share;
pub mod change;
pub mod clock;
pub mod collection;
pub mod community;
pub mod deadline;
pub mod defining_statement;
pub mod demo;
pub mod digest;
pub mod discussion;
pub mod doctor;
pub mod domain;
pub mod error;
pub mod evidence;
pub mod evolution;
pub mod experience_report;
pub mod expertise;
pub mod external_reference;
pub mod flag;
pub mod follow;
pub mod goal;
pub mod health;
pub mod idempotency;
pub mod innovation;
pub mod item;
pub mod learning_question;
pub mod link;
pub mod mail;
pub mod membership;
pub(crate) mod merged_domain;
pub mod notification;
pub mod operation;
pub mod organization;
pub mod outgoing;
pub mod paging;
pub mod participation;
pub mod pilot;
pub mod policy;
pub mod practice;
pub mod projection;
pub mod resource;
pub mod review;
pub mod rounds;
pub mod saved_search;
pub mod schedule;
pub mod search;
pub mod store;
pub mod sync;
#[cfg(test)]
pub(crate) mod testing;
pub mod text;
pub mod transition;
pub mod typed_id;
pub mod user;
pub mod validation;
pub mod value_story;
pub mod viewer;
pub mod webhook;
pub mod work_queue;

/// Boxes the future of a function where the function is. Whoever waits for it need not look into it: with hundreds of them
/// a crate that does takes three times as long to compile.
pub(crate) use async_recursion::async_recursion as boxed;

pub use entity;
