//! A part of a community becomes a community of its own.

use std::collections::{HashMap, HashSet};

use entity::change::EntityType;
use entity::community::{self, CommunityStage, TransformationOutcome};
use entity::item;
use entity::link::LinkRelation;
use entity::membership::{self, MembershipState};
use futures_util::FutureExt;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use uuid::Uuid;

use super::coming::Coming;
use super::moving::move_items;
use crate::community::{Account, begin_history, found_like, record_stage, record_update};
use crate::error::{Error, FaultCode, Result};
use crate::item::authors_of;
use crate::link::{self, NewLink};
use crate::membership::{Hold, arrivals, bring, found, standing};
use crate::policy;
use crate::policy::item::{ItemFacts, read};
use crate::store::{SPLIT_INTO, Store, WriteUnit, Written};
use crate::validation::{Faults, SUMMARY, TITLE};
use crate::viewer::{Scope, Viewer};

/// So many items, and so many members, come along at most.
pub(super) const MOST: usize = 10_000;

/// What a community is split by.
#[derive(Clone, Debug)]
pub struct SplitCommunity {
    /// The name of the new community.
    pub name: String,
    /// What it is for.
    pub purpose: String,
    /// The items that come along.
    pub item_ids: Vec<Uuid>,
    /// The memberships, active ones, of those who come along.
    pub membership_ids: Vec<Uuid>,
    /// Why.
    pub reason: String,
}

/// Makes a part of a community one of its own, by a facilitator of it, who facilitates the new one too; answers that. It
/// is like the old one in kind, rules, visibility, languages, domains and sponsors, and begins at COALESCING. Those who
/// come along keep their roles and functions in both; whoever is barred from the one is barred from both. The items that come along keep everything; nobody can read them
/// there who could not before.
#[crate::boxed]
pub async fn split(
    store: &Store,
    viewer: &Viewer,
    id: Uuid,
    input: SplitCommunity,
) -> Result<Written<community::Model>> {
    let actor = viewer.require(Scope::Write)?;
    if viewer.only_community().is_some() {
        return Err(Error::forbidden(
            &[],
            "This token is good for one community only and cannot make another.",
        ));
    }
    let viewer = viewer.clone();
    store
        .write(Some(actor), move |unit| {
            split_in(unit, viewer, actor, id, input).boxed()
        })
        .await
}

async fn split_in(
    unit: &mut WriteUnit,
    viewer: Viewer,
    actor: Uuid,
    id: Uuid,
    input: SplitCommunity,
) -> Result<community::Model> {
    let (viewer, old) = standing(unit, &viewer, id, Hold::Exclusive).await?;
    let old = old.ok_or_else(|| Error::not_found(&["id"], "community"))?;
    policy::community::evolve(&viewer, &old).require(&["id"], "community")?;
    let mut faults = Faults::default();
    let name = faults.text(&["input", "name"], &input.name, TITLE);
    let purpose = faults.text(&["input", "purpose"], &input.purpose, SUMMARY);
    let reason = faults.text(&["input", "reason"], &input.reason, SUMMARY);
    if input.item_ids.is_empty() && input.membership_ids.is_empty() {
        faults.add(
            FaultCode::Required,
            &["input", "itemIds"],
            "Name the items or the members that come along; otherwise make a new community.",
        );
    }
    let items = chosen_items(unit, &viewer, &old, &input.item_ids, &mut faults).await?;
    let members = chosen_members(unit, &old, &input.membership_ids, &mut faults).await?;
    faults.check()?;

    let new = found_like(unit, &old, name, purpose, CommunityStage::Coalescing).await?;
    begin_history(unit, new.id, new.stage, Some(reason.clone())).await?;
    found(unit, &new, actor).await?;
    let mut coming = members;
    coming.extend(barred(unit, &old).await?);
    let arrivals = arrivals(unit, coming).await?;
    bring(unit, &new, arrivals).await?;
    move_items(unit, &old, &new, Coming::These(&items)).await?;
    link::state(
        unit,
        &[NewLink {
            from: (EntityType::Community, new.id),
            relation: LinkRelation::SplitFrom,
            to: (EntityType::Community, old.id),
            occurrence: None,
        }],
    )
    .await?;
    end_transformation(unit, &old, reason).await?;
    Ok(new)
}

