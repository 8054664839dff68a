//! The rules of Repertoire: one module a feature. Knows no GraphQL and no HTTP.

pub mod clock;
pub mod error;
pub mod paging;
pub mod store;
pub mod text;
pub mod validation;
pub mod viewer;
