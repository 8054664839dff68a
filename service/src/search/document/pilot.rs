//! What pilots ask and find, for the documents of what they try out: whoever reads that reads its pilots.

use std::collections::HashMap;

use ::search::Text;
use entity::pilot::{Column, Entity};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use crate::error::Result;

/// So many pilots of an item are found, the newest.
const MOST_PILOTS: usize = 100;
/// Bytes of the pilots of one item.
const MOST_BYTES: usize = 200_000;

/// The texts of the pilots of these items: their questions with where and how they are tried, and their findings.
pub(super) async fn texts(
    connection: &impl ConnectionTrait,
    subjects: &[Uuid],
) -> Result<HashMap<Uuid, Vec<Text>>> {
    let mut found: HashMap<Uuid, Found> = HashMap::new();
    if subjects.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = Entity::find()
        .filter(Column::SubjectId.is_in(subjects.iter().copied()))
        .order_by_desc(Column::Id)
        .all(connection)
        .await?;
    for row in rows {
        let all = found.entry(row.subject_id).or_default();
        if all.pilots == MOST_PILOTS {
            continue;
        }
        all.pilots += 1;
        all.add_finding(row.findings);
        let lines = [Some(row.question), Some(row.setting), row.audience];
        let lists = row.sites.0.into_iter().chain(row.measures.0);
        for text in lines.into_iter().flatten().chain(lists) {
            all.add_line(&text);
        }
    }
    Ok(found
        .into_iter()
        .map(|(id, all)| (id, all.into_texts()))
        .collect())
}

#[derive(Default)]
struct Found {
    pilots: usize,
    findings: String,
    lines: String,
}

impl Found {
    fn add_finding(&mut self, text: Option<String>) {
        if let Some(text) = text
            && self.findings.len() + text.len() <= MOST_BYTES
        {
            self.findings.push_str(&text);
            self.findings.push_str("\n\n");
        }
    }

    fn add_line(&mut self, text: &str) {
        if self.lines.len() + text.len() <= MOST_BYTES {
            self.lines.push_str(text);
            self.lines.push('\n');
        }
    }

    fn into_texts(self) -> Vec<Text> {
        let mut texts = Vec::new();
        if !self.findings.is_empty() {
            texts.push(Text::markdown("pilots", self.findings));
        }
        texts.push(Text::plain("pilots", self.lines));
        texts
    }
}
