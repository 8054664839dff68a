//! Memberships: who takes part in a community, in which role, and how one comes and goes.

mod standing;

pub use standing::{Hold, refresh, standing};
