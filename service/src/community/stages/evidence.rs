//! What communities have of what a stage asks for: counted in SQL, no further than it matters.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, TimeDelta, Utc};
use entity::attendance::AttendanceState;
use entity::community::CommunityStage;
use entity::defining_statement::StatementState;
use entity::discussion::{DiscussionKind, DiscussionState};
use entity::goal::GoalState;
use entity::item::{ItemType, PublicationStatus};
use entity::learning_question::LearningQuestionState;
use entity::membership::{MembershipRole, MembershipState};
use entity::participation::ParticipationLevel;
use entity::user::UserStatus;
use sea_orm::ConnectionTrait;
use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement};
use uuid::Uuid;

use super::criteria::{Counted, Criterion, RECENT_DAYS, criteria};
use crate::error::{Error, Result};

/// Whether a community has what a stage asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What is asked for.
    pub criterion: Criterion,
    /// Whether the community has it.
    pub met: bool,
}

/// What is found of communities for the stages that each may go on to: one statement a stage.
pub async fn findings_of(
    connection: &impl ConnectionTrait,
    now: DateTime<Utc>,
    asked: &[(Uuid, CommunityStage)],
) -> Result<HashMap<(Uuid, CommunityStage), Vec<Finding>>> {
    let mut by_stage: BTreeMap<CommunityStage, Vec<Uuid>> = BTreeMap::new();
    for (community, stage) in asked {
        by_stage.entry(*stage).or_default().push(*community);
    }
    let mut findings = HashMap::with_capacity(asked.len());
    for (stage, communities) in by_stage {
        let criteria = criteria(stage);
        for row in connection
            .query_all(&counts(criteria, now, &communities))
            .await?
        {
            let mut found = Vec::with_capacity(criteria.len());
            for criterion in criteria {
                let count: i64 = row.try_get("", criterion.key)?;
                let count = u64::try_from(count).map_err(Error::internal)?;
                found.push(Finding {
                    criterion: *criterion,
                    met: criterion.is_met_by(count),
                });
            }
            findings.insert((row.try_get("", "id")?, stage), found);
        }
    }
    Ok(findings)
}

fn counts(criteria: &[Criterion], now: DateTime<Utc>, communities: &[Uuid]) -> SelectStatement {
    let mut select = Query::select();
    select
        .column(("community", "id"))
        .from("community")
        .and_where(Expr::col(("community", "id")).is_in(communities.iter().copied()));
    for criterion in criteria {
        let mut rows = rows(criterion.counted, now);
        rows.limit(criterion.most());
        let count = Query::select()
            .expr(Expr::cust("COUNT(*)"))
            .from_subquery(rows, "counted")
            .take();
        select.expr_as(Expr::from(count), criterion.key);
    }
    select
}

/// The rows to count for the `community` of the statement around.
fn rows(counted: Counted, now: DateTime<Utc>) -> SelectStatement {
    let of = |table: &'static str| {
        let mut select = Query::select();
        select
            .expr_as(Expr::value(1), "one")
            .from(table)
            .and_where(Expr::col((table, "community_id")).equals(("community", "id")));
        select
    };
    let is = |table: &'static str, column: &'static str, value: &'static str| {
        Expr::col((table, column)).eq(value)
    };
    let member = |role: Option<MembershipRole>| {
        let mut select = of("membership");
        select.and_where(is("membership", "state", MembershipState::Active.as_str()));
        if let Some(role) = role {
            select.and_where(is("membership", "role", role.as_str()));
        }
        select
    };
    let mut select = match counted {
        Counted::Domains => of("community_domain"),
        Counted::Members => member(None),
        Counted::Stewards => member(Some(MembershipRole::Steward)),
        Counted::CoreMembers => {
            let mut select = member(None);
            let levels = [ParticipationLevel::Core, ParticipationLevel::Active];
            select
                .inner_join(
                    "participation",
                    Expr::col(("participation", "membership_id")).equals(("membership", "id")),
                )
                .and_where(
                    Expr::col(("participation", "level"))
                        .is_in(levels.map(ParticipationLevel::as_str)),
                );
            select
        }
        Counted::Facilitators => {
            let mut select = member(Some(MembershipRole::Facilitator));
            select
                .inner_join(
                    "user",
                    Expr::col(("user", "id")).equals(("membership", "user_id")),
                )
                .and_where(is("user", "status", UserStatus::Active.as_str()));
            select
        }
        Counted::Questions | Counted::AnsweredQuestions => of("learning_question"),
        Counted::AdoptedStatements => of("defining_statement"),
        Counted::RecentMeetings => return meetings(of("item"), now),
        Counted::Published => of("item"),
        Counted::GoalsMet | Counted::OpenGoals => of("goal"),
        Counted::OpenRequests => of("discussion"),
    };
    match counted {
        Counted::AnsweredQuestions => {
            let answered = LearningQuestionState::Answered.as_str();
            select.and_where(is("learning_question", "state", answered));
        }
        Counted::AdoptedStatements => {
            let adopted = StatementState::Adopted.as_str();
            select.and_where(is("defining_statement", "state", adopted));
        }
        Counted::Published => {
            let types = [ItemType::Resource, ItemType::Practice].map(ItemType::as_str);
            select
                .and_where(Expr::col(("item", "item_type")).is_in(types))
                .and_where(is("item", "status", PublicationStatus::Published.as_str()));
        }
        Counted::GoalsMet | Counted::OpenGoals => {
            let state = if counted == Counted::GoalsMet {
                GoalState::Met
            } else {
                GoalState::Open
            };
            select
                .and_where(is("goal", "state", state.as_str()))
                .and_where(Expr::col(("goal", "membership_id")).is_null());
        }
        Counted::OpenRequests => {
            let request = DiscussionKind::HelpRequest.as_str();
            select
                .and_where(is("discussion", "kind", request))
                .and_where(is("discussion", "state", DiscussionState::Open.as_str()));
        }
        _ => {}
    }
    select
}

/// Meetings at which somebody was, each once.
fn meetings(mut activities: SelectStatement, now: DateTime<Utc>) -> SelectStatement {
    activities
        .clear_selects()
        .distinct()
        .columns([
            ("attendance", "activity_id"),
            ("attendance", "recurrence_id"),
        ])
        .inner_join(
            "attendance",
            Expr::col(("attendance", "activity_id")).equals(("item", "id")),
        )
        .and_where(Expr::col(("item", "item_type")).eq(ItemType::Activity.as_str()))
        .and_where(Expr::col(("attendance", "state")).eq(AttendanceState::Attended.as_str()))
        .and_where(
            Expr::col(("attendance", "recurrence_id")).gte(now - TimeDelta::days(RECENT_DAYS)),
        );
    activities
}
