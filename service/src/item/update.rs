//! Changing the content of an item: a new revision when something changes, nothing when nothing does.

use entity::change::Operation;
use entity::item::PublicationStatus;
use entity::{
    collection_entry, community, item_author, item_domain, item_tag, item_text, practice_resource,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::below::{Seen, follow_readers};
use super::gate::Opened;
use super::insert::{
    entry_rows, insert_lists, insert_many, replace_row, revision_row, used_resources,
};
use super::publication::unmet;
use super::{CheckedContent, Details, ItemState, entity_type, noun, pending, waiting};
use crate::community::kind::{self, Need};
use crate::error::{Error, Result};
use crate::link;
use crate::policy::audience;
use crate::store::{PendingChange, WriteUnit};
use crate::text::fold;

impl CheckedContent {
    /// Puts the given fields into a state.
    pub(crate) fn apply(self, state: &mut ItemState) {
        let item = &mut state.item;
        if let Some(title) = self.title {
            item.title_key = fold(&title);
            item.title = title;
        }
        item.url = self.url.or_keep(item.url.take());
        item.licence = self.licence.or_keep(item.licence.take());
        item.attribution = self.attribution.or_keep(item.attribution.take());
        item.language = self.language.or_keep(item.language.take());
        if let Some(bylines) = self.bylines {
            item.bylines.0 = bylines;
        }
        if let Some(visibility) = self.visibility {
            item.visibility = visibility;
        }
        state.body = self.body.or_keep(state.body.take());
        if let Some(authors) = self.author_ids {
            state.authors = authors;
        }
        if let Some(domains) = self.domain_ids {
            state.domains = domains;
        }
        if let Some(tags) = self.tags {
            state.tags = tags;
        }
    }
}

/// Checks the revision that the caller expects.
pub(crate) fn check_revision(expected: Option<i32>, current: i32) -> Result<()> {
    match expected {
        Some(expected) if expected != current => Err(Error::conflict(current)),
        _ => Ok(()),
    }
}

/// Makes a new revision of an item; writes nothing when `new` is as the newest one, which is `base`.
///
/// Where readers are shown the item and the community asks for a review, the revision waits for it, and readers keep
/// the one before.
pub(crate) async fn update(
    unit: &mut WriteUnit,
    opened: Opened,
    base: &ItemState,
    new: ItemState,
    note: Option<String>,
) -> Result<ItemState> {
    let Opened {
        community, state, ..
    } = opened;
    Box::pin(update_held(unit, &community, state, base, new, note)).await
}

/// Whether two states of an item are the same in all that an editor may change.
pub(crate) fn changes_nothing(base: &ItemState, new: &ItemState) -> bool {
    new.changed_fields(base).is_empty() && !new.differs_unseen(base)
}

/// Whether a new content of an item waits for its review, while readers keep the one that they are shown.
pub(crate) fn waits_for_review(community: &community::Model, shown: &ItemState) -> bool {
    let approvals = kind::policy_of(community).approvals(shown.item.item_type);
    shown.item.published && approvals.needed > 0
}

/// The same as [`update`], of an item that is held already, in its community.
pub(super) async fn update_held(
    unit: &mut WriteUnit,
    community: &community::Model,
    shown: ItemState,
    base: &ItemState,
    mut new: ItemState,
    note: Option<String>,
) -> Result<ItemState> {
    if changes_nothing(base, &new) {
        return Ok(shown);
    }
    new.item.revision = shown.newest_revision() + 1;
    if waits_for_review(community, &shown) {
        return pending::hold(unit, community, shown, &new, note).await;
    }
    keeps_what_it_needs(community, &shown, &new)?;
    if let Some(number) = shown.item.pending_revision {
        pending::drop_absent(unit, &mut new).await?;
        let draft = PublicationStatus::Draft;
        pending::set_revision_state(unit, new.item.id, number, draft).await?;
        new.item.pending_revision = None;
        new.item.pending_status = None;
        waiting::mark(&mut new.item, waiting::for_review, unit.now());
    }
    new.item.updated_at = unit.now();
    write_rows(unit, &shown, &new).await?;
    insert_many(unit, vec![revision_row(unit, &new, note)]).await?;
    unit.record(PendingChange {
        entity_type: entity_type(new.item.item_type),
        entity_id: new.item.id,
        operation: Operation::Updated,
        community_id: Some(community.id),
        fields: new.changed_fields(&shown),
        audience_before: Some(audience::of_item(community, &shown.item, &shown.authors)),
        audience_after: Some(audience::of_item(community, &new.item, &new.authors)),
    });
    follow_readers(unit, community, vec![(Seen::of(&shown), Seen::of(&new))]).await?;
    Ok(new)
}

/// What is published does not lose what its community asks of it; what it lacked before it may go on lacking.
pub(crate) fn keeps_what_it_needs(
    community: &community::Model,
    old: &ItemState,
    new: &ItemState,
) -> Result<()> {
    if new.item.status != Some(PublicationStatus::Published) {
        return Ok(());
    }
    let lacked = unmet(community, &old.item, &old.domains);
    let blockers: Vec<_> = unmet(community, &new.item, &new.domains)
        .into_iter()
        .filter(|need| !lacked.contains(need))
        .map(Need::blocker)
        .collect();
    if blockers.is_empty() {
        return Ok(());
    }
    let message = format!(
        "This {} is published and would lose what its community asks of it.",
        noun(new.item.item_type)
    );
    Err(Error::invalid_transition(&[], message, blockers))
}

/// Writes the rows in which two states of an item differ.
pub(crate) async fn write_rows(unit: &WriteUnit, old: &ItemState, new: &ItemState) -> Result<()> {
    let id = new.item.id;
    replace_row(unit, new.item.clone()).await?;
    match (&old.details, &new.details) {
        (Details::Resource(before), Details::Resource(after)) if before != after => {
            replace_row(unit, after.clone()).await?;
        }
        (Details::Practice(before, before_used), Details::Practice(after, after_used)) => {
            if before != after {
                replace_row(unit, after.clone()).await?;
            }
            if before_used != after_used {
                practice_resource::Entity::delete_many()
                    .filter(practice_resource::Column::PracticeId.eq(id))
                    .exec(unit.db())
                    .await?;
                insert_many(unit, used_resources(id, after_used)).await?;
            }
        }
        (Details::Innovation(before), Details::Innovation(after)) if before != after => {
            replace_row(unit, after.clone()).await?;
        }
        (Details::Activity(before), Details::Activity(after)) if before != after => {
            replace_row(unit, after.clone()).await?;
        }
        (Details::Discussion(before), Details::Discussion(after)) if before != after => {
            replace_row(unit, after.clone()).await?;
        }
        (Details::Collection(before, before_held), Details::Collection(after, after_held)) => {
            if before != after {
                replace_row(unit, after.clone()).await?;
            }
            if before_held != after_held {
                collection_entry::Entity::delete_many()
                    .filter(collection_entry::Column::CollectionId.eq(id))
                    .exec(unit.db())
                    .await?;
                insert_many(unit, entry_rows(id, after_held)).await?;
            }
        }
        _ => {}
    }
    let from = (entity_type(new.item.item_type), id);
    let (before, now) = (old.details.references(), new.details.references());
    link::follow_content(unit, from, &before, &now).await?;
    // Lists are short: replacing those that changed is simpler than comparing rows.
    let mut replaced = ItemState {
        body: None,
        authors: vec![],
        domains: vec![],
        tags: vec![],
        ..new.clone()
    };
    if old.body != new.body {
        item_text::Entity::delete_by_id(id).exec(unit.db()).await?;
        replaced.body.clone_from(&new.body);
    }
    if old.authors != new.authors {
        item_author::Entity::delete_many()
            .filter(item_author::Column::ItemId.eq(id))
            .exec(unit.db())
            .await?;
        replaced.authors.clone_from(&new.authors);
    }
    if old.domains != new.domains {
        item_domain::Entity::delete_many()
            .filter(item_domain::Column::ItemId.eq(id))
            .exec(unit.db())
            .await?;
        replaced.domains.clone_from(&new.domains);
    }
    if old.tags != new.tags {
        item_tag::Entity::delete_many()
            .filter(item_tag::Column::ItemId.eq(id))
            .exec(unit.db())
            .await?;
        replaced.tags.clone_from(&new.tags);
    }
    insert_lists(unit, &[replaced]).await
}
