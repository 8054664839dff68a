use std::collections::{BTreeMap, BTreeSet};

use entity::change::EntityType;
use entity::community::{self, CommunityKind, CommunityVisibility};
use entity::discussion::DiscussionKind;
use entity::item::{self, ItemVisibility};
use entity::membership::{MembershipRole, MembershipState};
use entity::resource::ResourceKind;
use entity::{discussion, membership, post, revision};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use uuid::Uuid;

use super::*;
use crate::community::CreateCommunity;
use crate::discussion::{AddPost, CreateDiscussion};
use crate::error::{Error, Fault, FaultCode, Result};
use crate::innovation::{CreateInnovation, InnovationContent};
use crate::item::ItemContent;
use crate::resource::{CreateResource, ResourceContent};
use crate::store::{MOVED, Store};
use crate::testing::{self, person};
use crate::validation::Patch;
use crate::viewer::Viewer;

mod belongings;
mod chain;
mod merging;
mod splitting;

fn faults<T: std::fmt::Debug>(outcome: Result<T>) -> Vec<Fault> {
    match outcome {
        Err(Error::Refused(faults)) => faults,
        other => panic!("this should have been refused: {other:?}"),
    }
}

/// The same person with the memberships of now.
async fn again(store: &Store, viewer: &Viewer) -> Viewer {
    testing::viewer(store, viewer.user_id().unwrap()).await
}

async fn found_by(
    store: &Store,
    founder: &Viewer,
    name: &str,
    visibility: CommunityVisibility,
) -> community::Model {
    let input = CreateCommunity {
        visibility: Some(visibility),
        ..CreateCommunity::new(name, "To be tried.", CommunityKind::Helping)
    };
    let made = crate::community::create(store, founder, input).await;
    made.unwrap().value
}

async fn member(
    store: &Store,
    community: &community::Model,
    of: &Viewer,
    role: MembershipRole,
    state: MembershipState,
) -> membership::Model {
    let user = of.user_id().unwrap();
    testing::membership(store, community.id, user, role, state).await
}

async fn membership_of(
    store: &Store,
    community: &community::Model,
    of: &Viewer,
) -> Option<membership::Model> {
    membership::Entity::find()
        .filter(membership::Column::CommunityId.eq(community.id))
        .filter(membership::Column::UserId.eq(of.user_id().unwrap()))
        .one(store.reader())
        .await
        .unwrap()
}

/// What items are made of here.
#[derive(Clone, Copy, Debug)]
enum Made {
    Resource,
    Draft,
    Innovation,
    Discussion,
}

fn content(title: &str, visibility: ItemVisibility) -> ItemContent {
    ItemContent {
        title: Patch::Value(title.to_owned()),
        body: Patch::Value(format!("All about {title}.")),
        visibility: Patch::Value(visibility),
        ..ItemContent::default()
    }
}

async fn make(
    store: &Store,
    author: &Viewer,
    community: &community::Model,
    made: Made,
    visibility: ItemVisibility,
) -> Uuid {
    let community_id = community.id;
    let content = content("Walking", visibility);
    match made {
        Made::Resource | Made::Draft => {
            let input = CreateResource {
                community_id,
                content,
                resource: ResourceContent {
                    kind: Patch::Value(ResourceKind::Guide),
                    ..ResourceContent::default()
                },
                publish: matches!(made, Made::Resource),
            };
            let written = crate::resource::create(store, author, input).await;
            written.unwrap().value.item.id
        }
        Made::Innovation => {
            let input = CreateInnovation {
                community_id,
                content: ItemContent {
                    body: Patch::Absent,
                    ..content
                },
                innovation: InnovationContent {
                    idea: Patch::Value("Turn around.".to_owned()),
                    ..InnovationContent::default()
                },
            };
            let written = crate::innovation::create(store, author, input).await;
            written.unwrap().value.item.id
        }
        Made::Discussion => {
            let input = CreateDiscussion {
                community_id,
                content,
                kind: DiscussionKind::HelpRequest,
                about_id: None,
            };
            let written = crate::discussion::create(store, author, input).await;
            let id = written.unwrap().value.item.id;
            let answer = AddPost {
                discussion_id: id,
                body: "Like this.".to_owned(),
                parent_id: None,
            };
            crate::discussion::add_post(store, author, answer)
                .await
                .unwrap();
            id
        }
    }
}

/// Everything of the items of communities that must stay as it is, by item; and where each is.
async fn repertoire(
    store: &Store,
    communities: &[Uuid],
) -> (
    BTreeMap<Uuid, (item::Model, u64, u64)>,
    BTreeMap<Uuid, Uuid>,
) {
    let rows = item::Entity::find()
        .filter(item::Column::CommunityId.is_in(communities.iter().copied()))
        .all(store.reader())
        .await
        .unwrap();
    let (mut kept, mut homes) = (BTreeMap::new(), BTreeMap::new());
    for row in rows {
        let id = row.id;
        homes.insert(id, row.community_id);
        let revisions = revision::Entity::find()
            .filter(revision::Column::ItemId.eq(id))
            .count(store.reader());
        let posts = post::Entity::find()
            .filter(post::Column::DiscussionId.eq(id))
            .filter(post::Column::CommunityId.eq(row.community_id))
            .count(store.reader());
        let discussion = discussion::Entity::find_by_id(id).one(store.reader());
        if let Some(discussion) = discussion.await.unwrap() {
            assert_eq!(discussion.community_id, row.community_id);
        }
        let elsewhere = item::Model {
            community_id: Uuid::nil(),
            compared_revision: None,
            ..row
        };
        let facts = (elsewhere, revisions.await.unwrap(), posts.await.unwrap());
        kept.insert(id, facts);
    }
    (kept, homes)
}
async fn moved(store: &Store) -> impl Iterator<Item = Uuid> {
    let rows = entity::change::Entity::find()
        .all(store.reader())
        .await
        .unwrap();
    rows.into_iter()
        .filter(|row| row.fields.0 == [MOVED])
        .map(|row| row.entity_id)
}

/// Two communities that Ada facilitates.
async fn two(
    store: &Store,
    ada: &Viewer,
    from: CommunityVisibility,
    into: CommunityVisibility,
) -> (community::Model, community::Model, Viewer) {
    let from = found_by(store, ada, "From", from).await;
    let into = found_by(store, ada, "Into", into).await;
    let ada = again(store, ada).await;
    (from, into, ada)
}

fn because() -> String {
    "We do the same.".to_owned()
}
