//! The systems that communities are synchronized with, and what happens to conflicts with each.

use std::collections::HashMap;

use entity::change::{EntityType, Operation};
use entity::community;
use entity::sync_source::{self, Column, Entity, SyncConflictRule};
use futures_util::FutureExt;
use sea_orm::sea_query::{LockType, OnConflict};
use sea_orm::{
    ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;

use super::{SYSTEM, open, opened};
use crate::error::{Error, FaultCode, Result};
use crate::external_reference;
use crate::item::grouped;
use crate::item::insert::replace_row;
use crate::policy::audience;
use crate::policy::sync as policy;
use crate::store::{PendingChange, Store, WriteUnit, Written};
use crate::validation::Faults;
use crate::viewer::{Scope, Viewer};

/// Most systems that a community is synchronized with.
pub const MOST_SYSTEMS: u64 = 50;

/// The field of a community whose change says that they changed.
const FIELD: &str = "syncPolicies";

/// A system that a community is synchronized with.
pub type SyncSource = sync_source::Model;

/// Says what happens to resources that were edited here since the last synchronization, by the community's facilitators.
#[crate::boxed]
pub async fn set_policy(
    store: &Store,
    viewer: &Viewer,
    community: Uuid,
    system: String,
    rule: SyncConflictRule,
) -> Result<Written<community::Model>> {
    let actor = viewer.require(Scope::Sync)?;
    let viewer = viewer.clone();
    store
        .write(Some(actor), move |unit| {
            async move {
                let mut faults = Faults::default();
                let system = faults.text(SYSTEM, &system, external_reference::SYSTEM);
                let found = open(unit, &viewer, community, policy::set_policy).await;
                let found = faults.absorb(found)?;
                let (_, community) = opened(faults, found)?;
                set(unit, &community, &system, rule).await?;
                Ok(community)
            }
            .boxed()
        })
        .await
}

async fn set(
    unit: &mut WriteUnit,
    community: &community::Model,
    system: &str,
    rule: SyncConflictRule,
) -> Result<()> {
    let there = held(unit, community.id, system).await?;
    let is_new = there.is_none();
    let source = match there {
        Some(source) => source,
        None => make(unit, community.id, system).await?,
    };
    if !is_new && source.on_conflict == rule {
        return Ok(());
    }
    replace_row(
        unit,
        SyncSource {
            on_conflict: rule,
            ..source
        },
    )
    .await?;
    // Only those are told who see what happens to conflicts.
    let audience = audience::of_facilitators(community.id);
    unit.record(PendingChange {
        entity_type: EntityType::Community,
        entity_id: community.id,
        operation: Operation::Updated,
        community_id: Some(community.id),
        fields: vec![FIELD.to_owned()],
        audience_before: Some(audience.clone()),
        audience_after: Some(audience),
    });
    Ok(())
}

/// The row of a system, held until the commit; none where nobody has named the system here.
pub(super) async fn held(
    unit: &WriteUnit,
    community: Uuid,
    system: &str,
) -> Result<Option<SyncSource>> {
    Ok(Entity::find()
        .filter(Column::CommunityId.eq(community))
        .filter(Column::System.eq(system))
        .lock(LockType::NoKeyUpdate)
        .one(unit.db())
        .await?)
}

/// The same, made where it is not there.
pub(super) async fn held_or_made(
    unit: &WriteUnit,
    community: Uuid,
    system: &str,
) -> Result<SyncSource> {
    match held(unit, community, system).await? {
        Some(source) => Ok(source),
        None => make(unit, community, system).await,
    }
}

async fn make(unit: &WriteUnit, community_id: Uuid, system: &str) -> Result<SyncSource> {
    let systems = Entity::find()
        .filter(Column::CommunityId.eq(community_id))
        .count(unit.db())
        .await?;
    if systems >= MOST_SYSTEMS {
        let message = format!(
            "This community is synchronized with {MOST_SYSTEMS} systems, which is the most; is the name right?"
        );
        return Err(Error::fault(FaultCode::LimitReached, SYSTEM, message));
    }
    let row = SyncSource {
        id: Uuid::now_v7(),
        community_id,
        system: system.to_owned(),
        on_conflict: SyncConflictRule::Report,
        created_at: unit.now(),
    };
    // Another call may make it at the same time, and is waited for here.
    Entity::insert(row.into_active_model())
        .on_conflict(
            OnConflict::columns([Column::CommunityId, Column::System])
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(unit.db())
        .await?;
    held(unit, community_id, system)
        .await?
        .ok_or_else(|| Error::internal(format!("the system {system} is not there")))
}

/// The systems that each of some communities is synchronized with, by name, as far as the viewer may see them.
#[crate::boxed]
pub async fn policies_of(
    store: &Store,
    viewer: &Viewer,
    communities: &[Uuid],
) -> Result<HashMap<Uuid, Vec<SyncSource>>> {
    let readable: Vec<Uuid> = communities
        .iter()
        .copied()
        .filter(|id| policy::read_policies(viewer, *id))
        .collect();
    if readable.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = Entity::find()
        .filter(Column::CommunityId.is_in(readable))
        .order_by_asc(Column::System)
        .all(store.reader())
        .await?;
    Ok(grouped(rows.into_iter().map(|row| (row.community_id, row))))
}
