//! Changing many items of one community in a few statements a table, by the same rules as one.

use std::collections::HashSet;

use entity::change::Operation;
use entity::item::PublicationStatus;
use entity::{community, item, item_author, item_domain, item_tag, item_text, revision};
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use uuid::Uuid;

use super::below::{Seen, follow_readers};
use super::insert::{insert_lists, insert_many, replace_rows, revision_row, transition_row};
use super::update::{changes_nothing, keeps_what_it_needs, update_held, waits_for_review};
use super::{Details, ItemState, entity_type, renewal, waiting};
use crate::error::{Error, Result};
use crate::policy::audience;
use crate::store::{PendingChange, WriteUnit};

/// Ids in one statement.
const CHUNK: usize = 1_000;

/// A change of the content of an item that is held.
#[derive(Debug)]
pub(crate) struct Edit {
    /// The item as readers are shown it.
    pub(crate) shown: ItemState,
    /// The item as its newest revision has it.
    pub(crate) base: ItemState,
    /// The item as it is to be.
    pub(crate) new: ItemState,
}

/// Makes new revisions, as [`super::update`] does. Each edit has its own outcome: of a refused one nothing is written.
/// What waits for a review is written item by item, everything else together.
pub(crate) async fn update_many(
    unit: &mut WriteUnit,
    community: &community::Model,
    edits: Vec<Edit>,
) -> Result<Vec<Result<ItemState>>> {
    let mut outcomes = Vec::with_capacity(edits.len());
    let mut together = Vec::new();
    for Edit {
        shown,
        base,
        mut new,
    } in edits
    {
        let alone = waits_for_review(community, &shown)
            || shown.item.pending_revision.is_some()
            || !matches!(shown.details, Details::Resource(_));
        outcomes.push(if alone {
            let outcome = Box::pin(update_held(unit, community, shown, &base, new, None)).await;
            if let Err(error @ (Error::Unavailable(_) | Error::Internal(_))) = outcome {
                return Err(error);
            }
            Some(outcome)
        } else if changes_nothing(&base, &new) {
            Some(Ok(shown))
        } else if let Err(refusal) = keeps_what_it_needs(community, &shown, &new) {
            Some(Err(refusal))
        } else {
            new.item.revision = shown.newest_revision() + 1;
            new.item.updated_at = unit.now();
            together.push((shown, new));
            None
        });
    }
    write_together(unit, community, &together).await?;
    let mut written = together.into_iter().map(|(_, new)| new);
    outcomes
        .into_iter()
        .map(|outcome| match outcome {
            Some(outcome) => Ok(outcome),
            None => written
                .next()
                .map(Ok)
                .ok_or_else(|| Error::internal("a change was not written")),
        })
        .collect()
}

/// Writes resources as they were and as they are.
async fn write_together(
    unit: &mut WriteUnit,
    community: &community::Model,
    pairs: &[(ItemState, ItemState)],
) -> Result<()> {
    let items = pairs
        .iter()
        .map(|(_, new)| new.item.clone().into_active_model());
    replace_rows(unit, items.collect()).await?;
    let details = pairs
        .iter()
        .filter_map(|(old, new)| match (&old.details, &new.details) {
            (Details::Resource(before), Details::Resource(after)) if before != after => {
                Some(after.clone().into_active_model())
            }
            _ => None,
        });
    replace_rows(unit, details.collect()).await?;
    replace_lists(unit, pairs).await?;
    let revisions = pairs.iter().map(|(_, new)| revision_row(unit, new, None));
    insert_many(unit, revisions.collect()).await?;
    for (old, new) in pairs {
        unit.record(PendingChange {
            entity_type: entity_type(new.item.item_type),
            entity_id: new.item.id,
            operation: Operation::Updated,
            community_id: Some(community.id),
            fields: new.changed_fields(old),
            audience_before: Some(audience::of_item(community, &old.item, &old.authors)),
            audience_after: Some(audience::of_item(community, &new.item, &new.authors)),
        });
    }
    let changed = pairs
        .iter()
        .map(|(old, new)| (Seen::of(old), Seen::of(new)));
    follow_readers(unit, community, changed.collect()).await
}

