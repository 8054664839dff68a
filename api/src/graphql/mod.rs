//! GraphQL over the services.

pub mod codes;
pub mod limits;
