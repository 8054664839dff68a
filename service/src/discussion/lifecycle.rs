//! The life of a discussion: OPEN → RESOLVED by an accepted post, OPEN → CLOSED with a reason, and back to OPEN.

use entity::discussion::{self, CloseReason, DiscussionKind, DiscussionState};
use entity::item::ItemType;
use entity::post;
use futures_util::FutureExt;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter};
use uuid::Uuid;

use super::Discussion;
use super::gate::{DISCUSSION, Opened, POST, open, open_post};
use crate::error::{Blocker, BlockerCode, Error, Result};
use crate::expertise;
use crate::item;
use crate::item::insert::{insert_many, transition_row};
use crate::policy::item::ItemFacts;
use crate::policy::{Decision, discussion as policy, item as item_policy};
use crate::store::{Store, WriteUnit, Written};
use crate::viewer::{Scope, Viewer};

/// Whether a discussion of this kind waits for an answer.
#[must_use]
pub fn is_answerable(kind: DiscussionKind) -> bool {
    matches!(kind, DiscussionKind::HelpRequest | DiscussionKind::Problem)
}

/// The states that a discussion may go to from `state`.
#[must_use]
pub fn next_states(kind: DiscussionKind, state: DiscussionState) -> &'static [DiscussionState] {
    use DiscussionState::{Closed, Open, Resolved};
    match state {
        Open if is_answerable(kind) => &[Resolved, Closed],
        Open => &[Closed],
        Resolved | Closed => &[Open],
    }
}

fn blocked(row: &discussion::Model, to: DiscussionState) -> Option<Blocker> {
    if next_states(row.kind, row.state).contains(&to) {
        return None;
    }
    let message = match (row.state, to) {
        (_, DiscussionState::Resolved) if !is_answerable(row.kind) => {
            "Only a help request or a problem is resolved by an accepted post.".to_owned()
        }
        (from, to) if from == to => format!("This discussion is {} already.", to.as_str()),
        (from, _) => format!("This discussion is {}; reopen it first.", from.as_str()),
    };
    Some(Blocker {
        code: BlockerCode::NotFromHere,
        message,
    })
}

fn refused(field: &[&str], to: DiscussionState, blocker: Blocker) -> Error {
    let message = format!(
        "This discussion cannot become {} now. {}",
        to.as_str(),
        blocker.message
    );
    Error::invalid_transition(field, message, vec![blocker])
}

/// The states other than its own that a discussion of this kind can have, and what stands in the viewer's way to each.
#[must_use]
pub fn transitions(
    viewer: &Viewer,
    facts: ItemFacts<'_>,
    row: &discussion::Model,
    has_posted: bool,
) -> Vec<(DiscussionState, Vec<Blocker>)> {
    DiscussionState::ALL
        .iter()
        .copied()
        .filter(|to| *to != row.state)
        .filter(|to| *to != DiscussionState::Resolved || is_answerable(row.kind))
        .map(|to| {
            let decision = match to {
                DiscussionState::Open => policy::reopen(viewer, facts, has_posted),
                DiscussionState::Resolved => policy::accept(viewer, facts),
                DiscussionState::Closed => policy::close(viewer, facts),
            };
            let mut blockers: Vec<Blocker> = blocked(row, to).into_iter().collect();
            if let Decision::Deny(message) = decision {
                blockers.push(Blocker {
                    code: BlockerCode::NotAllowed,
                    message: message.to_owned(),
                });
            }
            (to, blockers)
        })
        .collect()
}

/// Accepts a post as the answer of its discussion, which is resolved by it; another post may be accepted in its place.
/// Accepting the same post again changes nothing.
#[crate::boxed]
pub async fn accept_post(store: &Store, viewer: &Viewer, id: Uuid) -> Result<Written<Discussion>> {
    let actor = viewer.require(Scope::Write)?;
    let viewer = viewer.clone();
    store
        .write(Some(actor), move |unit| accept_in(unit, viewer, id).boxed())
        .await
}

async fn accept_in(unit: &mut WriteUnit, viewer: Viewer, id: Uuid) -> Result<Discussion> {
    let (mut opened, post) = open_post(unit, &viewer, id).await?;
    policy::accept(&opened.viewer, opened.facts()).require(POST.field, POST.what)?;
    let row = &mut opened.discussion.details;
    if row.accepted_post_id == Some(id) {
        return Ok(opened.discussion);
    }
    let from = row.state;
    if from != DiscussionState::Resolved
        && let Some(blocker) = blocked(row, DiscussionState::Resolved)
    {
        return Err(refused(POST.field, DiscussionState::Resolved, blocker));
    }
    if post.hidden {
        let blocker = Blocker {
            code: BlockerCode::NotFromHere,
            message: "A hidden post is no answer; show it again first.".to_owned(),
        };
        return Err(refused(POST.field, DiscussionState::Resolved, blocker));
    }
    row.accepted_post_id = Some(id);
    let mut fields = vec!["acceptedPost"];
    if from != DiscussionState::Resolved {
        row.resolved_at = Some(unit.now());
        fields.push("resolvedAt");
        step(unit, &mut opened, DiscussionState::Resolved, &mut fields).await?;
    }
    let helper = post
        .author_id
        .filter(|author| !opened.authors.contains(author));
    let audience = opened.audience();
    expertise::demonstrate(unit, opened.discussion.item.id, helper, &audience).await?;
    opened.save_step(unit, &fields).await?;
    Ok(opened.discussion)
}

