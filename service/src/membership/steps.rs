//! The one place that writes memberships: each step with its row of `transition`, its change row, and the guard of the
//! last facilitator.

use std::collections::HashSet;

use entity::change::{EntityType, Operation};
use entity::membership::{self, MembershipRole, MembershipState};
use entity::user::UserStatus;
use entity::{community, transition};
use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{ActiveModelTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel};
use uuid::Uuid;

use super::functions::end_functions;
use crate::error::{Blocker, BlockerCode, Error, Result};
use crate::policy::audience;
use crate::store::{PendingChange, WriteUnit};
use crate::transition::transition_row;

/// What a membership becomes.
#[derive(Clone, Debug)]
pub(super) struct Step {
    /// The state after.
    pub(super) state: MembershipState,
    /// The role after.
    pub(super) role: MembershipRole,
    /// Why, as far as somebody said.
    pub(super) reason: Option<String>,
}

impl Step {
    /// Another state, the role as it is.
    pub(super) fn to(state: MembershipState, old: &membership::Model) -> Self {
        Self {
            state,
            role: old.role,
            reason: None,
        }
    }
}

/// Makes the membership of a community's founder.
pub(crate) async fn found(
    unit: &mut WriteUnit,
    community: &community::Model,
    founder: Uuid,
) -> Result<membership::Model> {
    let step = Step {
        state: MembershipState::Active,
        role: MembershipRole::Facilitator,
        reason: None,
    };
    begin(unit, community, founder, step).await
}

/// Makes a person's first membership of a community.
pub(super) async fn begin(
    unit: &mut WriteUnit,
    community: &community::Model,
    user: Uuid,
    step: Step,
) -> Result<membership::Model> {
    let now = unit.now();
    let new = membership::Model {
        id: Uuid::now_v7(),
        community_id: community.id,
        user_id: user,
        role: step.role,
        state: step.state,
        joined_at: (step.state == MembershipState::Active).then_some(now),
        invited_by: invited_by(unit, step.state),
        created_at: now,
        updated_at: now,
    };
    membership::Entity::insert(new.clone().into_active_model())
        .exec_without_returning(unit.db())
        .await?;
    note(unit, new.id, None, step.state.as_str(), step.reason).await?;
    record(unit, community, None, &new, Vec::new());
    Ok(new)
}

/// Takes a membership to another state or role; where neither differs nothing is written.
pub(super) async fn take(
    unit: &mut WriteUnit,
    community: &community::Model,
    old: membership::Model,
    step: Step,
) -> Result<membership::Model> {
    let (state_differs, role_differs) = (old.state != step.state, old.role != step.role);
    if !state_differs && !role_differs {
        return Ok(old);
    }
    let loses_facilitator =
        is_facilitator(old.state, old.role) && !is_facilitator(step.state, step.role);
    if loses_facilitator && facilitators(unit, community.id, Some(old.user_id)).await? == 0 {
        return Err(last_facilitator());
    }
    write(unit, community, old, step).await
}

/// Takes a membership to another state or role, whatever that leaves the community without.
pub(super) async fn write(
    unit: &mut WriteUnit,
    community: &community::Model,
    old: membership::Model,
    step: Step,
) -> Result<membership::Model> {
    let (state_differs, role_differs) = (old.state != step.state, old.role != step.role);
    let mut new = old.clone();
    new.state = step.state;
    new.role = step.role;
    new.updated_at = unit.now();
    if state_differs && step.state == MembershipState::Active {
        new.joined_at = Some(unit.now());
    }
    if step.state == MembershipState::Invited {
        new.invited_by = unit.actor();
    }
    let new = new
        .into_active_model()
        .reset_all()
        .update(unit.db())
        .await?;
    if old.state == MembershipState::Active && state_differs {
        end_functions(unit, new.id).await?;
    }
    let mut fields = Vec::new();
    if state_differs {
        fields.push("state".to_owned());
        note(
            unit,
            new.id,
            Some(old.state.as_str()),
            new.state.as_str(),
            step.reason.clone(),
        )
        .await?;
    }
    if role_differs {
        fields.push("role".to_owned());
        note(
            unit,
            new.id,
            Some(old.role.as_str()),
            new.role.as_str(),
            step.reason,
        )
        .await?;
    }
    if old.joined_at != new.joined_at {
        fields.push("joinedAt".to_owned());
    }
    record(unit, community, Some(&old), &new, fields);
    Ok(new)
}

