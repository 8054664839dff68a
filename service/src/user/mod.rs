//! Users: what others see of them, what they say of themselves, and how an account ends.

mod account;
mod acting;
mod erase;
mod mail_settings;
mod named;
mod profile;
mod queries;
mod reinstate;
mod suspend;
#[cfg(test)]
mod tests;

pub(crate) use acting::acting;
pub use erase::{erase, erase_as_operator, erase_me};
pub use mail_settings::{DEFAULT_NOTIFICATION_EMAIL, notification_email, set_notification_email};
pub(crate) use mail_settings::{held, save_private, set as set_notification_email_of};
pub use named::{account_by_email, account_by_handle};
pub(crate) use profile::practice_settings;
pub use profile::{
    DISPLAY_NAME, FORMER_PREFIX, LONGEST_HANDLE, MAX_PRACTICE_SETTINGS, SHORTEST_HANDLE,
    UpdateProfile, check_handle, update_profile,
};
pub use queries::{FORMER_MEMBER, by_handle, by_ids, kept};
pub use reinstate::{reinstate, reinstate_as_operator};
pub use suspend::{suspend, suspend_as_operator, suspension_reasons};