/// Closes an open discussion. Closing what is closed changes at most the reason.
#[crate::boxed]
pub async fn close(
    store: &Store,
    viewer: &Viewer,
    id: Uuid,
    reason: CloseReason,
) -> Result<Written<Discussion>> {
    let actor = viewer.require(Scope::Write)?;
    let viewer = viewer.clone();
    store
        .write(Some(actor), move |unit| {
            async move {
                let mut opened = open(unit, &viewer, id, DISCUSSION).await?;
                policy::close(&opened.viewer, opened.facts())
                    .require(DISCUSSION.field, DISCUSSION.what)?;
                let row = &mut opened.discussion.details;
                if row.close_reason == Some(reason) {
                    return Ok(opened.discussion);
                }
                let from = row.state;
                if from != DiscussionState::Closed
                    && let Some(blocker) = blocked(row, DiscussionState::Closed)
                {
                    return Err(refused(DISCUSSION.field, DiscussionState::Closed, blocker));
                }
                row.close_reason = Some(reason);
                let mut fields = vec!["closeReason"];
                if from != DiscussionState::Closed {
                    step(unit, &mut opened, DiscussionState::Closed, &mut fields).await?;
                }
                opened.save_step(unit, &fields).await?;
                Ok(opened.discussion)
            }
            .boxed()
        })
        .await
}

/// Reopens a resolved or closed discussion: the accepted post is an answer among others again. Reopening what is open
/// changes nothing.
#[crate::boxed]
pub async fn reopen(store: &Store, viewer: &Viewer, id: Uuid) -> Result<Written<Discussion>> {
    let actor = viewer.require(Scope::Write)?;
    let viewer = viewer.clone();
    store
        .write(Some(actor), move |unit| {
            async move {
                let mut opened = open(unit, &viewer, id, DISCUSSION).await?;
                let posted = has_posted(unit.db(), id, actor).await?;
                policy::reopen(&opened.viewer, opened.facts(), posted)
                    .require(DISCUSSION.field, DISCUSSION.what)?;
                let mut fields = Vec::new();
                match opened.discussion.details.state {
                    DiscussionState::Open => return Ok(opened.discussion),
                    DiscussionState::Resolved => {
                        unaccept(unit, &mut opened, &mut fields).await?;
                    }
                    DiscussionState::Closed => {
                        opened.discussion.details.close_reason = None;
                        fields.push("closeReason");
                        step(unit, &mut opened, DiscussionState::Open, &mut fields).await?;
                    }
                }
                opened.save_step(unit, &fields).await?;
                Ok(opened.discussion)
            }
            .boxed()
        })
        .await
}

async fn has_posted(
    connection: &impl ConnectionTrait,
    discussion: Uuid,
    user: Uuid,
) -> Result<bool> {
    let posts = post::Entity::find()
        .filter(post::Column::DiscussionId.eq(discussion))
        .filter(post::Column::AuthorId.eq(user))
        .count(connection)
        .await?;
    Ok(posts > 0)
}

/// Opens a resolved discussion again, and takes back what the answer showed of its author. The caller saves.
pub(super) async fn unaccept(
    unit: &mut WriteUnit,
    opened: &mut Opened,
    fields: &mut Vec<&str>,
) -> Result<()> {
    let row = &mut opened.discussion.details;
    row.accepted_post_id = None;
    row.resolved_at = None;
    fields.extend(["acceptedPost", "resolvedAt"]);
    step(unit, opened, DiscussionState::Open, fields).await?;
    let audience = opened.audience();
    expertise::demonstrate(unit, opened.discussion.item.id, None, &audience).await
}

/// Takes the step to another state, with its row of `transition`. The caller saves.
async fn step(
    unit: &WriteUnit,
    opened: &mut Opened,
    to: DiscussionState,
    fields: &mut Vec<&str>,
) -> Result<()> {
    let row = &mut opened.discussion.details;
    let from = std::mem::replace(&mut row.state, to);
    let reason = row.close_reason.map(|reason| reason.as_str().to_owned());
    fields.push("state");
    let step = transition_row(unit, row.id, Some(from.as_str()), to.as_str(), reason);
    insert_many(unit, vec![step]).await
}

/// Deletes a discussion with its posts for good, and answers its id; for facilitators.
#[crate::boxed]
pub async fn delete(store: &Store, viewer: &Viewer, id: Uuid) -> Result<Written<Uuid>> {
    let actor = viewer.require(Scope::Write)?;
    let viewer = viewer.clone();
    store
        .write(Some(actor), move |unit| {
            async move {
                let opened = open(unit, &viewer, id, DISCUSSION).await?;
                item_policy::delete(&opened.viewer, opened.facts())
                    .require(DISCUSSION.field, DISCUSSION.what)?;
                let audience = opened.audience();
                expertise::demonstrate(unit, id, None, &audience).await?;
                item::delete_in(unit, &viewer, ItemType::Discussion, id).await
            }
            .boxed()
        })
        .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_of_states_is_open_or_blocked() {
        use DiscussionKind::{Announcement, Discussion, HelpRequest, Problem};
        use DiscussionState::{Closed, Open, Resolved};
        for kind in [Discussion, HelpRequest, Problem, Announcement] {
            for from in DiscussionState::ALL {
                for to in DiscussionState::ALL {
                    let open = match (from, to) {
                        (Open, Resolved) => matches!(kind, HelpRequest | Problem),
                        (Open, Closed) | (Resolved | Closed, Open) => true,
                        _ => false,
                    };
                    let found = next_states(kind, *from).contains(to);
                    assert_eq!(found, open, "{kind:?}: {from:?} to {to:?}");
                }
            }
        }
    }
}
