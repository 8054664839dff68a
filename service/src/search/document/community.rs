//! Documents of communities.

use std::collections::HashMap;

use ::search::{Document, DocumentKind, Text};
use entity::defining_statement::{self, StatementState};
use entity::goal::{self, GoalState};
use entity::{community, community_domain, community_language, learning_question};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::{Domains, stamp};
use crate::community::belonging::{Belonging, has_open_text};
use crate::error::Result;
use crate::item::grouped;
use crate::policy::audience;

/// So many lines of each list of what a community says of itself are found.
const MOST_LINES: usize = 200;

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
    let open: Vec<Uuid> = rows
        .iter()
        .filter(|row| has_open_text(row))
        .map(|row| row.id)
        .collect();
    let mut said = said_of_itself(connection, &open).await?;
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
            document.texts.extend(said.remove(&id).unwrap_or_default());
            domains.file(&mut document, filed.remove(&id).unwrap_or_default());
            document
        })
        .collect())
}

/// What communities say of themselves: adopted statements, goals that are not dropped, learning questions. Each list is
/// one text of the document.
async fn said_of_itself(
    connection: &impl ConnectionTrait,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, Vec<Text>>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let statements: Vec<(Uuid, String)> = defining_statement::Entity::find()
        .select_only()
        .columns([
            defining_statement::Column::CommunityId,
            defining_statement::Column::Text,
        ])
        .filter(defining_statement::Column::CommunityId.is_in(ids.iter().copied()))
        .filter(defining_statement::Column::State.eq(StatementState::Adopted))
        .order_by_asc(defining_statement::Column::Id)
        .into_tuple()
        .all(connection)
        .await?;
    let goals: Vec<(Uuid, String)> = goal::Entity::find()
        .select_only()
        .columns([goal::Column::CommunityId, goal::Column::Text])
        .filter(goal::Column::CommunityId.is_in(ids.iter().copied()))
        .filter(goal::Column::MembershipId.is_null())
        .filter(goal::Column::State.ne(GoalState::Dropped))
        .order_by_asc(goal::Column::Id)
        .into_tuple()
        .all(connection)
        .await?;
    let questions: Vec<(Uuid, String)> = learning_question::Entity::find()
        .select_only()
        .columns([
            learning_question::Column::CommunityId,
            learning_question::Column::Text,
        ])
        .filter(learning_question::Column::CommunityId.is_in(ids.iter().copied()))
        .order_by_asc(learning_question::Column::Rank)
        .into_tuple()
        .all(connection)
        .await?;
    let lists = [
        (defining_statement::Entity::FIELD, statements),
        (goal::Entity::FIELD, goals),
        (learning_question::Entity::FIELD, questions),
    ];
    let mut said: HashMap<Uuid, Vec<Text>> = HashMap::new();
    for (field, rows) in lists {
        for (id, mut lines) in grouped(rows.into_iter()) {
            lines.truncate(MOST_LINES);
            let text = Text::plain(field, lines.join("\n"));
            said.entry(id).or_default().push(text);
        }
    }
    Ok(said)
}

fn document(row: community::Model, mut languages: Vec<String>) -> Document {
    let audience = audience::of_community_about(&row);
    // Those who see only what a private or unlisted community is about do not see its description.
    let open = has_open_text(&row);
    let mut document = Document::new(row.id, DocumentKind::Community, row.name);
    document.texts.push(Text::plain("purpose", row.purpose));
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
