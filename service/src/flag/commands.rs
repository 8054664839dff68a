//! Raising flags and deciding them: OPEN → UPHELD | DISMISSED.

use entity::change::{EntityType, Operation};
use entity::flag::{self, FlagReason, FlagState};
use entity::{adoption, community, defining_statement, experience_report, item, post, value_story};
use futures_util::FutureExt;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter,
    QuerySelect,
};
use uuid::Uuid;

use super::{FLAGGED_TYPES, Flag};
use crate::change::noun;
use crate::error::{Error, FaultCode, Result};
use crate::item::gate::check_home;
use crate::item::insert::replace_row;
use crate::link::End;
use crate::membership::{self, Hold};
use crate::policy::filter::Reader;
use crate::policy::reference::Reference;
use crate::policy::{audience, flag as policy};
use crate::store::{PendingChange, Store, WriteUnit, Written};
use crate::validation::{Faults, SUMMARY};
use crate::viewer::{Scope, Viewer};

/// So many flags of one person are open at most.
pub const MOST_OPEN: u64 = 100;

const ID: &[&str] = &["id"];

/// A flag to be raised.
#[derive(Clone, Debug)]
pub struct RaiseFlag {
    /// What is flagged.
    pub target: End,
    /// What is wrong.
    pub reason: FlagReason,
    /// What the viewer says of it.
    pub note: Option<String>,
}

/// The states that a flag may go to from `state`.
#[must_use]
pub fn next_states(state: FlagState) -> &'static [FlagState] {
    match state {
        FlagState::Open => &[FlagState::Upheld, FlagState::Dismissed],
        FlagState::Upheld | FlagState::Dismissed => &[],
    }
}

/// Flags something that the viewer may read. While an earlier flag of theirs about the same is open, that one is
/// answered and nothing changes.
#[crate::boxed]
pub async fn raise(store: &Store, viewer: &Viewer, input: RaiseFlag) -> Result<Written<Flag>> {
    let actor = viewer.require(Scope::Write)?;
    let viewer = viewer.clone();
    // The change row names no actor: those whose work is flagged may be among those who read it.
    store
        .write(None, move |unit| {
            async move { raise_in(unit, &viewer, actor, input).await }.boxed()
        })
        .await
}

async fn raise_in(
    unit: &mut WriteUnit,
    viewer: &Viewer,
    actor: Uuid,
    input: RaiseFlag,
) -> Result<Flag> {
    let mut faults = Faults::default();
    let note = faults.optional_text(&["note"], input.note.as_deref(), SUMMARY);
    let opened = open_target(unit, viewer, input.target).await;
    let community = faults.absorb(opened)?;
    faults.check()?;
    let community = community.ok_or_else(|| absent(input.target.0))?;
    let open = || {
        flag::Entity::find()
            .filter(flag::Column::RaisedBy.eq(actor))
            .filter(flag::Column::DecidedAt.is_null())
    };
    let known = open().filter(flag::Column::TargetId.eq(input.target.1));
    if let Some(known) = known.clone().one(unit.db()).await? {
        return Ok(known);
    }
    if open().count(unit.db()).await? >= MOST_OPEN {
        let message = format!(
            "At most {MOST_OPEN} flags of yours can wait for a decision; wait until some are decided."
        );
        return Err(Error::fault(FaultCode::LimitReached, ID, message));
    }
    let new = Flag {
        id: Uuid::now_v7(),
        target_type: input.target.0,
        target_id: input.target.1,
        community_id: community.id,
        raised_by: Some(actor),
        reason: input.reason,
        note,
        state: FlagState::Open,
        decided_by: None,
        decided_at: None,
        decision_note: None,
        created_at: unit.now(),
    };
    let one_open = OnConflict::columns([flag::Column::RaisedBy, flag::Column::TargetId])
        .target_and_where(Expr::col("decided_at").is_null())
        .do_nothing()
        .to_owned();
    let added = flag::Entity::insert(new.clone().into_active_model())
        .on_conflict(one_open)
        .exec_without_returning(unit.db())
        .await?;
    if added == 0 {
        // The same was raised at the same time.
        let known = known.one(unit.db()).await?;
        return known.ok_or_else(|| Error::internal("a flag that is there cannot be read"));
    }
    record(unit, &community, &new, Operation::Created, &[]);
    Ok(new)
}

fn absent(entity_type: EntityType) -> Error {
    Error::not_found(ID, &noun(entity_type))
}

