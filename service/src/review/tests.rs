use entity::change::EntityType;
use entity::community::{CommunityKind, CommunityVisibility};
use entity::item::{ItemType, PublicationStatus};
use entity::membership::{MembershipRole, MembershipState};
use entity::resource::ResourceKind;
use entity::user::PlatformRole;
use entity::{community, transition};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter,
};
use tempfile::TempDir;
use uuid::Uuid;

use super::*;
use crate::error::{BlockerCode, Error, Result};
use crate::item::{self, ItemContent, ItemState, next_statuses};
use crate::resource::{CreateResource, ResourceContent, UpdateResource};
use crate::store::{Store, Written};
use crate::testing;
use crate::validation::Patch;
use crate::viewer::Viewer;

mod renewal;

/// A community with an author, two reviewers and a steward.
struct Desk {
    _directory: TempDir,
    store: Store,
    community: community::Model,
    author: Viewer,
    reviewer: Viewer,
    other: Viewer,
    steward: Viewer,
}

async fn desk(kind: CommunityKind) -> Desk {
    let (directory, store) = testing::store().await;
    let row = testing::community(&store, "methods", CommunityVisibility::Public).await;
    let mut row = row.into_active_model();
    row.kind = Set(kind);
    let community = row.update(store.migration_connection()).await.unwrap();
    let mut viewers = Vec::new();
    for (handle, role) in [
        ("author", MembershipRole::Member),
        ("reviewer", MembershipRole::Reviewer),
        ("other", MembershipRole::Reviewer),
        ("steward", MembershipRole::Steward),
    ] {
        let user = testing::user(&store, handle, PlatformRole::Member).await;
        let state = MembershipState::Active;
        testing::membership(&store, community.id, user.id, role, state).await;
        viewers.push(testing::viewer(&store, user.id).await);
    }
    let mut viewers = viewers.into_iter();
    let mut next = || viewers.next().unwrap();
    Desk {
        _directory: directory,
        store,
        community,
        author: next(),
        reviewer: next(),
        other: next(),
        steward: next(),
    }
}

impl Desk {
    async fn draft(&self) -> Uuid {
        let input = CreateResource {
            community_id: self.community.id,
            content: ItemContent {
                title: Patch::Value("Walking lessons".into()),
                body: Patch::Value("One.".into()),
                ..ItemContent::default()
            },
            resource: ResourceContent {
                kind: Patch::Value(ResourceKind::Guide),
                ..ResourceContent::default()
            },
            publish: false,
        };
        let made = crate::resource::create(&self.store, &self.author, input).await;
        made.unwrap().value.item.id
    }

    async fn review(
        &self,
        viewer: &Viewer,
        id: Uuid,
        verdict: ReviewVerdict,
        revision: i32,
    ) -> Result<Written<ItemState>> {
        let input = ReviewInput {
            id,
            verdict,
            comment: Some("Read it.".into()),
            revision,
        };
        review(&self.store, viewer, input).await
    }

    async fn retitle(&self, id: Uuid, title: &str) -> Result<Written<ItemState>> {
        let input = UpdateResource {
            content: ItemContent {
                title: Patch::Value(title.into()),
                ..ItemContent::default()
            },
            ..UpdateResource::default()
        };
        crate::resource::update(&self.store, &self.author, id, input, None).await
    }

    /// A resource that has come as far as that.
    async fn at(&self, status: PublicationStatus) -> Uuid {
        use PublicationStatus::{Archived, ChangesRequested, Draft, Published};
        let id = self.draft().await;
        if status == Draft {
            return id;
        }
        item::submit(&self.store, &self.author, id).await.unwrap();
        let verdict = match status {
            ChangesRequested => ReviewVerdict::RequestChanges,
            Published | Archived => ReviewVerdict::Approve,
            _ => return id,
        };
        self.review(&self.reviewer, id, verdict, 1).await.unwrap();
        if status == Archived {
            let archived =
                item::archive(&self.store, &self.steward, ItemType::Resource, id, None).await;
            archived.unwrap();
        }
        id
    }
}

fn blockers(outcome: Result<Written<ItemState>>) -> Vec<BlockerCode> {
    match outcome {
        Err(Error::Refused(faults)) => faults
            .iter()
            .flat_map(|fault| &fault.blocked_by)
            .map(|blocker| blocker.code)
            .collect(),
        other => panic!("{other:?} is no refusal"),
    }
}

/// Every act from every status leads where the table of ways says, or is refused.
#[tokio::test(flavor = "multi_thread")]
async fn every_act_from_every_status() {
    use PublicationStatus::{Archived, ChangesRequested, Draft, InReview, Published};
    let desk = desk(CommunityKind::BestPractice).await;
    let (store, author, steward) = (&desk.store, &desk.author, &desk.steward);
    for from in PublicationStatus::ALL {
        for (act, to) in [
            ("submit", InReview),
            ("approve", Published),
            ("request changes", ChangesRequested),
            ("publish", Published),
            ("archive", Archived),
            ("restore", Published),
        ] {
            let id = desk.at(*from).await;
            let before = store.position().await.unwrap();
            let outcome = match act {
                "submit" => item::submit(store, author, id).await,
                "approve" => {
                    desk.review(&desk.other, id, ReviewVerdict::Approve, 1)
                        .await
                }
                "request changes" => {
                    let verdict = ReviewVerdict::RequestChanges;
                    desk.review(&desk.other, id, verdict, 1).await
                }
                "publish" => item::publish(store, author, ItemType::Resource, id, None).await,
                "archive" => item::archive(store, steward, ItemType::Resource, id, None).await,
                _ => item::restore(store, steward, id).await,
            };
            let reviewed = matches!(act, "approve" | "request changes");
            let stays = *from == to && !reviewed;
            let leads = match act {
                "approve" | "request changes" => *from == InReview,
                "publish" => false,
                "restore" => *from == Archived,
                _ => next_statuses(*from).contains(&to),
            };
            let case = format!("{act} from {from:?}");
            if leads || stays {
                let written = outcome.unwrap_or_else(|error| panic!("{case}: {error}"));
                assert_eq!(written.value.item.status, Some(to), "{case}");
                assert_eq!(written.position == before, stays, "{case}");
            } else {
                let expected = if act == "publish" && matches!(from, Draft | InReview) {
                    BlockerCode::ReviewMissing
                } else {
                    BlockerCode::NotFromHere
                };
                assert_eq!(blockers(outcome), [expected], "{case}");
                assert_eq!(store.position().await.unwrap(), before, "{case}");
            }
        }
    }
}

