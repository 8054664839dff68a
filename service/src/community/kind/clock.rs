//! The clocks of a community: how long something may wait here before those who can help are told.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use entity::community::{self, CommunityKind};
use entity::item::ItemType;
use sea_orm::ConnectionTrait;
use sea_orm::sea_query::{Condition, Expr, ExprTrait, Query};

use super::{CommunityPolicy, of, policy_of};
use crate::error::Result;

/// A clock that starts when an item begins to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// A question is to have its first answer.
    FirstAnswer,
    /// An innovation is to be moved on, parked or given up.
    StageAge,
}

impl Clock {
    /// Every clock.
    pub const ALL: [Self; 2] = [Self::FirstAnswer, Self::StageAge];

    /// The items that it runs for.
    #[must_use]
    pub const fn item_type(self) -> ItemType {
        match self {
            Self::FirstAnswer => ItemType::Discussion,
            Self::StageAge => ItemType::Innovation,
        }
    }

    const fn column(self) -> &'static str {
        match self {
            Self::FirstAnswer => "first_answer_target_hours",
            Self::StageAge => "stage_age_limit_days",
        }
    }

    const fn setting(self, policy: &CommunityPolicy) -> Option<i32> {
        match self {
            Self::FirstAnswer => policy.first_answer_target_hours,
            Self::StageAge => policy.stage_age_limit_days,
        }
    }

    fn length(self, setting: i32) -> TimeDelta {
        match self {
            Self::FirstAnswer => TimeDelta::hours(setting.into()),
            Self::StageAge => TimeDelta::days(setting.into()),
        }
    }

    /// How long it runs in a community; none where the community has no such clock.
    #[must_use]
    pub fn length_in(self, community: &community::Model) -> Option<TimeDelta> {
        let setting = self.setting(&policy_of(community))?;
        Some(self.length(setting))
    }

    /// When it runs out for what waits since then.
    #[must_use]
    pub fn runs_out(
        self,
        community: &community::Model,
        waiting_since: DateTime<Utc>,
    ) -> Option<DateTime<Utc>> {
        Some(waiting_since + self.length_in(community)?)
    }

    /// Every length that it has in some community, with the condition on `community` for these.
    pub(crate) async fn lengths(
        self,
        connection: &impl ConnectionTrait,
    ) -> Result<Vec<(TimeDelta, Condition)>> {
        let column = Expr::col(("community", self.column()));
        let own = Query::select()
            .distinct()
            .column(("community", self.column()))
            .from("community")
            .and_where(column.clone().is_not_null())
            .take();
        let mut settings: BTreeSet<i32> = CommunityKind::ALL
            .iter()
            .filter_map(|kind| self.setting(&of(*kind).defaults))
            .collect();
        for row in connection.query_all(&own).await? {
            settings.insert(row.try_get("", self.column())?);
        }
        let lengths = settings.into_iter().map(|setting| {
            let kinds = CommunityKind::ALL
                .iter()
                .filter(|kind| self.setting(&of(**kind).defaults) == Some(setting))
                .map(|kind| kind.as_str());
            let by_kind = Condition::all()
                .add(column.clone().is_null())
                .add(Expr::col(("community", "kind")).is_in(kinds));
            let runs = Condition::any()
                .add(column.clone().eq(setting))
                .add(by_kind);
            (self.length(setting), runs)
        });
        Ok(lengths.collect())
    }
}
