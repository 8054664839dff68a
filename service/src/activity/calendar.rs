//! What takes place in a range of time, over all activities of some communities.

use std::collections::HashMap;
use std::sync::Arc;

use entity::activity;
use sea_orm::sea_query::{Condition, Expr, ExprTrait, Query};
use sea_orm::{QueryOrder, QuerySelect};
use uuid::Uuid;

use super::occurrences::{Occurrence, Range, occurrences};
use super::{Activity, by_start};
use crate::error::Result;
use crate::item::{listed, select_where};
use crate::schedule::MOST_HITS;
use crate::store::Store;
use crate::viewer::Viewer;

/// So many activities are looked at for one calendar, those that began last.
const MOST_ACTIVITIES: u64 = 1_000;

/// One entry of a calendar: an occurrence, with its activity.
pub type Entry = (Arc<Activity>, Occurrence);

/// The occurrences that begin in a range, by their starts, of all activities of a community that the viewer may read; at
/// most 500 for each of the communities.
#[crate::boxed]
pub async fn calendars(
    store: &Store,
    viewer: &Viewer,
    communities: &[Uuid],
    range: Range,
) -> Result<HashMap<Uuid, Vec<Entry>>> {
    let mut found: HashMap<Uuid, Vec<Entry>> = HashMap::new();
    for (activity, occurrence) in entries(store, viewer, communities, range).await? {
        let entries = found.entry(activity.item.community_id).or_default();
        if entries.len() < MOST_HITS {
            entries.push((activity, occurrence));
        }
    }
    Ok(found)
}

/// The occurrences that begin in a range, by their starts, of all activities that the viewer may read in the communities
/// in which they are active members; at most 500.
#[crate::boxed]
pub async fn own_calendar(store: &Store, viewer: &Viewer, range: Range) -> Result<Vec<Entry>> {
    let communities: Vec<Uuid> = viewer
        .memberships()
        .map(|membership| membership.community_id)
        .filter(|community| viewer.role(*community).is_some())
        .collect();
    let mut found = entries(store, viewer, &communities, range).await?;
    found.truncate(MOST_HITS);
    Ok(found)
}

async fn entries(
    store: &Store,
    viewer: &Viewer,
    communities: &[Uuid],
    range: Range,
) -> Result<Vec<Entry>> {
    if communities.is_empty() {
        return Ok(Vec::new());
    }
    let condition = Condition::all()
        .add(Expr::col(("item", "community_id")).is_in(communities.iter().copied()))
        .add(may_begin_in(range));
    let select = select_where::<activity::Entity>(viewer, condition)
        .order_by_desc(activity::Column::StartsAt)
        .order_by_desc(activity::Column::Id)
        .limit(MOST_ACTIVITIES);
    let activities: Vec<Arc<Activity>> = listed(store, select)
        .await?
        .into_iter()
        .map(Arc::new)
        .collect();
    let wanted: Vec<_> = activities
        .iter()
        .map(|activity| (Arc::new(activity.details.clone()), range))
        .collect();
    let mut found: Vec<Entry> = activities
        .into_iter()
        .zip(occurrences(store, &wanted).await?)
        .flat_map(|(activity, occurrences)| {
            occurrences
                .into_iter()
                .map(move |occurrence| (Arc::clone(&activity), occurrence))
        })
        .collect();
    found.sort_by_key(|(_, occurrence)| by_start(occurrence));
    Ok(found)
}

/// Activities that can have an occurrence in the range: single ones that begin in it, recurring ones that began before
/// its end, and those of which an occurrence was moved into it.
fn may_begin_in(range: Range) -> Condition {
    let (from, to) = range.bounds();
    let starts_at = || Expr::col(("activity", "starts_at"));
    let moved = Query::select()
        .expr(Expr::value(1))
        .from("occurrence")
        .and_where(Expr::col(("occurrence", "activity_id")).equals(("activity", "id")))
        .and_where(Expr::col(("occurrence", "starts_at")).gte(from))
        .and_where(Expr::col(("occurrence", "starts_at")).lt(to))
        .take();
    Condition::any()
        .add(
            Condition::all().add(starts_at().lt(to)).add(
                Condition::any()
                    .add(starts_at().gte(from))
                    .add(Expr::col(("activity", "recurrence")).is_not_null()),
            ),
        )
        .add(Expr::exists(moved))
}
