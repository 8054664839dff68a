//! Documents of experience reports: each is found by those who may read it, whoever reads what it is about.

use std::collections::HashMap;

use ::search::{Document, DocumentKind, Text};
use entity::{community, experience_report};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::{display_names, stamp};
use crate::error::{Error, Result};
use crate::item::{ItemState, load_many};
use crate::policy::audience;

pub(super) async fn documents(
    connection: &impl ConnectionTrait,
    ids: &[Uuid],
) -> Result<Vec<Document>> {
    let rows = experience_report::Entity::find()
        .filter(experience_report::Column::Id.is_in(ids.iter().copied()))
        .all(connection)
        .await?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let subjects = distinct(rows.iter().map(|row| row.subject_id));
    let subjects: HashMap<Uuid, ItemState> = load_many(connection, &subjects)
        .await?
        .into_iter()
        .map(|state| (state.item.id, state))
        .collect();
    let communities = distinct(subjects.values().map(|state| state.item.community_id));
    let communities: HashMap<Uuid, community::Model> = community::Entity::find()
        .filter(community::Column::Id.is_in(communities))
        .all(connection)
        .await?
        .into_iter()
        .map(|row| (row.id, row))
        .collect();
    let authors = distinct(rows.iter().filter_map(|row| row.author_id));
    let names = if authors.is_empty() {
        HashMap::new()
    } else {
        display_names(connection, &authors).await?
    };
    rows.into_iter()
        .map(|row| {
            let incomplete = || Error::internal(format!("report {} has no subject", row.id));
            let subject = subjects.get(&row.subject_id).ok_or_else(incomplete)?;
            let home = communities.get(&subject.item.community_id);
            let home = home.ok_or_else(incomplete)?;
            Ok(document(row, subject, home, &names))
        })
        .collect()
}

fn distinct(ids: impl Iterator<Item = Uuid>) -> Vec<Uuid> {
    let mut ids: Vec<Uuid> = ids.collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// An anonymous one has neither author nor time: by time it comes last, as if it were of no time.
fn document(
    row: experience_report::Model,
    subject: &ItemState,
    home: &community::Model,
    names: &HashMap<Uuid, String>,
) -> Document {
    let audience = audience::of_report(home, &subject.item, &subject.authors, &row);
    let mut document = Document::new(row.id, DocumentKind::ExperienceReport, "");
    document.texts = vec![Text::markdown("text", row.text)];
    document.community = Some(home.id);
    document.community_kind = Some(home.kind.as_str().to_owned());
    document.community_slug = Some(home.slug.clone());
    document.audience = audience.into_iter().collect();
    document.author_names = row
        .author_id
        .and_then(|author| names.get(&author).cloned())
        .into_iter()
        .collect();
    document.authors = row.author_id.into_iter().collect();
    if let Some(at) = row.created_at {
        stamp(&mut document, at, at);
    }
    document
}