#[tokio::test]
async fn a_review_is_of_the_newest_revision_and_of_somebody_elses_work() {
    let desk = desk(CommunityKind::BestPractice).await;
    let id = desk.at(PublicationStatus::InReview).await;
    let approve = ReviewVerdict::Approve;
    let own = desk.review(&desk.author, id, approve, 1).await;
    assert_eq!(blockers(own), [BlockerCode::OwnWork]);

    // Who makes a revision of others' work has made it all the same.
    let edit = UpdateResource {
        content: ItemContent {
            title: Patch::Value("Walking".into()),
            ..ItemContent::default()
        },
        ..UpdateResource::default()
    };
    let edited = crate::resource::update(&desk.store, &desk.steward, id, edit, None).await;
    edited.unwrap();
    let own = desk.review(&desk.steward, id, approve, 2).await;
    assert_eq!(blockers(own), [BlockerCode::OwnWork]);
    let older = desk.review(&desk.reviewer, id, approve, 1).await;
    assert_eq!(blockers(older), [BlockerCode::OlderRevision]);
    let reviews = testing::changes(&desk.store, EntityType::Review).await;
    assert_eq!(reviews, [], "nothing was written");

    let published = desk.review(&desk.reviewer, id, approve, 2).await.unwrap();
    assert_eq!(
        published.value.item.status,
        Some(PublicationStatus::Published)
    );
    let again = desk.review(&desk.other, id, approve, 2).await;
    assert_eq!(blockers(again), [BlockerCode::NotFromHere]);
    let steps = transition::Entity::find()
        .filter(transition::Column::EntityId.eq(id))
        .filter(transition::Column::ToState.eq("PUBLISHED"))
        .one(desk.store.reader())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(steps.actor_id, desk.reviewer.user_id());
    assert_eq!(steps.reason.as_deref(), Some("Read it."));
}

#[tokio::test]
async fn what_waits_is_told_to_those_who_see_drafts_only() {
    let desk = desk(CommunityKind::BestPractice).await;
    let id = desk.at(PublicationStatus::Published).await;
    let held = desk.retitle(id, "Zyzzyva").await.unwrap().value;
    assert_eq!(held.item.title, "Walking lessons");
    assert_eq!(held.item.pending_revision, Some(2));
    let changes = testing::changes(&desk.store, EntityType::Resource).await;
    let last = changes.last().unwrap();
    assert_eq!(last.fields.0, ["pendingRevision"]);
    let audience = last.audience_after.clone().unwrap().0;
    assert!(!audience.contains(&"public".to_owned()), "{audience:?}");
    assert!(!last.narrowed, "readers see what they saw");

    let shown = desk
        .review(&desk.reviewer, id, ReviewVerdict::Approve, 2)
        .await;
    let shown = shown.unwrap().value;
    assert_eq!(shown.item.title, "Zyzzyva");
    assert_eq!(
        (shown.item.revision, shown.item.pending_revision),
        (2, None)
    );
    let changes = testing::changes(&desk.store, EntityType::Resource).await;
    assert_eq!(changes.last().unwrap().fields.0, ["title", "revision"]);
    let reviews = testing::changes(&desk.store, EntityType::Review).await;
    let audience = reviews.last().unwrap().audience_after.clone().unwrap().0;
    assert!(audience.contains(&"public".to_owned()), "{audience:?}");
}

#[tokio::test]
async fn a_published_item_does_not_lose_what_its_kind_asks_for() {
    let desk = desk(CommunityKind::Helping).await;
    let id = desk.draft().await;
    let resource = ItemType::Resource;
    item::publish(&desk.store, &desk.author, resource, id, None)
        .await
        .unwrap();
    let steward = desk.steward.user_id().unwrap();
    let kept = set_steward(
        &desk.store,
        &desk.steward,
        id,
        Patch::Value(steward),
        Patch::Absent,
    );
    kept.await.unwrap();
    let mut row = desk.community.clone().into_active_model();
    row.kind = Set(CommunityKind::KnowledgeStewarding);
    row.update(desk.store.migration_connection()).await.unwrap();
    let lost = set_steward(&desk.store, &desk.steward, id, Patch::Null, Patch::Absent).await;
    assert_eq!(blockers(lost), [BlockerCode::StewardMissing]);
    // The date was missing before, and may be given and changed.
    let renewed = renew_review(&desk.store, &desk.steward, id).await.unwrap();
    assert!(renewed.value.item.review_due_at.is_some());
    let lost = set_steward(&desk.store, &desk.steward, id, Patch::Absent, Patch::Null).await;
    assert_eq!(blockers(lost), [BlockerCode::ReviewDateMissing]);
}
