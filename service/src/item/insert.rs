//! Writing new items: many at once, in a few statements a table.

use entity::change::Operation;
use entity::item::{ItemType, ItemVisibility, PublicationStatus};
use entity::{TextList, community, item, item_author, item_domain, item_tag, item_text, revision};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, Iterable, PrimaryKeyToColumn};
use serde_json::Value;
use uuid::Uuid;

use super::content::keyed;
use super::{CheckedContent, Details, Entry, ItemState, entity_type, missing, noun, renewal};
use crate::community::kind::{self, Need};
use crate::error::{Error, Result};
use crate::link;
use crate::policy::audience;
use crate::store::{PendingChange, WriteUnit};
use crate::text::fold;
pub(crate) use crate::transition::transition_row;

/// How many rows one statement inserts at most: SQLite binds at most 32,766 values, and no table here has 32 columns.
const ROWS: usize = 1_000;

/// A checked item that is to be written.
#[derive(Debug)]
pub struct NewItem<'a> {
    /// The community that it goes to.
    pub community: &'a community::Model,
    /// The shared content, checked.
    pub content: CheckedContent,
    /// The kind, by name, where its type has kinds.
    pub kind: Option<String>,
    /// What only its type has; its id is set here.
    pub details: Details,
    /// Whether it is published at once.
    pub publish: bool,
}

impl NewItem<'_> {
    fn into_state(self, unit: &WriteUnit) -> ItemState {
        let id = Uuid::now_v7();
        let content = self.content;
        let (item_type, details) = match self.details {
            Details::Resource(mut row) => {
                row.id = id;
                (ItemType::Resource, Details::Resource(row))
            }
            Details::Practice(mut row, resources) => {
                row.id = id;
                (ItemType::Practice, Details::Practice(row, resources))
            }
            Details::Innovation(mut row) => {
                row.id = id;
                (ItemType::Innovation, Details::Innovation(row))
            }
            Details::Activity(mut row) => {
                row.id = id;
                (ItemType::Activity, Details::Activity(row))
            }
            Details::Discussion(mut row) => {
                row.id = id;
                (ItemType::Discussion, Details::Discussion(row))
            }
            Details::Collection(mut row, entries) => {
                row.id = id;
                (ItemType::Collection, Details::Collection(row, entries))
            }
        };
        let status = match (item_type, self.publish) {
            (ItemType::Innovation | ItemType::Activity | ItemType::Discussion, _) => None,
            (_, true) => Some(PublicationStatus::Published),
            (_, false) => Some(PublicationStatus::Draft),
        };
        let published = self.publish || status.is_none();
        let title = content.title.unwrap_or_default();
        let mut item = item::Model {
            id,
            item_type,
            community_id: self.community.id,
            title_key: fold(&title),
            title,
            kind: self.kind,
            status,
            published,
            published_at: (published && status.is_some()).then(|| unit.now()),
            visibility: content.visibility.unwrap_or(ItemVisibility::Community),
            language: content.language.or_keep(None),
            licence: content.licence.or_keep(None),
            attribution: content.attribution.or_keep(None),
            url: content.url.or_keep(None),
            bylines: TextList(content.bylines.unwrap_or_default()),
            revision: 1,
            pending_revision: None,
            pending_status: None,
            steward_id: None,
            review_due_at: None,
            review_reminder_at: None,
            waiting_since: details.waits().then(|| unit.now()),
            reminded_at: None,
            unadopted_since: None,
            compared_revision: None,
            created_at: unit.now(),
            updated_at: unit.now(),
        };
        renewal::start_clock(&mut item, self.community, unit.now());
        ItemState {
            item,
            body: content.body.or_keep(None),
            authors: content
                .author_ids
                .unwrap_or_else(|| unit.actor().into_iter().collect()),
            domains: content.domain_ids.unwrap_or_default(),
            tags: content.tags.unwrap_or_default(),
            details,
        }
    }
}

/// Refuses to publish a new item at once where the community asks for a review, or for more than a new item can have.
pub(super) fn check_publication(
    community: &community::Model,
    content: &CheckedContent,
    details: &Details,
) -> Result<()> {
    let item_type = match details {
        Details::Resource(_) => ItemType::Resource,
        Details::Practice(..) => ItemType::Practice,
        Details::Collection(..) => ItemType::Collection,
        Details::Innovation(_) | Details::Activity(_) | Details::Discussion(_) => return Ok(()),
    };
    let needed = kind::policy_of(community).approvals(item_type);
    let mut blockers = missing(needed, &[]);
    let lacks = |need: &&Need| match need {
        // A steward sets both once it is there.
        Need::Steward | Need::ReviewDate => true,
        Need::Domain => content.domain_ids.as_ref().is_none_or(Vec::is_empty),
        Need::Licence => content.licence.value().is_none(),
    };
    let needs = kind::of(community.kind).published_needs;
    blockers.extend(needs.iter().filter(lacks).map(|need| need.blocker()));
    if blockers.is_empty() {
        return Ok(());
    }
    let message = format!(
        "A {} cannot be published at once in this community: leave `publish` out to make a draft.",
        noun(item_type)
    );
    let field = &["input", "publish"];
    Err(Error::invalid_transition(field, message, blockers))
}

