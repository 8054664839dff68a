//! What is asked of many activities at once.

use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use service::activity::{Entry, Occurrence, Range, calendars, occurrences};
use service::entity::activity;
use service::error::Result;
use service::link;
use uuid::Uuid;

use crate::graphql::loaders::{Question, Source};

/// The occurrences in a range of an activity that the viewer was shown.
#[derive(Clone, Debug)]
pub struct OccurrencesOf {
    activity: Arc<activity::Model>,
    range: Range,
}

impl OccurrencesOf {
    /// Of an activity, in a range.
    #[must_use]
    pub fn new(activity: Arc<activity::Model>, range: Range) -> Self {
        Self { activity, range }
    }
}

impl PartialEq for OccurrencesOf {
    fn eq(&self, other: &Self) -> bool {
        self.activity.id == other.activity.id && self.range == other.range
    }
}

impl Eq for OccurrencesOf {}

impl Hash for OccurrencesOf {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.activity.id.hash(state);
        self.range.hash(state);
    }
}

impl Question for OccurrencesOf {
    type Answer = Vec<Occurrence>;

    async fn load(source: Source, keys: Vec<Self>) -> Result<HashMap<Self, Self::Answer>> {
        let wanted: Vec<_> = keys
            .iter()
            .map(|key| (Arc::clone(&key.activity), key.range))
            .collect();
        let found = occurrences(&source.store, &wanted).await?;
        Ok(keys.into_iter().zip(found).collect())
    }
}

/// What takes place in a community in a range of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CalendarOf {
    /// The community.
    pub community: Uuid,
    /// The range.
    pub range: Range,
}

impl Question for CalendarOf {
    type Answer = Vec<Entry>;

    async fn load(source: Source, keys: Vec<Self>) -> Result<HashMap<Self, Self::Answer>> {
        let mut by_range: HashMap<Range, Vec<Uuid>> = HashMap::new();
        for key in keys {
            by_range.entry(key.range).or_default().push(key.community);
        }
        let mut answers = HashMap::new();
        for (range, communities) in by_range {
            let found = calendars(&source.store, &source.viewer, &communities, range).await?;
            answers.extend(
                found
                    .into_iter()
                    .map(|(community, entries)| (Self { community, range }, entries)),
            );
        }
        Ok(answers)
    }
}

/// The activity that something was made in, with the occurrence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct MadeInOf(pub Uuid);

impl Question for MadeInOf {
    type Answer = (Uuid, Option<DateTime<Utc>>);

    async fn load(source: Source, keys: Vec<Self>) -> Result<HashMap<Self, Self::Answer>> {
        let ids: Vec<Uuid> = keys.iter().map(|key| key.0).collect();
        let found = link::made_in(&source.store, &ids).await?;
        Ok(found
            .into_iter()
            .map(|(id, made_in)| (Self(id), made_in))
            .collect())
    }
}
