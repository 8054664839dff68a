mod projecting;
mod raising;

use entity::change::EntityType;
use entity::community::{self, CommunityVisibility};
use entity::membership::{MembershipRole, MembershipState};
use entity::user::PlatformRole;
use uuid::Uuid;

use super::*;
use crate::link::End;
use crate::paging::PageRequest;
use crate::store::Store;
use crate::testing;
use crate::viewer::Viewer;

/// A community whose members are told of things.
struct Scene {
    _directory: tempfile::TempDir,
    store: Store,
    community: community::Model,
}

impl Scene {
    async fn new(visibility: CommunityVisibility) -> Self {
        let (directory, store) = testing::store().await;
        let community = testing::community(&store, "helpers", visibility).await;
        Self {
            _directory: directory,
            store,
            community,
        }
    }

    fn here(&self) -> End {
        (EntityType::Community, self.community.id)
    }

    /// A person who is no member.
    async fn stranger(&self, handle: &str) -> Viewer {
        let user = testing::user(&self.store, handle, PlatformRole::Member).await;
        testing::viewer(&self.store, user.id).await
    }

    async fn member(&self, handle: &str, role: MembershipRole) -> Viewer {
        let user = testing::user(&self.store, handle, PlatformRole::Member).await;
        let (community, state) = (self.community.id, MembershipState::Active);
        testing::membership(&self.store, community, user.id, role, state).await;
        testing::viewer(&self.store, user.id).await
    }

    /// The notifications that somebody sees, the newest first.
    async fn seen(&self, viewer: &Viewer, unread_only: bool) -> Vec<Notification> {
        let request = PageRequest::default();
        let page = page(&self.store, viewer, unread_only, &request)
            .await
            .unwrap();
        let rows: Vec<Notification> = page.rows.into_iter().map(|(_, row)| row).collect();
        let counted = count(&self.store, viewer, unread_only).await.unwrap();
        assert_eq!(counted, rows.len() as u64);
        let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
        let found = by_ids(&self.store, viewer, &ids).await.unwrap();
        assert_eq!(found.len(), rows.len());
        rows
    }
}

fn id(viewer: &Viewer) -> Uuid {
    viewer.user_id().unwrap()
}
