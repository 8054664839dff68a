mod capture;
mod lifecycle;
mod posts;
mod searching;

use entity::community::{self, CommunityVisibility};
use entity::discussion::{CloseReason, DiscussionKind, DiscussionState};
use entity::membership::MembershipRole;
use uuid::Uuid;

use super::*;
use crate::change::catch_up;
use crate::error::{Error, Fault, FaultCode};
use crate::item::ItemContent;
use crate::search::SearchIndex;
use crate::store::Store;
use crate::testing;
use crate::validation::Patch;
use crate::viewer::Viewer;

/// A community in which somebody asks and somebody helps.
struct Circle {
    _directory: tempfile::TempDir,
    store: Store,
    index: SearchIndex,
    community: community::Model,
    facilitator: Viewer,
    steward: Viewer,
    asker: Viewer,
    helper: Viewer,
    stranger: Viewer,
}

impl Circle {
    async fn new(visibility: CommunityVisibility) -> Self {
        let (directory, store) = testing::store().await;
        let community = testing::community(&store, "helpers", visibility).await;
        let member =
            async |handle: &str, role| testing::member(&store, community.id, handle, role).await;
        Self {
            facilitator: member("fay", MembershipRole::Facilitator).await,
            steward: member("stella", MembershipRole::Steward).await,
            asker: member("ada", MembershipRole::Member).await,
            helper: member("ben", MembershipRole::Member).await,
            stranger: testing::person(&store, "eve").await,
            _directory: directory,
            index: SearchIndex::in_memory().unwrap(),
            store,
            community,
        }
    }

    fn input(&self, kind: DiscussionKind, title: &str) -> CreateDiscussion {
        CreateDiscussion {
            community_id: self.community.id,
            content: ItemContent {
                title: Patch::Value(title.to_owned()),
                body: Patch::Value(format!("{title}: how?")),
                ..ItemContent::default()
            },
            kind,
            about_id: None,
        }
    }

    async fn ask(&self, title: &str) -> Discussion {
        let input = self.input(DiscussionKind::HelpRequest, title);
        create(&self.store, &self.asker, input).await.unwrap().value
    }

    async fn try_post(
        &self,
        viewer: &Viewer,
        discussion: Uuid,
        parent: Option<Uuid>,
        body: &str,
    ) -> Result<Post, Error> {
        let input = AddPost {
            discussion_id: discussion,
            body: body.to_owned(),
            parent_id: parent,
        };
        let written = add_post(&self.store, viewer, input).await?;
        Ok(written.value)
    }

    async fn post(&self, viewer: &Viewer, discussion: &Discussion, body: &str) -> Post {
        self.try_post(viewer, discussion.item.id, None, body)
            .await
            .unwrap()
    }

    /// A request that the helper answered, and whose asker accepted it.
    async fn resolved(&self, title: &str) -> (Discussion, Post) {
        let asked = self.ask(title).await;
        let answer = self.post(&self.helper, &asked, "Like this.").await;
        let written = accept_post(&self.store, &self.asker, answer.id)
            .await
            .unwrap();
        (written.value, answer)
    }

    async fn row(&self, id: Uuid) -> entity::discussion::Model {
        use sea_orm::EntityTrait;
        let found = entity::discussion::Entity::find_by_id(id);
        found.one(self.store.reader()).await.unwrap().unwrap()
    }

    async fn follow(&self) {
        catch_up(&self.store, &self.index).await.unwrap();
    }

    async fn leave(&self, viewer: &Viewer) {
        crate::membership::leave(&self.store, viewer, self.community.id)
            .await
            .unwrap();
    }
}

fn fault<T: std::fmt::Debug>(result: Result<T, Error>) -> Fault {
    match result {
        Err(Error::Refused(mut faults)) if faults.len() == 1 => faults.remove(0),
        other => panic!("should have been refused for one reason: {other:?}"),
    }
}

fn code<T: std::fmt::Debug>(result: Result<T, Error>) -> FaultCode {
    fault(result).code
}
