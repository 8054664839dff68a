//! The whole state of items, as writing and indexing need it.

use std::collections::HashMap;

use entity::change::EntityType;
use entity::item::{self, ItemType};
use entity::{activity, collection, discussion, innovation, practice, resource};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::lists;
use crate::error::{Error, Result};
use crate::link::End;

/// What only the item's type has.
#[derive(Clone, Debug, PartialEq)]
pub enum Details {
    /// Of a resource.
    Resource(resource::Model),
    /// Of a practice, with the resources that it uses.
    Practice(practice::Model, Vec<Uuid>),
    /// Of an innovation.
    Innovation(innovation::Model),
    /// Of an activity.
    Activity(activity::Model),
    /// Of a discussion.
    Discussion(discussion::Model),
    /// Of a collection, with its entries.
    Collection(collection::Model, Vec<Entry>),
}

/// An item on the path of a collection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The item.
    pub item: End,
    /// What the curator says of it.
    pub note: Option<String>,
}

impl Details {
    /// The items that the content refers to: what a practice uses, what a discussion is about, what a collection holds.
    pub(crate) fn references(&self) -> Vec<End> {
        match self {
            Self::Practice(_, resources) => resources
                .iter()
                .map(|id| (EntityType::Resource, *id))
                .collect(),
            Self::Discussion(row) => row.about_type.zip(row.about_id).into_iter().collect(),
            Self::Collection(_, entries) => entries.iter().map(|entry| entry.item).collect(),
            Self::Resource(_) | Self::Innovation(_) | Self::Activity(_) => Vec::new(),
        }
    }
}

/// An item with everything that belongs to it.
#[derive(Clone, Debug, PartialEq)]
pub struct ItemState {
    /// The shared row.
    pub item: item::Model,
    /// The Markdown body.
    pub body: Option<String>,
    /// Users who are authors, in order.
    pub authors: Vec<Uuid>,
    /// Domains, in order.
    pub domains: Vec<Uuid>,
    /// Tags as written, in order.
    pub tags: Vec<String>,
    /// What only its type has.
    pub details: Details,
}

impl ItemState {
    /// Every editable field by its name in the schema, but title and body, which a revision holds apart, and what not
    /// every reader of a revision may see. Ids are UUIDs.
    #[must_use]
    pub fn content(&self) -> Map<String, Value> {
        let item = &self.item;
        let mut content = Map::new();
        let mut put = |name: &str, value: Value| {
            content.insert(name.to_owned(), value);
        };
        put("url", json!(item.url));
        put("licence", json!(item.licence));
        put("attribution", json!(item.attribution));
        put("language", json!(item.language));
        put("bylines", json!(item.bylines.0));
        put("authorIds", json!(self.authors));
        put("tags", json!(self.tags));
        put("domainIds", json!(self.domains));
        put("visibility", json!(item.visibility));
        match &self.details {
            Details::Resource(resource) => {
                put("kind", json!(item.kind));
                put("description", json!(resource.description));
                put("educationalLevels", json!(resource.educational_levels.0));
                put("timeRequiredMinutes", json!(resource.time_required_minutes));
            }
            Details::Practice(practice, resources) => {
                put("kind", json!(item.kind));
                put("summary", json!(practice.summary));
                put("problem", json!(practice.problem));
                put("context", json!(practice.context));
                put("resourceIds", json!(resources));
            }
            Details::Innovation(innovation) => {
                put("problem", json!(innovation.problem));
                put("idea", json!(innovation.idea));
                put("hypothesis", json!(innovation.hypothesis));
                put("learning", json!(innovation.learning));
            }
            Details::Activity(activity) => {
                put("kind", json!(item.kind));
                put("mode", json!(activity.mode));
                put("startsAt", json!(activity.starts_at));
                put("endsAt", json!(activity.ends_at));
                put("timeZone", json!(activity.time_zone));
                put("recurrence", json!(activity.recurrence));
                put("place", json!(activity.place));
                put("recordingUrl", json!(activity.recording_url));
                put("agenda", json!(activity.agenda));
                put("notes", json!(activity.notes));
            }
            Details::Discussion(discussion) => {
                let about = discussion.about_type.zip(discussion.about_id);
                put("kind", json!(discussion.kind));
                put(
                    "aboutId",
                    about.map_or(
                        Value::Null,
                        |(of_type, id)| json!({ "type": of_type, "id": id }),
                    ),
                );
            }
            Details::Collection(collection, entries) => {
                put("description", json!(collection.description));
                put("searchQuery", json!(collection.search_query));
                let entries = entries.iter().map(|entry| {
                    let (of_type, id) = entry.item;
                    json!({ "type": of_type, "id": id, "note": entry.note })
                });
                put("entries", entries.collect());
            }
        }
        content
    }

