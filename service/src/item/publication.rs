//! The life of resources, practices and collections: `DRAFT → IN_REVIEW → PUBLISHED → ARCHIVED`, with `CHANGES_REQUESTED` on the way,
//! and back from the archive. Where the community asks for no review, a draft is published by its authors.

use entity::community;
use entity::item::{self, ItemType, PublicationStatus};
use futures_util::FutureExt;
use uuid::Uuid;

use super::approvals::{Approver, missing, missing_approvals, reveal};
use super::batch::move_many;
use super::gate::{Opened, open};
use super::pending::{self, move_pending, newest};
use super::update::check_revision;
use super::{ItemState, noun};
use crate::community::kind::{self, Need};
use crate::error::{Blocker, BlockerCode, Error, Result};
use crate::policy::Decision;
use crate::policy::item::{self as policy, ItemFacts};
use crate::store::{Store, WriteUnit, Written};
use crate::validation::{Faults, SUMMARY};
use crate::viewer::{Scope, Viewer};

/// The statuses that an item may go to. What holds a step back beside this is for the community's rules to say.
#[must_use]
pub const fn next_statuses(status: PublicationStatus) -> &'static [PublicationStatus] {
    use PublicationStatus::{Archived, ChangesRequested, Draft, InReview, Published};
    match status {
        Draft => &[InReview, Published],
        InReview => &[ChangesRequested, Published],
        ChangesRequested => &[InReview],
        Published => &[Archived],
        Archived => &[Published],
    }
}

/// What an item lacks of what its community asks of everything published.
#[must_use]
pub fn unmet(community: &community::Model, item: &item::Model, domains: &[Uuid]) -> Vec<Need> {
    if item.status.is_none() {
        return Vec::new();
    }
    let lacks = |need: &Need| match need {
        Need::Steward => item.steward_id.is_none(),
        Need::Domain => domains.is_empty(),
        Need::Licence => item.licence.is_none(),
        Need::ReviewDate => item.review_due_at.is_none(),
    };
    let needs = kind::of(community.kind).published_needs;
    needs.iter().copied().filter(lacks).collect()
}

fn unmet_blockers(community: &community::Model, state: &ItemState) -> Vec<Blocker> {
    let unmet = unmet(community, &state.item, &state.domains);
    unmet.into_iter().map(Need::blocker).collect()
}

/// The steps of its publication that lead on from where an item stands for this viewer, and what holds each back.
#[must_use]
pub fn publication_steps(
    viewer: &Viewer,
    facts: ItemFacts<'_>,
    domains: &[Uuid],
    approvers: &[Approver],
    maker: Option<Uuid>,
) -> Vec<(PublicationStatus, Vec<Blocker>)> {
    use PublicationStatus::{Archived, ChangesRequested, InReview, Published};
    let Some(status) = facts.item.status else {
        return Vec::new();
    };
    let pending = facts
        .item
        .pending_status
        .filter(|_| status == Published && policy::read_drafts(viewer, facts));
    let mut ways: Vec<PublicationStatus> = next_statuses(status).to_vec();
    if let Some(pending) = pending {
        ways.extend(next_statuses(pending));
    }
    let needed = kind::policy_of(facts.community).approvals(facts.item.item_type);
    let unmet = || unmet(facts.community, facts.item, domains);
    ways.into_iter()
        .map(|to| {
            let mut blockers: Vec<Blocker> = Vec::new();
            let decision = match to {
                InReview => policy::submit(viewer, facts),
                ChangesRequested => policy::review(viewer, facts),
                Archived => policy::archive(viewer, facts),
                _ if status == Archived => policy::archive(viewer, facts),
                _ if needed.needed > 0 => Decision::Allow,
                _ => policy::publish(viewer, facts),
            };
            let own = policy::is_author(viewer, facts.community.id, facts.authors)
                || maker.is_some_and(|maker| viewer.user_id() == Some(maker));
            if to == ChangesRequested && own {
                blockers.push(own_work());
            } else {
                blockers.extend(decision.blocker());
            }
            if to == Published {
                if status != Archived {
                    blockers.extend(missing(needed, approvers));
                }
                blockers.extend(unmet().into_iter().map(Need::blocker));
            }
            (to, blockers)
        })
        .collect()
}

