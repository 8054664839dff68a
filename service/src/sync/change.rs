//! Changing what is here: the content that a system sends becomes a new revision, unless it was edited here meanwhile
//! and the rule says otherwise; what the system lists again comes back from the archive.

use std::collections::HashMap;

use entity::change::Operation;
use entity::external_reference;
use entity::item::PublicationStatus;
use entity::sync_source::SyncConflictRule;
use sea_orm::{EntityTrait, QueryFilter};
use uuid::Uuid;

use super::known::{Changed, Listed, Sorted, merged, named, not_yours, placed};
use super::write::Call;
use super::{INPUT, SyncItem, SyncOutcome, at};
use crate::change::row_changed;
use crate::community::kind::{self, Need};
use crate::error::{Error, Fault, FaultCode, Result};
use crate::external_reference::{ExternalReference, FIELD};
use crate::item::batch::{Edit, move_many, update_many};
use crate::item::content::References;
use crate::item::insert::replace_rows;
use crate::item::pending::newest;
use crate::item::publication::{move_newest, release, unmet};
use crate::item::update::{changes_nothing, waits_for_review};
use crate::item::{CheckedContent, ItemState, load_many_for_update};
use crate::policy::audience;
use crate::policy::item::{self as policy, ItemFacts};
use crate::resource::CheckedResource;
use crate::store::WriteUnit;
use crate::validation::{Faults, Patch};

/// Changes what is here already.
pub(super) async fn change(unit: &mut WriteUnit, call: &Call, sorted: &mut Sorted) -> Result<()> {
    let changed = std::mem::take(&mut sorted.changed);
    if changed.is_empty() {
        return Ok(());
    }
    let checked = check(unit, call, sorted, changed).await?;
    let (mut edits, mut plans) = (Vec::new(), Vec::new());
    for checked in checked {
        if let Some((edit, plan)) = plan(call, sorted, checked)? {
            edits.push(edit);
            plans.push(plan);
        }
    }
    let outcomes = update_many(unit, &call.community, edits).await?;
    let mut written = Vec::with_capacity(plans.len());
    for (outcome, plan) in outcomes.into_iter().zip(plans) {
        match outcome {
            Ok(state) => written.push((state, plan)),
            Err(error) => {
                let faults = refusal(error)?;
                plan.fail(sorted, faults);
            }
        }
    }
    let written = bring_back(unit, call, written).await?;
    let mut rows = Vec::new();
    for (state, plan) in written {
        rows.extend(finish(unit, call, sorted, state, plan).await?);
    }
    let rows = rows.into_iter().map(external_reference::ActiveModel::from);
    replace_rows(unit, rows.collect()).await
}

/// The faults of a refusal; any other error ends the call.
fn refusal(error: Error) -> Result<Vec<Fault>> {
    match error {
        Error::Refused(faults) => Ok(faults),
        error => Err(error),
    }
}

/// What a system sends of a resource that is held, checked.
struct Checked {
    place: usize,
    external_id: String,
    publish: bool,
    unread: Vec<Fault>,
    faults: Faults,
    content: CheckedContent,
    resource: CheckedResource,
    url: Patch<String>,
    reference: ExternalReference,
    digest: String,
    shown: ItemState,
    base: ItemState,
}

/// Holds the resources, and checks what is sent of them.
async fn check(
    unit: &WriteUnit,
    call: &Call,
    sorted: &mut Sorted,
    changed: Vec<Changed>,
) -> Result<Vec<Checked>> {
    let ids: Vec<Uuid> = changed.iter().map(|changed| changed.resource_id).collect();
    let mut references = references(unit, call, &changed).await?;
    let states = load_many_for_update(unit.db(), &ids).await?;
    let mut states: HashMap<Uuid, ItemState> = states
        .into_iter()
        .map(|state| (state.item.id, state))
        .collect();
    let mut checked = Vec::with_capacity(changed.len());
    for changed in changed {
        let Changed {
            listed:
                Listed {
                    place,
                    item,
                    external_id,
                },
            resource_id,
            digest,
        } = changed;
        // It may have been deleted, or taken from the viewer, before it was held.
        let shown = states.remove(&resource_id).filter(|state| {
            let facts = facts(call, state);
            policy::update(&call.viewer, facts).allows()
        });
        let (Some(reference), Some(shown)) = (references.remove(&external_id), shown) else {
            let faults = vec![not_yours(place)];
            sorted.fail(place, item.external_id, Some(resource_id), faults);
            continue;
        };
        let mut faults = Faults::default();
        let SyncItem {
            external_id,
            publish,
            external_url,
            content,
            resource,
            unread,
        } = item;
        checked.push(Checked {
            place,
            external_id,
            publish,
            unread,
            content: content.check(&mut faults),
            resource: resource.check(&mut faults),
            url: faults.url_patch(&[INPUT, "externalUrl"], external_url),
            faults,
            reference,
            digest,
            base: newest(unit, &shown).await?,
            shown,
        });
    }
    let contents: Vec<_> = checked
        .iter()
        .map(|checked| (call.community.id, &checked.content))
        .collect();
    let known = References::load(unit.db(), &contents).await?;
    for checked in &mut checked {
        let authors = &checked.base.authors;
        let (content, faults) = (&mut checked.content, &mut checked.faults);
        known.check(content, call.community.id, authors, faults);
    }
    Ok(checked)
}

