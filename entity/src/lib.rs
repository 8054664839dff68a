//! Repertoire's rows: one module a table, with the enums that its columns hold. No queries and no rules live here.

#[macro_use]
mod macros;
mod text_list;

pub mod activity;
pub mod api_token;
pub mod attendance;
pub mod change;
pub mod change_head;
pub mod community;
pub mod community_domain;
pub mod community_language;
pub mod community_sponsor;
pub mod defining_statement;
pub mod discussion;
pub mod domain;
pub mod domain_ancestor;
pub mod endorsement;
pub mod expertise;
pub mod external_identity;
pub mod flag;
pub mod follow;
pub mod goal;
pub mod innovation;
pub mod item;
pub mod item_author;
pub mod item_domain;
pub mod item_tag;
pub mod item_text;
pub mod learning_question;
pub mod link;
pub mod membership;
pub mod membership_function;
pub mod mention;
pub mod notification;
pub mod occurrence;
pub mod organization;
pub mod password;
pub mod post;
pub mod practice;
pub mod practice_resource;
pub mod projection;
pub mod refresh_token;
pub mod resource;
pub mod review;
pub mod revision;
pub mod session;
pub mod setting;
pub mod slug_redirect;
pub mod support;
pub mod tombstone;
pub mod transition;
pub mod user;

pub use text_list::{Label, LabelList, TextList};
