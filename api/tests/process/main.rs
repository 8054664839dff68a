//! The program as its operator meets it: a process of its own, with its commands, its signals and its ends.

#![allow(
    missing_docs,
    clippy::expect_used,
    clippy::panic,
    clippy::too_many_lines,
    clippy::unwrap_used,
    reason = "tests fail by panicking, a scenario is told in one piece, and a test binary has no public items"
)]

mod accounts;
mod commands;
mod demonstration;
mod integrator;
mod keys;
mod kill;
mod life;
mod readme;
mod support;
mod transfer;
mod webhook;
