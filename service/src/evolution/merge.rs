//! A community becomes part of another.

use std::collections::HashMap;

use entity::change::EntityType;
use entity::community::{
    self, CommunityStage, CommunityStatus, CommunityVisibility, TransformationOutcome,
};
use entity::link::LinkRelation;
use entity::membership::{self, MembershipState};
use futures_util::FutureExt;
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
};
use uuid::Uuid;

use super::coming::Coming;
use super::moving::move_items;
use super::parts::{DEEPEST, PARENT, Parts};
use super::stories::move_stories;
use crate::community::{Account, record_stage, record_step, record_update};
use crate::domain::{Owner, hold_tree};
use crate::error::{Blocker, BlockerCode, Error, FaultCode, Result};
use crate::item::update::check_revision;
use crate::link::{self, NewLink};
use crate::membership::{Hold, arrivals, bring, refresh, reread_all, standing};
use crate::policy;
use crate::store::{MERGED_FROM, MERGED_INTO, Store, WriteUnit, Written};
use crate::validation::{Faults, SUMMARY};
use crate::viewer::{Scope, Viewer};

/// Makes a community part of another, by somebody who facilitates both; answers the other. All items, value
/// stories and what is shared with other communities go there and keep everything; what the two shared with each other
/// ends; whoever is an active member comes along, with the stronger of both roles, unless barred there; and whoever
/// is barred is barred there. The communities that are part of it are part of the other. What is left is archived, with
/// what it said of itself, and its slugs lead to the other. `expected_revision` is the revision of the one that the caller
/// read.
///
/// Nobody reads anything by this who is a member of neither: a community goes into one that is at most as open.
#[crate::boxed]
pub async fn merge(
    store: &Store,
    viewer: &Viewer,
    id: Uuid,
    into: Uuid,
    reason: String,
    expected_revision: Option<i32>,
) -> Result<Written<community::Model>> {
    let actor = viewer.require(Scope::Write)?;
    let mut faults = Faults::default();
    let reason = faults.text(&["reason"], &reason, SUMMARY);
    if id == into {
        let message = "A community cannot become part of itself.";
        faults.add(FaultCode::Invalid, &["intoId"], message);
    } else {
        // Whoever may not keeps no writer waiting.
        look(store, viewer, id, into, &mut faults).await?;
    }
    faults.check()?;
    let viewer = viewer.clone();
    store
        .write(Some(actor), move |unit| {
            merge_in(unit, viewer, (id, into), reason, expected_revision).boxed()
        })
        .await
}

async fn merge_in(
    unit: &mut WriteUnit,
    viewer: Viewer,
    (id, into): (Uuid, Uuid),
    reason: String,
    expected_revision: Option<i32>,
) -> Result<community::Model> {
    let mut faults = Faults::default();
    hold_tree(unit, Owner::Community).await?;
    let (from, into) = held(unit, &viewer, id, into, &mut faults).await?;
    if let Some(from) = &from {
        faults.absorb(check_revision(expected_revision, from.revision))?;
    }
    faults.check()?;
    let (Some(from), Some(into)) = (from, into) else {
        return Err(Error::internal(
            "communities that are not there were not refused",
        ));
    };
    let parts = Parts::of(unit, &from, &into).await?;
    let blockers = blockers(unit, &from, &into, &parts).await?;
    if !blockers.is_empty() {
        let message = "This community cannot become part of the other now.";
        return Err(Error::invalid_transition(&["intoId"], message, blockers));
    }

    let coming = membership::Entity::find()
        .filter(membership::Column::CommunityId.eq(from.id))
        .filter(membership::Column::State.is_in([MembershipState::Active, MembershipState::Banned]))
        .all(unit.db())
        .await?;
    let arrivals = arrivals(unit, coming).await?;
    bring(unit, &into, arrivals).await?;
    move_items(unit, &from, &into, Coming::All).await?;
    move_stories(unit, &from, &into).await?;
    link::state(
        unit,
        &[NewLink {
            from: (EntityType::Community, from.id),
            relation: LinkRelation::MergedInto,
            to: (EntityType::Community, into.id),
            occurrence: None,
        }],
    )
    .await?;
    let after = parts.go(unit, &from, &into).await?;
    close(unit, &from, &into, reason).await?;
    let mut fields = vec![MERGED_FROM.to_owned()];
    if after.parent_id != into.parent_id {
        fields.push(PARENT.to_owned());
    }
    record_update(unit, &into, &after, fields);
    Ok(after)
}

/// Notes why the viewer may not merge the communities as they are now.
async fn look(
    store: &Store,
    viewer: &Viewer,
    id: Uuid,
    into: Uuid,
    faults: &mut Faults,
) -> Result<()> {
    let viewer = reread_all(store, viewer).await?;
    let mut rows: HashMap<Uuid, community::Model> = community::Entity::find()
        .filter(community::Column::Id.is_in([id, into]))
        .all(store.reader())
        .await?
        .into_iter()
        .map(|row| (row.id, row))
        .collect();
    for (id, field) in [(id, "id"), (into, "intoId")] {
        allowed(&viewer, rows.remove(&id), field, faults)?;
    }
    Ok(())
}

