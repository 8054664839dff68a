//! Users: what others see of them, and what they say of themselves.

mod acting;
mod mail_settings;
mod profile;
mod queries;

pub(crate) use acting::acting;
pub use mail_settings::{DEFAULT_NOTIFICATION_EMAIL, notification_email, set_notification_email};
pub(crate) use mail_settings::{held, save_private, set as set_notification_email_of};
pub use profile::{
    DISPLAY_NAME, FORMER_PREFIX, LONGEST_HANDLE, SHORTEST_HANDLE, UpdateProfile, check_handle,
    update_profile,
};
pub use queries::{FORMER_MEMBER, by_handle, by_ids, kept};
