//! What stands below an item is read as the item is: its posts, reviews, pilots, adoptions and experience reports. So who
//! comes to read the item, or no longer does, comes to read these or no longer does; and the change log says so of each, so
//! that nobody who follows it has to know what stands below what.

use std::collections::{BTreeSet, HashMap};

use entity::change::{EntityType, Operation};
use entity::item::{self, PublicationStatus};
use entity::{adoption, community, experience_report};
use sea_orm::sea_query::{Expr, ExprTrait, Order, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::ItemState;
use crate::error::Result;
use crate::policy::audience;
use crate::policy::item::ItemFacts;
use crate::store::{MOVED, PendingChange, WriteUnit};

/// Ids in one statement.
const CHUNK: usize = 500;

/// Something below an item.
#[derive(Clone, Debug)]
struct Below {
    id: Uuid,
    item: Uuid,
    kind: Kind,
}

#[derive(Clone, Debug)]
enum Kind {
    Post,
    Pilot,
    /// By whom.
    Adoption(Option<Uuid>),
    Report(Box<experience_report::Model>),
    Review {
        /// Of which revision.
        revision: i32,
        /// Whether readers are shown that revision, or were.
        shown: bool,
    },
}

impl Below {
    fn entity_type(&self) -> EntityType {
        match self.kind {
            Kind::Post => EntityType::Post,
            Kind::Pilot => EntityType::Pilot,
            Kind::Adoption(_) => EntityType::Adoption,
            Kind::Report(_) => EntityType::ExperienceReport,
            Kind::Review { .. } => EntityType::Review,
        }
    }

    /// The field that shows the item, or leads to it.
    fn field(&self) -> &'static str {
        match self.kind {
            Kind::Post => "discussion",
            Kind::Report(_) => "about",
            Kind::Pilot | Kind::Adoption(_) | Kind::Review { .. } => "subject",
        }
    }

    fn audience(&self, facts: ItemFacts<'_>) -> BTreeSet<String> {
        let ItemFacts {
            community,
            item,
            authors,
        } = facts;
        match &self.kind {
            Kind::Post | Kind::Pilot | Kind::Review { shown: true, .. } => {
                audience::of_item(community, item, authors)
            }
            Kind::Review { shown: false, .. } => audience::of_draft(community, item, authors),
            Kind::Adoption(adopter) => audience::of_adoption(community, item, authors, *adopter),
            Kind::Report(report) => audience::of_report(community, item, authors, report),
        }
    }
}

/// An item with what decides who reads it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen<'a> {
    item: &'a item::Model,
    authors: &'a [Uuid],
}

impl<'a> Seen<'a> {
    pub(super) fn of(state: &'a ItemState) -> Self {
        Self::with(&state.item, &state.authors)
    }

    pub(super) fn with(item: &'a item::Model, authors: &'a [Uuid]) -> Self {
        Self { item, authors }
    }