    /// The names of the editable fields in which two states differ.
    #[must_use]
    pub fn changed_fields(&self, other: &Self) -> Vec<String> {
        let (ours, theirs) = (self.content(), other.content());
        let mut fields: Vec<String> = ours
            .iter()
            .filter(|(name, value)| theirs.get(*name) != Some(value))
            .map(|(name, _)| name.clone())
            .collect();
        if self.item.title != other.item.title {
            fields.push("title".into());
        }
        if self.body != other.body {
            fields.push("body".into());
        }
        fields
    }

    /// Whether two states differ in an editable field of which readers are told nothing: where to join an activity.
    #[must_use]
    pub fn differs_unseen(&self, other: &Self) -> bool {
        match (&self.details, &other.details) {
            (Details::Activity(ours), Details::Activity(theirs)) => {
                ours.join_url != theirs.join_url
            }
            _ => false,
        }
    }
}

/// Loads an item of a type for a change, locked where the database can; none where there is no such item.
pub async fn load_for_update(
    connection: &impl ConnectionTrait,
    item_type: Option<ItemType>,
    id: Uuid,
) -> Result<Option<ItemState>> {
    let mut select = item::Entity::find_by_id(id);
    if let Some(item_type) = item_type {
        select = select.filter(item::Column::ItemType.eq(item_type));
    }
    let Some(item) = select.lock_exclusive().one(connection).await? else {
        return Ok(None);
    };
    Ok(complete(connection, vec![item]).await?.pop())
}

/// Loads items for a change, locked where the database can; absent ones are left out. They are locked in the order of
/// their ids, so that two who hold many do not wait for each other.
pub(crate) async fn load_many_for_update(
    connection: &impl ConnectionTrait,
    ids: &[Uuid],
) -> Result<Vec<ItemState>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let items = item::Entity::find()
        .filter(item::Column::Id.is_in(ids.iter().copied()))
        .order_by_asc(item::Column::Id)
        .lock_exclusive()
        .all(connection)
        .await?;
    complete(connection, items).await
}

/// Loads items of every type with all that belongs to them, for the index follower; absent ones are left out.
pub async fn load_many(connection: &impl ConnectionTrait, ids: &[Uuid]) -> Result<Vec<ItemState>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let items = item::Entity::find()
        .filter(item::Column::Id.is_in(ids.iter().copied()))
        .all(connection)
        .await?;
    complete(connection, items).await
}

/// The same of item rows that were read, in their order.
pub(crate) async fn complete(
    connection: &impl ConnectionTrait,
    items: Vec<item::Model>,
) -> Result<Vec<ItemState>> {
    let ids: Vec<Uuid> = items.iter().map(|item| item.id).collect();
    let mut bodies = lists::bodies_of(connection, &ids).await?;
    let mut authors = lists::authors_of(connection, &ids).await?;
    let mut domains = lists::domains_of(connection, &ids).await?;
    let mut tags = lists::tags_of(connection, &ids).await?;
    let mut details = load_details(connection, &items).await?;
    let mut states = Vec::with_capacity(items.len());
    for item in items {
        let id = item.id;
        states.push(ItemState {
            body: bodies.remove(&id),
            authors: authors.remove(&id).unwrap_or_default(),
            domains: domains.remove(&id).unwrap_or_default(),
            tags: tags.remove(&id).unwrap_or_default(),
            details: details.remove(&id).ok_or_else(|| {
                Error::internal(format!("item {id} has no row in the table of its type"))
            })?,
            item,
        });
    }
    Ok(states)
}

