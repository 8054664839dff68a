//! Review and stewardship: who looked at which revision and what it came to, who keeps an item and until when, how its
//! revisions differ, and what is likely the same.

mod commands;
mod comparison;
mod diff;
mod duplicates;
mod queries;
mod stewardship;
#[cfg(test)]
mod tests;

pub use commands::{ReviewInput, review};
pub use comparison::find_duplicates;
pub use diff::{FieldDiff, compare};
pub use duplicates::likely_duplicates;
pub use entity::review::{Model as Review, ReviewVerdict};
pub use queries::{page_of_reviews, review_count, reviews_by_ids};
pub use stewardship::{renew_review, set_steward};
