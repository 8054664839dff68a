//! All pairs of a membership's states and what can be done about it: where each leads, and how every other is refused.

use entity::community::{CommunityVisibility, JoinPolicy};
use entity::membership::{self, MembershipRole, MembershipState};
use entity::user::PlatformRole;
use futures_util::FutureExt;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter,
};
use uuid::Uuid;

use super::{history, person};
use crate::error::{BlockerCode, Error, FaultCode, Result};
use crate::membership::*;
use crate::store::Store;
use crate::testing;
use crate::viewer::Viewer;

/// What can be done about a membership: by the person, by a facilitator, or by time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    Join(JoinPolicy),
    Leave,
    Accept,
    Decline,
    Approve,
    Reject,
    Invite(Option<MembershipRole>),
    Remove,
    Ban,
    SetRole(MembershipRole),
    Expire,
    Welcome,
}

use Act::{
    Accept, Approve, Ban, Decline, Expire, Invite, Join, Leave, Reject, Remove, SetRole, Welcome,
};

/// What comes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    To(MembershipState, MembershipRole),
    /// It succeeds, and nothing changes.
    Stays,
    Refused(FaultCode),
}

use MembershipRole::{Facilitator, Member, Reviewer, Steward};
use MembershipState::{
    Active, Banned, Declined, Expired, Invited, Left, Rejected, Removed, Requested,
};
use Outcome::{Refused, Stays, To};

const CLOSED: Outcome = Refused(FaultCode::InvalidTransition);
const FORBIDDEN: Outcome = Refused(FaultCode::Forbidden);
const ABSENT: Outcome = Refused(FaultCode::NotFound);

/// Where the table begins: no membership at all, or one in each state. Who asked and who is barred has no role but MEMBER;
/// the others were reviewers.
const FROM: [Option<MembershipState>; 10] = [
    None,
    Some(Invited),
    Some(Requested),
    Some(Active),
    Some(Declined),
    Some(Expired),
    Some(Rejected),
    Some(Left),
    Some(Removed),
    Some(Banned),
];

fn role_in(state: MembershipState) -> MembershipRole {
    match state {
        Requested | Banned => Member,
        _ => Reviewer,
    }
}

#[rustfmt::skip]
const TABLE: [(Act, [Outcome; 10]); 15] = {
    // Who comes begins anew, who was invited as the invitation says.
    const MEMBER: Outcome = To(Active, Member);
    const AS_INVITED: Outcome = To(Active, Reviewer);
    const ASKS: Outcome = To(Requested, Member);
    const CALLED: Outcome = To(Invited, Member);
    const CALLED_S: Outcome = To(Invited, Steward);
    const OUT: Outcome = To(Removed, Reviewer);
    const BARRED: Outcome = To(Banned, Member);
    [
        //                              none       INVITED                 REQUESTED             ACTIVE                DECLINED   EXPIRED    REJECTED   LEFT       REMOVED    BANNED
        (Join(JoinPolicy::Open),       [MEMBER,    AS_INVITED,             MEMBER,               Stays,                MEMBER,    MEMBER,    MEMBER,    MEMBER,    MEMBER,    FORBIDDEN]),
        (Join(JoinPolicy::Approval),   [ASKS,      AS_INVITED,             Stays,                Stays,                ASKS,      ASKS,      ASKS,      ASKS,      ASKS,      FORBIDDEN]),
        (Join(JoinPolicy::Invitation), [FORBIDDEN, AS_INVITED,             FORBIDDEN,            Stays,                FORBIDDEN, FORBIDDEN, FORBIDDEN, FORBIDDEN, FORBIDDEN, FORBIDDEN]),
        (Leave,                        [CLOSED,    CLOSED,                 CLOSED,               To(Left, Reviewer),   CLOSED,    CLOSED,    CLOSED,    Stays,     CLOSED,    CLOSED]),
        (Accept,                       [ABSENT,    AS_INVITED,             FORBIDDEN,            Stays,                CLOSED,    CLOSED,    CLOSED,    CLOSED,    CLOSED,    CLOSED]),
        (Decline,                      [ABSENT,    To(Declined, Reviewer), FORBIDDEN,            CLOSED,               Stays,     CLOSED,    CLOSED,    CLOSED,    CLOSED,    CLOSED]),
        (Approve,                      [ABSENT,    FORBIDDEN,              MEMBER,               Stays,                CLOSED,    CLOSED,    CLOSED,    CLOSED,    CLOSED,    CLOSED]),
        (Reject,                       [ABSENT,    FORBIDDEN,              To(Rejected, Member), CLOSED,               CLOSED,    CLOSED,    Stays,     CLOSED,    CLOSED,    CLOSED]),
        (Invite(None),                 [CALLED,    Stays,                  MEMBER,               Stays,                CALLED,    CALLED,    CALLED,    CALLED,    CALLED,    CALLED]),
        (Invite(Some(Steward)),        [CALLED_S,  CALLED_S,               To(Active, Steward),  CLOSED,               CALLED_S,  CALLED_S,  CALLED_S,  CALLED_S,  CALLED_S,  CALLED_S]),
        (Remove,                       [ABSENT,    OUT,                    CLOSED,               OUT,                  CLOSED,    CLOSED,    CLOSED,    CLOSED,    Stays,     To(Removed, Member)]),
        (Ban,                          [ABSENT,    BARRED,                 BARRED,               BARRED,               BARRED,    BARRED,    BARRED,    BARRED,    BARRED,    Stays]),
        (SetRole(Steward),             [ABSENT,    CLOSED,                 CLOSED,               To(Active, Steward),  CLOSED,    CLOSED,    CLOSED,    CLOSED,    CLOSED,    CLOSED]),
        (Expire,                       [Stays,     To(Expired, Reviewer),  Stays,                Stays,                Stays,     Stays,     Stays,     Stays,     Stays,     Stays]),
        (Welcome,                      [CALLED,    Stays,                  MEMBER,               Stays,                CALLED,    CALLED,    CALLED,    CALLED,    CALLED,    Stays]),
    ]
};

