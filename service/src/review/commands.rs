//! Reviewing a revision: never one's own, never an older one, and with the approvals that the community asks for it is
//! shown to readers.

use entity::change::{EntityType, Operation};
use entity::item::{ItemType, PublicationStatus};
use entity::membership::MembershipRole;
use entity::review::{self, ReviewVerdict};
use entity::{community, revision};
use futures_util::FutureExt;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use crate::community::kind::{self, Need};
use crate::error::{Blocker, BlockerCode, Error, FaultCode, Result};
use crate::item::gate::{Opened, open};
use crate::item::pending::{newest, revision_of};
use crate::item::publication::{move_newest, not_from_here, own_work, refuse, release, unmet};
use crate::item::{ItemState, approvers_of, missing};
use crate::policy::audience;
use crate::policy::item as policy;
use crate::store::{PendingChange, Store, WriteUnit, Written};
use crate::validation::{Faults, SUMMARY};
use crate::viewer::{Scope, Viewer};

/// What a reviewer says.
#[derive(Clone, Debug)]
pub struct ReviewInput {
    /// The resource or practice.
    pub id: Uuid,
    /// What it comes to.
    pub verdict: ReviewVerdict,
    /// What the reviewer says of it; a COMMENT needs it.
    pub comment: Option<String>,
    /// The number of the revision that the reviewer read.
    pub revision: i32,
}

/// Reviews the newest revision of an item. The last approval that its community asks for shows it to readers;
/// `REQUEST_CHANGES` gives it back to its authors. The same approval or comment again changes nothing.
#[crate::boxed]
pub async fn review(
    store: &Store,
    viewer: &Viewer,
    input: ReviewInput,
) -> Result<Written<ItemState>> {
    let actor = viewer.require(Scope::Write)?;
    let mut faults = Faults::default();
    let field = &["input", "comment"];
    let comment = faults.optional_text(field, input.comment.as_deref(), SUMMARY);
    if input.verdict == ReviewVerdict::Comment && comment.is_none() {
        let message = "A comment says something; approve, or ask for changes, without one.";
        faults.add(FaultCode::Required, field, message);
    }
    faults.check()?;
    let input = ReviewInput { comment, ..input };
    let viewer = viewer.clone();
    store
        .write(Some(actor), move |unit| {
            async move {
                let opened = open_for_review(unit, &viewer, input.id).await?;
                Box::pin(review_opened(unit, opened, actor, input)).await
            }
            .boxed()
        })
        .await
}

/// Opens an item for the viewer's review.
async fn open_for_review(unit: &WriteUnit, viewer: &Viewer, id: Uuid) -> Result<Opened> {
    let field = ["input", "id"];
    let opened = open(unit, viewer, None, id, policy::write)
        .await
        .map_err(|error| error.at(&["id"], &field))?;
    let facts = opened.facts();
    if policy::is_author(&opened.viewer, opened.community.id, facts.authors) {
        return Err(refuse_own_work());
    }
    policy::review(&opened.viewer, facts).require(&field, "item")?;
    Ok(opened)
}

pub(crate) async fn review_opened(
    unit: &mut WriteUnit,
    opened: Opened,
    actor: Uuid,
    input: ReviewInput,
) -> Result<ItemState> {
    let Opened {
        viewer,
        community,
        state,
    } = opened;
    let row = reviewed(unit, &state, actor, input.revision).await?;
    let before = last_review(unit, row.id, actor).await?;
    if input.verdict != ReviewVerdict::RequestChanges
        && before
            .is_some_and(|last| (last.verdict, &last.comment) == (input.verdict, &input.comment))
    {
        return Ok(state);
    }
    let step = next_step(&state, input.verdict)?;
    let role = viewer.role(community.id).unwrap_or(MembershipRole::Member);
    let new = newest(unit, &state).await?;
    let publishes = step == Some(PublicationStatus::Published)
        && suffices(unit, &community, &state, (actor, role)).await?;
    if publishes {
        let unmet = unmet(&community, &new.item, &new.domains)
            .into_iter()
            .map(Need::blocker);
        refuse(&state, PublicationStatus::Published, unmet.collect())?;
    }
    let comment = input.comment.clone();
    insert(unit, &community, &state, &row, role, input).await?;
    match step {
        Some(PublicationStatus::Published) if publishes => {
            release(unit, &community, state, new, comment).await
        }
        Some(PublicationStatus::Published) | None => Ok(state),
        Some(to) => move_newest(unit, &community, state, to, comment).await,
    }
}