async fn load_details(
    connection: &impl ConnectionTrait,
    items: &[item::Model],
) -> Result<HashMap<Uuid, Details>> {
    let of_type = |item_type: ItemType| -> Vec<Uuid> {
        items
            .iter()
            .filter(|item| item.item_type == item_type)
            .map(|item| item.id)
            .collect()
    };
    let mut details = HashMap::with_capacity(items.len());
    let ids = of_type(ItemType::Resource);
    if !ids.is_empty() {
        let rows = resource::Entity::find()
            .filter(resource::Column::Id.is_in(ids))
            .all(connection)
            .await?;
        details.extend(rows.into_iter().map(|row| (row.id, Details::Resource(row))));
    }
    let ids = of_type(ItemType::Practice);
    if !ids.is_empty() {
        let mut used = resources_used(connection, &ids).await?;
        let rows = practice::Entity::find()
            .filter(practice::Column::Id.is_in(ids))
            .all(connection)
            .await?;
        details.extend(rows.into_iter().map(|row| {
            let resources = used.remove(&row.id).unwrap_or_default();
            (row.id, Details::Practice(row, resources))
        }));
    }
    let ids = of_type(ItemType::Innovation);
    if !ids.is_empty() {
        let rows = innovation::Entity::find()
            .filter(innovation::Column::Id.is_in(ids))
            .all(connection)
            .await?;
        details.extend(
            rows.into_iter()
                .map(|row| (row.id, Details::Innovation(row))),
        );
    }
    let ids = of_type(ItemType::Activity);
    if !ids.is_empty() {
        let rows = activity::Entity::find()
            .filter(activity::Column::Id.is_in(ids))
            .all(connection)
            .await?;
        details.extend(rows.into_iter().map(|row| (row.id, Details::Activity(row))));
    }
    let ids = of_type(ItemType::Discussion);
    if !ids.is_empty() {
        let rows = discussion::Entity::find()
            .filter(discussion::Column::Id.is_in(ids))
            .all(connection)
            .await?;
        details.extend(
            rows.into_iter()
                .map(|row| (row.id, Details::Discussion(row))),
        );
    }
    let ids = of_type(ItemType::Collection);
    if !ids.is_empty() {
        let mut held = entries_of(connection, &ids).await?;
        let rows = collection::Entity::find()
            .filter(collection::Column::Id.is_in(ids))
            .all(connection)
            .await?;
        details.extend(rows.into_iter().map(|row| {
            let entries = held.remove(&row.id).unwrap_or_default();
            (row.id, Details::Collection(row, entries))
        }));
    }
    Ok(details)
}

async fn entries_of(
    connection: &impl ConnectionTrait,
    collections: &[Uuid],
) -> Result<HashMap<Uuid, Vec<Entry>>> {
    use entity::collection_entry::{Column, Entity};
    let rows = Entity::find()
        .filter(Column::CollectionId.is_in(collections.iter().copied()))
        .order_by_asc(Column::Place)
        .all(connection)
        .await?;
    Ok(lists::grouped(rows.into_iter().map(|row| {
        let entry = Entry {
            item: (row.item_type, row.item_id),
            note: row.note,
        };
        (row.collection_id, entry)
    })))
}

async fn resources_used(
    connection: &impl ConnectionTrait,
    practices: &[Uuid],
) -> Result<HashMap<Uuid, Vec<Uuid>>> {
    use entity::practice_resource::{Column, Entity};
    let rows = Entity::find()
        .filter(Column::PracticeId.is_in(practices.iter().copied()))
        .order_by_asc(Column::Place)
        .all(connection)
        .await?;
    Ok(lists::grouped(
        rows.into_iter()
            .map(|row| (row.practice_id, row.resource_id)),
    ))
}
