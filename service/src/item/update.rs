//! Changing the content of an item: a new revision when something changes, nothing when nothing does.

use entity::change::Operation;
use entity::{community, item_author, item_domain, item_tag, item_text, practice_resource};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::insert::{insert_lists, insert_many, replace_row, revision_row, used_resources};
use super::{CheckedContent, Details, ItemState, entity_type};
use crate::error::{Error, Result};
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

/// Writes the new state of an item over the old one, as a new revision; writes nothing when they are equal.
pub async fn update(
    unit: &mut WriteUnit,
    community: &community::Model,
    old: ItemState,
    mut new: ItemState,
    note: Option<String>,
) -> Result<ItemState> {
    let fields = new.changed_fields(&old);
    if fields.is_empty() && !new.differs_unseen(&old) {
        return Ok(old);
    }
    new.item.revision = old.item.revision + 1;
    new.item.updated_at = unit.now();
    write_rows(unit, &old, &new).await?;
    insert_many(unit, vec![revision_row(unit, &new, note)]).await?;
    unit.record(PendingChange {
        entity_type: entity_type(new.item.item_type),
        entity_id: new.item.id,
        operation: Operation::Updated,
        community_id: Some(community.id),
        fields,
        audience_before: Some(audience::of_item(community, &old.item, &old.authors)),
        audience_after: Some(audience::of_item(community, &new.item, &new.authors)),
    });
    Ok(new)
}

async fn write_rows(unit: &WriteUnit, old: &ItemState, new: &ItemState) -> Result<()> {
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
        _ => {}
    }
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