/// The guard that keeps everybody from reviewing their own work.
pub(crate) fn own_work() -> Blocker {
    let message = "Nobody reviews their own work; ask somebody else to.";
    Blocker::new(BlockerCode::OwnWork, message)
}

/// Publishes a draft, or the pending revision of what is published, where the community asks for no review or has the
/// approvals. Publishing what is published changes nothing.
#[crate::boxed]
pub async fn publish(
    store: &Store,
    viewer: &Viewer,
    item_type: ItemType,
    id: Uuid,
    expected_revision: Option<i32>,
) -> Result<Written<ItemState>> {
    let actor = viewer.require(Scope::Write)?;
    let viewer = viewer.clone();
    store
        .write(Some(actor), move |unit| {
            async move {
                let opened = open(unit, &viewer, Some(item_type), id, policy::publish).await?;
                let Opened {
                    community, state, ..
                } = opened;
                check_revision(expected_revision, state.newest_revision())?;
                let to = PublicationStatus::Published;
                let from = state.newest_status();
                if from == Some(to) {
                    return Ok(state);
                }
                // What is archived comes back by `restoreItem`.
                if state.item.status == Some(PublicationStatus::Archived)
                    || !from.is_some_and(|from| next_statuses(from).contains(&to))
                {
                    return Err(not_from_here(&state, to));
                }
                let new = newest(unit, &state).await?;
                let mut blockers = missing_approvals(unit.db(), &community, &state).await?;
                blockers.extend(unmet_blockers(&community, &new));
                refuse(&state, to, blockers)?;
                release(unit, &community, state, new, None).await
            }
            .boxed()
        })
        .await
}

/// Hands a draft, or a pending revision that reviewers asked to be changed, in for review. What is in review already
/// stays there.
#[crate::boxed]
pub async fn submit(store: &Store, viewer: &Viewer, id: Uuid) -> Result<Written<ItemState>> {
    let actor = viewer.require(Scope::Write)?;
    let viewer = viewer.clone();
    store
        .write(Some(actor), move |unit| {
            async move {
                let opened = open(unit, &viewer, None, id, policy::submit).await?;
                submit_opened(unit, opened).await
            }
            .boxed()
        })
        .await
}

pub(crate) async fn submit_opened(unit: &mut WriteUnit, opened: Opened) -> Result<ItemState> {
    let Opened {
        community, state, ..
    } = opened;
    let to = PublicationStatus::InReview;
    match state.newest_status() {
        Some(PublicationStatus::InReview) => Ok(state),
        Some(from) if next_statuses(from).contains(&to) => {
            move_newest(unit, &community, state, to, None).await
        }
        _ => Err(not_from_here(&state, to)),
    }
}

/// Takes a published item out of what is offered; it stays readable. Archiving what is archived changes nothing.
#[crate::boxed]
pub async fn archive(
    store: &Store,
    viewer: &Viewer,
    item_type: ItemType,
    id: Uuid,
    reason: Option<String>,
) -> Result<Written<ItemState>> {
    let actor = viewer.require(Scope::Write)?;
    let mut faults = Faults::default();
    let reason = faults.optional_text(&["reason"], reason.as_deref(), SUMMARY);
    faults.check()?;
    let viewer = viewer.clone();
    store
        .write(Some(actor), move |unit| {
            async move {
                let opened = open(unit, &viewer, Some(item_type), id, policy::archive).await?;
                let Opened {
                    community, state, ..
                } = opened;
                let to = PublicationStatus::Archived;
                match state.item.status {
                    Some(PublicationStatus::Archived) => Ok(state),
                    Some(PublicationStatus::Published) => {
                        move_to(unit, &community, state, to, reason).await
                    }
                    _ => Err(not_from_here(&state, to)),
                }
            }
            .boxed()
        })
        .await
}

