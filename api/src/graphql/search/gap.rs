//! What is searched for and not found, in the schema.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::{Context, Result, SimpleObject};
use chrono::NaiveTime;
use service::error::Result as ServiceResult;
use service::paging::page_size;
use service::search;
use uuid::Uuid;

use crate::graphql::connection::count;
use crate::graphql::errors::IntoGraphql;
use crate::graphql::loaders::{Question, Source};
use crate::graphql::request::ask;
use crate::graphql::scalars::DateTime;

/// What at least three people searched for in vain, in the last 180 days: nothing was found, or nothing of it was opened.
/// Who searched is not kept.
#[derive(Clone, Debug, SimpleObject)]
pub struct KnowledgeGap {
    /// What was searched for, in small letters and without accents.
    query: String,
    /// How often; a person and day counts once.
    searches: i32,
    /// How many of these found something of which nothing was opened, as front ends say by `abandonSearch`.
    abandoned: i32,
    /// When last, as the beginning of that day (UTC).
    last_at: DateTime,
}

impl From<&search::KnowledgeGap> for KnowledgeGap {
    fn from(gap: &search::KnowledgeGap) -> Self {
        Self {
            query: gap.query.clone(),
            searches: count(gap.searches),
            abandoned: count(gap.abandoned),
            last_at: gap.last_day.and_time(NaiveTime::MIN).and_utc().into(),
        }
    }
}

/// What the people of a community search for and do not find, as far as the viewer may see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct GapsOf(Uuid);

impl Question for GapsOf {
    type Answer = Arc<Vec<search::KnowledgeGap>>;

    async fn load(source: Source, keys: Vec<Self>) -> ServiceResult<HashMap<Self, Self::Answer>> {
        let ids: Vec<Uuid> = keys.iter().map(|key| key.0).collect();
        let found = search::knowledge_gaps(&source.store, &source.viewer, &ids).await?;
        let found = found.into_iter();
        Ok(found.map(|(id, gaps)| (Self(id), Arc::new(gaps))).collect())
    }
}

/// The first of the knowledge gaps of a community.
pub async fn knowledge_gaps(
    context: &Context<'_>,
    community: Uuid,
    first: Option<i32>,
) -> Result<Vec<KnowledgeGap>> {
    let first = page_size("first", first.map(i64::from)).graphql()?;
    let first = usize::try_from(first).unwrap_or(usize::MAX);
    let found = ask(context, GapsOf(community)).await?.unwrap_or_default();
    Ok(found.iter().take(first).map(KnowledgeGap::from).collect())
}
