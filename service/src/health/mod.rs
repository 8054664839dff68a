//! How a community does, by the indicators of its kind.
//!
//! What is measured is what everybody sees who sees all of the community: what is narrower is not counted, so that no
//! figure tells of it. A figure about what happens rests on the newest things of the window, at most [`SAMPLE`] of them,
//! which an index finds: it costs the same however much a community holds. One about what is there counts all of it, in
//! an index. Figures are kept in memory until something in the community changes, for [`KEPT_SECONDS`] at most.

mod innovations;
mod offered;
mod practice;
mod questions;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::ops::RangeInclusive;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use entity::community::{self, CommunityKind};

use crate::community::kind::{Indicator, of};
use crate::error::{Error, Result};
use crate::policy::community::read_whole;
use crate::store::Store;
use crate::viewer::Viewer;

/// So many things a figure rests on at most, the newest of the window.
pub const SAMPLE: u64 = 2_000;
/// From so many searches on a figure about them is shown, so that it tells of nobody's.
pub const LEAST_SEARCHES: u64 = 20;
/// What happened elsewhere counts after so many seconds at the latest.
pub const KEPT_SECONDS: i64 = 60;
/// The days of a window that nothing is said of.
pub const DEFAULT_WINDOW_DAYS: i64 = 90;
/// How many days a window may have.
pub const WINDOW_DAYS: RangeInclusive<i64> = 1..=1_095;

/// What is only written out, so that a database finds the index of what everybody may see.
const FOR_ALL: &str = "item.visibility = 'COMMUNITY'";

/// An indicator with its figure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measured {
    /// What is measured.
    pub indicator: Indicator,
    /// The figure; none where there is nothing to measure.
    pub value: Option<f64>,
    /// On how many things it rests.
    pub sample_size: u64,
}

/// A figure, and on how many things it rests.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Figure {
    value: Option<f64>,
    sample_size: u64,
}

type Figures = HashMap<Indicator, Figure>;

impl Figure {
    /// So many of so many; nothing where there are none.
    fn share(part: u64, whole: u64) -> Self {
        Self {
            value: (whole > 0).then(|| ratio(part, whole)),
            sample_size: whole,
        }
    }

    /// A number of things that were looked for among so many.
    fn count(number: u64, among: u64) -> Self {
        Self {
            value: (among > 0).then(|| ratio(number, 1)),
            sample_size: among,
        }
    }

    /// The middle one of some spans of time, in units of `unit`.
    fn median(mut spans: Vec<TimeDelta>, unit: TimeDelta) -> Self {
        spans.sort_unstable();
        let middle = match (spans.get(spans.len() / 2), spans.len()) {
            (None, _) => None,
            (Some(upper), length) if length % 2 == 1 => Some(*upper),
            (Some(upper), length) => spans.get(length / 2 - 1).map(|lower| (*lower + *upper) / 2),
        };
        Self {
            value: middle.map(|span| span.as_seconds_f64() / unit.as_seconds_f64()),
            sample_size: spans.len() as u64,
        }
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "samples are far smaller than that"
)]
fn ratio(part: u64, whole: u64) -> f64 {
    part as f64 / whole as f64
}

/// Checks the days of a window: 90 when not given.
pub fn check_window(days: Option<i32>) -> Result<TimeDelta> {
    let days = days.map_or(DEFAULT_WINDOW_DAYS, i64::from);
    if WINDOW_DAYS.contains(&days) {
        return Ok(TimeDelta::days(days));
    }
    Err(Error::BadArgument {
        argument: "windowDays",
        message: format!(
            "A window has from {} to {} days.",
            WINDOW_DAYS.start(),
            WINDOW_DAYS.end()
        ),
    })
}

/// What was measured of a community, to be answered again.
#[derive(Clone, Debug)]
pub(crate) struct KeptHealth {
    kind: CommunityKind,
    window: TimeDelta,
    at: DateTime<Utc>,
    measured: Vec<Measured>,
}

impl KeptHealth {
    fn holds(&self, kind: CommunityKind, window: TimeDelta, now: DateTime<Utc>) -> bool {
        let age = now - self.at;
        self.kind == kind
            && self.window == window
            && (TimeDelta::zero()..TimeDelta::seconds(KEPT_SECONDS)).contains(&age)
    }
}

/// The indicators of a community's kind over a window that ends now, in the kind's order; none for those who see only
/// what the community is about.
#[crate::boxed]
pub async fn health(
    store: &Store,
    viewer: &Viewer,
    community: &community::Model,
    window: TimeDelta,
) -> Result<Vec<Measured>> {
    if !read_whole(viewer, community) {
        return Ok(Vec::new());
    }
    store.freshen().await?;
    let now = store.clock().now();
    let (kept, mark) = (store.kept(), store.kept().mark());
    if let Some(known) = kept.health.get(&community.id)
        && known.holds(community.kind, window, now)
    {
        return Ok(known.measured.clone());
    }
    let figures = figures(store, community, now - window, now).await?;
    let indicators = of(community.kind).health.iter();
    let measured: Vec<Measured> = indicators
        .map(|indicator| {
            let figure = figures.get(indicator).copied().unwrap_or_default();
            Measured {
                indicator: *indicator,
                value: figure.value,
                sample_size: figure.sample_size,
            }
        })
        .collect();
    let new = Arc::new(KeptHealth {
        kind: community.kind,
        window,
        at: now,
        measured: measured.clone(),
    });
    kept.keep(&kept.health, mark, [(community.id, new)]);
    Ok(measured)
}

async fn figures(
    store: &Store,
    community: &community::Model,
    from: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<Figures> {
    match community.kind {
        CommunityKind::Helping => questions::figures(store, community.id, from).await,
        CommunityKind::BestPractice => offered::practices(store, community.id, from, now).await,
        CommunityKind::KnowledgeStewarding => offered::all(store, community.id, from, now).await,
        CommunityKind::Innovation => innovations::figures(store, community.id, from).await,
    }
}