/// The revision that is reviewed: the newest, and nobody's own.
async fn reviewed(
    unit: &WriteUnit,
    state: &ItemState,
    actor: Uuid,
    number: i32,
) -> Result<revision::Model> {
    let field = &["input", "revision"];
    let Some(row) = revision_of(unit, state.item.id, number).await? else {
        let message = format!("This item has no revision {number}.");
        return Err(Error::fault(FaultCode::NotFound, field, message));
    };
    let author_ids = row.content.get("authorIds").and_then(|ids| ids.as_array());
    let named = author_ids.into_iter().flatten().any(|id| {
        let id = id.as_str().and_then(|text| Uuid::try_parse(text).ok());
        id == Some(actor)
    });
    if named || row.author_id == Some(actor) {
        return Err(refuse_own_work());
    }
    let newest = state.newest_revision();
    if number != newest {
        let message = format!("Revision {number} is not the newest: review revision {newest}.");
        let blocker = Blocker::new(BlockerCode::OlderRevision, message.clone());
        return Err(Error::invalid_transition(field, message, vec![blocker]));
    }
    Ok(row)
}

fn refuse_own_work() -> Error {
    let blocker = own_work();
    let message = blocker.message.clone();
    Error::invalid_transition(&["input", "id"], message, vec![blocker])
}

/// Where a verdict leads from where the newest revision stands; none where it only is written down. A practice that is
/// published can be approved still: its maturity asks for that.
fn next_step(state: &ItemState, verdict: ReviewVerdict) -> Result<Option<PublicationStatus>> {
    use PublicationStatus::{Archived, ChangesRequested, InReview, Published};
    let to = match verdict {
        ReviewVerdict::Comment => return Ok(None),
        ReviewVerdict::Approve => Published,
        ReviewVerdict::RequestChanges => ChangesRequested,
    };
    let from = state.newest_status();
    if from == Some(InReview) && state.item.status != Some(Archived) {
        return Ok(Some(to));
    }
    let practice = state.item.item_type == ItemType::Practice;
    if practice && verdict == ReviewVerdict::Approve && from == Some(Published) {
        return Ok(None);
    }
    Err(not_from_here(state, to).at(&["id"], &["input", "id"]))
}

/// Are the approvals enough together with this one? Where none is asked for, one is.
async fn suffices(
    unit: &WriteUnit,
    community: &community::Model,
    state: &ItemState,
    this: (Uuid, MembershipRole),
) -> Result<bool> {
    let needed = kind::policy_of(community).approvals(state.item.item_type);
    let mut approvers = approvers_of(unit.db(), &[state.item.id])
        .await?
        .remove(&state.item.id)
        .unwrap_or_default();
    approvers.retain(|(user, _)| *user != this.0);
    approvers.push(this);
    Ok(missing(needed, &approvers).is_empty())
}

async fn last_review(
    unit: &WriteUnit,
    revision: Uuid,
    author: Uuid,
) -> Result<Option<review::Model>> {
    Ok(review::Entity::find()
        .filter(review::Column::RevisionId.eq(revision))
        .filter(review::Column::AuthorId.eq(author))
        .order_by_desc(review::Column::Id)
        .one(unit.db())
        .await?)
}

async fn insert(
    unit: &mut WriteUnit,
    community: &community::Model,
    state: &ItemState,
    revision: &revision::Model,
    role: MembershipRole,
    input: ReviewInput,
) -> Result<()> {
    let id = Uuid::now_v7();
    let row = review::ActiveModel {
        id: Set(id),
        item_id: Set(state.item.id),
        item_type: Set(state.item.item_type),
        revision_id: Set(revision.id),
        revision: Set(revision.number),
        author_id: Set(unit.actor()),
        role: Set(role),
        verdict: Set(input.verdict),
        comment: Set(input.comment),
        created_at: Set(unit.now()),
    };
    review::Entity::insert(row)
        .exec_without_returning(unit.db())
        .await?;
    let shown = state.item.published && state.item.pending_revision.is_none();
    let audience = if shown {
        audience::of_item(community, &state.item, &state.authors)
    } else {
        audience::of_draft(community, &state.item, &state.authors)
    };
    unit.record(PendingChange {
        entity_type: EntityType::Review,
        entity_id: id,
        operation: Operation::Created,
        community_id: Some(community.id),
        fields: Vec::new(),
        audience_before: None,
        audience_after: Some(audience),
    });
    Ok(())
}