/// A community with a facilitator, and somebody whose membership is in a state.
struct Setting {
    store: Store,
    facilitator: Viewer,
    somebody: Viewer,
    community: Uuid,
    membership: Uuid,
}

impl Setting {
    async fn new(store: &Store, number: usize, from: Option<MembershipState>) -> Self {
        let facilitator = person(store, &format!("ada-{number}")).await;
        let somebody = person(store, &format!("bob-{number}")).await;
        let slug = format!("group-{number}");
        let community = testing::community(store, &slug, CommunityVisibility::Public).await;
        let (ada, bob) = (facilitator.user_id(), somebody.user_id().unwrap());
        testing::membership(store, community.id, ada.unwrap(), Facilitator, Active).await;
        let membership = match from {
            Some(state) => {
                let role = role_in(state);
                testing::membership(store, community.id, bob, role, state)
                    .await
                    .id
            }
            None => Uuid::now_v7(),
        };
        Self {
            store: store.clone(),
            facilitator,
            somebody,
            community: community.id,
            membership,
        }
    }

    async fn row(&self) -> Option<membership::Model> {
        membership::Entity::find()
            .filter(membership::Column::CommunityId.eq(self.community))
            .filter(membership::Column::UserId.eq(self.somebody.user_id().unwrap()))
            .one(self.store.reader())
            .await
            .unwrap()
    }

    async fn join_by(&self, policy: JoinPolicy) -> Result<()> {
        let found = entity::community::Entity::find_by_id(self.community);
        let found = found.one(self.store.reader()).await.unwrap().unwrap();
        let mut row = found.into_active_model();
        row.join_policy = Set(policy);
        row.update(self.store.migration_connection()).await.unwrap();
        done(join(&self.store, &self.somebody, self.community).await)
    }

    async fn welcome(&self) -> Result<()> {
        let (user, inviter) = (self.somebody.user_id(), self.facilitator.user_id());
        let community = self.community;
        let welcomed = self.store.write(user, move |unit| {
            async move {
                let (user, inviter) = (user.unwrap_or_default(), inviter.unwrap_or_default());
                welcome(unit, community, user, inviter).await
            }
            .boxed()
        });
        done(welcomed.await)
    }

    /// Does it, as whoever does such things.
    async fn act(&self, act: Act) -> Result<()> {
        let store = &self.store;
        match act {
            Join(policy) => self.join_by(policy).await,
            Leave => done(leave(store, &self.somebody, self.community).await),
            Accept | Decline => {
                done(respond(store, &self.somebody, self.membership, act == Accept).await)
            }
            Expire => expire(store, self.membership, store.clock().now()).await,
            Welcome => self.welcome().await,
            _ => self.manage(&self.facilitator, act).await,
        }
    }

