//! Documents of value stories.

use std::collections::HashMap;

use ::search::{Document, DocumentKind, Text};
use chrono::Datelike;
use entity::{community, value_story};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::{display_names, stamp};
use crate::error::Result;
use crate::policy::audience;
use crate::value_story::{Steps, steps_of_rows};

pub(super) async fn documents(
    connection: &impl ConnectionTrait,
    ids: &[Uuid],
) -> Result<Vec<Document>> {
    let rows = value_story::Entity::find()
        .filter(value_story::Column::Id.is_in(ids.iter().copied()))
        .all(connection)
        .await?;
    let communities = community::Entity::find()
        .filter(community::Column::Id.is_in(rows.iter().map(|row| row.community_id)))
        .all(connection)
        .await?;
    let authors: Vec<Uuid> = rows.iter().filter_map(|row| row.author_id).collect();
    let names = if authors.is_empty() {
        HashMap::new()
    } else {
        display_names(connection, &authors).await?
    };
    let mut steps = steps_of_rows(connection, ids).await?;
    let documents = rows.into_iter().filter_map(|row| {
        let community = communities.iter().find(|one| one.id == row.community_id)?;
        let steps = steps.remove(&row.id).unwrap_or_default();
        Some(document(row, community, steps, &names))
    });
    Ok(documents.collect())
}

fn document(
    row: value_story::Model,
    community: &community::Model,
    steps: Steps,
    names: &HashMap<Uuid, String>,
) -> Document {
    let audience = audience::of_value_story(community, &row);
    let mut document = Document::new(row.id, DocumentKind::ValueStory, row.title);
    let steps: Vec<String> = steps.into_iter().map(|step| step.text).collect();
    document
        .texts
        .push(Text::plain("steps", steps.join("\n\n")));
    document.community = Some(community.id);
    document.community_kind = Some(community.kind.as_str().to_owned());
    document.community_slug = Some(community.slug.clone());
    document.authors = row.author_id.into_iter().collect();
    document.author_names = row
        .author_id
        .and_then(|author| names.get(&author).cloned())
        .into_iter()
        .collect();
    document.year = Some(row.created_at.year());
    document.audience = audience.into_iter().collect();
    stamp(&mut document, row.created_at, row.updated_at);
    document
}