/// How many active facilitators a community has, apart from one person; accounts that cannot be used do not count.
pub(super) async fn facilitators(
    unit: &WriteUnit,
    community: Uuid,
    apart_from: Option<Uuid>,
) -> Result<u64> {
    let mut select = active_members();
    select
        .expr_as(Expr::cust("COUNT(*)"), "members")
        .and_where(Expr::col(("membership", "community_id")).eq(community))
        .and_where(Expr::col(("membership", "role")).eq(MembershipRole::Facilitator.as_str()));
    if let Some(user) = apart_from {
        select.and_where(Expr::col(("membership", "user_id")).ne(user));
    }
    let count: i64 = match unit.db().query_one(&select).await? {
        Some(row) => row.try_get("", "members")?,
        None => 0,
    };
    u64::try_from(count).map_err(Error::internal)
}

/// The communities that one person facilitates and that have other active members, but no other facilitator; accounts
/// that cannot be used do not count.
pub(super) async fn in_need_of(unit: &WriteUnit, user: Uuid) -> Result<HashSet<Uuid>> {
    let facilitated = Query::select()
        .column("community_id")
        .from("membership")
        .and_where(Expr::col("user_id").eq(user))
        .and_where(Expr::col("state").eq(MembershipState::Active.as_str()))
        .and_where(Expr::col("role").eq(MembershipRole::Facilitator.as_str()))
        .take();
    let facilitators = Expr::cust("COUNT(CASE WHEN membership.role = 'FACILITATOR' THEN 1 END)");
    let select = active_members()
        .column(("membership", "community_id"))
        .and_where(Expr::col(("membership", "user_id")).ne(user))
        .and_where(Expr::col(("membership", "community_id")).in_subquery(facilitated))
        .group_by_col(("membership", "community_id"))
        .and_having(facilitators.eq(0))
        .take();
    let rows = unit.db().query_all(&select).await?;
    let ids = rows
        .iter()
        .map(|row| row.try_get::<Uuid>("", "community_id"));
    Ok(ids.collect::<Result<_, DbErr>>()?)
}

/// Active members whose accounts can be used.
fn active_members() -> SelectStatement {
    Query::select()
        .from("membership")
        .inner_join(
            "user",
            Expr::col(("user", "id")).equals(("membership", "user_id")),
        )
        .and_where(Expr::col(("membership", "state")).eq(MembershipState::Active.as_str()))
        .and_where(Expr::col(("user", "status")).eq(UserStatus::Active.as_str()))
        .take()
}

fn last_facilitator() -> Error {
    let message =
        "The community would be left without a facilitator; make another member one first.";
    Error::invalid_transition(
        &[],
        message,
        vec![Blocker {
            code: BlockerCode::LastFacilitator,
            message: message.to_owned(),
        }],
    )
}

fn is_facilitator(state: MembershipState, role: MembershipRole) -> bool {
    state == MembershipState::Active && role == MembershipRole::Facilitator
}

fn invited_by(unit: &WriteUnit, state: MembershipState) -> Option<Uuid> {
    unit.actor().filter(|_| state == MembershipState::Invited)
}

async fn note(
    unit: &WriteUnit,
    id: Uuid,
    from: Option<&str>,
    to: &str,
    reason: Option<String>,
) -> Result<()> {
    transition::Entity::insert(transition_row(unit, id, from, to, reason))
        .exec_without_returning(unit.db())
        .await?;
    Ok(())
}

/// Appends the change row of a membership.
pub(super) fn record(
    unit: &mut WriteUnit,
    community: &community::Model,
    old: Option<&membership::Model>,
    new: &membership::Model,
    fields: Vec<String>,
) {
    unit.record(PendingChange {
        entity_type: EntityType::Membership,
        entity_id: new.id,
        operation: if old.is_none() {
            Operation::Created
        } else {
            Operation::Updated
        },
        community_id: Some(community.id),
        fields,
        audience_before: old.map(|old| audience::of_membership(community, old)),
        audience_after: Some(audience::of_membership(community, new)),
    });
}
