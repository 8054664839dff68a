//! Users: what others see of them, and what they say of themselves.

mod profile;
mod queries;

pub use profile::{
    DISPLAY_NAME, FORMER_PREFIX, LONGEST_HANDLE, SHORTEST_HANDLE, UpdateProfile, check_handle,
    update_profile,
};
pub use queries::{FORMER_MEMBER, by_handle, by_ids, kept};
