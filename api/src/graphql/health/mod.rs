//! Health indicators in the schema.

use async_graphql::{Context, Result, SimpleObject};
use service::entity::community;
use service::health;

use super::connection::count;
use super::errors::IntoGraphql;
use super::request::{store, viewer};

/// A figure that says how a community does. `value` is null when there is nothing to measure yet; `sampleSize` says on how
/// many things it rests: of what happens the newest of the window, at most 2,000, of what is there all of it.
#[derive(Clone, Debug, SimpleObject)]
pub struct HealthIndicator {
    /// The name by which a program knows it, such as `HOURS_TO_FIRST_ANSWER`.
    key: String,
    /// What it says, for people.
    label: String,
    /// The figure.
    value: Option<f64>,
    /// In what it is measured: HOURS, DAYS, SHARE (from 0 to 1) or COUNT.
    unit: String,
    /// On how many things it rests.
    sample_size: i32,
}

impl From<health::Measured> for HealthIndicator {
    fn from(measured: health::Measured) -> Self {
        Self {
            key: measured.indicator.key(),
            label: measured.indicator.label(),
            value: measured.value,
            unit: measured.indicator.unit().as_str().to_owned(),
            sample_size: count(measured.sample_size),
        }
    }
}

/// The indicators of a community over a window of days.
pub async fn of_community(
    context: &Context<'_>,
    community: &community::Model,
    window_days: Option<i32>,
) -> Result<Vec<HealthIndicator>> {
    let window = health::check_window(window_days).graphql()?;
    let measured = health::health(store(context)?, &viewer(context)?, community, window).await;
    Ok(measured.graphql()?.into_iter().map(Into::into).collect())
}
