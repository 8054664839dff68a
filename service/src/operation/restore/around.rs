//! What is around the things of some lines: the items and communities that they belong to, with what says who sees them.

use std::collections::{BTreeSet, HashMap, HashSet};

use entity::change::{EntityType, Operation};
use entity::{community, item, revision, tombstone};
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::change::row_changed;
use crate::error::Result;
use crate::item::authors_of;
use crate::link::End;
use crate::policy::audience;
use crate::store::{PendingChange, WriteUnit};

/// What is around the things of some lines.
#[derive(Debug, Default)]
pub(super) struct Around {
    /// The communities of things, by the things' ids.
    homes: HashMap<Uuid, Uuid>,
    pub(super) communities: HashMap<Uuid, community::Model>,
    items: HashMap<Uuid, (item::Model, Vec<Uuid>)>,
    /// Revisions that readers were shown.
    pub(super) shown_revisions: HashSet<Uuid>,
    /// Whether the file says all that there is, also what no reader is shown.
    pub(super) whole: bool,
}

/// The tables whose rows belong to a community, by the type of their rows.
const TABLES: [(EntityType, &str); 8] = [
    (EntityType::Membership, "membership"),
    (EntityType::DefiningStatement, "defining_statement"),
    (EntityType::Goal, "goal"),
    (EntityType::LearningQuestion, "learning_question"),
    (EntityType::ValueStory, "value_story"),
    (EntityType::Pilot, "pilot"),
    (EntityType::Adoption, "adoption"),
    (EntityType::ExperienceReport, "experience_report"),
];

impl Around {
    /// Loads what is around things that lines name. Communities are held, so that who sees them stays as it is.
    pub(super) async fn load(unit: &WriteUnit, ends: &BTreeSet<End>) -> Result<Self> {
        let mut around = Self::default();
        let of_type = |of: EntityType| {
            let ends = ends.iter().filter(move |(is, _)| *is == of);
            ends.map(|(_, id)| *id).collect::<Vec<Uuid>>()
        };
        let items: Vec<Uuid> = ends
            .iter()
            .filter(|(of, _)| is_item(*of))
            .map(|(_, id)| *id)
            .collect();
        if !items.is_empty() {
            let rows = item::Entity::find()
                .filter(item::Column::Id.is_in(items.iter().copied()))
                .all(unit.db())
                .await?;
            let mut authors = authors_of(unit.db(), &items).await?;
            for row in rows {
                around.homes.insert(row.id, row.community_id);
                let authors = authors.remove(&row.id).unwrap_or_default();
                around.items.insert(row.id, (row, authors));
            }
        }
        for (of, table) in TABLES {
            let ids = of_type(of);
            if ids.is_empty() {
                continue;
            }
            let select = Query::select()
                .columns([(table, "id"), (table, "community_id")])
                .from(table)
                .and_where(Expr::col((table, "id")).is_in(ids))
                .take();
            for row in unit.db().query_all(&select).await? {
                let (id, home) = (row.try_get("", "id")?, row.try_get("", "community_id")?);
                around.homes.insert(id, home);
            }
        }
        let mut communities: BTreeSet<Uuid> = around.homes.values().copied().collect();
        communities.extend(of_type(EntityType::Community));
        if !communities.is_empty() {
            let rows = community::Entity::find()
                .lock_shared()
                .filter(community::Column::Id.is_in(communities))
                .all(unit.db())
                .await?;
            around.communities = rows.into_iter().map(|row| (row.id, row)).collect();
        }
        Ok(around)
    }

    /// Notes which of some revisions readers were shown.
    pub(super) async fn load_revisions(&mut self, unit: &WriteUnit, ids: Vec<Uuid>) -> Result<()> {
        use entity::item::PublicationStatus::{Archived, Published};
        let shown: Vec<Uuid> = revision::Entity::find()
            .select_only()
            .column(revision::Column::Id)
            .filter(revision::Column::Id.is_in(ids))
            .filter(revision::Column::State.is_in([Published, Archived]))
            .into_tuple()
            .all(unit.db())
            .await?;
        self.shown_revisions.extend(shown);
        Ok(())
    }

    /// The community that something belongs to; none where it is not here.
    pub(super) fn home(&self, (of, id): End) -> Option<Uuid> {
        if of == EntityType::Community {
            return self.communities.get(&id).map(|row| row.id);
        }
        self.homes.get(&id).copied()
    }

    /// The item with that id, of that type.
    pub(super) fn item(&self, (of, id): End) -> Option<(&item::Model, &[Uuid])> {
        let (row, authors) = self.items.get(&id)?;
        let is = crate::item::entity_type(row.item_type);
        (is == of).then_some((row, authors.as_slice()))
    }

    /// The item with its community.
    pub(super) fn at_home(&self, end: End) -> Option<(&community::Model, &item::Model, &[Uuid])> {
        let (row, authors) = self.item(end)?;
        let community = self.communities.get(&row.community_id)?;
        Some((community, row, authors))
    }

    /// The change row of an item of which some fields changed.
    pub(super) fn item_changed(&self, end: End, fields: &[&str]) -> Option<PendingChange> {
        let (community, row, authors) = self.at_home(end)?;
        let fields = fields.iter().map(|&field| field.to_owned()).collect();
        let audience = audience::of_item(community, row, authors);
        Some(row_changed(row, Operation::Updated, fields, audience))
    }
}

/// Whether things of a type are items.
pub(super) fn is_item(of: EntityType) -> bool {
    entity::item::ItemType::ALL
        .iter()
        .any(|item_type| crate::item::entity_type(*item_type) == of)
}

/// Those of the ids under which something was deleted here.
pub(super) async fn deleted(unit: &WriteUnit, ids: Vec<Uuid>) -> Result<HashSet<Uuid>> {
    if ids.is_empty() {
        return Ok(HashSet::new());
    }
    let found: Vec<Uuid> = tombstone::Entity::find()
        .select_only()
        .column(tombstone::Column::EntityId)
        .filter(tombstone::Column::EntityId.is_in(ids))
        .into_tuple()
        .all(unit.db())
        .await?;
    Ok(found.into_iter().collect())
}

/// The change row of something new.
pub(super) fn created(
    of: End,
    community: Option<Uuid>,
    audience: BTreeSet<String>,
) -> PendingChange {
    PendingChange {
        entity_type: of.0,
        entity_id: of.1,
        operation: Operation::Created,
        community_id: community,
        fields: Vec::new(),
        audience_before: None,
        audience_after: Some(audience),
    }
}
