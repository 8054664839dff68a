//! Repertoire's rows: one module a table, with the enums that its columns hold. No queries and no rules live here.

#[macro_use]
mod macros;
mod text_list;

pub mod api_token;
pub mod change;
pub mod change_head;
pub mod community;
pub mod community_domain;
pub mod community_language;
pub mod community_sponsor;
pub mod domain;
pub mod domain_ancestor;
pub mod external_identity;
pub mod innovation;
pub mod item;
pub mod item_author;
pub mod item_domain;
pub mod item_tag;
pub mod item_text;
pub mod link;
pub mod membership;
pub mod organization;
pub mod password;
pub mod practice;
pub mod practice_resource;
pub mod refresh_token;
pub mod resource;
pub mod revision;
pub mod session;
pub mod setting;
pub mod slug_redirect;
pub mod support;
pub mod tombstone;
pub mod transition;
pub mod user;

pub use text_list::{Label, LabelList, TextList};
