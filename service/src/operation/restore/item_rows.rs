//! The rows that items have besides their own.

use std::collections::{BTreeMap, HashSet};

use entity::{
    collection_entry, item, item_author, item_byline, item_domain, item_tag, item_text,
    practice_resource,
};
use sea_orm::{ActiveValue::Set, DatabaseTransaction, DbErr, IntoActiveModel};
use uuid::Uuid;

use super::engine::{Line, insert_rows};
use crate::item::Details;
use crate::text::fold;

/// Writes what only the types of items have.
pub(super) async fn insert_details(
    connection: &DatabaseTransaction,
    lines: &[&Line<item::Entity>],
) -> Result<(), DbErr> {
    let mut resources = Vec::new();
    let mut practices = Vec::new();
    let mut used = Vec::new();
    let mut innovations = Vec::new();
    let mut activities = Vec::new();
    let mut discussions = Vec::new();
    let mut collections = Vec::new();
    let mut held = Vec::new();
    for line in lines {
        match &line.parts.details {
            Details::Resource(row) => resources.push(row.clone().into_active_model()),
            Details::Practice(row, ids) => {
                practices.push(row.clone().into_active_model());
                used.extend((0..).zip(distinct(ids)).map(|(place, resource)| {
                    practice_resource::ActiveModel {
                        practice_id: Set(row.id),
                        resource_id: Set(resource),
                        place: Set(place),
                    }
                }));
            }
            Details::Innovation(row) => innovations.push(row.clone().into_active_model()),
            Details::Activity(row) => activities.push(row.clone().into_active_model()),
            Details::Discussion(row) => discussions.push(row.clone().into_active_model()),
            Details::Collection(row, entries) => {
                collections.push(row.clone().into_active_model());
                let mut seen = HashSet::new();
                held.extend(
                    (0..)
                        .zip(entries)
                        .filter(|(_, entry)| seen.insert(entry.item.1))
                        .map(|(place, entry)| collection_entry::ActiveModel {
                            collection_id: Set(row.id),
                            item_id: Set(entry.item.1),
                            item_type: Set(entry.item.0),
                            place: Set(place),
                            note: Set(entry.note.clone()),
                        }),
                );
            }
        }
    }
    insert_rows(connection, resources).await?;
    insert_rows(connection, practices).await?;
    insert_rows(connection, used).await?;
    insert_rows(connection, innovations).await?;
    insert_rows(connection, activities).await?;
    insert_rows(connection, discussions).await?;
    insert_rows(connection, collections).await?;
    insert_rows(connection, held).await
}

/// The ids, each once, in their order.
fn distinct(ids: &[Uuid]) -> Vec<Uuid> {
    let mut seen = HashSet::new();
    let ids = ids.iter().copied();
    ids.filter(|id| seen.insert(*id)).collect()
}

/// Writes bodies, authors, whose names bylines are, domains, tags, and what items are called in other systems.
pub(super) async fn insert_lists(
    connection: &DatabaseTransaction,
    lines: &[&Line<item::Entity>],
) -> Result<(), DbErr> {
    let mut texts = Vec::new();
    let mut authors = Vec::new();
    let mut bylines = Vec::new();
    let mut domains = Vec::new();
    let mut tags = Vec::new();
    let mut references = Vec::new();
    for line in lines {
        let (id, content) = (line.row.id, &line.parts);
        texts.extend(content.body.as_ref().map(|body| item_text::ActiveModel {
            item_id: Set(id),
            body: Set(body.clone()),
        }));
        authors.extend((0..).zip(distinct(&content.authors)).map(|(place, user)| {
            item_author::ActiveModel {
                item_id: Set(id),
                user_id: Set(user),
                place: Set(place),
            }
        }));
        bylines.extend(
            content
                .bylines
                .iter()
                .map(|byline| item_byline::ActiveModel {
                    item_id: Set(id),
                    user_id: Set(byline.user),
                    name: Set(byline.name.clone()),
                }),
        );
        domains.extend(
            (0..)
                .zip(distinct(&content.domains))
                .map(|(place, domain)| item_domain::ActiveModel {
                    item_id: Set(id),
                    domain_id: Set(domain),
                    place: Set(place),
                }),
        );
        let mut keyed: BTreeMap<String, (i32, &String)> = BTreeMap::new();
        for (place, tag) in (0..).zip(&content.tags) {
            keyed.entry(fold(tag)).or_insert((place, tag));
        }
        tags.extend(
            keyed
                .into_iter()
                .map(|(key, (place, tag))| item_tag::ActiveModel {
                    item_id: Set(id),
                    tag_key: Set(key),
                    tag: Set(tag.clone()),
                    place: Set(place),
                    item_type: Set(line.row.item_type),
                    community_id: Set(line.row.community_id),
                    updated_at: Set(line.row.updated_at),
                }),
        );
        references.extend(content.references.iter().map(|reference| {
            let mut reference = reference.clone();
            reference.community_id = line.row.community_id;
            reference.resource_id = id;
            reference.into_active_model()
        }));
    }
    insert_rows(connection, texts).await?;
    insert_rows(connection, authors).await?;
    insert_rows(connection, bylines).await?;
    insert_rows(connection, domains).await?;
    insert_rows(connection, tags).await?;
    insert_rows(connection, references).await
}
