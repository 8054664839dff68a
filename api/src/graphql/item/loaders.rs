//! What is asked of many items at once.

use std::collections::HashMap;

use service::entity::{activity, collection, discussion, innovation, practice, resource};
use service::error::Result;
use service::item;
use uuid::Uuid;

use crate::graphql::activity::Activity;
use crate::graphql::collection::Collection;
use crate::graphql::discussion::Discussion;
use crate::graphql::innovation::Innovation;
use crate::graphql::loaders::{Question, Source, by_id};
use crate::graphql::practice::Practice;
use crate::graphql::resource::Resource;

/// The ids of the authors of an item, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AuthorsOf(pub Uuid);

impl Question for AuthorsOf {
    type Answer = Vec<Uuid>;

    async fn load(source: Source, keys: Vec<Self>) -> Result<HashMap<Self, Vec<Uuid>>> {
        let ids: Vec<Uuid> = keys.iter().map(|key| key.0).collect();
        let found = item::authors_of(source.store.reader(), &ids).await?;
        Ok(found
            .into_iter()
            .map(|(id, authors)| (Self(id), authors))
            .collect())
    }
}

/// The ids of the domains of an item, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DomainsOf(pub Uuid);

impl Question for DomainsOf {
    type Answer = Vec<Uuid>;

    async fn load(source: Source, keys: Vec<Self>) -> Result<HashMap<Self, Vec<Uuid>>> {
        let ids: Vec<Uuid> = keys.iter().map(|key| key.0).collect();
        let found = item::domains_of(source.store.reader(), &ids).await?;
        Ok(found
            .into_iter()
            .map(|(id, domains)| (Self(id), domains))
            .collect())
    }
}

/// The tags of an item as written, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TagsOf(pub Uuid);

impl Question for TagsOf {
    type Answer = Vec<String>;

    async fn load(source: Source, keys: Vec<Self>) -> Result<HashMap<Self, Vec<String>>> {
        let ids: Vec<Uuid> = keys.iter().map(|key| key.0).collect();
        let found = item::tags_of(source.store.reader(), &ids).await?;
        Ok(found
            .into_iter()
            .map(|(id, tags)| (Self(id), tags))
            .collect())
    }
}

/// The Markdown body of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BodyOf(pub Uuid);

impl Question for BodyOf {
    type Answer = String;

    async fn load(source: Source, keys: Vec<Self>) -> Result<HashMap<Self, String>> {
        let ids: Vec<Uuid> = keys.iter().map(|key| key.0).collect();
        let found = item::bodies_of(source.store.reader(), &ids).await?;
        Ok(found
            .into_iter()
            .map(|(id, body)| (Self(id), body))
            .collect())
    }
}

by_id!(
    /// A resource that the viewer may read.
    ResourceById => Resource, item::by_ids::<resource::Entity>
);

by_id!(
    /// A practice that the viewer may read.
    PracticeById => Practice, item::by_ids::<practice::Entity>
);

by_id!(
    /// An innovation that the viewer may read.
    InnovationById => Innovation, item::by_ids::<innovation::Entity>
);

by_id!(
    /// A discussion that the viewer may read.
    DiscussionById => Discussion, item::by_ids::<discussion::Entity>
);

by_id!(
    /// An activity that the viewer may read.
    ActivityById => Activity, item::by_ids::<activity::Entity>
);

by_id!(
    /// A collection that the viewer may read.
    CollectionById => Collection, item::by_ids::<collection::Entity>
);

by_id!(
    /// A revision that the viewer may read.
    RevisionById => super::Revision, item::revisions_by_ids
);
