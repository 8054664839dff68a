//! What people are told of: news of what they follow, replies, mentions, requests for help and review, invitations, and
//! what is due.
//!
//! Most are made by a projection of the change log; what only time brings is raised by [`raise`], and what saved searches
//! find newly by [`crate::saved_search`]. Nobody is told of their
//! own acts, nor of what they may not read at that time, and on reading it is asked again. While one is unread, a further
//! one of the same reason about the same thing renews it: its actor and its time, and it is to be mailed again. They are
//! known to one person alone, so they are in no change row.

mod commands;
mod mail;
mod projection;
mod queries;
mod raise;
#[cfg(test)]
mod tests;

pub use commands::{KEPT_DAYS, MOST_MARKED, UNREAD_DAYS, expire, mark_read};
pub use entity::notification::NotificationReason;
pub use mail::{has_unmailed, mark_mailed, unmailed};
pub use projection::Notifications;
pub use queries::{by_ids, count, page};
pub use raise::raise;
pub(crate) use raise::{Act, raise_for};

/// What somebody is told of.
pub type Notification = entity::notification::Model;