/// The items of the community that come along, as far as the viewer may read them.
async fn chosen_items(
    unit: &WriteUnit,
    viewer: &Viewer,
    community: &community::Model,
    ids: &[Uuid],
    faults: &mut Faults,
) -> Result<Vec<Uuid>> {
    let path = ["input", "itemIds"];
    let ids = bounded(faults, &path, ids);
    let rows = item::Entity::find()
        .filter(item::Column::CommunityId.eq(community.id))
        .filter(item::Column::Id.is_in(ids.iter().copied()))
        .all(unit.db())
        .await?;
    let mut readable = HashSet::with_capacity(rows.len());
    for chunk in rows.chunks(1_000) {
        let of: Vec<Uuid> = chunk.iter().map(|item| item.id).collect();
        let authors = authors_of(unit.db(), &of).await?;
        readable.extend(
            chunk
                .iter()
                .filter(|item| {
                    let authors = authors.get(&item.id).map(Vec::as_slice);
                    let facts = ItemFacts {
                        community,
                        item,
                        authors: authors.unwrap_or_default(),
                    };
                    read(viewer, facts)
                })
                .map(|item| item.id),
        );
    }
    note_missing(
        faults,
        &path,
        ids,
        |id| readable.contains(&id),
        "item of this community",
    )?;
    Ok(readable.into_iter().collect())
}

/// The active memberships of the community that come along.
async fn chosen_members(
    unit: &WriteUnit,
    community: &community::Model,
    ids: &[Uuid],
    faults: &mut Faults,
) -> Result<Vec<membership::Model>> {
    let path = ["input", "memberIds"];
    let ids = bounded(faults, &path, ids);
    let rows: HashMap<Uuid, membership::Model> = membership::Entity::find()
        .filter(membership::Column::CommunityId.eq(community.id))
        .filter(membership::Column::State.eq(MembershipState::Active))
        .filter(membership::Column::Id.is_in(ids.iter().copied()))
        .all(unit.db())
        .await?
        .into_iter()
        .map(|row| (row.id, row))
        .collect();
    note_missing(
        faults,
        &path,
        ids,
        |id| rows.contains_key(&id),
        "active membership of this community",
    )?;
    Ok(rows.into_values().collect())
}

/// The memberships of those who are barred from a community.
async fn barred(unit: &WriteUnit, community: &community::Model) -> Result<Vec<membership::Model>> {
    Ok(membership::Entity::find()
        .filter(membership::Column::CommunityId.eq(community.id))
        .filter(membership::Column::State.eq(MembershipState::Banned))
        .all(unit.db())
        .await?)
}

fn bounded<'a>(faults: &mut Faults, path: &[&str], ids: &'a [Uuid]) -> &'a [Uuid] {
    faults.list_length(path, ids.len(), MOST);
    ids.get(..MOST).unwrap_or(ids)
}

fn note_missing(
    faults: &mut Faults,
    path: &[&str],
    ids: &[Uuid],
    is_there: impl Fn(Uuid) -> bool,
    what: &str,
) -> Result<()> {
    for (place, id) in ids.iter().enumerate() {
        if !is_there(*id) {
            let place = place.to_string();
            let at = [path, &[place.as_str()]].concat();
            faults.absorb(Err::<(), _>(Error::not_found(&at, what)))?;
        }
    }
    Ok(())
}

/// A community that splits in its transformation comes together anew, with those who stay.
async fn end_transformation(
    unit: &mut WriteUnit,
    old: &community::Model,
    reason: String,
) -> Result<()> {
    let mut fields = vec![SPLIT_INTO.to_owned()];
    let mut new = old.clone();
    if old.stage == CommunityStage::Transformation {
        new.stage = CommunityStage::Coalescing;
        new.updated_at = unit.now();
        new = new
            .into_active_model()
            .reset_all()
            .update(unit.db())
            .await?;
        let account = Account {
            reason,
            outcome: Some(TransformationOutcome::Split),
            overrode: Vec::new(),
        };
        record_stage(unit, old.id, old.stage, new.stage, account).await?;
        fields.extend(["stageHistory", "stage"].map(str::to_owned));
    }
    record_update(unit, old, &new, fields);
    Ok(())
}
