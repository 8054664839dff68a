//! A newer revision of something published, which waits for its review while readers keep the one before.

use std::collections::HashSet;

use entity::change::{EntityType, Operation};
use entity::item::{self, PublicationStatus};
use entity::{community, revision};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use serde::de::DeserializeOwned;
use serde_json::Value;
use uuid::Uuid;

use super::below::{Seen, follow_readers};
use super::insert::{insert_many, replace_row, revision_row, transition_row};
use super::update::write_rows;
use super::{Details, Entry, ItemState, entity_type, renewal, waiting};
use crate::change::row_changed;
use crate::error::{Error, Result};
use crate::merged_domain::{each_once, meant};
use crate::policy::audience;
use crate::store::{PendingChange, WriteUnit};
use crate::text::fold;

/// The field of a change row that only those who may see drafts are told of.
const PENDING: &str = "pendingRevision";

impl ItemState {
    /// The number of the newest revision, pending or not.
    #[must_use]
    pub fn newest_revision(&self) -> i32 {
        self.item.pending_revision.unwrap_or(self.item.revision)
    }

    /// Where the newest revision stands.
    #[must_use]
    pub fn newest_status(&self) -> Option<PublicationStatus> {
        self.item.pending_status.or(self.item.status)
    }

    /// The item with the content of one of its revisions.
    pub(crate) fn with_content_of(&self, revision: &revision::Model) -> Result<Self> {
        let content = Content(&revision.content);
        let mut state = self.clone();
        state.item.title.clone_from(&revision.title);
        state.item.title_key = fold(&revision.title);
        state.body.clone_from(&revision.body);
        state.item.url = content.read("url")?;
        state.item.licence = content.read("licence")?;
        state.item.attribution = content.read("attribution")?;
        state.item.language = content.read("language")?;
        state.item.bylines.0 = content.list("bylines")?;
        state.item.visibility = content
            .read::<Option<_>>("visibility")?
            .unwrap_or(state.item.visibility);
        state.authors = content.list("authorIds")?;
        state.tags = content.list("tags")?;
        state.domains = content.list("domainIds")?;
        match &mut state.details {
            Details::Resource(row) => {
                state.item.kind = content.read("kind")?;
                row.description = content.read("description")?;
                row.educational_levels.0 = content.list("educationalLevels")?;
                row.time_required_minutes = content.read("timeRequiredMinutes")?;
            }
            Details::Practice(row, resources) => {
                state.item.kind = content.read("kind")?;
                row.summary = content.read("summary")?;
                row.problem = content.read("problem")?;
                row.context = content.read("context")?;
                *resources = content.list("resourceIds")?;
            }
            Details::Innovation(row) => {
                row.problem = content.read("problem")?;
                row.idea = content.read::<Option<_>>("idea")?.unwrap_or_default();
                row.hypothesis = content.read("hypothesis")?;
                row.learning = content.read("learning")?;
            }
            Details::Collection(row, entries) => {
                row.description = content.read("description")?;
                row.search_query = content.read("searchQuery")?;
                *entries = content
                    .list::<StoredEntry>("entries")?
                    .into_iter()
                    .map(Entry::from)
                    .collect();
            }
            // The times of an activity go with its occurrences, and a discussion goes on from what was said.
            Details::Activity(_) | Details::Discussion(_) => {
                let message = "revisions of activities and discussions are not restored";
                return Err(Error::internal(message));
            }
        }
        Ok(state)
    }
}

/// The fields of a revision by their names.
struct Content<'a>(&'a Value);

impl Content<'_> {
    fn read<T: DeserializeOwned>(&self, name: &str) -> Result<T> {
        let value = self.0.get(name).cloned().unwrap_or(Value::Null);
        serde_json::from_value(value)
            .map_err(|error| Error::internal(format!("field {name} of a revision: {error}")))
    }

    fn list<T: DeserializeOwned>(&self, name: &str) -> Result<Vec<T>> {
        Ok(self.read::<Option<Vec<T>>>(name)?.unwrap_or_default())
    }
}

/// An entry of a collection, as a revision holds it.
#[derive(serde::Deserialize)]
struct StoredEntry {
    #[serde(rename = "type")]
    of_type: EntityType,
    id: Uuid,
    note: Option<String>,
}

impl From<StoredEntry> for Entry {
    fn from(stored: StoredEntry) -> Self {
        Self {
            item: (stored.of_type, stored.id),
            note: stored.note,
        }
    }
}

/// A revision of an item by its number.
pub(crate) async fn revision_of(
    unit: &WriteUnit,
    item: Uuid,
    number: i32,
) -> Result<Option<revision::Model>> {
    Ok(revision::Entity::find()
        .filter(revision::Column::ItemId.eq(item))
        .filter(revision::Column::Number.eq(number))
        .one(unit.db())
        .await?)
}

/// The pending revision of an item, which is there.
async fn pending_row(unit: &WriteUnit, state: &ItemState, number: i32) -> Result<revision::Model> {
    revision_of(unit, state.item.id, number)
        .await?
        .ok_or_else(|| Error::internal(format!("item {} lacks revision {number}", state.item.id)))
}

/// The item with the content of its newest revision: what an edit starts from.
pub(crate) async fn newest(unit: &WriteUnit, state: &ItemState) -> Result<ItemState> {
    match state.item.pending_revision {
        Some(number) => state.with_content_of(&pending_row(unit, state, number).await?),
        None => Ok(state.clone()),
    }
}

