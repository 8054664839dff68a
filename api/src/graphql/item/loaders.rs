//! What is asked of many items at once.

use std::collections::HashMap;

use service::error::Result;
use service::item;
use uuid::Uuid;

use crate::graphql::loaders::{Question, Source};

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

/// A question for items of one type by id.
macro_rules! item_by_id {
    ($question:ident, $entity:ident, $object:ty, $what:literal) => {
        #[doc = concat!($what, " that the viewer may read.")]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub struct $question(pub Uuid);

        impl Question for $question {
            type Answer = $object;

            async fn load(source: Source, keys: Vec<Self>) -> Result<HashMap<Self, Self::Answer>> {
                let ids: Vec<Uuid> = keys.iter().map(|key| key.0).collect();
                let rows = item::by_ids::<service::entity::$entity::Entity>(
                    &source.store,
                    &source.viewer,
                    &ids,
                )
                .await?;
                Ok(rows
                    .into_iter()
                    .map(|(id, row)| (Self(id), row.into()))
                    .collect())
            }
        }
    };
}

item_by_id!(
    ResourceById,
    resource,
    crate::graphql::resource::Resource,
    "A resource"
);
item_by_id!(
    PracticeById,
    practice,
    crate::graphql::practice::Practice,
    "A practice"
);
item_by_id!(
    InnovationById,
    innovation,
    crate::graphql::innovation::Innovation,
    "An innovation"
);
item_by_id!(
    DiscussionById,
    discussion,
    crate::graphql::discussion::Discussion,
    "A discussion"
);

item_by_id!(
    ActivityById,
    activity,
    crate::graphql::activity::Activity,
    "An activity"
);

item_by_id!(
    CollectionById,
    collection,
    crate::graphql::collection::Collection,
    "A collection"
);

/// A revision that the viewer may read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RevisionById(pub Uuid);

impl Question for RevisionById {
    type Answer = super::Revision;

    async fn load(source: Source, keys: Vec<Self>) -> Result<HashMap<Self, Self::Answer>> {
        let ids: Vec<Uuid> = keys.iter().map(|key| key.0).collect();
        let rows = item::revisions_by_ids(&source.store, &source.viewer, &ids).await?;
        Ok(rows
            .into_iter()
            .map(|(id, row)| (Self(id), row.into()))
            .collect())
    }
}
