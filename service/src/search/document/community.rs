//! Documents of communities.

use ::search::{Document, DocumentKind, Text};
use entity::community::CommunityVisibility;
use entity::{community, community_domain, community_language};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::{Domains, stamp};
use crate::error::Result;
use crate::item::grouped;
use crate::policy::audience;

pub(super) async fn documents(
    connection: &impl ConnectionTrait,
    ids: &[Uuid],
) -> Result<Vec<Document>> {
    let rows = community::Entity::find()
        .filter(community::Column::Id.is_in(ids.iter().copied()))
        .all(connection)
        .await?;
    let filed = community_domain::Entity::find()
        .filter(community_domain::Column::CommunityId.is_in(ids.iter().copied()))
        .order_by_asc(community_domain::Column::Place)
        .all(connection)
        .await?;
    let spoken = community_language::Entity::find()
        .filter(community_language::Column::CommunityId.is_in(ids.iter().copied()))
        .order_by_asc(community_language::Column::Place)
        .all(connection)
        .await?;
    let domains =
        Domains::load(connection, filed.iter().map(|row| row.domain_id).collect()).await?;
    let mut filed = grouped(
        filed
            .into_iter()
            .map(|row| (row.community_id, row.domain_id)),
    );
    let mut spoken = grouped(
        spoken
            .into_iter()
            .map(|row| (row.community_id, row.language)),
    );
    Ok(rows
        .into_iter()
        .map(|row| {
            let id = row.id;
            let mut document = document(row, spoken.remove(&id).unwrap_or_default());
            domains.file(&mut document, filed.remove(&id).unwrap_or_default());
            document
        })
        .collect())
}

fn document(row: community::Model, mut languages: Vec<String>) -> Document {
    let audience = audience::of_community_about(&row);
    let mut document = Document::new(row.id, DocumentKind::Community, row.name);
    document.texts.push(Text::plain("purpose", row.purpose));
    // Those who see only what a private or unlisted community is about do not see its description.
    let open = matches!(
        row.visibility,
        CommunityVisibility::Public | CommunityVisibility::Internal
    );
    if let Some(description) = row.description.filter(|_| open) {
        document
            .texts
            .push(Text::markdown("description", description));
    }
    // Of several languages none says in which the text is; the engine finds out.
    document.language = if languages.len() == 1 {
        languages.pop()
    } else {
        None
    };
    document.status = Some(row.status.as_str().to_owned());
    document.community = Some(row.id);
    document.community_kind = Some(row.kind.as_str().to_owned());
    document.community_slug = Some(row.slug);
    document.audience = audience.into_iter().collect();
    stamp(&mut document, row.created_at, row.updated_at);
    document
}
