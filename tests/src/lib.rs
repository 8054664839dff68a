//! What the end-to-end tests share: servers on either database, clients that act as somebody, fixtures by the API.

#![allow(
    clippy::expect_used,
    clippy::missing_panics_doc,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "tests fail by panicking, and say plainly what they skip"
)]

mod app;
mod client;
mod evidence;
mod mail;
pub mod postgres;
mod receiver;

pub use app::{App, Database, PASSWORD};
pub use client::{Answer, Client};
pub use mail::{MailApp, MailServer, Received};
pub use receiver::{HookApp, Posted, Receiver, Reply};

/// Declares tests that run once on SQLite and once on PostgreSQL. Each gets a server of its own on an empty database.
#[macro_export]
macro_rules! on_both_databases {
    ($($(#[$meta:meta])* async fn $name:ident($app:ident: $kind:ty) $body:block)+) => {
        $(
            mod $name {
                #[allow(unused_imports, reason = "each test uses some of its module's imports")]
                use super::*;

                $(#[$meta])*
                async fn scenario($app: $kind) $body

                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn on_sqlite() {
                    if let Some(app) = <$kind>::start($crate::Database::Sqlite).await {
                        scenario(app).await;
                    }
                }

                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn on_postgresql() {
                    if let Some(app) = <$kind>::start($crate::Database::Postgresql).await {
                        scenario(app).await;
                    }
                }
            }
        )+
    };
}
