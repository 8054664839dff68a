//! What is asked of many discussions and posts at once.

use std::collections::HashMap;
use std::hash::{Hash, Hasher};

use service::discussion;
use service::error::Result;
use service::expertise;
use service::search::SearchIndex;
use uuid::Uuid;

use crate::graphql::loaders::{Question, Source, by_id};

by_id!(
    /// A post whose discussion the viewer may read.
    PostById => super::Post, discussion::posts_by_ids
);

/// Whether the viewer has posted to a discussion; no answer where not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PostedByViewer(pub Uuid);

impl Question for PostedByViewer {
    type Answer = ();

    async fn load(source: Source, keys: Vec<Self>) -> Result<HashMap<Self, ()>> {
        let ids: Vec<Uuid> = keys.iter().map(|key| key.0).collect();
        let posted = discussion::posted_by_viewer(&source.store, &source.viewer, &ids).await?;
        Ok(posted.into_iter().map(|id| (Self(id), ())).collect())
    }
}

/// The id of the resource that was made of a discussion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CapturedAs(pub Uuid);

impl Question for CapturedAs {
    type Answer = Uuid;

    async fn load(source: Source, keys: Vec<Self>) -> Result<HashMap<Self, Uuid>> {
        let ids: Vec<Uuid> = keys.iter().map(|key| key.0).collect();
        let captured = discussion::captured_as(&source.store, &ids).await?;
        Ok(captured
            .into_iter()
            .map(|(id, resource)| (Self(id), resource))
            .collect())
    }
}

by_id!(
    /// The ids of those who could help with a discussion, best first.
    HelpersFor => Vec<Uuid>, expertise::suggested
);

/// The ids of resolved discussions like one, best first; asked of the search index that comes with the question.
#[derive(Clone, Debug)]
pub struct SimilarTo {
    /// The discussion.
    pub id: Uuid,
    /// How many at most.
    pub first: usize,
    /// Where to look.
    pub index: SearchIndex,
}

impl PartialEq for SimilarTo {
    fn eq(&self, other: &Self) -> bool {
        (self.id, self.first) == (other.id, other.first)
    }
}

impl Eq for SimilarTo {}

impl Hash for SimilarTo {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.id, self.first).hash(state);
    }
}

impl Question for SimilarTo {
    type Answer = Vec<Uuid>;

    async fn load(source: Source, keys: Vec<Self>) -> Result<HashMap<Self, Vec<Uuid>>> {
        let Some(index) = keys.first().map(|key| key.index.clone()) else {
            return Ok(HashMap::new());
        };
        // The same discussion may be asked for with different numbers; the largest holds all.
        let mut wanted: HashMap<Uuid, usize> = HashMap::new();
        for key in &keys {
            let most = wanted.entry(key.id).or_default();
            *most = key.first.max(*most);
        }
        let wanted: Vec<(Uuid, usize)> = wanted.into_iter().collect();
        let found = discussion::similar(&source.store, &index, &source.viewer, &wanted).await?;
        Ok(keys
            .into_iter()
            .filter_map(|key| {
                let ids = found.get(&key.id)?;
                let ids = ids.iter().take(key.first).copied().collect();
                Some((key, ids))
            })
            .collect())
    }
}