/// Where the resources stand with the system, by the ids that it has for them.
async fn references(
    unit: &WriteUnit,
    call: &Call,
    changed: &[Changed],
) -> Result<HashMap<String, ExternalReference>> {
    let ids = changed
        .iter()
        .map(|changed| changed.listed.external_id.as_str());
    let rows = external_reference::Entity::find()
        .filter(named(unit, call, ids)?)
        .all(unit.db())
        .await?;
    let rows = rows.into_iter();
    Ok(rows.map(|row| (row.external_id.clone(), row)).collect())
}

fn facts<'a>(call: &'a Call, state: &'a ItemState) -> ItemFacts<'a> {
    ItemFacts {
        community: &call.community,
        item: &state.item,
        authors: &state.authors,
    }
}

/// What is to be done with a resource beside its content.
struct Plan {
    place: usize,
    external_id: String,
    publish: bool,
    /// Whether what the system sends is taken.
    takes: bool,
    /// Whether it comes back from the archive.
    comes_back: bool,
    /// The newest revision before.
    revision: i32,
    url: Patch<String>,
    reference: ExternalReference,
    digest: String,
}

impl Plan {
    fn fail(self, sorted: &mut Sorted, faults: Vec<Fault>) {
        let faults = placed(self.place, faults);
        let id = Some(self.reference.resource_id);
        sorted.fail(self.place, self.external_id, id, faults);
    }
}

/// Decides what is to be done; none where nothing is.
fn plan(call: &Call, sorted: &mut Sorted, checked: Checked) -> Result<Option<(Edit, Plan)>> {
    let Checked {
        place,
        external_id,
        publish,
        unread,
        faults,
        content,
        resource,
        url,
        reference,
        digest,
        shown,
        base,
    } = checked;
    let id = shown.item.id;
    let found = match faults.check() {
        Ok(()) => Vec::new(),
        Err(error) => refusal(error)?,
    };
    let found = merged(unread, found);
    if !found.is_empty() {
        sorted.fail(place, external_id, Some(id), placed(place, found));
        return Ok(None);
    }
    let sends_news = reference.sent_hash.as_ref() != Some(&digest);
    let mut new = base.clone();
    if sends_news {
        content.apply(&mut new);
        resource.apply(&mut new);
    }
    let revision = shown.newest_revision();
    let mut plan = Plan {
        place,
        external_id,
        publish,
        takes: sends_news,
        comes_back: publish && shown.item.status == Some(PublicationStatus::Archived),
        revision,
        url,
        reference,
        digest,
    };
    let conflict = Conflict::of(&plan, !changes_nothing(&base, &new));
    match (conflict, call.source.on_conflict) {
        (None, _) | (Some(_), SyncConflictRule::TakeTheirs) => {}
        (Some(_), SyncConflictRule::KeepOurs) => {
            new = base.clone();
            plan.takes = false;
            plan.comes_back &= plan.reference.archived_at.is_some();
        }
        (Some(conflict), SyncConflictRule::Report) => {
            let fault = conflict.fault(place, revision);
            sorted.conflict(place, plan.external_id, id, fault);
            return Ok(None);
        }
    }
    if plan.comes_back
        && let Err(error) = may_come_back(call, &shown, &new)
    {
        let faults = refusal(error)?;
        plan.fail(sorted, faults);
        return Ok(None);
    }
    Ok(Some((Edit { shown, base, new }, plan)))
}

/// What was done here since the last synchronization that the system's news would undo.
enum Conflict {
    /// It was edited; the revision of the last synchronization.
    Edited(i32),
    /// Somebody archived it.
    PutAway,
}

impl Conflict {
    fn of(plan: &Plan, differs: bool) -> Option<Self> {
        let synced = plan.reference.synced_revision;
        match synced.filter(|synced| *synced != plan.revision && differs) {
            Some(synced) => Some(Self::Edited(synced)),
            None if plan.comes_back && plan.reference.archived_at.is_none() => Some(Self::PutAway),
            None => None,
        }
    }

