//! Many people who come to a community at once, with others of another one.

use std::collections::HashMap;

use entity::membership::{self, MembershipRole, MembershipState};
use entity::membership_function::{self, MembershipFunction};
use entity::{community, transition};
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use uuid::Uuid;

use super::functions::functions_of;
use super::steps::record;
use crate::error::Result;
use crate::store::WriteUnit;
use crate::transition::transition_row;

/// People or rows in one statement.
const CHUNK: usize = 1_000;

/// Somebody who comes along, or whose bar does.
#[derive(Clone, Debug)]
pub(crate) struct Arrival {
    user: Uuid,
    role: MembershipRole,
    state: MembershipState,
    functions: Vec<MembershipFunction>,
}

/// Active members of a community, and those who are barred from it, as those who come along to another.
pub(crate) async fn arrivals(
    unit: &WriteUnit,
    members: Vec<membership::Model>,
) -> Result<Vec<Arrival>> {
    let mut arrivals = Vec::with_capacity(members.len());
    for chunk in members.chunks(CHUNK) {
        let ids: Vec<Uuid> = chunk.iter().map(|member| member.id).collect();
        let mut functions = functions_of(unit.db(), &ids).await?;
        arrivals.extend(chunk.iter().map(|member| Arrival {
            user: member.user_id,
            role: member.role,
            state: member.state,
            functions: functions.remove(&member.id).unwrap_or_default(),
        }));
    }
    Ok(arrivals)
}

/// Makes people active members of a community, which is held, or bars them from it. Who is an active member already keeps
/// the stronger role and has the functions of both; whoever is barred there stays so.
pub(crate) async fn bring(
    unit: &mut WriteUnit,
    community: &community::Model,
    arrivals: Vec<Arrival>,
) -> Result<()> {
    for chunk in arrivals.chunks(CHUNK) {
        bring_some(unit, community, chunk).await?;
    }
    Ok(())
}

async fn bring_some(
    unit: &mut WriteUnit,
    community: &community::Model,
    arrivals: &[Arrival],
) -> Result<()> {
    let mut there: HashMap<Uuid, membership::Model> = membership::Entity::find()
        .filter(membership::Column::CommunityId.eq(community.id))
        .filter(membership::Column::UserId.is_in(arrivals.iter().map(|arrival| arrival.user)))
        .all(unit.db())
        .await?
        .into_iter()
        .map(|row| (row.user_id, row))
        .collect();
    let before: Vec<Uuid> = there.values().map(|row| row.id).collect();
    let functions = functions_of(unit.db(), &before).await?;
    let mut written = Written::default();
    for arrival in arrivals {
        let old = there.remove(&arrival.user);
        let settled = old.as_ref().is_some_and(|old| match old.state {
            MembershipState::Banned => true,
            MembershipState::Active => arrival.state == MembershipState::Banned,
            _ => false,
        });
        if settled {
            continue;
        }
        let new = arrived(unit, community, arrival, old.as_ref());
        let known = functions
            .get(&new.id)
            .map(Vec::as_slice)
            .unwrap_or_default();
        let mut more = arrival.functions.clone();
        more.retain(|function| !known.contains(function));
        written.add(unit, community, old.as_ref(), &new, &more);
    }
    written.save(unit).await
}

/// The membership of somebody who came.
fn arrived(
    unit: &WriteUnit,
    community: &community::Model,
    arrival: &Arrival,
    old: Option<&membership::Model>,
) -> membership::Model {
    let now = unit.now();
    let joined_at = (arrival.state == MembershipState::Active).then_some(now);
    match old {
        Some(old) if old.state == MembershipState::Active => membership::Model {
            role: old.role.max(arrival.role),
            ..old.clone()
        },
        Some(old) => membership::Model {
            role: arrival.role,
            state: arrival.state,
            joined_at: joined_at.or(old.joined_at),
            ..old.clone()
        },
        None => membership::Model {
            id: Uuid::now_v7(),
            community_id: community.id,
            user_id: arrival.user,
            role: arrival.role,
            state: arrival.state,
            joined_at,
            invited_by: None,
            created_at: now,
            updated_at: now,
        },
    }
}

/// The rows of those who came, before they are written.
#[derive(Default)]
struct Written {
    new: Vec<membership::ActiveModel>,
    /// By what becomes of them: the role, and the state where that is another one than before.
    changed: HashMap<(MembershipRole, Option<MembershipState>), Vec<Uuid>>,
    functions: Vec<membership_function::ActiveModel>,
    steps: Vec<transition::ActiveModel>,
}

impl Written {
    fn add(
        &mut self,
        unit: &mut WriteUnit,
        community: &community::Model,
        old: Option<&membership::Model>,
        new: &membership::Model,
        functions: &[MembershipFunction],
    ) {
        let before = old.map(|old| old.state);
        let entered = (before != Some(new.state)).then_some(new.state);
        let promoted = old.is_some_and(|old| old.role != new.role);
        let mut fields = Vec::new();
        if let Some(state) = entered {
            fields.push("state");
            if state == MembershipState::Active {
                fields.push("joinedAt");
            }
            let (from, to) = (before.map(MembershipState::as_str), state.as_str());
            self.steps
                .push(transition_row(unit, new.id, from, to, None));
        }
        if let Some(old) = old.filter(|_| promoted) {
            fields.push("role");
            let (from, to) = (old.role.as_str(), new.role.as_str());
            self.steps
                .push(transition_row(unit, new.id, Some(from), to, None));
        }
        if !functions.is_empty() {
            fields.push("functions");
        }
        if fields.is_empty() {
            return;
        }
        let rows = functions
            .iter()
            .map(|function| membership_function::ActiveModel {
                membership_id: Set(new.id),
                function: Set(*function),
            });
        self.functions.extend(rows);
        if old.is_none() {
            fields.clear();
            self.new.push(new.clone().into_active_model());
        } else {
            let what = self.changed.entry((new.role, entered)).or_default();
            what.push(new.id);
        }
        let fields = fields.into_iter().map(str::to_owned).collect();
        record(unit, community, old, new, fields);
    }

    async fn save(self, unit: &WriteUnit) -> Result<()> {
        insert(unit, self.new).await?;
        for ((role, entered), ids) in self.changed {
            let mut changes = membership::ActiveModel {
                role: Set(role),
                updated_at: Set(unit.now()),
                ..Default::default()
            };
            if let Some(state) = entered {
                changes.state = Set(state);
            }
            if entered == Some(MembershipState::Active) {
                changes.joined_at = Set(Some(unit.now()));
            }
            membership::Entity::update_many()
                .set(changes)
                .filter(membership::Column::Id.is_in(ids))
                .exec(unit.db())
                .await?;
        }
        insert(unit, self.steps).await?;
        insert(unit, self.functions).await
    }
}

async fn insert<A: ActiveModelTrait>(unit: &WriteUnit, rows: Vec<A>) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    A::Entity::insert_many(rows)
        .exec_without_returning(unit.db())
        .await?;
    Ok(())
}
