//! Writing external references, inside a unit of work that wrote, or holds, their resources.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use entity::{community, external_reference};
use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;

use super::{ExternalReference, FIELD, NewReference};
use crate::error::{FaultCode, Result};
use crate::item::Draft;
use crate::item::insert::{insert_many, replace_rows};
use crate::membership;
use crate::policy::community as policy;
use crate::store::WriteUnit;
use crate::validation::Faults;
use crate::viewer::Viewer;

const TAKEN: &str = "Another resource of this community has this external reference.";
/// Ids in one statement.
const CHUNK: usize = 5_000;

/// System and id.
type Key = (String, String);

/// Notes which references of new resources others of their communities have, or two of the new ones. Who may not
/// contribute to a community is told nothing of what it has.
pub(crate) async fn check_new(
    unit: &WriteUnit,
    viewer: &Viewer,
    drafts: &mut [Draft],
    references: &[Vec<NewReference>],
) -> Result<()> {
    let mut keys: BTreeMap<Uuid, BTreeSet<(&str, &str)>> = BTreeMap::new();
    for (draft, list) in drafts.iter().zip(references) {
        if !list.is_empty() {
            let keys = keys.entry(draft.community_id).or_default();
            keys.extend(list.iter().map(NewReference::key));
        }
    }
    if keys.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = keys.keys().copied().collect();
    let communities = community::Entity::find()
        .filter(community::Column::Id.is_in(ids.iter().copied()))
        .all(unit.db())
        .await?;
    let viewer = membership::refresh(unit, viewer, &ids).await?;
    let mut taken: HashMap<Uuid, HashSet<Key>> = HashMap::new();
    for community in communities {
        if policy::contribute(&viewer, &community).allows()
            && let Some(keys) = keys.get(&community.id)
        {
            let others = of_others(unit, community.id, keys, None).await?;
            taken.insert(community.id, others);
        }
    }
    for (draft, list) in drafts.iter_mut().zip(references) {
        let Some(taken) = taken.get_mut(&draft.community_id) else {
            continue;
        };
        note(taken, list, &mut draft.faults);
        taken.extend(list.iter().map(NewReference::to_key));
    }
    Ok(())
}

/// Notes which references of a resource, which is held, others of its community have.
pub(crate) async fn check_free(
    unit: &WriteUnit,
    community: Uuid,
    resource: Uuid,
    list: &[NewReference],
    faults: &mut Faults,
) -> Result<()> {
    let keys = list.iter().map(NewReference::key).collect();
    let taken = of_others(unit, community, &keys, Some(resource)).await?;
    note(&taken, list, faults);
    Ok(())
}

fn note(taken: &HashSet<Key>, list: &[NewReference], faults: &mut Faults) {
    for (place, reference) in list.iter().enumerate() {
        if taken.contains(&reference.to_key()) {
            let place = place.to_string();
            let path = ["input", FIELD, &place, "externalId"];
            faults.add(FaultCode::Taken, &path, TAKEN);
        }
    }
}

/// Those of the references that resources of a community have, but for one.
async fn of_others(
    unit: &WriteUnit,
    community: Uuid,
    keys: &BTreeSet<(&str, &str)>,
    but_for: Option<Uuid>,
) -> Result<HashSet<Key>> {
    use external_reference::{Column, Entity};
    let mut found = HashSet::new();
    let keys: Vec<_> = keys.iter().collect();
    for keys in keys.chunks(CHUNK) {
        let mut systems: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for &&(system, external_id) in keys {
            systems.entry(system).or_default().push(external_id);
        }
        let mut these = Condition::any();
        for (system, external_ids) in systems {
            let named = Column::ExternalId.is_in(external_ids);
            these = these.add(Column::System.eq(system).and(named));
        }
        let mut select = Entity::find()
            .select_only()
            .columns([Column::System, Column::ExternalId])
            .filter(Column::CommunityId.eq(community))
            .filter(these);
        if let Some(resource) = but_for {
            select = select.filter(Column::ResourceId.ne(resource));
        }
        found.extend(select.into_tuple::<Key>().all(unit.db()).await?);
    }
    Ok(found)
}