    fn in_community(self, community: &'a community::Model) -> ItemFacts<'a> {
        ItemFacts {
            community,
            item: self.item,
            authors: self.authors,
        }
    }

    fn is_read_as(self, other: Self) -> bool {
        let decides = |seen: Self| (seen.item.visibility, seen.item.published);
        decides(self) == decides(other) && self.authors == other.authors
    }
}

/// Tells of what stands below those of these items whose readers are others than before: each as it was and as it is. The
/// reviews of the revision that is shown now are for who shows it to tell of.
pub(super) async fn follow_readers(
    unit: &mut WriteUnit,
    community: &community::Model,
    changed: Vec<(Seen<'_>, Seen<'_>)>,
) -> Result<()> {
    let changed: HashMap<Uuid, _> = changed
        .into_iter()
        .filter(|(before, after)| !before.is_read_as(*after))
        .map(|(before, after)| (after.item.id, (before, after)))
        .collect();
    if changed.is_empty() {
        return Ok(());
    }
    // Seldom needed, and large.
    Box::pin(tell(unit, community, &changed)).await
}

async fn tell(
    unit: &mut WriteUnit,
    community: &community::Model,
    changed: &HashMap<Uuid, (Seen<'_>, Seen<'_>)>,
) -> Result<()> {
    let ids: Vec<Uuid> = changed.keys().copied().collect();
    for below in all(unit, &ids).await? {
        let Some((before, after)) = changed.get(&below.item) else {
            continue;
        };
        let told_elsewhere = matches!(
            below.kind,
            Kind::Review { revision, .. } if revision == after.item.revision
        );
        let was = below.audience(before.in_community(community));
        let is = below.audience(after.in_community(community));
        if told_elsewhere || was == is {
            continue;
        }
        unit.record(PendingChange {
            entity_type: below.entity_type(),
            entity_id: below.id,
            operation: Operation::Updated,
            community_id: Some(community.id),
            fields: vec![below.field().to_owned()],
            audience_before: Some(was),
            audience_after: Some(is),
        });
    }
    Ok(())
}

/// Tells of what stands below items that came from one community to another, each item with its authors.
pub(crate) async fn tell_moved(
    unit: &mut WriteUnit,
    from: &community::Model,
    to: &community::Model,
    items: &[(item::Model, Vec<Uuid>)],
) -> Result<()> {
    let moved: HashMap<Uuid, Seen<'_>> = items
        .iter()
        .map(|(item, authors)| (item.id, Seen::with(item, authors)))
        .collect();
    let ids: Vec<Uuid> = items.iter().map(|(item, _)| item.id).collect();
    for below in all(unit, &ids).await? {
        let Some(seen) = moved.get(&below.item) else {
            continue;
        };
        unit.record(PendingChange {
            entity_type: below.entity_type(),
            entity_id: below.id,
            operation: Operation::Updated,
            community_id: Some(to.id),
            fields: vec![MOVED.to_owned()],
            audience_before: Some(below.audience(seen.in_community(from))),
            audience_after: Some(below.audience(seen.in_community(to))),
        });
    }
    Ok(())
}

/// The change rows of what goes with an item that is about to be deleted.
pub(super) async fn gone(unit: &WriteUnit, facts: ItemFacts<'_>) -> Result<Vec<PendingChange>> {
    let below = all(unit, &[facts.item.id]).await?;
    let changes = below.into_iter().map(|below| PendingChange {
        entity_type: below.entity_type(),
        entity_id: below.id,
        operation: Operation::Deleted,
        community_id: Some(facts.community.id),
        fields: Vec::new(),
        audience_before: Some(below.audience(facts)),
        audience_after: None,
    });
    Ok(changes.collect())
}

/// Everything below these items, each type by its age.
async fn all(unit: &WriteUnit, items: &[Uuid]) -> Result<Vec<Below>> {
    let mut all = Vec::new();
    for items in items.chunks(CHUNK) {
        for (kind, table, item) in [
            (Kind::Post, "post", "discussion_id"),
            (Kind::Pilot, "pilot", "subject_id"),
        ] {
            all.extend(plain(unit, &kind, table, item, items).await?);
        }
        let adoptions: Vec<(Uuid, Uuid, Option<Uuid>)> = adoption::Entity::find()
            .select_only()
            .columns([
                adoption::Column::Id,
                adoption::Column::SubjectId,
                adoption::Column::AdopterId,
            ])
            .filter(adoption::Column::SubjectId.is_in(items.iter().copied()))
            .order_by_asc(adoption::Column::Id)
            .into_tuple()
            .all(unit.db())
            .await?;
        all.extend(adoptions.into_iter().map(|(id, item, adopter)| Below {
            id,
            item,
            kind: Kind::Adoption(adopter),
        }));
        let reports = experience_report::Entity::find()
            .filter(experience_report::Column::SubjectId.is_in(items.iter().copied()))
            .order_by_asc(experience_report::Column::Id)
            .all(unit.db())
            .await?;
        all.extend(reports.into_iter().map(|report| Below {
            id: report.id,
            item: report.subject_id,
            kind: Kind::Report(Box::new(report)),
        }));
        all.extend(reviews(unit, items).await?);
    }
    Ok(all)
}

async fn plain(
    unit: &WriteUnit,
    kind: &Kind,
    table: &'static str,
    item: &'static str,
    items: &[Uuid],
) -> Result<Vec<Below>> {
    let select = Query::select()
        .column((table, "id"))
        .expr_as(Expr::col((table, item)), "item_id")
        .from(table)
        .and_where(Expr::col((table, item)).is_in(items.iter().copied()))
        .order_by((table, "id"), Order::Asc)
        .take();
    let rows = unit.db().query_all(&select).await?;
    rows.iter()
        .map(|row| -> Result<Below> {
            Ok(Below {
                id: row.try_get("", "id")?,
                item: row.try_get("", "item_id")?,
                kind: kind.clone(),
            })
        })
        .collect()
}

async fn reviews(unit: &WriteUnit, items: &[Uuid]) -> Result<Vec<Below>> {
    let select = Query::select()
        .columns([
            ("review", "id"),
            ("review", "item_id"),
            ("review", "revision"),
            ("revision", "state"),
        ])
        .from("review")
        .inner_join(
            "revision",
            Expr::col(("revision", "id")).equals(("review", "revision_id")),
        )
        .and_where(Expr::col(("review", "item_id")).is_in(items.iter().copied()))
        .order_by(("review", "id"), Order::Asc)
        .take();
    let rows = unit.db().query_all(&select).await?;
    rows.iter()
        .map(|row| -> Result<Below> {
            let state: PublicationStatus = row.try_get("", "state")?;
            Ok(Below {
                id: row.try_get("", "id")?,
                item: row.try_get("", "item_id")?,
                kind: Kind::Review {
                    revision: row.try_get("", "revision")?,
                    shown: matches!(
                        state,
                        PublicationStatus::Published | PublicationStatus::Archived
                    ),
                },
            })
        })
        .collect()
}