    /// Does as somebody what facilitators do.
    async fn manage(&self, viewer: &Viewer, act: Act) -> Result<()> {
        let (store, id) = (&self.store, self.membership);
        match act {
            Approve | Reject => done(respond(store, viewer, id, act == Approve).await),
            Invite(role) => {
                let user = self.somebody.user_id().unwrap();
                done(invite(store, viewer, self.community, user, role).await)
            }
            Remove => done(remove(store, viewer, id, None).await),
            Ban => done(ban(store, viewer, id, None).await),
            SetRole(role) => done(set_role(store, viewer, id, role).await),
            _ => panic!("{act:?} is nothing that facilitators do"),
        }
    }
}

fn done<T>(result: Result<T>) -> Result<()> {
    result.map(|_| ())
}

fn refusal(result: Result<()>) -> FaultCode {
    match result {
        Err(Error::Refused(faults)) => {
            assert_eq!(faults.len(), 1, "{faults:?}");
            let blocker = faults[0].blocked_by.first().map(|blocker| blocker.code);
            let closed = faults[0].code == FaultCode::InvalidTransition;
            assert_eq!(blocker, closed.then_some(BlockerCode::NotFromHere));
            faults[0].code
        }
        other => panic!("should have been refused: {other:?}"),
    }
}

#[tokio::test]
async fn every_act_leads_from_every_state_where_it_should_or_is_refused() {
    let (_directory, store) = testing::store().await;
    let mut number = 0;
    for (act, outcomes) in TABLE {
        for (from, expected) in FROM.into_iter().zip(outcomes) {
            number += 1;
            let setting = Setting::new(&store, number, from).await;
            let before = setting.row().await;
            let steps = history(&store, setting.membership).await;
            let position = store.position().await.unwrap();
            let result = setting.act(act).await;
            let after = setting.row().await;
            let what = format!("{act:?} from {from:?}");
            if let To(state, role) = expected {
                result.unwrap_or_else(|error| panic!("{what}: {error:?}"));
                let after = after.unwrap();
                assert_eq!((after.state, after.role), (state, role), "{what}");
                assert_eq!(store.position().await.unwrap(), position + 1, "{what}");
                let became = history(&store, after.id).await;
                if from != Some(state) {
                    let step = (
                        from.map(|state| state.as_str().to_owned()),
                        state.as_str().to_owned(),
                    );
                    assert!(became.contains(&step), "{what}: {became:?}");
                }
                if let Some(before) = before {
                    assert_eq!(after.id, before.id, "{what}: one membership for good");
                    let joins = state == Active && from != Some(Active);
                    assert_eq!(after.joined_at != before.joined_at, joins, "{what}");
                }
                continue;
            }
            match expected {
                Refused(code) => assert_eq!(refusal(result), code, "{what}"),
                _ => result.unwrap_or_else(|error| panic!("{what}: {error:?}")),
            }
            assert_eq!(after, before, "{what}");
            assert_eq!(history(&store, setting.membership).await, steps, "{what}");
            assert_eq!(store.position().await.unwrap(), position, "{what}");
        }
    }
}

/// What facilitators do nobody else does: to whom the membership is shown it is forbidden, to others it is not there.
#[tokio::test]
async fn what_facilitators_do_nobody_else_does() {
    let (_directory, store) = testing::store().await;
    let admin = testing::user(&store, "admin", PlatformRole::Admin).await;
    let admin = testing::viewer(&store, admin.id).await;
    let acts = [Approve, Reject, Invite(None), Remove, Ban, SetRole(Steward)];
    for (number, from) in FROM.into_iter().enumerate() {
        let setting = Setting::new(&store, number, from).await;
        let steward = person(&store, &format!("cleo-{number}")).await;
        let community = setting.community;
        let user = steward.user_id().unwrap();
        testing::membership(&store, community, user, Steward, Active).await;
        let stranger = person(&store, &format!("eve-{number}")).await;
        let position = store.position().await.unwrap();
        let before = setting.row().await;
        for act in acts {
            for other in [&steward, &stranger, &admin] {
                let shown = matches!(act, Invite(_)) || from == Some(Active);
                let expected = if shown {
                    FaultCode::Forbidden
                } else {
                    FaultCode::NotFound
                };
                let refused = refusal(setting.manage(other, act).await);
                assert_eq!(refused, expected, "{act:?} from {from:?}");
            }
            let anonymous = setting.manage(&Viewer::anonymous(), act).await;
            assert!(matches!(anonymous, Err(Error::Unauthenticated)), "{act:?}");
        }
        assert_eq!(setting.row().await, before);
        assert_eq!(store.position().await.unwrap(), position);
    }
}
