//! What the tests of the follower and of searching share: a community with a facilitator, and an index that follows
//! only when a test says so.

use entity::community::{self, CommunityVisibility};
use entity::membership::{MembershipRole, MembershipState};
use entity::resource::ResourceKind;
use entity::user::PlatformRole;
use tempfile::TempDir;
use uuid::Uuid;

use super::{SearchAnswer, SearchIndex, SearchQuery, search};
use crate::change::catch_up;
use crate::item::ItemContent;
use crate::resource::{self, CreateResource, ResourceContent};
use crate::store::Store;
use crate::testing;
use crate::validation::Patch;
use crate::viewer::Viewer;

pub(crate) struct Library {
    pub(crate) directory: TempDir,
    pub(crate) store: Store,
    pub(crate) index: SearchIndex,
    pub(crate) community: community::Model,
    /// Facilitates the community, and administers the platform.
    pub(crate) ada: Viewer,
    /// Signed in, and a member of nothing.
    pub(crate) stranger: Viewer,
}

impl Library {
    pub(crate) async fn new(visibility: CommunityVisibility) -> Self {
        let (directory, store) = testing::store().await;
        let ada = testing::user(&store, "ada", PlatformRole::Admin).await;
        let community = testing::community(&store, "readers", visibility).await;
        let (role, state) = (MembershipRole::Facilitator, MembershipState::Active);
        testing::membership(&store, community.id, ada.id, role, state).await;
        let stranger = testing::user(&store, "stranger", PlatformRole::Member).await;
        Self {
            ada: testing::viewer(&store, ada.id).await,
            stranger: testing::viewer(&store, stranger.id).await,
            directory,
            store,
            index: SearchIndex::in_memory().unwrap(),
            community,
        }
    }

    /// Publishes a resource with that title.
    pub(crate) async fn publish(&self, title: &str) -> Uuid {
        self.publish_with(ItemContent {
            title: Patch::Value(title.to_owned()),
            ..ItemContent::default()
        })
        .await
    }

    pub(crate) async fn publish_with(&self, content: ItemContent) -> Uuid {
        let input = CreateResource {
            community_id: self.community.id,
            content,
            resource: ResourceContent {
                kind: Patch::Value(ResourceKind::LessonPlan),
                ..ResourceContent::default()
            },
            publish: true,
        };
        let written = resource::create(&self.store, &self.ada, input).await;
        written.unwrap().value.item.id
    }

    /// Brings the index to the end of the log.
    pub(crate) async fn follow(&self) {
        catch_up(&self.store, &self.index).await.unwrap();
        assert_eq!(self.index.position(), self.store.position().await.unwrap());
    }

    pub(crate) async fn search(&self, viewer: &Viewer, query: SearchQuery) -> SearchAnswer {
        search(&self.store, &self.index, viewer, query)
            .await
            .unwrap()
    }

    /// The ids that are found, in order.
    pub(crate) async fn found(&self, viewer: &Viewer, query: &str) -> Vec<Uuid> {
        let query = SearchQuery {
            query: query.to_owned(),
            ..SearchQuery::default()
        };
        let answer = self.search(viewer, query).await;
        assert_eq!(answer.total, answer.hits.len() as u64);
        answer.hits.into_iter().map(|hit| hit.id).collect()
    }
}
