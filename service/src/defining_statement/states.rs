//! The life of a statement: PROPOSED → ADOPTED by quorum → SUPERSEDED; PROPOSED → WITHDRAWN.

use entity::change::{EntityType, Operation};
use entity::community;
use entity::defining_statement::{self, StatementState};
use entity::endorsement;
use entity::link::LinkRelation;
use entity::membership::{self, MembershipState};
use futures_util::FutureExt;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::Statement;
use crate::community::belonging::{Opened, open, record, record_text};
use crate::community::kind;
use crate::error::{Error, Result};
use crate::item::insert::{insert_many, replace_row, transition_row};
use crate::link::{self, NewLink};
use crate::policy::community as policy;
use crate::store::{Store, WriteUnit, Written};
use crate::viewer::{Scope, Viewer};

/// The states that a statement may go to from `state`.
#[must_use]
pub fn next_states(state: StatementState) -> &'static [StatementState] {
    match state {
        StatementState::Proposed => &[StatementState::Adopted, StatementState::Withdrawn],
        StatementState::Adopted => &[StatementState::Superseded],
        StatementState::Superseded | StatementState::Withdrawn => &[],
    }
}

fn not_from_here(state: StatementState, what: &str) -> Error {
    let message = format!("This statement cannot be {what}: it is {}.", state.as_str());
    Error::not_from_here(&["id"], message)
}

/// Adds the viewer's endorsement, and adopts the statement when the quorum is there. Endorsing twice changes nothing.
#[crate::boxed]
pub async fn endorse(store: &Store, viewer: &Viewer, id: Uuid) -> Result<Written<Statement>> {
    let actor = viewer.require(Scope::Write)?;
    let viewer = viewer.clone();
    store
        .write(Some(actor), move |unit| {
            async move {
                let opened = open::<defining_statement::Entity>(unit, &viewer, id).await?;
                policy::define(&opened.viewer, &opened.community).require(&["id"], "statement")?;
                let Opened { community, row, .. } = opened;
                if !matches!(
                    row.state,
                    StatementState::Proposed | StatementState::Adopted
                ) {
                    return Err(not_from_here(row.state, "endorsed"));
                }
                let endorsement = endorsement::ActiveModel {
                    statement_id: Set(id),
                    user_id: Set(actor),
                    created_at: Set(unit.now()),
                };
                let added = endorsement::Entity::insert(endorsement)
                    .on_conflict(
                        OnConflict::columns(["statement_id", "user_id"])
                            .do_nothing()
                            .to_owned(),
                    )
                    .exec_without_returning(unit.db())
                    .await?;
                counted(unit, &community, row, i32::try_from(added).unwrap_or(0)).await
            }
            .boxed()
        })
        .await
}

async fn counted(
    unit: &mut WriteUnit,
    community: &community::Model,
    mut row: Statement,
    added: i32,
) -> Result<Statement> {
    row.endorsement_count += added;
    let endorsed = u64::try_from(row.endorsement_count).unwrap_or(0);
    let adopted =
        row.state == StatementState::Proposed && endorsed >= quorum(unit, community).await?;
    if added == 0 && !adopted {
        return Ok(row);
    }
    let mut fields = Vec::new();
    if added != 0 {
        fields.push("endorsementCount");
    }
    if adopted {
        fields.push("state");
        step(unit, &mut row, StatementState::Adopted).await?;
    }
    row.updated_at = unit.now();
    replace_row(unit, row.clone()).await?;
    record::<defining_statement::Entity>(unit, community, &row, Operation::Updated, &fields);
    if adopted {
        supersede(unit, community, &row).await?;
        record_text::<defining_statement::Entity>(unit, community);
    }
    Ok(row)
}

/// How many endorsements adopt a statement of the community: as many as its rules ask for, and all active members where they are fewer.
async fn quorum(unit: &WriteUnit, community: &community::Model) -> Result<u64> {
    let members = membership::Entity::find()
        .filter(membership::Column::CommunityId.eq(community.id))
        .filter(membership::Column::State.eq(MembershipState::Active))
        .count(unit.db())
        .await?;
    let asked = kind::policy_of(community).statement_quorum;
    Ok(u64::try_from(asked).unwrap_or(1).min(members).max(1))
}

async fn step(unit: &WriteUnit, row: &mut Statement, to: StatementState) -> Result<()> {
    let from = row.state;
    row.state = to;
    let step = transition_row(unit, row.id, Some(from.as_str()), to.as_str(), None);
    insert_many(unit, vec![step]).await
}

/// An adopted statement takes the place of the one that it names, unless another did so first.
async fn supersede(
    unit: &mut WriteUnit,
    community: &community::Model,
    new: &Statement,
) -> Result<()> {
    let Some(id) = new.supersedes_id else {
        return Ok(());
    };
    let old = defining_statement::Entity::find_by_id(id)
        .lock_exclusive()
        .one(unit.db())
        .await?
        .filter(|old| old.state == StatementState::Adopted);
    let Some(mut old) = old else {
        return Ok(());
    };
    step(unit, &mut old, StatementState::Superseded).await?;
    old.superseded_by_id = Some(new.id);
    old.updated_at = unit.now();
    replace_row(unit, old.clone()).await?;
    let end = |row: &Statement| (EntityType::DefiningStatement, row.id);
    let relation = NewLink {
        from: end(new),
        relation: LinkRelation::Supersedes,
        to: end(&old),
        occurrence: None,
    };
    link::state(unit, &[relation]).await?;
    let fields = ["state", "supersededBy"];
    record::<defining_statement::Entity>(unit, community, &old, Operation::Updated, &fields);
    Ok(())
}

/// Takes a proposed statement back. Withdrawing what is withdrawn changes nothing.
#[crate::boxed]
pub async fn withdraw(store: &Store, viewer: &Viewer, id: Uuid) -> Result<Written<Statement>> {
    let actor = viewer.require(Scope::Write)?;
    let viewer = viewer.clone();
    store
        .write(Some(actor), move |unit| {
            async move {
                let opened = open::<defining_statement::Entity>(unit, &viewer, id).await?;
                policy::withdraw_statement(&opened.viewer, &opened.community, opened.row.author_id)
                    .require(&["id"], "statement")?;
                let Opened {
                    community, mut row, ..
                } = opened;
                match row.state {
                    StatementState::Withdrawn => return Ok(row),
                    StatementState::Proposed => {}
                    StatementState::Adopted | StatementState::Superseded => {
                        return Err(not_from_here(row.state, "withdrawn"));
                    }
                }
                step(unit, &mut row, StatementState::Withdrawn).await?;
                row.updated_at = unit.now();
                replace_row(unit, row.clone()).await?;
                record::<defining_statement::Entity>(
                    unit,
                    &community,
                    &row,
                    Operation::Updated,
                    &["state"],
                );
                Ok(row)
            }
            .boxed()
        })
        .await
}
