//! Discussions: talking things over, asking for help, and what becomes of the answers.
//!
//! A discussion is an item. Its posts are a reply tree; one of them may be accepted as the answer, and a resolved
//! discussion may be captured as a resource.

mod capture;
mod content;
mod gate;
mod lifecycle;
mod mentions;
mod posts;
mod queries;
mod similar;
#[cfg(test)]
mod tests;
mod tree;

pub use capture::{CaptureDiscussion, capture, captured_as};
pub use content::{CreateDiscussion, UpdateDiscussion, create, create_many, update};
pub use lifecycle::{accept_post, close, delete, is_answerable, next_states, reopen, transitions};
pub use posts::{AddPost, Post, add_post, hide_post, show_post, update_post};
pub use queries::{DiscussionFilter, count, page, page_of_posts, posted_by_viewer, posts_by_ids};
pub use similar::{MOST_SIMILAR, check_first, similar};
pub use tree::DEEPEST;

use entity::discussion;

use crate::item::Listed;

/// A discussion as lists answer it.
pub type Discussion = Listed<discussion::Model>;