/// Writes new items with their first revision, their first transition and their change rows.
pub async fn insert(unit: &mut WriteUnit, items: Vec<NewItem<'_>>) -> Result<Vec<ItemState>> {
    let mut states = Vec::with_capacity(items.len());
    for item in items {
        let community = item.community;
        let state = item.into_state(unit);
        unit.record(PendingChange {
            entity_type: entity_type(state.item.item_type),
            entity_id: state.item.id,
            operation: Operation::Created,
            community_id: Some(community.id),
            fields: Vec::new(),
            audience_before: None,
            audience_after: Some(audience::of_item(community, &state.item, &state.authors)),
        });
        states.push(state);
    }
    insert_many(
        unit,
        states
            .iter()
            .map(|state| state.item.clone().into_active_model())
            .collect(),
    )
    .await?;
    insert_details(unit, &states).await?;
    insert_lists(unit, &states).await?;
    insert_history(unit, &states).await?;
    Ok(states)
}

/// Inserts rows in statements of bounded size.
pub(crate) async fn insert_many<A: ActiveModelTrait>(
    unit: &WriteUnit,
    mut rows: Vec<A>,
) -> Result<()> {
    while !rows.is_empty() {
        let rest = rows.split_off(rows.len().min(ROWS));
        A::Entity::insert_many(rows)
            .exec_without_returning(unit.db())
            .await?;
        rows = rest;
    }
    Ok(())
}

/// Writes every column of a row that is there already.
pub(crate) async fn replace_row<A>(unit: &WriteUnit, row: impl IntoActiveModel<A>) -> Result<()>
where
    A: ActiveModelTrait,
    <A::Entity as EntityTrait>::Model: IntoActiveModel<A>,
{
    A::Entity::update(row.into_active_model().reset_all())
        .exec(unit.db())
        .await?;
    Ok(())
}

/// The same for many rows, in statements of bounded size. A row that is not there is made.
pub(crate) async fn replace_rows<A: ActiveModelTrait>(
    unit: &WriteUnit,
    mut rows: Vec<A>,
) -> Result<()> {
    type Key<A> = <<A as ActiveModelTrait>::Entity as EntityTrait>::PrimaryKey;
    type Column<A> = <<A as ActiveModelTrait>::Entity as EntityTrait>::Column;
    let (keys, others): (Vec<Column<A>>, Vec<Column<A>>) = <Column<A> as Iterable>::iter()
        .partition(|column| <Key<A>>::from_column(*column).is_some());
    while !rows.is_empty() {
        let rest = rows.split_off(rows.len().min(ROWS));
        A::Entity::insert_many(rows)
            .on_conflict(
                OnConflict::columns(keys.iter().copied())
                    .update_columns(others.iter().copied())
                    .to_owned(),
            )
            .exec_without_returning(unit.db())
            .await?;
        rows = rest;
    }
    Ok(())
}

async fn insert_details(unit: &WriteUnit, states: &[ItemState]) -> Result<()> {
    let mut resources = Vec::new();
    let mut practices = Vec::new();
    let mut used = Vec::new();
    let mut innovations = Vec::new();
    let mut activities = Vec::new();
    let mut discussions = Vec::new();
    let mut collections = Vec::new();
    let mut held = Vec::new();
    for state in states {
        match &state.details {
            Details::Resource(row) => resources.push(row.clone().into_active_model()),
            Details::Practice(row, ids) => {
                practices.push(row.clone().into_active_model());
                used.extend(used_resources(state.item.id, ids));
            }
            Details::Innovation(row) => innovations.push(row.clone().into_active_model()),
            Details::Activity(row) => activities.push(row.clone().into_active_model()),
            Details::Discussion(row) => discussions.push(row.clone().into_active_model()),
            Details::Collection(row, entries) => {
                collections.push(row.clone().into_active_model());
                held.extend(entry_rows(state.item.id, entries));
            }
        }
    }
    insert_many(unit, resources).await?;
    insert_many(unit, practices).await?;
    insert_many(unit, used).await?;
    insert_many(unit, innovations).await?;
    insert_many(unit, activities).await?;
    insert_many(unit, discussions).await?;
    insert_many(unit, collections).await?;
    insert_many(unit, held).await?;
    let referred = states.iter().flat_map(|state| {
        let from = (entity_type(state.item.item_type), state.item.id);
        link::references(from, &state.details.references())
    });
    link::state_content(unit, &referred.collect::<Vec<_>>()).await
}

