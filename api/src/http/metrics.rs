//! What is counted, for Prometheus. Labels come from fixed sets, never from what a caller names.

use std::time::Duration;

use axum::http::Method;
use metrics::{counter, describe_counter, describe_histogram, histogram};
use metrics_exporter_prometheus::{
    BuildError, Matcher, PrometheusBuilder, PrometheusHandle, PrometheusRecorder,
};

const HTTP_REQUESTS: &str = "repertoire_http_requests_total";
const HTTP_DURATION: &str = "repertoire_http_request_duration_seconds";
const OPERATIONS: &str = "repertoire_graphql_operations_total";
const OPERATION_DURATION: &str = "repertoire_graphql_operation_duration_seconds";

/// How often histograms are summed up.
const UPKEEP: Duration = Duration::from_secs(5);

/// From a look-up by id to the time limit.
const BUCKETS: [f64; 13] = [
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0,
];

/// A recorder with this server's buckets: to be made the process's own by [`install`], or used by a test.
///
/// # Errors
///
/// Only if the buckets were none.
pub fn recorder() -> Result<PrometheusRecorder, BuildError> {
    let builder = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_duration_seconds".to_owned()), &BUCKETS)?;
    Ok(builder.build_recorder())
}

/// Makes every counter of the process end in one recorder, and answers the handle that `/metrics` renders. Once per
/// process; [`upkeep`] has to run beside it.
///
/// # Errors
///
/// When the process has a recorder already.
pub fn install() -> Result<PrometheusHandle, anyhow::Error> {
    let recorder = recorder()?;
    let handle = recorder.handle();
    metrics::set_global_recorder(recorder)
        .map_err(|_| anyhow::anyhow!("Metrics were installed twice in one process."))?;
    describe();
    Ok(handle)
}

/// Keeps the memory of histograms bounded while nobody asks for `/metrics`; runs for ever.
pub async fn upkeep(handle: PrometheusHandle) {
    let mut ticks = tokio::time::interval(UPKEEP);
    loop {
        ticks.tick().await;
        handle.run_upkeep();
    }
}

/// Names what is counted, in the current recorder.
pub(super) fn describe() {
    describe_counter!(
        HTTP_REQUESTS,
        "HTTP requests answered, by method, route and status."
    );
    describe_histogram!(
        HTTP_DURATION,
        "Seconds until the head of the answer was ready, by route."
    );
    describe_counter!(OPERATIONS, "GraphQL operations, by type and outcome.");
    describe_histogram!(
        OPERATION_DURATION,
        "Seconds for a GraphQL operation, by type."
    );
}

/// Counts an HTTP request. `route` is a pattern of the router.
pub(super) fn request(method: &Method, route: &str, status: u16, duration: Duration) {
    let route = route.to_owned();
    counter!(HTTP_REQUESTS, "method" => method_label(method), "route" => route.clone(), "status" => status.to_string())
        .increment(1);
    histogram!(HTTP_DURATION, "route" => route).record(duration.as_secs_f64());
}

/// Counts a GraphQL operation.
pub(super) fn operation(kind: &'static str, outcome: &'static str, duration: Duration) {
    counter!(OPERATIONS, "type" => kind, "outcome" => outcome).increment(1);
    histogram!(OPERATION_DURATION, "type" => kind).record(duration.as_secs_f64());
}

fn method_label(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        _ => "OTHER",
    }
}
