use entity::change::EntityType;
use entity::community::{self, CommunityStatus, CommunityVisibility};
use entity::discussion::DiscussionKind;
use entity::membership::MembershipRole;
use entity::user::PlatformRole;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel};
use uuid::Uuid;

use super::*;
use crate::discussion::{AddPost, CreateDiscussion, add_post, create};
use crate::error::{BlockerCode, Error, FaultCode, Result};
use crate::item::ItemContent;
use crate::link::End;
use crate::paging::PageRequest;
use crate::policy::audience;
use crate::store::{Store, Written};
use crate::testing;
use crate::transition::testing::{Step, try_step};
use crate::validation::Patch;
use crate::viewer::{Scope, Viewer};

/// A community in which something is said that is not right.
struct Scene {
    _directory: tempfile::TempDir,
    store: Store,
    community: community::Model,
    steward: Viewer,
    author: Viewer,
    member: Viewer,
    stranger: Viewer,
    discussion: End,
    post: End,
}

impl Scene {
    async fn new(visibility: CommunityVisibility) -> Self {
        let (directory, store) = testing::store().await;
        let community = testing::community(&store, "sayers", visibility).await;
        let active =
            async |handle: &str, role| testing::member(&store, community.id, handle, role).await;
        let steward = active("stella", MembershipRole::Steward).await;
        let author = active("ada", MembershipRole::Facilitator).await;
        let member = active("ben", MembershipRole::Member).await;
        let stranger = testing::person(&store, "eve").await;
        let input = CreateDiscussion {
            community_id: community.id,
            content: ItemContent {
                title: Patch::Value("Is the earth flat?".to_owned()),
                body: Patch::Value("I think so.".to_owned()),
                ..ItemContent::default()
            },
            kind: DiscussionKind::Discussion,
            about_id: None,
        };
        let discussion = create(&store, &author, input).await.unwrap().value.item.id;
        let input = AddPost {
            discussion_id: discussion,
            body: "So do I.".to_owned(),
            parent_id: None,
        };
        let post = add_post(&store, &member, input).await.unwrap().value.id;
        Self {
            _directory: directory,
            store,
            community,
            steward,
            author,
            member,
            stranger,
            discussion: (EntityType::Discussion, discussion),
            post: (EntityType::Post, post),
        }
    }

    async fn raise(&self, viewer: &Viewer, target: End) -> Result<Written<Flag>> {
        let input = RaiseFlag {
            target,
            reason: FlagReason::Inaccurate,
            note: Some("It is round.".to_owned()),
        };
        raise(&self.store, viewer, input).await
    }

    async fn decide(&self, viewer: &Viewer, flag: &Flag, upheld: bool) -> Result<Written<Flag>> {
        let note = Some("We looked.".to_owned());
        resolve(&self.store, viewer, flag.id, upheld, note).await
    }

    async fn listed(&self, viewer: &Viewer, state: Option<FlagState>) -> Vec<Uuid> {
        let request = PageRequest::default();
        let (store, community) = (&self.store, self.community.id);
        let page = page_of_community(store, viewer, community, state, &request);
        let listed: Vec<Uuid> = page
            .await
            .unwrap()
            .rows
            .iter()
            .map(|row| row.1.id)
            .collect();
        let counted = count_of_community(store, viewer, community, state).await;
        assert_eq!(counted.unwrap(), listed.len() as u64);
        listed
    }

    async fn sees(&self, viewer: &Viewer, flag: &Flag) -> bool {
        let found = by_ids(&self.store, viewer, &[flag.id]).await.unwrap();
        !found.is_empty()
    }

    /// Who raised a flag, as the viewer is told.
    async fn raiser(&self, viewer: &Viewer, flag: &Flag) -> Option<Uuid> {
        let found = raisers(&self.store, viewer, &[flag.id]).await.unwrap();
        found.get(&flag.id).copied()
    }
}

fn code<T: std::fmt::Debug>(result: Result<T>) -> FaultCode {
    match result {
        Err(Error::Refused(faults)) if faults.len() == 1 => faults[0].code,
        other => panic!("should have been refused for one reason: {other:?}"),
    }
}

#[test]
fn a_flag_is_decided_once() {
    for from in FlagState::ALL {
        for to in FlagState::ALL {
            let open = *from == FlagState::Open && *to != FlagState::Open;
            assert_eq!(next_states(*from).contains(to), open, "{from:?} to {to:?}");
        }
    }
}