/// The rows of the resources that a practice uses.
pub(super) fn used_resources(
    practice: Uuid,
    resources: &[Uuid],
) -> Vec<entity::practice_resource::ActiveModel> {
    (0..)
        .zip(resources)
        .map(|(place, resource)| entity::practice_resource::ActiveModel {
            practice_id: Set(practice),
            resource_id: Set(*resource),
            place: Set(place),
        })
        .collect()
}

/// The rows of the entries of a collection.
pub(super) fn entry_rows(
    collection: Uuid,
    entries: &[Entry],
) -> Vec<entity::collection_entry::ActiveModel> {
    (0..)
        .zip(entries)
        .map(|(place, entry)| entity::collection_entry::ActiveModel {
            collection_id: Set(collection),
            item_id: Set(entry.item.1),
            item_type: Set(entry.item.0),
            place: Set(place),
            note: Set(entry.note.clone()),
        })
        .collect()
}

/// Writes body, authors, domains and tags.
pub(super) async fn insert_lists(unit: &WriteUnit, states: &[ItemState]) -> Result<()> {
    let texts = states
        .iter()
        .filter_map(|state| {
            let body = state.body.clone()?;
            Some(item_text::ActiveModel {
                item_id: Set(state.item.id),
                body: Set(body),
            })
        })
        .collect();
    insert_many(unit, texts).await?;
    let authors = states
        .iter()
        .flat_map(|state| {
            (0..)
                .zip(&state.authors)
                .map(|(place, user)| item_author::ActiveModel {
                    item_id: Set(state.item.id),
                    user_id: Set(*user),
                    place: Set(place),
                })
        })
        .collect();
    insert_many(unit, authors).await?;
    let domains = states
        .iter()
        .flat_map(|state| {
            (0..)
                .zip(&state.domains)
                .map(|(place, domain)| item_domain::ActiveModel {
                    item_id: Set(state.item.id),
                    domain_id: Set(*domain),
                    place: Set(place),
                })
        })
        .collect();
    insert_many(unit, domains).await?;
    let tags = states
        .iter()
        .flat_map(|state| {
            (0..)
                .zip(keyed(&state.tags))
                .map(|(place, (key, tag))| item_tag::ActiveModel {
                    item_id: Set(state.item.id),
                    tag_key: Set(key),
                    tag: Set(tag.clone()),
                    place: Set(place),
                    item_type: Set(state.item.item_type),
                    community_id: Set(state.item.community_id),
                    updated_at: Set(state.item.updated_at),
                })
        })
        .collect();
    insert_many(unit, tags).await
}

async fn insert_history(unit: &WriteUnit, states: &[ItemState]) -> Result<()> {
    insert_many(
        unit,
        states
            .iter()
            .map(|state| revision_row(unit, state, None))
            .collect(),
    )
    .await?;
    let first_steps = states
        .iter()
        .map(|state| transition_row(unit, state.item.id, None, state_name(state), None))
        .collect();
    insert_many(unit, first_steps).await
}

/// The state of an item by name: its publication status, an innovation's stage, or the state of an activity or a discussion.
pub(super) fn state_name(state: &ItemState) -> &'static str {
    match &state.details {
        Details::Innovation(innovation) => innovation.stage.as_str(),
        Details::Activity(activity) => activity.state.as_str(),
        Details::Discussion(discussion) => discussion.state.as_str(),
        _ => state
            .item
            .status
            .unwrap_or(PublicationStatus::Draft)
            .as_str(),
    }
}

/// The row of the item's present revision.
pub(crate) fn revision_row(
    unit: &WriteUnit,
    state: &ItemState,
    note: Option<String>,
) -> revision::ActiveModel {
    revision::ActiveModel {
        id: Set(Uuid::now_v7()),
        item_id: Set(state.item.id),
        number: Set(state.item.revision),
        state: Set(state.item.status.unwrap_or(PublicationStatus::Published)),
        title: Set(state.item.title.clone()),
        body: Set(state.body.clone()),
        content: Set(Value::Object(state.content())),
        author_id: Set(unit.actor()),
        note: Set(note),
        created_at: Set(unit.now()),
    }
}
