//! Organizations: where people come from, and who sponsors communities. Everybody may see them.

mod create;
mod queries;

pub use create::{CreateOrganization, create_organization};
pub use queries::{by_ids, by_slug, count, page};
