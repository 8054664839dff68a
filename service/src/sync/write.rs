//! A call of a system: its items sorted, made, changed and noted.

use entity::community;
use entity::external_reference;
use entity::item::PublicationStatus;
use sea_orm::IntoActiveModel;

use super::change::change;
use super::digest::digest;
use super::known::{Listed, Sorted, merged, named, placed, sort};
use super::source::{SyncSource, held_or_made};
use super::{
    INPUT, MOST_ITEMS, RUN, RUN_NAME, SYSTEM, SyncItem, SyncOutcome, SyncResources, SyncResult,
    open, opened, run,
};
use crate::error::{Error, Fault, Result};
use crate::external_reference::{ExternalReference, SYSTEM as SYSTEM_NAME};
use crate::item::batch::move_many;
use crate::item::insert::insert_many;
use crate::item::{self, Draft, ItemState, publishes_at_once};
use crate::policy::item::{self as item_policy, ItemFacts};
use crate::policy::sync as policy;
use crate::resource::CreateResource;
use crate::store::WriteUnit;
use crate::validation::Faults;
use crate::viewer::Viewer;

/// Who synchronizes what with which system.
#[derive(Debug)]
pub(super) struct Call {
    /// The viewer with the present standing.
    pub(super) viewer: Viewer,
    /// The community, held.
    pub(super) community: community::Model,
    /// The system, held.
    pub(super) source: SyncSource,
}

/// The same as [`super::sync_resources`] inside a unit of work, for imports, whatever scope the viewer has. Of a dry run
/// everything is written; the caller takes it back.
pub async fn sync_in(
    unit: &mut WriteUnit,
    viewer: &Viewer,
    call: SyncResources,
) -> Result<Vec<SyncResult>> {
    let SyncResources {
        community_id,
        system,
        items,
        run,
        dry_run,
    } = call;
    let mut faults = Faults::default();
    let system = faults.text(SYSTEM, &system, SYSTEM_NAME);
    let run = run.map(|name| faults.text(RUN, &name, RUN_NAME));
    faults.list_length(&[INPUT], items.len(), MOST_ITEMS);
    let found = open(unit, viewer, community_id, policy::sync).await;
    let found = faults.absorb(found)?;
    let (viewer, community) = opened(faults, found)?;
    let source = held_or_made(unit, community.id, &system).await?;
    let run = match run {
        Some(name) => Some(run::begin(unit, &source, &name).await?),
        None => None,
    };
    let call = Call {
        viewer,
        community,
        source,
    };
    let ids: Vec<String> = match &run {
        Some(_) => items.iter().map(external_id).collect(),
        None => Vec::new(),
    };
    let mut sorted = sort(unit, &call, items).await?;
    create(unit, &call, &mut sorted).await?;
    Box::pin(change(unit, &call, &mut sorted)).await?;
    if let Some(run) = run {
        let listed = named(unit, &call, ids.iter().map(String::as_str))?;
        run::list(unit, &run, listed).await?;
    }
    let settled = sorted.results.into_iter().map(|result| {
        let mut result =
            result.ok_or_else(|| Error::internal("an item of a call came to no outcome"))?;
        if dry_run && result.outcome == SyncOutcome::Created {
            result.resource_id = None;
        }
        Ok(result)
    });
    settled.collect()
}

/// The id of an item as it would be kept.
fn external_id(item: &SyncItem) -> String {
    item.external_id.trim().replace('\0', "")
}

/// A new resource, and what is to be noted of it.
struct New {
    place: usize,
    external_id: String,
    /// As the caller wrote it.
    given_id: String,
    url: Option<String>,
    digest: String,
    unread: Vec<Fault>,
    /// Whether it is to be handed in for review.
    waits: bool,
}

/// Makes what is new.
async fn create(unit: &mut WriteUnit, call: &Call, sorted: &mut Sorted) -> Result<()> {
    let listed = std::mem::take(&mut sorted.new);
    if listed.is_empty() {
        return Ok(());
    }
    let (drafts, new): (Vec<Draft>, Vec<New>) =
        listed.into_iter().map(|listed| draft(call, listed)).unzip();
    let created = item::create_many(unit, &call.viewer, drafts).await?;
    let mut waiting = Vec::new();
    let mut rows: Vec<external_reference::ActiveModel> = Vec::new();
    for (created, new) in created.into_iter().zip(new) {
        let state = match created {
            Ok(state) => state,
            Err(Error::Refused(found)) => {
                let faults = placed(new.place, merged(new.unread, found));
                sorted.fail(new.place, new.given_id, None, faults);
                continue;
            }
            Err(error) => return Err(error),
        };
        let id = state.item.id;
        sorted.settle(new.place, new.given_id, SyncOutcome::Created, Some(id));
        let row = ExternalReference {
            community_id: call.community.id,
            system: call.source.system.clone(),
            external_id: new.external_id,
            resource_id: id,
            url: new.url,
            place: 0,
            sent_hash: Some(new.digest),
            synced_revision: Some(state.newest_revision()),
            archived_at: None,
        };
        rows.push(row.into_active_model());
        if new.waits && may_submit(call, &state) {
            waiting.push(state);
        }
    }
    insert_many(unit, rows).await?;
    let to = PublicationStatus::InReview;
    move_many(unit, &call.community, waiting, to, None).await?;
    Ok(())
}

fn may_submit(call: &Call, state: &ItemState) -> bool {
    let facts = ItemFacts {
        community: &call.community,
        item: &state.item,
        authors: &state.authors,
    };
    item_policy::submit(&call.viewer, facts).allows()
}

fn draft(call: &Call, listed: Listed) -> (Draft, New) {
    let digest = digest(&listed.item);
    let SyncItem {
        external_id: given_id,
        publish,
        external_url,
        content,
        resource,
        unread,
    } = listed.item;
    let create = CreateResource {
        community_id: call.community.id,
        content,
        resource,
        publish: false,
    };
    // What it is called in other systems is said by the call itself.
    let (mut draft, _) = create.into_draft();
    let url = draft
        .faults
        .url_patch(&[INPUT, "externalUrl"], external_url)
        .or_keep(None);
    for fault in &unread {
        draft.faults.absorb_fault(fault.clone());
    }
    draft.publish = publish && publishes_at_once(&call.community, &draft);
    let new = New {
        place: listed.place,
        external_id: listed.external_id,
        given_id,
        url,
        digest,
        unread,
        waits: publish && !draft.publish,
    };
    (draft, new)
}
