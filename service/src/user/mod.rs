//! Users: what others see of them, what they say of themselves, and how an account ends.

mod account;
mod acting;
mod erase;
mod mail_settings;
mod profile;
mod queries;
mod reinstate;
mod suspend;
#[cfg(test)]
mod tests;

pub(crate) use acting::acting;
pub use erase::{erase, erase_me};
pub use mail_settings::{DEFAULT_NOTIFICATION_EMAIL, notification_email, set_notification_email};
pub(crate) use mail_settings::{held, save_private, set as set_notification_email_of};
pub use profile::{
    DISPLAY_NAME, FORMER_PREFIX, LONGEST_HANDLE, SHORTEST_HANDLE, UpdateProfile, check_handle,
    update_profile,
};
pub use queries::{FORMER_MEMBER, by_handle, by_ids, kept};
pub use reinstate::reinstate;
pub use suspend::{suspend, suspension_reasons};
