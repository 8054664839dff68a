//! Those who are asked to do something: to help with a new request, to review what was handed in.

use std::collections::{BTreeMap, HashMap};

use entity::change::{self, EntityType, Operation};
use entity::discussion::{self, DiscussionKind, DiscussionState};
use entity::item::{self, PublicationStatus};
use entity::membership::{MembershipRole, MembershipState};
use entity::notification::NotificationReason;
use entity::{community, user};
use sea_orm::sea_query::{Condition, Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::super::raise::{Act, raise_for};
use super::{changed_thing, changes_any, of_change, positions, tell_by, way};
use crate::community::kind;
use crate::error::Result;
use crate::expertise;
use crate::item::made_by;
use crate::policy::item::roles_that_count;
use crate::store::WriteUnit;
use crate::viewer::{SignedIn, Viewer};

/// Asks those who are suggested as helpers of a new request, as far as its asker may know of what they know.
pub(super) async fn ask_helpers(unit: &WriteUnit, rows: &[change::Model]) -> Result<()> {
    let new = rows.iter().filter(|row| {
        row.entity_type == EntityType::Discussion && row.operation == Operation::Created
    });
    let new: HashMap<Uuid, &change::Model> = new.map(|row| (row.entity_id, row)).collect();
    if new.is_empty() {
        return Ok(());
    }
    let requests = discussion::Entity::find()
        .filter(discussion::Column::Id.is_in(new.keys().copied()))
        .filter(discussion::Column::Kind.eq(DiscussionKind::HelpRequest))
        .filter(discussion::Column::State.eq(DiscussionState::Open))
        .all(unit.db())
        .await?;
    for request in requests {
        let Some(row) = new.get(&request.id) else {
            continue;
        };
        let Some(asker) = asker(unit, row).await? else {
            continue;
        };
        let suggested = expertise::helpers(unit.db(), unit.now(), &asker, &[request.id]).await?;
        let helpers: Vec<Uuid> = suggested.into_values().flatten().collect();
        let act = Act {
            actor: row.actor_id,
            at: row.at,
        };
        let about = (row.entity_type, row.entity_id);
        raise_for(unit, NotificationReason::AskedToHelp, about, act, &helpers).await?;
    }
    Ok(())
}

/// Who asks, as SQL reads for them: it reads their memberships itself.
async fn asker(unit: &WriteUnit, row: &change::Model) -> Result<Option<Viewer>> {
    let Some(id) = row.actor_id else {
        return Ok(None);
    };
    let user = user::Entity::find_by_id(id).one(unit.db()).await?;
    Ok(user.map(|user| {
        Viewer::signed_in(SignedIn {
            user,
            memberships: HashMap::new(),
            scopes: Vec::new(),
            only_community: None,
        })
    }))
}

/// Asks those whose review counts where something was handed in, but not its authors.
pub(super) async fn ask_reviewers(unit: &WriteUnit, rows: &[change::Model]) -> Result<()> {
    let is_step = |row: &change::Model| {
        matches!(
            row.entity_type,
            EntityType::Resource | EntityType::Practice | EntityType::Collection
        ) && changes_any(row, &["status", "pendingRevision"])
    };
    let touched = rows.iter().filter(|row| is_step(row));
    let touched: Vec<Uuid> = touched.map(|row| row.entity_id).collect();
    if touched.is_empty() {
        return Ok(());
    }
    let waiting = item::Entity::find()
        .filter(item::Column::Id.is_in(touched))
        .filter(
            Condition::any()
                .add(item::Column::Status.eq(PublicationStatus::InReview))
                .add(item::Column::PendingStatus.eq(PublicationStatus::InReview)),
        )
        .all(unit.db())
        .await?;
    for (needed, items) in by_needed_role(unit, waiting).await? {
        let steps = positions(rows, |row| is_step(row) && items.contains(&row.entity_id));
        tell_reviewers(unit, &steps, needed).await?;
    }
    Ok(())
}

/// The items by what those must be at least whose review counts.
async fn by_needed_role(
    unit: &WriteUnit,
    items: Vec<item::Model>,
) -> Result<BTreeMap<MembershipRole, Vec<Uuid>>> {
    let ids = items.iter().map(|item| item.community_id);
    let communities: HashMap<Uuid, community::Model> = community::Entity::find()
        .filter(community::Column::Id.is_in(ids))
        .all(unit.db())
        .await?
        .into_iter()
        .map(|community| (community.id, community))
        .collect();
    let mut by_role: BTreeMap<MembershipRole, Vec<Uuid>> = BTreeMap::new();
    for item in items {
        if let Some(community) = communities.get(&item.community_id) {
            let needed = kind::policy_of(community).approvals(item.item_type).by;
            by_role.entry(needed).or_default().push(item.id);
        }
    }
    Ok(by_role)
}

async fn tell_reviewers(unit: &WriteUnit, steps: &[i64], needed: MembershipRole) -> Result<()> {
    let own_work = Query::select()
        .expr(Expr::value(1))
        .from("item_author")
        .and_where(Expr::col(("item_author", "item_id")).equals(("change", "entity_id")))
        .and_where(Expr::col(("item_author", "user_id")).equals(("membership", "user_id")))
        .take();
    let own_revision = made_by(Expr::col(("membership", "user_id")))
        .inner_join(
            "item",
            Expr::col(("item", "id")).equals(("change", "entity_id")),
        )
        .take();
    let roles = roles_that_count(needed).map(MembershipRole::as_str);
    let mut reviewers = way(steps, ("membership", "user_id"), changed_thing());
    reviewers
        .inner_join(
            "membership",
            of_change("community_id").equals(("membership", "community_id")),
        )
        .and_where(Expr::col(("membership", "state")).eq(MembershipState::Active.as_str()))
        .and_where(Expr::col(("membership", "role")).is_in(roles))
        .and_where(Expr::exists(own_work).not())
        .and_where(Expr::exists(own_revision).not());
    tell_by(unit, NotificationReason::AskedToReview, [reviewers]).await
}
