//! Documents of domains.

use ::search::{Document, DocumentKind, Text};
use entity::{LabelList, domain};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::{Domains, stamp};
use crate::error::Result;
use crate::policy::audience;

pub(super) async fn documents(
    connection: &impl ConnectionTrait,
    ids: &[Uuid],
) -> Result<Vec<Document>> {
    let rows = domain::Entity::find()
        .filter(domain::Column::Id.is_in(ids.iter().copied()))
        .all(connection)
        .await?;
    let domains = Domains::load(connection, rows.iter().map(|row| row.id).collect()).await?;
    Ok(rows
        .into_iter()
        .map(|row| document(row, &domains))
        .collect())
}

fn document(row: domain::Model, domains: &Domains) -> Document {
    let mut document = Document::new(row.id, DocumentKind::Domain, row.name);
    let lines = |texts: Vec<String>| (!texts.is_empty()).then(|| texts.join("\n"));
    let labels = |list: LabelList| {
        lines(
            list.0
                .into_iter()
                .map(|label| label.text)
                .collect::<Vec<_>>(),
        )
    };
    document.texts = [
        ("description", row.description),
        ("concern", row.concern),
        ("labels", labels(row.labels)),
        ("alternativeLabels", labels(row.alternative_labels)),
        ("keyQuestions", lines(row.key_questions.0)),
        (
            "competencies",
            lines(
                row.competencies
                    .0
                    .into_iter()
                    .map(|competency| competency.statement)
                    .collect(),
            ),
        ),
    ]
    .into_iter()
    .filter_map(|(field, text)| Some(Text::plain(field, text?)))
    .collect();
    domains.file(&mut document, vec![row.id]);
    document.audience = audience::of_everybody().into_iter().collect();
    stamp(&mut document, row.created_at, row.updated_at);
    document
}