    fn fault(&self, place: usize, revision: i32) -> Fault {
        let message = match self {
            Self::Edited(synced) => format!(
                "This was edited here since the last synchronization: its revision is {revision}, and was {synced} then. Nothing was written; `setSyncPolicy` says what is to happen."
            ),
            Self::PutAway => "This was archived here. Nothing was written; bring it back with `restoreItem`, or say with `setSyncPolicy` what is to happen.".to_owned(),
        };
        let mut fault = at(place, &[], FaultCode::Conflict, message);
        fault.current_revision = Some(revision);
        fault
    }
}

/// Asks whether the viewer may bring a resource back, and whether it has what its community asks for.
fn may_come_back(call: &Call, shown: &ItemState, new: &ItemState) -> Result<()> {
    policy::archive(&call.viewer, facts(call, shown)).require(&[], "resource")?;
    // What waits for a review is not shown yet.
    let offered = if waits_for_review(&call.community, shown) {
        shown
    } else {
        new
    };
    let unmet = unmet(&call.community, &offered.item, &offered.domains);
    if unmet.is_empty() {
        return Ok(());
    }
    let blockers = unmet.into_iter().map(Need::blocker).collect();
    let message = "This cannot come back from the archive: it lacks what its community asks of what is published.";
    Err(Error::invalid_transition(&[], message, blockers))
}

/// Brings those back from the archive that come back.
async fn bring_back(
    unit: &mut WriteUnit,
    call: &Call,
    written: Vec<(ItemState, Plan)>,
) -> Result<Vec<(ItemState, Plan)>> {
    let (back, mut rest): (Vec<_>, Vec<_>) =
        written.into_iter().partition(|(_, plan)| plan.comes_back);
    let (states, plans): (Vec<_>, Vec<_>) = back.into_iter().unzip();
    let to = PublicationStatus::Published;
    let states = move_many(unit, &call.community, states, to, None).await?;
    rest.extend(states.into_iter().zip(plans));
    Ok(rest)
}

/// Publishes a resource where that is asked for and open, notes what became of it, and answers the row of its reference
/// where that changed.
async fn finish(
    unit: &mut WriteUnit,
    call: &Call,
    sorted: &mut Sorted,
    state: ItemState,
    plan: Plan,
) -> Result<Option<ExternalReference>> {
    let publishes = plan.takes && plan.publish;
    let (state, moved) = if publishes {
        Box::pin(publish(unit, call, state)).await?
    } else {
        (state, false)
    };
    let old = plan.reference;
    let mut new = old.clone();
    if plan.takes {
        new.url = plan.url.or_keep(new.url);
        new.sent_hash = Some(plan.digest);
        new.synced_revision = Some(state.newest_revision());
    }
    if state.item.status != Some(PublicationStatus::Archived) {
        new.archived_at = None;
    }
    let renamed = new.url != old.url;
    if renamed {
        unit.record(row_changed(
            &state.item,
            Operation::Updated,
            vec![FIELD.to_owned()],
            audience::of_item(&call.community, &state.item, &state.authors),
        ));
    }
    let edited = state.newest_revision() != plan.revision;
    let outcome = if edited || plan.comes_back || moved || renamed {
        SyncOutcome::Updated
    } else {
        SyncOutcome::Unchanged
    };
    let id = Some(state.item.id);
    sorted.settle(plan.place, plan.external_id, outcome, id);
    Ok((new != old).then_some(new))
}

/// Publishes a draft where the viewer may; hands it in where something else is asked for first, as what reviewers asked
/// to be changed. Answers whether it moved.
async fn publish(unit: &mut WriteUnit, call: &Call, state: ItemState) -> Result<(ItemState, bool)> {
    use PublicationStatus::{ChangesRequested, Draft, InReview};
    let (community, item) = (&call.community, &state.item);
    let approvals = kind::policy_of(community).approvals(item.item_type);
    let waits = approvals.needed > 0 || !unmet(community, item, &state.domains).is_empty();
    let facts = facts(call, &state);
    let may_publish = !item.published && !waits && policy::publish(&call.viewer, facts).allows();
    let may_submit = policy::submit(&call.viewer, facts).allows();
    let moved = match state.newest_status() {
        Some(Draft | InReview) if may_publish => {
            let new = state.clone();
            release(unit, community, state, new, None).await?
        }
        Some(Draft) if waits && may_submit => {
            move_newest(unit, community, state, InReview, None).await?
        }
        Some(ChangesRequested) if may_submit => {
            move_newest(unit, community, state, InReview, None).await?
        }
        _ => return Ok((state, false)),
    };
    Ok((moved, true))
}