/// Leaves out what the content of an older revision refers to and what was deleted since. Domains that became part of
/// others are these now.
pub(crate) async fn drop_absent(unit: &WriteUnit, state: &mut ItemState) -> Result<()> {
    let meant = meant(unit.db(), state.domains.clone()).await?;
    state.domains = each_once(&state.domains, &meant);
    match &mut state.details {
        Details::Practice(_, resources) if !resources.is_empty() => {
            let there = items_there(unit, resources.iter().copied()).await?;
            resources.retain(|id| there.contains(id));
        }
        Details::Collection(_, entries) if !entries.is_empty() => {
            let there = items_there(unit, entries.iter().map(|entry| entry.item.1)).await?;
            entries.retain(|entry| there.contains(&entry.item.1));
        }
        _ => {}
    }
    Ok(())
}

async fn items_there(unit: &WriteUnit, ids: impl Iterator<Item = Uuid>) -> Result<HashSet<Uuid>> {
    let there = item::Entity::find()
        .select_only()
        .column(item::Column::Id)
        .filter(item::Column::Id.is_in(ids))
        .into_tuple::<Uuid>()
        .all(unit.db())
        .await?;
    Ok(there.into_iter().collect())
}

/// Keeps a newer content as the pending revision; readers keep what they are shown.
pub(crate) async fn hold(
    unit: &mut WriteUnit,
    community: &community::Model,
    mut shown: ItemState,
    new: &ItemState,
    note: Option<String>,
) -> Result<ItemState> {
    // What reviewers asked to be changed waits until it is handed in again.
    let status = match shown.item.pending_status {
        Some(PublicationStatus::ChangesRequested) => PublicationStatus::ChangesRequested,
        _ => PublicationStatus::InReview,
    };
    if let Some(number) = shown.item.pending_revision {
        set_revision_state(unit, shown.item.id, number, PublicationStatus::Draft).await?;
    }
    let id = Uuid::now_v7();
    let mut row = revision_row(unit, new, note);
    row.id = Set(id);
    row.state = Set(status);
    insert_many(unit, vec![row]).await?;
    shown.item.pending_revision = Some(new.item.revision);
    shown.item.pending_status = Some(status);
    waiting::mark(&mut shown.item, waiting::for_review, unit.now());
    replace_row(unit, shown.item.clone()).await?;
    let step = transition_row(unit, id, None, status.as_str(), None);
    insert_many(unit, vec![step]).await?;
    record(unit, community, &shown);
    Ok(shown)
}

/// Moves the pending revision to another status.
pub(crate) async fn move_pending(
    unit: &mut WriteUnit,
    community: &community::Model,
    mut state: ItemState,
    to: PublicationStatus,
    reason: Option<String>,
) -> Result<ItemState> {
    let Some(number) = state.item.pending_revision else {
        return Ok(state);
    };
    let row = pending_row(unit, &state, number).await?;
    set_revision_state(unit, state.item.id, number, to).await?;
    state.item.pending_status = Some(to);
    waiting::mark(&mut state.item, waiting::for_review, unit.now());
    replace_row(unit, state.item.clone()).await?;
    let from = Some(row.state.as_str());
    let step = transition_row(unit, row.id, from, to.as_str(), reason);
    insert_many(unit, vec![step]).await?;
    record(unit, community, &state);
    Ok(state)
}

/// Shows readers the pending revision. `new` is the item with its content.
pub(crate) async fn show(
    unit: &mut WriteUnit,
    community: &community::Model,
    shown: &ItemState,
    mut new: ItemState,
    reason: Option<String>,
) -> Result<ItemState> {
    let Some(number) = shown.item.pending_revision else {
        return Ok(new);
    };
    let row = pending_row(unit, shown, number).await?;
    drop_absent(unit, &mut new).await?;
    new.item.revision = number;
    new.item.pending_revision = None;
    new.item.pending_status = None;
    waiting::mark(&mut new.item, waiting::for_review, unit.now());
    renewal::start_clock(&mut new.item, community, unit.now());
    new.item.updated_at = unit.now();
    write_rows(unit, shown, &new).await?;
    let to = PublicationStatus::Published;
    set_revision_state(unit, new.item.id, number, to).await?;
    let from = Some(row.state.as_str());
    let step = transition_row(unit, row.id, from, to.as_str(), reason);
    insert_many(unit, vec![step]).await?;
    let mut fields = new.changed_fields(shown);
    fields.push("revision".into());
    unit.record(PendingChange {
        entity_type: entity_type(new.item.item_type),
        entity_id: new.item.id,
        operation: Operation::Updated,
        community_id: Some(community.id),
        fields,
        audience_before: Some(audience::of_item(community, &shown.item, &shown.authors)),
        audience_after: Some(audience::of_item(community, &new.item, &new.authors)),
    });
    follow_readers(unit, community, vec![(Seen::of(shown), Seen::of(&new))]).await?;
    Ok(new)
}

/// Says where a revision stands.
pub(crate) async fn set_revision_state(
    unit: &WriteUnit,
    item: Uuid,
    number: i32,
    state: PublicationStatus,
) -> Result<()> {
    revision::Entity::update_many()
        .col_expr(revision::Column::State, Expr::value(state.as_str()))
        .filter(revision::Column::ItemId.eq(item))
        .filter(revision::Column::Number.eq(number))
        .exec(unit.db())
        .await?;
    Ok(())
}

/// Tells those who may see drafts; to everybody else nothing has happened.
fn record(unit: &mut WriteUnit, community: &community::Model, state: &ItemState) {
    let audience = audience::of_draft(community, &state.item, &state.authors);
    let fields = vec![PENDING.to_owned()];
    unit.record(row_changed(
        &state.item,
        Operation::Updated,
        fields,
        audience,
    ));
}
