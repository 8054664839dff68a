//! Repertoire from outside: every scenario over real HTTP, on SQLite and on PostgreSQL, one module a feature.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::too_many_lines,
    clippy::unwrap_used,
    reason = "tests fail by panicking, and a scenario is told in one piece"
)]

mod account;
mod activity;
mod adoption;
mod anonymity;
mod answers;
mod bad_input;
mod boundary_share;
mod change_feed;
mod collection;
mod community;
mod deadline;
mod digest;
mod discussion;
mod domain;
mod evidence;
mod evolution;
mod experience_report;
mod expertise;
mod flag;
mod follow;
mod health;
mod idempotency;
mod innovation;
mod issuer;
mod kind;
mod link;
mod mail;
mod meeting;
mod membership;
mod model;
mod notification;
mod operation;
mod paging;
mod participation;
mod password_reset;
mod pilot;
mod plain;
mod plans;
mod practice;
mod readme;
mod resource;
mod review;
mod saved_search;
mod search;
mod search_page;
mod search_privacy;
mod session;
mod showpiece;
mod sign_up;
mod stage;
mod statements;
mod sync;
mod value_story;
mod visibility;
mod webhook;
mod without_postgresql;
mod work_queue;
mod writing;
