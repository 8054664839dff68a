//! Whether the process lives, and whether it can do its work.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, HeaderValue};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use tokio::time::timeout;

/// The result of one check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What was checked, such as `database`.
    pub name: &'static str,
    /// Whether it is well.
    pub ok: bool,
    /// A sentence on its state, fit for anyone to read.
    pub message: String,
}

impl Check {
    /// A check that passed.
    #[must_use]
    pub fn passed(name: &'static str, message: impl Into<String>) -> Self {
        Self {
            name,
            ok: true,
            message: message.into(),
        }
    }

    /// A check that failed, with what is wrong.
    #[must_use]
    pub fn failed(name: &'static str, message: impl Into<String>) -> Self {
        Self {
            name,
            ok: false,
            message: message.into(),
        }
    }
}

/// Answers whether the process can serve requests.
pub trait Readiness: Send + Sync + 'static {
    /// Runs the checks. Whatever takes longer than five seconds counts as failed.
    fn check(&self) -> Pin<Box<dyn Future<Output = Vec<Check>> + Send + '_>>;
}

/// Ready as soon as it lives.
#[derive(Debug, Clone, Copy, Default)]
pub struct AlwaysReady;

impl Readiness for AlwaysReady {
    fn check(&self) -> Pin<Box<dyn Future<Output = Vec<Check>> + Send + '_>> {
        Box::pin(async { Vec::new() })
    }
}

const PATIENCE: Duration = Duration::from_secs(5);

#[derive(Serialize)]
struct Report {
    status: &'static str,
    checks: Vec<Check>,
}

fn report(status: StatusCode, word: &'static str, checks: Vec<Check>) -> Response {
    let headers = [(CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    (
        status,
        headers,
        Json(Report {
            status: word,
            checks,
        }),
    )
        .into_response()
}

/// `/livez`: 200 while the process answers at all.
pub(super) async fn live() -> Response {
    report(StatusCode::OK, "ok", Vec::new())
}

/// `/readyz`: 200 when every check passed, else 503.
pub(super) async fn ready(State(readiness): State<Arc<dyn Readiness>>) -> Response {
    let checks = timeout(PATIENCE, readiness.check())
        .await
        .unwrap_or_else(|_| {
            let seconds = PATIENCE.as_secs();
            vec![Check::failed(
                "time",
                format!("The checks took longer than {seconds} seconds."),
            )]
        });
    if checks.iter().all(|check| check.ok) {
        report(StatusCode::OK, "ok", checks)
    } else {
        report(StatusCode::SERVICE_UNAVAILABLE, "failed", checks)
    }
}