/// The community of what is to be flagged, held, when the viewer may flag it.
async fn open_target(unit: &WriteUnit, viewer: &Viewer, target: End) -> Result<community::Model> {
    let (entity_type, id) = target;
    if !FLAGGED_TYPES.contains(&entity_type) {
        return Err(absent(entity_type));
    }
    let community = community_of(unit, target).await?.unwrap_or_default();
    let (viewer, community) = membership::standing(unit, viewer, community, Hold::Shared).await?;
    let reader = Reader::of(&viewer).ok_or(Error::Unauthenticated)?;
    let readable = Reference::to(entity_type, id).select_readable_by(&reader);
    let readable = unit.db().query_one(&readable).await?.is_some();
    let community = community.ok_or_else(|| absent(entity_type))?;
    if readable {
        let home = community_of(unit, target).await?.unwrap_or_default();
        check_home(home, &community)?;
    }
    policy::raise(&viewer, &community, readable).require(ID, &noun(entity_type))?;
    Ok(community)
}

/// The community of something that can be flagged.
async fn community_of(unit: &WriteUnit, (entity_type, id): End) -> Result<Option<Uuid>> {
    let db = unit.db();
    Ok(match entity_type {
        EntityType::Post => {
            let row = post::Entity::find_by_id(id).select_only();
            let row = row.column(post::Column::CommunityId);
            row.into_tuple().one(db).await?
        }
        EntityType::Adoption => {
            let row = adoption::Entity::find_by_id(id).select_only();
            let row = row.column(adoption::Column::CommunityId);
            row.into_tuple().one(db).await?
        }
        EntityType::ExperienceReport => {
            let row = experience_report::Entity::find_by_id(id).select_only();
            let row = row.column(experience_report::Column::CommunityId);
            row.into_tuple().one(db).await?
        }
        EntityType::DefiningStatement => {
            let row = defining_statement::Entity::find_by_id(id).select_only();
            let row = row.column(defining_statement::Column::CommunityId);
            row.into_tuple().one(db).await?
        }
        EntityType::ValueStory => {
            let row = value_story::Entity::find_by_id(id).select_only();
            let row = row.column(value_story::Column::CommunityId);
            row.into_tuple().one(db).await?
        }
        _ => {
            let row = item::Entity::find_by_id(id).select_only();
            let row = row.column(item::Column::CommunityId);
            row.into_tuple().one(db).await?
        }
    })
}

/// Decides a flag. The same decision again changes nothing; a decided flag stays decided.
#[crate::boxed]
pub async fn resolve(
    store: &Store,
    viewer: &Viewer,
    id: Uuid,
    upheld: bool,
    note: Option<String>,
) -> Result<Written<Flag>> {
    let actor = viewer.require(Scope::Write)?;
    let mut faults = Faults::default();
    let note = faults.optional_text(&["note"], note.as_deref(), SUMMARY);
    faults.check()?;
    let viewer = viewer.clone();
    store
        .write(Some(actor), move |unit| {
            async move {
                let (community, row) = open(unit, &viewer, id).await?;
                let to = if upheld {
                    FlagState::Upheld
                } else {
                    FlagState::Dismissed
                };
                if row.state == to {
                    return Ok(row);
                }
                if !next_states(row.state).contains(&to) {
                    return Err(not_from_here(row.state, to));
                }
                let new = Flag {
                    state: to,
                    decided_by: Some(actor),
                    decided_at: Some(unit.now()),
                    decision_note: note,
                    ..row
                };
                replace_row(unit, new.clone()).await?;
                let fields = ["state", "decidedBy", "decidedAt", "decisionNote"];
                record(unit, &community, &new, Operation::Updated, &fields);
                Ok(new)
            }
            .boxed()
        })
        .await
}

/// Opens a flag for the viewer's decision.
async fn open(unit: &WriteUnit, viewer: &Viewer, id: Uuid) -> Result<(community::Model, Flag)> {
    let absent = || absent(EntityType::Flag);
    let found = flag::Entity::find_by_id(id).one(unit.db()).await?;
    let community = found.map(|flag| flag.community_id).unwrap_or_default();
    let (viewer, community) = membership::standing(unit, viewer, community, Hold::Shared).await?;
    let community = community.ok_or_else(absent)?;
    let row = flag::Entity::find_by_id(id)
        .lock_exclusive()
        .one(unit.db())
        .await?
        .ok_or_else(absent)?;
    check_home(row.community_id, &community)?;
    policy::decide(&viewer, &community, row.raised_by).require(ID, &noun(EntityType::Flag))?;
    Ok((community, row))
}

fn not_from_here(from: FlagState, to: FlagState) -> Error {
    let message = format!(
        "This flag cannot become {}: it is {}.",
        to.as_str(),
        from.as_str()
    );
    Error::not_from_here(ID, message)
}

fn record(
    unit: &mut WriteUnit,
    community: &community::Model,
    flag: &Flag,
    operation: Operation,
    fields: &[&str],
) {
    let audience = audience::of_flag(community.id, flag.raised_by);
    unit.record(PendingChange {
        entity_type: EntityType::Flag,
        entity_id: flag.id,
        operation,
        community_id: Some(community.id),
        fields: fields.iter().map(|&field| field.to_owned()).collect(),
        audience_before: (operation != Operation::Created).then(|| audience.clone()),
        audience_after: Some(audience),
    });
}