/// Brings an archived item of any type back. Restoring what is published changes nothing.
#[crate::boxed]
pub async fn restore(store: &Store, viewer: &Viewer, id: Uuid) -> Result<Written<ItemState>> {
    let actor = viewer.require(Scope::Write)?;
    let viewer = viewer.clone();
    store
        .write(Some(actor), move |unit| {
            async move {
                let opened = open(unit, &viewer, None, id, policy::archive).await?;
                let Opened {
                    community, state, ..
                } = opened;
                let to = PublicationStatus::Published;
                match state.item.status {
                    Some(PublicationStatus::Published) => Ok(state),
                    Some(PublicationStatus::Archived) => {
                        refuse(&state, to, unmet_blockers(&community, &state))?;
                        move_to(unit, &community, state, to, None).await
                    }
                    _ => Err(not_from_here(&state, to)),
                }
            }
            .boxed()
        })
        .await
}

/// Shows readers the newest revision; `new` is the item with its content.
pub(crate) async fn release(
    unit: &mut WriteUnit,
    community: &community::Model,
    state: ItemState,
    new: ItemState,
    reason: Option<String>,
) -> Result<ItemState> {
    let to = PublicationStatus::Published;
    let released = if state.item.pending_revision.is_some() {
        pending::show(unit, community, &state, new, reason).await?
    } else {
        move_to(unit, community, state, to, reason).await?
    };
    reveal(unit, community, &released).await?;
    Ok(released)
}

/// Moves the newest revision, pending or not, to another status on the way to its publication.
pub(crate) async fn move_newest(
    unit: &mut WriteUnit,
    community: &community::Model,
    state: ItemState,
    to: PublicationStatus,
    reason: Option<String>,
) -> Result<ItemState> {
    if state.item.pending_revision.is_some() {
        move_pending(unit, community, state, to, reason).await
    } else {
        move_to(unit, community, state, to, reason).await
    }
}

async fn move_to(
    unit: &mut WriteUnit,
    community: &community::Model,
    state: ItemState,
    to: PublicationStatus,
    reason: Option<String>,
) -> Result<ItemState> {
    let moved = move_many(unit, community, vec![state], to, reason.as_deref()).await?;
    let moved = moved.into_iter().next();
    moved.ok_or_else(|| Error::internal("an item was not moved"))
}

/// Refuses a step that guards hold back.
pub(crate) fn refuse(
    state: &ItemState,
    to: PublicationStatus,
    blockers: Vec<Blocker>,
) -> Result<()> {
    if blockers.is_empty() {
        return Ok(());
    }
    let what = noun(state.item.item_type);
    let message = format!("This {what} cannot become {} now.", to.as_str());
    Err(Error::invalid_transition(&["id"], message, blockers))
}

/// The refusal of a step that the present status does not lead to.
pub(crate) fn not_from_here(state: &ItemState, to: PublicationStatus) -> Error {
    let what = noun(state.item.item_type);
    let newest = state.newest_status();
    let from = newest.map_or("none", PublicationStatus::as_str);
    let message = format!("This {what} cannot become {}: it is {from}.", to.as_str());
    let blocker = Blocker::new(BlockerCode::NotFromHere, message.clone());
    Error::invalid_transition(&["id"], message, vec![blocker])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ways_between_all_pairs_of_statuses() {
        use PublicationStatus::{Archived, ChangesRequested, Draft, InReview, Published};
        let open = [
            (Draft, InReview),
            (Draft, Published),
            (InReview, ChangesRequested),
            (InReview, Published),
            (ChangesRequested, InReview),
            (Published, Archived),
            (Archived, Published),
        ];
        for from in PublicationStatus::ALL {
            for to in PublicationStatus::ALL {
                assert_eq!(
                    next_statuses(*from).contains(to),
                    open.contains(&(*from, *to)),
                    "{from:?} to {to:?}"
                );
            }
        }
    }
}
