mod addressed;
mod asked;
mod followed;
mod raising;

use entity::change::EntityType;
use entity::community::{self, CommunityVisibility};
use entity::discussion::DiscussionKind;
use entity::membership::MembershipRole;
use entity::resource::ResourceKind;
use entity::user::PlatformRole;
use uuid::Uuid;

use super::*;
use crate::discussion::{AddPost, CreateDiscussion};
use crate::item::ItemContent;
use crate::link::End;
use crate::paging::PageRequest;
use crate::projection::catch_up;
use crate::resource::{CreateResource, ResourceContent};
use crate::store::Store;
use crate::testing;
use crate::validation::Patch;
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
        testing::person(&self.store, handle).await
    }

    async fn member(&self, handle: &str, role: MembershipRole) -> Viewer {
        testing::member(&self.store, self.community.id, handle, role).await
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

const NOTHING: [(NotificationReason, End); 0] = [];

/// What people do of which others are told.
impl Scene {
    async fn follow(&self, viewer: &Viewer, target: End) {
        crate::follow::follow(&self.store, viewer, target)
            .await
            .unwrap();
    }

    async fn share(&self, author: &Viewer, publish: bool, content: ItemContent) -> End {
        let input = CreateResource {
            community_id: self.community.id,
            content: ItemContent {
                title: Patch::Value("Saplings".to_owned()),
                ..content
            },
            resource: ResourceContent {
                kind: Patch::Value(ResourceKind::Guide),
                ..ResourceContent::default()
            },
            publish,
        };
        let made = crate::resource::create(&self.store, author, input).await;
        (EntityType::Resource, made.unwrap().value.item.id)
    }

    fn request(&self, body: &str, tags: &[&str]) -> CreateDiscussion {
        CreateDiscussion {
            community_id: self.community.id,
            content: ItemContent {
                title: Patch::Value("Snails".to_owned()),
                body: Patch::Value(body.to_owned()),
                tags: Patch::Value(tags.iter().map(|&tag| tag.to_owned()).collect()),
                ..ItemContent::default()
            },
            kind: DiscussionKind::HelpRequest,
            about_id: None,
        }
    }

    async fn ask(&self, asker: &Viewer, body: &str, tags: &[&str]) -> End {
        let input = self.request(body, tags);
        let made = crate::discussion::create(&self.store, asker, input).await;
        (EntityType::Discussion, made.unwrap().value.item.id)
    }

    async fn post(&self, author: &Viewer, discussion: End, parent: Option<End>, body: &str) -> End {
        let input = AddPost {
            discussion_id: discussion.1,
            body: body.to_owned(),
            parent_id: parent.map(|(_, id)| id),
        };
        let made = crate::discussion::add_post(&self.store, author, input).await;
        (EntityType::Post, made.unwrap().value.id)
    }

    /// What somebody is told that was not read, each with its reason, the oldest first; it is read then.
    async fn news(&self, viewer: &Viewer) -> Vec<(NotificationReason, End)> {
        catch_up(&self.store).await.unwrap();
        let mut unread = self.seen(viewer, true).await;
        unread.sort_by_key(|row| (row.raised_at, row.reason));
        let ids = unread.iter().map(|row| row.id).collect();
        mark_read(&self.store, viewer, ids).await.unwrap();
        unread
            .into_iter()
            .map(|row| (row.reason, (row.about_type, row.about_id)))
            .collect()
    }
}
