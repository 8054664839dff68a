//! Repertoire from outside: every scenario over real HTTP, on SQLite and on PostgreSQL, one module a feature.

mod bad_input;
mod community;
mod innovation;
mod membership;
mod paging;
mod practice;
mod readme;
mod resource;
mod search;
mod session;
mod statements;
mod visibility;
