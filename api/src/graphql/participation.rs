//! How much members take part, in the schema.

use std::collections::HashMap;

use async_graphql::{Context, Enum, Object, Result, SimpleObject};
use service::entity::membership;
use service::participation::{Member, Participation as Told, formula, history_of, of_members};
use uuid::Uuid;

use super::connection::count;
use super::loaders::{Question, Source};
use super::request::ask;
use super::scalars::{Date, DateTime};

/// How much a member takes part, in falling order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "service::entity::participation::ParticipationLevel")]
pub enum ParticipationLevel {
    /// Carries the community: about a contribution a week.
    Core,
    /// Takes part regularly: a contribution or a meeting in every few weeks.
    Active,
    /// Takes part now and then.
    Occasional,
    /// Reads along, which is a legitimate way to take part.
    Peripheral,
    /// Has left no trace for 180 days. Told to the member and to facilitators only; others read PERIPHERAL.
    Inactive,
}

/// How much a member takes part: computed from what the member did in the last `windowDays` days, never set by hand.
#[derive(Clone, Debug)]
pub struct Participation {
    membership: Uuid,
    told: Told,
}

impl Participation {
    /// How the member of a membership that the viewer was shown takes part, as far as the viewer is told.
    pub async fn of(context: &Context<'_>, row: &membership::Model) -> Result<Self> {
        let told = ask(context, ParticipationOf(Member::from(row))).await?;
        let told = told.ok_or_else(|| {
            async_graphql::Error::new(format!("nothing is told of membership {}", row.id))
        })?;
        Ok(Self {
            membership: row.id,
            told,
        })
    }
}

/// How much a member takes part: computed from what the member did in the last `windowDays` days, never set by hand.
#[Object]
impl Participation {
    /// How much. Co-members are told at least PERIPHERAL; those outside the community PERIPHERAL of everybody.
    async fn level(&self) -> ParticipationLevel {
        self.told.level.into()
    }

    /// How many days what was done counts.
    async fn window_days(&self) -> i32 {
        count(formula::WINDOW_DAYS)
    }

    /// Whether you are told the numbers: the member and the community's facilitators are. To others they are 0.
    async fn detailed(&self) -> bool {
        self.told.whole
    }

    /// Items, posts, statements, learning questions, reviews and adoptions made in the window.
    async fn contributions(&self) -> i32 {
        count(self.told.counts.contributions.into())
    }

    /// Occurrences of activities attended in the window.
    async fn attendances(&self) -> i32 {
        count(self.told.counts.attendances.into())
    }

    /// Statements endorsed and innovations supported in the window.
    async fn reactions(&self) -> i32 {
        count(self.told.counts.reactions.into())
    }

    /// When the member last did something that counts; null when that never was, and to those who are not told the
    /// numbers.
    async fn last_active_at(&self) -> Option<DateTime> {
        self.told.last_active_at.map(Into::into)
    }

    /// The days on which the level changed, the oldest first; the last 100. Empty to those who are not told the numbers.
    async fn history(&self, context: &Context<'_>) -> Result<Vec<ParticipationChange>> {
        if !self.told.whole {
            return Ok(Vec::new());
        }
        let found = ask(context, HistoryOf(self.membership)).await?;
        Ok(found.unwrap_or_default())
    }
}

/// A day on which it changed how much a member takes part.
#[derive(Clone, Debug, SimpleObject)]
pub struct ParticipationChange {
    /// The day.
    day: Date,
    /// The level from that day on.
    level: ParticipationLevel,
}

/// How much a member takes part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct ParticipationOf(Member);

impl Question for ParticipationOf {
    type Answer = Told;

    async fn load(source: Source, keys: Vec<Self>) -> service::error::Result<HashMap<Self, Told>> {
        let members: Vec<Member> = keys.iter().map(|key| key.0).collect();
        let found = of_members(&source.store, &source.viewer, &members).await?;
        Ok(found
            .into_iter()
            .map(|(member, told)| (Self(member), told))
            .collect())
    }
}

/// The days on which it changed how much a member takes part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct HistoryOf(Uuid);

impl Question for HistoryOf {
    type Answer = Vec<ParticipationChange>;

    async fn load(
        source: Source,
        keys: Vec<Self>,
    ) -> service::error::Result<HashMap<Self, Self::Answer>> {
        let ids: Vec<Uuid> = keys.iter().map(|key| key.0).collect();
        let found = history_of(&source.store, &ids).await?;
        Ok(found
            .into_iter()
            .map(|(id, changes)| {
                let changes = changes.into_iter().map(|(day, level)| ParticipationChange {
                    day: day.into(),
                    level: level.into(),
                });
                (Self(id), changes.collect())
            })
            .collect())
    }
}
