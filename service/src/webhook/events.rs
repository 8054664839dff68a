//! Which events a row of the change log is.

use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::{DateTime, Utc};
use entity::change::{self, EntityType, Operation};
use entity::discussion::DiscussionState;
use entity::item::PublicationStatus;
use entity::practice::PracticeMaturity;
use entity::webhook::WebhookEvent;
use entity::{community, item};
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::sight::{Seen, changes_any, is_standing};
use crate::error::Result;

/// The fields whose changes are steps in a life, which the table `transition` holds.
const STEPS: &[&str] = &["status", "maturity", "state"];
const STAGE: &str = "stage";
/// Fields that change when nothing of what readers read does.
const NOT_CONTENT: &[&str] = &["status", "publishedAt", "pendingRevision"];

/// How far an item has come.
#[derive(Clone, Copy, Debug)]
struct Standing {
    status: Option<PublicationStatus>,
    published_at: Option<DateTime<Utc>>,
}

impl Standing {
    /// Whether it was past drafting when a change was made.
    fn was_out(self, row: &change::Model) -> bool {
        self.published_at.is_some_and(|at| at <= row.at)
    }
}

/// What is known of some rows beyond what they say.
#[derive(Debug, Default)]
pub(super) struct Facts {
    /// The states that things came to, by position.
    steps: HashMap<i64, HashSet<String>>,
    /// Where items stand now.
    items: HashMap<Uuid, Standing>,
    /// The communities of memberships that were changed.
    pub(super) communities: HashMap<Uuid, community::Model>,
}

impl Facts {
    pub(super) async fn load(
        connection: &impl ConnectionTrait,
        rows: &[change::Model],
    ) -> Result<Self> {
        Ok(Self {
            steps: steps(connection, rows).await?,
            items: standings(connection, rows).await?,
            communities: communities(connection, rows).await?,
        })
    }

    fn came_to(&self, row: &change::Model, state: &str) -> bool {
        let steps = self.steps.get(&row.position);
        steps.is_some_and(|steps| steps.contains(state))
    }

    /// Whether readers have something published since this change.
    fn is_published_by(&self, row: &change::Model, seen: &Seen) -> bool {
        let published = PublicationStatus::Published;
        if self.came_to(row, published.as_str()) {
            return true;
        }
        let item = self.items.get(&row.entity_id);
        let Some(item) = item.filter(|item| item.was_out(row)) else {
            return false;
        };
        match (row.operation, seen.operation) {
            (Operation::Created, _) => true,
            (_, Operation::Created) => item.status == Some(published),
            _ => false,
        }
    }

    fn is_update(&self, row: &change::Model, seen: &Seen) -> bool {
        let item = self.items.get(&row.entity_id);
        let mut fields = row.fields.0.iter();
        seen.operation == Operation::Updated
            && item.is_some_and(|item| item.was_out(row))
            && fields.any(|field| !NOT_CONTENT.contains(&field.as_str()))
    }
}

async fn steps(
    connection: &impl ConnectionTrait,
    rows: &[change::Model],
) -> Result<HashMap<i64, HashSet<String>>> {
    let stepping = rows.iter().filter(|row| {
        row.operation == Operation::Updated
            && changes_any(row, STEPS)
            && matches!(
                row.entity_type,
                EntityType::Resource | EntityType::Practice | EntityType::Discussion
            )
    });
    let positions: Vec<i64> = stepping.map(|row| row.position).collect();
    let mut steps: HashMap<i64, HashSet<String>> = HashMap::new();
    if positions.is_empty() {
        return Ok(steps);
    }
    let of_change = |column: &'static str| Expr::col(("change", column));
    let select = Query::select()
        .column(("change", "position"))
        .column(("transition", "to_state"))
        .from("change")
        // Both are stamped with the time of the one write.
        .inner_join(
            "transition",
            of_change("entity_id")
                .equals(("transition", "entity_id"))
                .and(of_change("at").equals(("transition", "at"))),
        )
        .and_where(of_change("position").is_in(positions))
        .take();
    for row in connection.query_all(&select).await? {
        let taken = steps.entry(row.try_get("", "position")?).or_default();
        taken.insert(row.try_get("", "to_state")?);
    }
    Ok(steps)
}

async fn standings(
    connection: &impl ConnectionTrait,
    rows: &[change::Model],
) -> Result<HashMap<Uuid, Standing>> {
    let items = rows.iter().filter(|row| {
        row.operation != Operation::Deleted
            && matches!(row.entity_type, EntityType::Resource | EntityType::Practice)
    });
    let ids: BTreeSet<Uuid> = items.map(|row| row.entity_id).collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let found: Vec<(Uuid, Option<PublicationStatus>, Option<DateTime<Utc>>)> = item::Entity::find()
        .select_only()
        .columns([
            item::Column::Id,
            item::Column::Status,
            item::Column::PublishedAt,
        ])
        .filter(item::Column::Id.is_in(ids))
        .into_tuple()
        .all(connection)
        .await?;
    let standings = found.into_iter().map(|(id, status, published_at)| {
        let standing = Standing {
            status,
            published_at,
        };
        (id, standing)
    });
    Ok(standings.collect())
}

async fn communities(
    connection: &impl ConnectionTrait,
    rows: &[change::Model],
) -> Result<HashMap<Uuid, community::Model>> {
    let standings = rows.iter().filter(|row| is_standing(row));
    let ids: BTreeSet<Uuid> = standings.filter_map(|row| row.community_id).collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let found = community::Entity::find()
        .filter(community::Column::Id.is_in(ids))
        .all(connection)
        .await?;
    Ok(found.into_iter().map(|row| (row.id, row)).collect())
}

/// Whether a change, as somebody sees it, is this event of one kind of thing.
pub(super) fn is_event(
    event: WebhookEvent,
    row: &change::Model,
    seen: &Seen,
    facts: &Facts,
) -> bool {
    let of = |entity_type: EntityType| row.entity_type == entity_type;
    let gone = seen.operation == Operation::Deleted;
    let came_to = |state: &str| !gone && facts.came_to(row, state);
    match event {
        WebhookEvent::ResourcePublished => {
            of(EntityType::Resource) && !gone && facts.is_published_by(row, seen)
        }
        WebhookEvent::ResourceUpdated => of(EntityType::Resource) && facts.is_update(row, seen),
        WebhookEvent::ResourceArchived => {
            of(EntityType::Resource) && came_to(PublicationStatus::Archived.as_str())
        }
        WebhookEvent::ResourceDeleted => of(EntityType::Resource) && gone,
        WebhookEvent::PracticePublished => {
            of(EntityType::Practice) && !gone && facts.is_published_by(row, seen)
        }
        WebhookEvent::PracticeRecommended => {
            of(EntityType::Practice) && came_to(PracticeMaturity::Recommended.as_str())
        }
        WebhookEvent::InnovationAdvanced => {
            of(EntityType::Innovation) && !gone && changes_any(row, &[STAGE])
        }
        WebhookEvent::DiscussionCreated => {
            of(EntityType::Discussion) && seen.operation == Operation::Created
        }
        WebhookEvent::DiscussionResolved => {
            of(EntityType::Discussion) && came_to(DiscussionState::Resolved.as_str())
        }
        WebhookEvent::MembershipChanged => of(EntityType::Membership),
        // All changes are told by rules of their own, and what saved searches find is no row of the log.
        WebhookEvent::Change | WebhookEvent::SearchAlert => false,
    }
}