/// The community, when the viewer may merge it; otherwise the fault is noted.
fn allowed(
    viewer: &Viewer,
    community: Option<community::Model>,
    field: &str,
    faults: &mut Faults,
) -> Result<Option<community::Model>> {
    let decided = match community {
        Some(community) => policy::community::evolve(viewer, &community)
            .require(&[field], "community")
            .map(|()| community),
        None => Err(Error::not_found(&[field], "community")),
    };
    faults.absorb(decided)
}

/// Both communities, held in the order of their ids, when the viewer may merge them.
async fn held(
    unit: &WriteUnit,
    viewer: &Viewer,
    id: Uuid,
    into: Uuid,
    faults: &mut Faults,
) -> Result<(Option<community::Model>, Option<community::Model>)> {
    // Two who merge the same communities in either direction wait for each other in the same order.
    let (_, first) = standing(unit, viewer, std::cmp::min(id, into), Hold::Exclusive).await?;
    let (_, second) = standing(unit, viewer, std::cmp::max(id, into), Hold::Exclusive).await?;
    let (from, target) = if id < into {
        (first, second)
    } else {
        (second, first)
    };
    let viewer = refresh(unit, viewer, &[id, into]).await?;
    let from = allowed(&viewer, from, "id", faults)?;
    let into = allowed(&viewer, target, "intoId", faults)?;
    Ok((from, into))
}

/// How open a community is, in rising order.
const fn openness(visibility: CommunityVisibility) -> u8 {
    match visibility {
        CommunityVisibility::Unlisted => 0,
        CommunityVisibility::Private => 1,
        CommunityVisibility::Internal => 2,
        CommunityVisibility::Public => 3,
    }
}

/// What keeps a community from going into another.
async fn blockers(
    unit: &WriteUnit,
    from: &community::Model,
    into: &community::Model,
    parts: &Parts,
) -> Result<Vec<Blocker>> {
    let mut blockers = Vec::new();
    if openness(into.visibility) > openness(from.visibility) {
        blockers.push(Blocker::new(
            BlockerCode::CriterionUnmet,
            format!(
                "The other community is {} and this one {}: more people could read what is here. Change the visibility of one of them first.",
                into.visibility.as_str(),
                from.visibility.as_str()
            ),
        ));
    }
    let barred = barred_members(unit, from, into).await?;
    if barred > 0 {
        blockers.push(Blocker::new(
            BlockerCode::CriterionUnmet,
            format!(
                "{barred} of those who are barred here are active members of the other community, and would read what is here. Invite them here again, or end their membership there."
            ),
        ));
    }
    if parts.come_too_deep(unit).await? {
        blockers.push(Blocker::new(
            BlockerCode::CriterionUnmet,
            format!(
                "What is part of this community would have more than {DEEPEST} others above it. Make it part of another one, or of none, first."
            ),
        ));
    }
    Ok(blockers)
}

/// How many are barred from the one and active in the other.
async fn barred_members(
    unit: &WriteUnit,
    from: &community::Model,
    into: &community::Model,
) -> Result<i64> {
    let column = |table: &'static str, name: &'static str| Expr::col((table, name));
    let select = Query::select()
        .expr_as(Expr::cust("COUNT(*)"), "barred")
        .from_as("membership", "here")
        .join_as(
            sea_orm::JoinType::InnerJoin,
            "membership",
            "there",
            column("there", "user_id").equals(("here", "user_id")),
        )
        .and_where(column("here", "community_id").eq(from.id))
        .and_where(column("here", "state").eq(MembershipState::Banned.as_str()))
        .and_where(column("there", "community_id").eq(into.id))
        .and_where(column("there", "state").eq(MembershipState::Active.as_str()))
        .take();
    Ok(match unit.db().query_one(&select).await? {
        Some(row) => row.try_get("", "barred")?,
        None => 0,
    })
}

/// Ends the merged community: archived, in TRANSFORMATION, under another slug.
async fn close(
    unit: &mut WriteUnit,
    from: &community::Model,
    into: &community::Model,
    reason: String,
) -> Result<()> {
    let mut closed = from.clone();
    closed.slug = Owner::Community
        .derive(unit, &format!("{} merged", from.slug))
        .await?;
    closed.status = CommunityStatus::Archived;
    closed.stage = CommunityStage::Transformation;
    closed.updated_at = unit.now();
    let closed = closed
        .into_active_model()
        .reset_all()
        .update(unit.db())
        .await?;
    Owner::Community.claim(unit, &closed.slug).await?;
    Owner::Community
        .redirect_all(unit, from.id, into.id)
        .await?;
    Owner::Community.redirect(unit, &from.slug, into.id).await?;
    let account = Account {
        reason,
        outcome: Some(TransformationOutcome::Merged),
        overrode: Vec::new(),
    };
    record_stage(unit, from.id, from.stage, closed.stage, account).await?;
    record_step(unit, from.id, from.status.as_str(), closed.status.as_str()).await?;
    let mut fields = vec!["slug", "status", "stageHistory", MERGED_INTO];
    if from.stage != closed.stage {
        fields.push("stage");
    }
    let fields = fields.into_iter().map(str::to_owned).collect();
    record_update(unit, from, &closed, fields);
    Ok(())
}