#[tokio::test]
async fn every_decision_is_made_or_refused_and_what_is_refused_writes_nothing() {
    let scene = Scene::new(CommunityVisibility::Public).await;
    let store = &scene.store;
    for from in FlagState::ALL {
        // Nothing opens a flag again.
        for to in [FlagState::Upheld, FlagState::Dismissed] {
            let flag = scene.raise(&scene.member, scene.post).await.unwrap().value;
            let mut row = flag.clone().into_active_model();
            row.state = Set(*from);
            row.decided_at = Set((*from != FlagState::Open).then_some(flag.created_at));
            row.update(store.migration_connection()).await.unwrap();
            let open = next_states(*from).iter().map(|to| to.as_str());
            let step = Step::new(flag.id, (from.as_str(), to.as_str()), open);
            let row = async || {
                let found = entity::flag::Entity::find_by_id(flag.id);
                found.one(store.reader()).await.unwrap().unwrap()
            };
            let state = |flag: &Flag| flag.state.as_str();
            let take = scene.decide(&scene.steward, &flag, to == FlagState::Upheld);
            try_step(store, &step, row, state, take).await;
        }
    }
}

#[tokio::test]
async fn one_flags_what_one_may_read_and_each_thing_once_at_a_time() {
    let scene = Scene::new(CommunityVisibility::Public).await;
    let first = scene.raise(&scene.stranger, scene.post).await.unwrap();
    let again = scene.raise(&scene.stranger, scene.post).await.unwrap();
    assert_eq!(again.value, first.value);
    assert_eq!(again.position, first.position, "nothing was written");
    let other = scene.raise(&scene.member, scene.post).await.unwrap();
    assert_ne!(other.value.id, first.value.id);

    scene
        .decide(&scene.steward, &first.value, false)
        .await
        .unwrap();
    let later = scene.raise(&scene.stranger, scene.post).await.unwrap();
    assert_ne!(later.value.id, first.value.id, "the first one is decided");

    let user = (EntityType::User, scene.member.user_id().unwrap());
    assert_eq!(
        code(scene.raise(&scene.stranger, user).await),
        FaultCode::NotFound
    );
    let mistaken = (EntityType::Resource, scene.post.1);
    assert_eq!(
        code(scene.raise(&scene.stranger, mistaken).await),
        FaultCode::NotFound
    );
    let nobody = scene.raise(&Viewer::anonymous(), scene.post).await;
    assert!(matches!(nobody, Err(Error::Unauthenticated)));
}

#[tokio::test]
async fn what_one_may_not_read_is_not_there_to_be_flagged() {
    for visibility in [CommunityVisibility::Private, CommunityVisibility::Unlisted] {
        let scene = Scene::new(visibility).await;
        for target in [scene.discussion, scene.post] {
            let refused = code(scene.raise(&scene.stranger, target).await);
            assert_eq!(refused, FaultCode::NotFound);
        }
        let raised = scene.raise(&scene.member, scene.discussion).await.unwrap();
        assert!(!scene.sees(&scene.stranger, &raised.value).await);
        let refused = code(scene.decide(&scene.stranger, &raised.value, true).await);
        assert_eq!(refused, FaultCode::NotFound);
    }
}

#[tokio::test]
async fn those_who_look_after_the_community_decide_and_nobody_else() {
    let scene = Scene::new(CommunityVisibility::Public).await;
    let flag = scene.raise(&scene.member, scene.discussion).await.unwrap();
    let flag = flag.value;
    assert_eq!(
        code(scene.decide(&scene.member, &flag, true).await),
        FaultCode::Forbidden
    );
    assert_eq!(
        code(scene.decide(&scene.stranger, &flag, true).await),
        FaultCode::NotFound
    );
    let admin = testing::user(&scene.store, "root", PlatformRole::Admin).await;
    let admin = testing::viewer(&scene.store, admin.id).await;
    assert_eq!(
        code(scene.decide(&admin, &flag, true).await),
        FaultCode::NotFound
    );
    let decided = scene.decide(&scene.steward, &flag, true).await.unwrap();
    assert_eq!(decided.value.state, FlagState::Upheld);
    assert_eq!(decided.value.decided_by, scene.steward.user_id());
    assert_eq!(decided.value.decision_note.as_deref(), Some("We looked."));
    assert!(decided.value.decided_at.is_some());
    let again = scene.decide(&scene.author, &flag, true).await.unwrap();
    assert_eq!(again.value, decided.value);
    assert_eq!(again.position, decided.position);
    let Err(Error::Refused(faults)) = scene.decide(&scene.steward, &flag, false).await else {
        panic!("it is decided")
    };
    assert_eq!(faults[0].code, FaultCode::InvalidTransition);
    assert_eq!(faults[0].blocked_by[0].code, BlockerCode::NotFromHere);
}

