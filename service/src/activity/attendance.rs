//! Who comes to an occurrence of an activity, and who was there. Members see it, nobody else.

use chrono::{DateTime, Utc};
use entity::activity;
use entity::attendance::{self, AttendanceState};
use entity::change::Operation;
use entity::item::ItemType;
use entity::membership::{self, MembershipState};
use futures_util::FutureExt;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QueryTrait, Select,
};
use uuid::Uuid;

use super::{occurrence, override_rows, require_occurrence, row, times};
use crate::change::row_changed;
use crate::error::{Error, FaultCode, Result};
use crate::item::ItemState;
use crate::item::gate::{Opened, open};
use crate::item::insert::replace_row;
use crate::paging::{Cursor, Direction, Keyset, Page, PageRequest, SortValue};
use crate::policy::{audience, community as community_policy, item as policy};
use crate::schedule::whole_seconds;
use crate::store::{Store, WriteUnit, Written};
use crate::viewer::{Scope, Viewer};

/// Whether somebody comes to, or was at, an occurrence.
pub type Attendance = attendance::Model;

/// These mutations name the activity otherwise than `id`.
pub(super) fn at_activity(error: Error) -> Error {
    match error {
        Error::Refused(mut faults) => {
            for fault in &mut faults {
                if fault.field == ["id"] {
                    fault.field = vec!["activityId".to_owned()];
                }
            }
            Error::Refused(faults)
        }
        other => other,
    }
}

/// Says whether the viewer comes to an occurrence, or was there; or, by a facilitator, whether another member was.
#[crate::boxed]
pub async fn set_attendance(
    store: &Store,
    viewer: &Viewer,
    activity: Uuid,
    recurrence_id: DateTime<Utc>,
    state: AttendanceState,
    user: Option<Uuid>,
) -> Result<Written<ItemState>> {
    let actor = viewer.require(Scope::Write)?;
    let viewer = viewer.clone();
    let recurrence_id = whole_seconds(recurrence_id);
    let user = user.unwrap_or(actor);
    store
        .write(Some(actor), move |unit| {
            async move {
                let decide = if user == actor {
                    policy::attend
                } else {
                    policy::run_activity
                };
                let opened = open(unit, &viewer, Some(ItemType::Activity), activity, decide)
                    .await
                    .map_err(at_activity)?;
                check(unit, &opened, recurrence_id, state, user, actor).await?;
                write(unit, &opened, recurrence_id, state, user).await?;
                Ok(opened.state)
            }
            .boxed()
        })
        .await
}

async fn check(
    unit: &WriteUnit,
    opened: &Opened,
    recurrence_id: DateTime<Utc>,
    state: AttendanceState,
    user: Uuid,
    actor: Uuid,
) -> Result<()> {
    let activity = row(&opened.state)?;
    let kept = override_rows::find(unit, activity.id, recurrence_id).await?;
    if kept.is_none() {
        require_occurrence(times(activity), recurrence_id).await?;
    }
    if user != actor {
        if state != AttendanceState::Attended {
            return Err(Error::forbidden(
                &["state"],
                "Of others a facilitator can say only that they attended; whether they come they say themselves.",
            ));
        }
        let member = membership::Entity::find()
            .filter(membership::Column::CommunityId.eq(opened.community.id))
            .filter(membership::Column::UserId.eq(user))
            .filter(membership::Column::State.eq(MembershipState::Active))
            .count(unit.db())
            .await?;
        if member == 0 {
            return Err(Error::not_found(
                &["userId"],
                "active member of the community",
            ));
        }
    }
    let starts_at = occurrence(activity, recurrence_id, kept.as_ref()).starts_at;
    if state == AttendanceState::Attended && unit.now() < starts_at {
        return Err(Error::fault(
            FaultCode::Invalid,
            &["state"],
            "Nobody has attended what has not begun; say GOING, MAYBE or DECLINED.",
        ));
    }
    Ok(())
}

async fn write(
    unit: &mut WriteUnit,
    opened: &Opened,
    recurrence_id: DateTime<Utc>,
    state: AttendanceState,
    user: Uuid,
) -> Result<()> {
    let item = &opened.state.item;
    let old = attendance::Entity::find_by_id((item.id, recurrence_id, user))
        .one(unit.db())
        .await?;
    if old.as_ref().is_some_and(|old| old.state == state) {
        return Ok(());
    }
    let new = attendance::Model {
        activity_id: item.id,
        recurrence_id,
        user_id: user,
        state,
        updated_at: unit.now(),
        reminded_at: old.as_ref().and_then(|old| old.reminded_at),
    };
    if old.is_some() {
        replace_row(unit, new).await?;
    } else {
        attendance::Entity::insert(new.into_active_model())
            .exec_without_returning(unit.db())
            .await?;
    }
    let audience = audience::of_item_for_members(&opened.community, item, &opened.state.authors);
    unit.record(row_changed(
        item,
        Operation::Updated,
        vec!["attendance".to_owned()],
        audience,
    ));
    Ok(())
}

/// Forgets that those who come were reminded: it begins at another time.
pub(super) async fn remind_anew(
    unit: &WriteUnit,
    activity: Uuid,
    recurrence_id: DateTime<Utc>,
) -> Result<()> {
    attendance::Entity::update_many()
        .col_expr(
            attendance::Column::RemindedAt,
            Expr::value(None::<DateTime<Utc>>),
        )
        .filter(attendance::Column::ActivityId.eq(activity))
        .filter(attendance::Column::RecurrenceId.eq(recurrence_id))
        .exec(unit.db())
        .await?;
    Ok(())
}

/// By when people came to be known here, which says nothing.
const BY_USER: Keyset = Keyset {
    table: "attendance",
    column: None,
    id_column: "user_id",
    nullable: false,
    direction: Direction::Ascending,
};

fn select(
    activity: &activity::Model,
    recurrence_id: DateTime<Utc>,
    state: Option<AttendanceState>,
) -> Select<attendance::Entity> {
    let select = attendance::Entity::find()
        .filter(attendance::Column::ActivityId.eq(activity.id))
        .filter(attendance::Column::RecurrenceId.eq(recurrence_id));
    match state {
        Some(state) => select.filter(attendance::Column::State.eq(state)),
        None => select,
    }
}

/// A page of the attendance of an occurrence that the viewer was shown; empty for others than members.
#[crate::boxed]
pub async fn page_of_attendance(
    store: &Store,
    viewer: &Viewer,
    (community, activity): (Uuid, &activity::Model),
    recurrence_id: DateTime<Utc>,
    state: Option<AttendanceState>,
    request: &PageRequest,
) -> Result<Page<Attendance>> {
    let window = request.check(&BY_USER)?;
    if !community_policy::read_as_member(viewer, community) {
        return Ok(Page::empty());
    }
    let mut select = select(activity, recurrence_id, state);
    window.apply(QueryTrait::query(&mut select), &BY_USER);
    let rows = store.list(select).await?;
    Ok(window.page(&BY_USER, rows, |row| Cursor {
        value: SortValue::Id,
        id: row.user_id,
    }))
}

/// How many rows [`page_of_attendance`] lists.
#[crate::boxed]
pub async fn attendance_count(
    store: &Store,
    viewer: &Viewer,
    (community, activity): (Uuid, &activity::Model),
    recurrence_id: DateTime<Utc>,
    state: Option<AttendanceState>,
) -> Result<u64> {
    if !community_policy::read_as_member(viewer, community) {
        return Ok(0);
    }
    let counted = select(activity, recurrence_id, state);
    store.count(counted.into_query()).await
}