/// Writes the references of new resources, each with its community.
pub(crate) async fn insert(
    unit: &WriteUnit,
    new: impl Iterator<Item = (Uuid, Uuid, Vec<NewReference>)>,
) -> Result<()> {
    let rows = new.flat_map(|(community, resource, list)| rows(community, resource, list));
    let rows = rows.map(external_reference::ActiveModel::from);
    insert_many(unit, rows.collect()).await
}

fn rows(
    community_id: Uuid,
    resource_id: Uuid,
    list: Vec<NewReference>,
) -> impl Iterator<Item = ExternalReference> {
    (0..)
        .zip(list)
        .map(move |(place, reference)| ExternalReference {
            community_id,
            system: reference.system,
            external_id: reference.external_id,
            resource_id,
            url: reference.url,
            place,
            sent_hash: None,
            synced_revision: None,
            archived_at: None,
        })
}

/// Makes these the references of a resource, which is held, and answers whether anything changed. Those that stay keep
/// where they stand with their systems.
pub(crate) async fn replace(
    unit: &WriteUnit,
    community: Uuid,
    resource: Uuid,
    list: Vec<NewReference>,
) -> Result<bool> {
    use external_reference::{Column, Entity};
    let old = Entity::find()
        .filter(Column::ResourceId.eq(resource))
        .order_by_asc(Column::Place)
        .order_by_asc(Column::System)
        .order_by_asc(Column::ExternalId)
        .all(unit.db())
        .await?;
    let same = old.len() == list.len()
        && old.iter().zip(&list).all(|(old, new)| {
            (old.system.as_str(), old.external_id.as_str()) == new.key() && old.url == new.url
        });
    if same {
        return Ok(false);
    }
    let mut known: HashMap<Key, ExternalReference> = old
        .into_iter()
        .map(|old| ((old.system.clone(), old.external_id.clone()), old))
        .collect();
    let new: Vec<_> = rows(community, resource, list)
        .map(|mut new| {
            let key = (new.system.clone(), new.external_id.clone());
            if let Some(old) = known.remove(&key) {
                new.sent_hash = old.sent_hash;
                new.synced_revision = old.synced_revision;
                new.archived_at = old.archived_at;
            }
            new.into_active_model()
        })
        .collect();
    for (system, external_id) in known.into_keys() {
        Entity::delete_by_id((community, system, external_id))
            .exec(unit.db())
            .await?;
    }
    replace_rows(unit, new).await?;
    Ok(true)
}

/// Takes the references of resources along to another community. One that a resource there has already is left behind:
/// there it names that one.
pub(crate) async fn move_along(
    unit: &WriteUnit,
    resources: &SelectStatement,
    to: Uuid,
) -> Result<()> {
    use external_reference::{Column, Entity};
    let same =
        |column: &'static str| Expr::col(("there", column)).equals(("external_reference", column));
    let there = Query::select()
        .expr(Expr::value(1))
        .from_as("external_reference", "there")
        .and_where(Expr::col(("there", "community_id")).eq(to))
        .and_where(same("system"))
        .and_where(same("external_id"))
        .take();
    Entity::delete_many()
        .filter(Column::ResourceId.in_subquery(resources.clone()))
        .filter(Expr::exists(there))
        .exec(unit.db())
        .await?;
    Entity::update_many()
        .col_expr(Column::CommunityId, Expr::value(to))
        .filter(Column::ResourceId.in_subquery(resources.clone()))
        .exec(unit.db())
        .await?;
    Ok(())
}

impl NewReference {
    fn to_key(&self) -> Key {
        (self.system.clone(), self.external_id.clone())
    }
}