#[tokio::test]
async fn those_who_decide_list_them_and_who_raised_one_sees_it() {
    let scene = Scene::new(CommunityVisibility::Internal).await;
    let open = scene.raise(&scene.member, scene.discussion).await.unwrap();
    let decided = scene.raise(&scene.stranger, scene.post).await.unwrap();
    scene
        .decide(&scene.steward, &decided.value, false)
        .await
        .unwrap();
    let (open, decided) = (open.value, decided.value);
    for viewer in [&scene.steward, &scene.author] {
        assert_eq!(scene.listed(viewer, None).await, [open.id, decided.id]);
        let state = Some(FlagState::Open);
        assert_eq!(scene.listed(viewer, state).await, [open.id]);
    }
    let nobody = Viewer::anonymous();
    for viewer in [&scene.member, &scene.stranger, &nobody] {
        assert_eq!(scene.listed(viewer, None).await, Vec::<Uuid>::new());
    }
    assert!(scene.sees(&scene.member, &open).await);
    assert!(!scene.sees(&scene.member, &decided).await);
    assert!(scene.sees(&scene.stranger, &decided).await);
    let only = Some(Uuid::now_v7());
    let member = scene.member.user_id().unwrap();
    let token = testing::viewer_with(&scene.store, member, Scope::ALL, only).await;
    assert!(!scene.sees(&token, &open).await);
}

#[tokio::test]
async fn whose_work_it_is_is_not_told_who_raised_it() {
    let scene = Scene::new(CommunityVisibility::Public).await;
    let flag = scene
        .raise(&scene.stranger, scene.discussion)
        .await
        .unwrap();
    let flag = flag.value;
    let raiser = scene.stranger.user_id();
    assert!(scene.sees(&scene.author, &flag).await, "she facilitates");
    assert_eq!(scene.raiser(&scene.author, &flag).await, None);
    assert_eq!(scene.raiser(&scene.steward, &flag).await, raiser);
    assert_eq!(scene.raiser(&scene.stranger, &flag).await, raiser);
    assert_eq!(scene.raiser(&scene.member, &flag).await, None);
    let changes = testing::changes(&scene.store, EntityType::Flag).await;
    assert_eq!(changes.len(), 1);
    assert_eq!(changes[0].actor_id, None, "no change row tells it");
    let expected = audience::of_flag(scene.community.id, raiser);
    let told = changes[0].audience_after.clone().unwrap();
    assert_eq!(told.0, expected.into_iter().collect::<Vec<_>>());

    // A flag outlives what it is about; whose work that was is not known then.
    crate::discussion::delete(&scene.store, &scene.author, scene.discussion.1)
        .await
        .unwrap();
    assert!(scene.sees(&scene.steward, &flag).await);
    assert_eq!(scene.raiser(&scene.steward, &flag).await, None);
    assert_eq!(scene.raiser(&scene.stranger, &flag).await, raiser);
    scene.decide(&scene.steward, &flag, true).await.unwrap();
}

#[tokio::test]
async fn notes_are_bounded_and_an_archived_community_takes_no_flags() {
    let scene = Scene::new(CommunityVisibility::Public).await;
    let input = RaiseFlag {
        target: scene.post,
        reason: FlagReason::Other,
        note: Some("x".repeat(4_001)),
    };
    let refused = raise(&scene.store, &scene.stranger, input).await;
    assert_eq!(code(refused), FaultCode::TooLong);
    let flag = scene.raise(&scene.stranger, scene.post).await.unwrap();
    let long = Some("x".repeat(4_001));
    let refused = resolve(&scene.store, &scene.steward, flag.value.id, true, long).await;
    assert_eq!(code(refused), FaultCode::TooLong);

    let mut row = scene.community.clone().into_active_model();
    row.status = Set(CommunityStatus::Archived);
    row.update(scene.store.migration_connection())
        .await
        .unwrap();
    let refused = code(scene.raise(&scene.stranger, scene.discussion).await);
    assert_eq!(refused, FaultCode::Forbidden);
    let refused = code(scene.decide(&scene.steward, &flag.value, true).await);
    assert_eq!(refused, FaultCode::Forbidden);
}

#[tokio::test]
async fn one_waits_for_so_many_decisions_at_most() {
    let scene = Scene::new(CommunityVisibility::Public).await;
    let flag = scene.raise(&scene.stranger, scene.post).await.unwrap();
    let more = (1..MOST_OPEN).map(|number| {
        let row = Flag {
            id: Uuid::now_v7(),
            target_id: Uuid::from_u128(u128::from(number)),
            ..flag.value.clone()
        };
        row.into_active_model()
    });
    entity::flag::Entity::insert_many(more)
        .exec_without_returning(scene.store.migration_connection())
        .await
        .unwrap();
    let refused = code(scene.raise(&scene.stranger, scene.discussion).await);
    assert_eq!(refused, FaultCode::LimitReached);
    scene.raise(&scene.stranger, scene.post).await.unwrap();
    scene
        .decide(&scene.steward, &flag.value, true)
        .await
        .unwrap();
    scene
        .raise(&scene.stranger, scene.discussion)
        .await
        .unwrap();
}
