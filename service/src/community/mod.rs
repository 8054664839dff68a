//! Communities of practice: made by any signed-in user, kept by their facilitators.

pub(crate) mod belonging;
mod checks;
mod commands;
mod filter;
pub mod kind;
mod lists;
mod queries;
mod settings;
mod stages;
mod update;

#[cfg(test)]
mod tests;

pub(crate) use checks::levels;
pub use commands::{CreateCommunity, archive, create, restore};
pub(crate) use commands::{found_like, record_step, record_update};
pub use filter::CommunityFilter;
pub use lists::{domains_of, languages_of, sponsors_of};
pub use queries::{
    CommunityOrder, CommunityOrderField, about_only, by_ids, by_slug, count, count_of_parts, kept,
    of_own_memberships, page, page_of_parts,
};
pub use settings::{StageLabel, UpdatePolicy, rename_stages, set_kind, stage_label, update_policy};
pub(crate) use stages::{Account, begin_history, record_stage};
pub use stages::{
    Criterion, Finding, SetStage, StageChange, criteria, findings_of, history_of, leads_on,
    next_stage, next_stages, next_statuses, set_stage,
};
pub use update::{UpdateCommunity, update};