/// Replaces those bodies, authors, domains and tags that changed.
async fn replace_lists(unit: &WriteUnit, pairs: &[(ItemState, ItemState)]) -> Result<()> {
    let changed = |differ: fn(&ItemState, &ItemState) -> bool| -> Vec<Uuid> {
        let pairs = pairs.iter().filter(|(old, new)| differ(old, new));
        pairs.map(|(_, new)| new.item.id).collect()
    };
    let bodies = changed(|old, new| old.body != new.body);
    for ids in bodies.chunks(CHUNK) {
        item_text::Entity::delete_many()
            .filter(item_text::Column::ItemId.is_in(ids.iter().copied()))
            .exec(unit.db())
            .await?;
    }
    let authors = changed(|old, new| old.authors != new.authors);
    for ids in authors.chunks(CHUNK) {
        item_author::Entity::delete_many()
            .filter(item_author::Column::ItemId.is_in(ids.iter().copied()))
            .exec(unit.db())
            .await?;
    }
    let domains = changed(|old, new| old.domains != new.domains);
    for ids in domains.chunks(CHUNK) {
        item_domain::Entity::delete_many()
            .filter(item_domain::Column::ItemId.is_in(ids.iter().copied()))
            .exec(unit.db())
            .await?;
    }
    let tags = changed(|old, new| old.tags != new.tags);
    for ids in tags.chunks(CHUNK) {
        item_tag::Entity::delete_many()
            .filter(item_tag::Column::ItemId.is_in(ids.iter().copied()))
            .exec(unit.db())
            .await?;
    }
    let set = |ids: Vec<Uuid>| -> HashSet<Uuid> { ids.into_iter().collect() };
    let (bodies, authors) = (set(bodies), set(authors));
    let (domains, tags) = (set(domains), set(tags));
    let replaced = pairs.iter().map(|(_, new)| {
        let id = &new.item.id;
        let of = |changed: &HashSet<Uuid>, list: &[Uuid]| {
            let list = changed.contains(id).then_some(list);
            list.unwrap_or_default().to_vec()
        };
        ItemState {
            item: new.item.clone(),
            details: new.details.clone(),
            body: bodies.contains(id).then(|| new.body.clone()).flatten(),
            authors: of(&authors, &new.authors),
            domains: of(&domains, &new.domains),
            tags: if tags.contains(id) {
                new.tags.clone()
            } else {
                Vec::new()
            },
        }
    });
    insert_lists(unit, &replaced.collect::<Vec<_>>()).await
}

/// Moves items to another status on the way of their publication; whether each may go there is asked before.
pub(crate) async fn move_many(
    unit: &mut WriteUnit,
    community: &community::Model,
    mut states: Vec<ItemState>,
    to: PublicationStatus,
    reason: Option<&str>,
) -> Result<Vec<ItemState>> {
    let mut steps = Vec::with_capacity(states.len());
    let mut changes = Vec::with_capacity(states.len());
    let olds: Vec<item::Model> = states.iter().map(|state| state.item.clone()).collect();
    for state in &mut states {
        let from = state.item.status.map(PublicationStatus::as_str);
        let before = audience::of_item(community, &state.item, &state.authors);
        let mut fields = vec!["status".to_owned()];
        put(&mut state.item, to);
        if state.item.published && state.item.published_at.is_none() {
            state.item.published_at = Some(unit.now());
            fields.push("publishedAt".into());
        }
        renewal::start_clock(&mut state.item, community, unit.now());
        state.item.updated_at = unit.now();
        waiting::mark(&mut state.item, waiting::for_review, unit.now());
        let reason = reason.map(str::to_owned);
        steps.push(transition_row(
            unit,
            state.item.id,
            from,
            to.as_str(),
            reason,
        ));
        changes.push(PendingChange {
            entity_type: entity_type(state.item.item_type),
            entity_id: state.item.id,
            operation: Operation::Updated,
            community_id: Some(community.id),
            fields,
            audience_before: Some(before),
            audience_after: Some(audience::of_item(community, &state.item, &state.authors)),
        });
    }
    let items = states
        .iter()
        .map(|state| state.item.clone().into_active_model());
    replace_rows(unit, items.collect()).await?;
    set_shown_states(unit, &states, to).await?;
    insert_many(unit, steps).await?;
    for change in changes {
        unit.record(change);
    }
    let moved = olds.iter().zip(&states);
    let moved = moved.map(|(old, new)| (Seen::with(old, &new.authors), Seen::of(new)));
    follow_readers(unit, community, moved.collect()).await?;
    Ok(states)
}

fn put(item: &mut item::Model, to: PublicationStatus) {
    item.status = Some(to);
    item.published = matches!(
        to,
        PublicationStatus::Published | PublicationStatus::Archived
    );
}

/// Says where the revisions stand that readers are shown.
async fn set_shown_states(
    unit: &WriteUnit,
    states: &[ItemState],
    to: PublicationStatus,
) -> Result<()> {
    for states in states.chunks(CHUNK) {
        let shown = Query::select()
            .column(("item", "revision"))
            .from("item")
            .and_where(Expr::col(("item", "id")).equals(("revision", "item_id")))
            .take();
        revision::Entity::update_many()
            .col_expr(revision::Column::State, Expr::value(to.as_str()))
            .filter(revision::Column::ItemId.is_in(states.iter().map(|state| state.item.id)))
            .filter(Expr::col(("revision", "number")).in_subquery(shown))
            .exec(unit.db())
            .await?;
    }
    Ok(())
}
