//! Reading how much members take part, as far as the viewer is told.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use entity::participation::{self, ParticipationLevel};
use entity::{membership, participation_change};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::formula::{self, Counts};
use crate::error::{Error, Result};
use crate::policy::community::{ParticipationAccess, read_participation};
use crate::store::Store;
use crate::viewer::Viewer;

/// So many changes of a level are shown, the newest.
const MOST_CHANGES: usize = 100;

/// How much a member takes part, as far as the viewer is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Participation {
    /// How much.
    pub level: ParticipationLevel,
    /// What was counted; nothing where the viewer is told the level only.
    pub counts: Counts,
    /// When the member last did something that counts.
    pub last_active_at: Option<DateTime<Utc>>,
    /// Whether this is all that there is to tell.
    pub whole: bool,
}

impl Participation {
    /// What those are told who may know how much the member takes part, and nothing more: that somebody was silent for
    /// long is nobody else's concern.
    fn level_only(level: ParticipationLevel) -> Self {
        Self {
            level: level.min(ParticipationLevel::Peripheral),
            counts: Counts::default(),
            last_active_at: None,
            whole: false,
        }
    }
}

/// Whose participation is asked for: what is known of a membership that the viewer was shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Member {
    membership_id: Uuid,
    community_id: Uuid,
    user_id: Uuid,
    joined_at: Option<DateTime<Utc>>,
}

impl From<&membership::Model> for Member {
    fn from(row: &membership::Model) -> Self {
        Self {
            membership_id: row.id,
            community_id: row.community_id,
            user_id: row.user_id,
            joined_at: row.joined_at,
        }
    }
}

/// How much members take part, as far as the viewer is told: one row each.
#[crate::boxed]
pub async fn of_members(
    store: &Store,
    viewer: &Viewer,
    members: &[Member],
) -> Result<HashMap<Member, Participation>> {
    let today = store.clock().now().date_naive();
    let ids = members.iter().map(|member| member.membership_id);
    let mut rows: HashMap<Uuid, participation::Model> = participation::Entity::find()
        .filter(participation::Column::MembershipId.is_in(ids))
        .all(store.reader())
        .await?
        .into_iter()
        .map(|row| (row.membership_id, row))
        .collect();
    let mut found = HashMap::with_capacity(members.len());
    for member in members {
        let whole = whole(*member, rows.remove(&member.membership_id), today)?;
        let told = match read_participation(viewer, member.community_id, member.user_id) {
            ParticipationAccess::Whole => whole,
            ParticipationAccess::Level => Participation::level_only(whole.level),
            ParticipationAccess::Nothing => {
                Participation::level_only(ParticipationLevel::Peripheral)
            }
        };
        found.insert(*member, told);
    }
    Ok(found)
}

/// Whoever was not counted yet has done nothing but join.
fn whole(
    member: Member,
    row: Option<participation::Model>,
    today: NaiveDate,
) -> Result<Participation> {
    let Some(row) = row else {
        let joined = member.joined_at.map(|time| time.date_naive());
        return Ok(Participation {
            level: formula::level(Counts::default(), joined, today),
            counts: Counts::default(),
            last_active_at: None,
            whole: true,
        });
    };
    let count = |stored: i32| u32::try_from(stored).map_err(Error::internal);
    Ok(Participation {
        level: row.level,
        counts: Counts {
            contributions: count(row.contributions)?,
            attendances: count(row.attendances)?,
            reactions: count(row.reactions)?,
        },
        last_active_at: row.last_active_at,
        whole: true,
    })
}

/// The days on which it changed how much members take part, the oldest first: of memberships of which the viewer is told
/// everything.
#[crate::boxed]
pub async fn history_of(
    store: &Store,
    memberships: &[Uuid],
) -> Result<HashMap<Uuid, Vec<(NaiveDate, ParticipationLevel)>>> {
    let rows = participation_change::Entity::find()
        .filter(participation_change::Column::MembershipId.is_in(memberships.iter().copied()))
        .order_by_asc(participation_change::Column::Day)
        .all(store.reader())
        .await?;
    let mut histories: HashMap<Uuid, Vec<(NaiveDate, ParticipationLevel)>> = HashMap::new();
    for row in rows {
        let history = histories.entry(row.membership_id).or_default();
        // Within a day a level may go and come back.
        if history.last().is_none_or(|(_, level)| *level != row.level) {
            history.push((row.day, row.level));
        }
    }
    for history in histories.values_mut() {
        history.drain(..history.len().saturating_sub(MOST_CHANGES));
    }
    Ok(histories)
}
