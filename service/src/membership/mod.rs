//! Memberships: who takes part in a community, in which role, and how one comes and goes.
//!
//! A person has one membership a community, which keeps its id and its history through all states. Every step writes a
//! row of `transition` and a change row.

mod arrival;
mod commands;
mod ending;
mod expiry;
mod functions;
mod holders;
mod manage;
mod newcomer;
mod queries;
mod standing;
mod steps;

#[cfg(test)]
mod tests;

pub(crate) use arrival::{arrivals, bring};
pub use commands::{join, leave, respond};
pub(crate) use ending::{belongings, end, hold_communities, leaves_nobody_alone};
pub(crate) use expiry::expire;
pub use functions::{functions_of, set_functions};
pub(crate) use holders::holders;
pub use manage::{ban, invite, remove, set_role};
pub(crate) use newcomer::welcome;
pub use queries::{
    MemberFilter, by_ids, count_of_community, count_of_user, page_of_community, page_of_user,
};
pub(crate) use standing::reread_all;
pub use standing::{Hold, refresh, reread, standing};
pub(crate) use steps::found;
