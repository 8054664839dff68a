//! Who may sign up, and invitations by e-mail.

use entity::{invitation, membership};

use super::*;
use crate::store::counted;
use crate::user::suspend;

/// A facilitator with a confirmed address, and the community.
async fn facilitator(auth: &Auth) -> (Viewer, Uuid) {
    let eve = testing::user(auth.store(), "eve", PlatformRole::Member).await;
    change(auth, &eve, |row| {
        row.email_verified_at = Set(Some(auth.now()));
    })
    .await;
    let community = testing::community(auth.store(), "readers", CommunityVisibility::Private).await;
    testing::membership(
        auth.store(),
        community.id,
        eve.id,
        MembershipRole::Facilitator,
        MembershipState::Active,
    )
    .await;
    (testing::viewer(auth.store(), eve.id).await, community.id)
}

async fn sign_up_with(auth: &Auth, email: &str, token: Option<&Secret>) -> Result<IssuedSession> {
    let input = SignUp {
        email: email.into(),
        password: PASSWORD.into(),
        display_name: "Newcomer".into(),
        handle: None,
        invitation_token: token.cloned(),
    };
    sign_up(auth, somewhere(), input).await
}

async fn membership_of(auth: &Auth, user: Uuid) -> Option<membership::Model> {
    membership::Entity::find()
        .filter(membership::Column::UserId.eq(user))
        .one(auth.store().reader())
        .await
        .unwrap()
}

#[tokio::test]
async fn only_the_invited_sign_up_where_the_policy_says_so() {
    let (_directory, auth) = auth_with(AuthOptions {
        sign_up: SignUpPolicy::Invited,
        ..with_mail()
    })
    .await;
    let (eve, community) = facilitator(&auth).await;
    testing::user(auth.store(), "ada", PlatformRole::Member).await;
    let field = || "input.invitationToken".to_owned();
    for email in ["ada@example.org", "nobody@example.org"] {
        let refused = sign_up_with(&auth, email, None).await;
        assert_eq!(codes(refused), [(field(), FaultCode::Required)]);
        let unknown = secret::generate(secret::INVITATION_PREFIX);
        let refused = sign_up_with(&auth, email, Some(&unknown)).await;
        assert_eq!(codes(refused), [(field(), FaultCode::InvalidCredentials)]);
    }
    let invited = invite_user(&auth, somewhere(), &eve, "new@example.org", Some(community))
        .await
        .unwrap();
    assert!(invited.token.is_none(), "it went by mail");
    let token = token(&auth, MailPurpose::Invitation).await;
    let refused = sign_up_with(&auth, "other@example.org", Some(&token)).await;
    assert_eq!(
        codes(refused),
        [("input.email".to_owned(), FaultCode::Invalid)]
    );
    let new = sign_up_with(&auth, "New@Example.org", Some(&token))
        .await
        .unwrap()
        .user;
    assert!(
        new.email_verified_at.is_some(),
        "the token came to the address"
    );
    let membership = membership_of(&auth, new.id).await.unwrap();
    assert_eq!(
        (membership.state, membership.role, membership.invited_by),
        (
            MembershipState::Invited,
            MembershipRole::Member,
            eve.user_id()
        )
    );
    let again = sign_up_with(&auth, "new@example.org", Some(&token)).await;
    assert_eq!(codes(again), [(field(), FaultCode::InvalidCredentials)]);
}

#[tokio::test]
async fn nobody_signs_up_where_the_policy_is_closed() {
    let (_directory, auth) = auth_with(AuthOptions {
        sign_up: SignUpPolicy::Closed,
        ..with_mail()
    })
    .await;
    let (eve, community) = facilitator(&auth).await;
    let closed = || vec![(String::new(), FaultCode::Forbidden)];
    assert_eq!(
        codes(sign_up_with(&auth, "new@example.org", None).await),
        closed()
    );
    let invited = invite_user(&auth, somewhere(), &eve, "new@example.org", Some(community)).await;
    assert_eq!(codes(invited), closed());
}

#[tokio::test]
async fn who_may_invite_and_how_often() {
    let (_directory, auth) = auth_with(with_mail()).await;
    let (eve, community) = facilitator(&auth).await;
    let admin = testing::user(auth.store(), "admin", PlatformRole::Admin).await;
    let admin = testing::viewer(auth.store(), admin.id).await;
    let member = testing::user(auth.store(), "member", PlatformRole::Member).await;
    testing::membership(
        auth.store(),
        community,
        member.id,
        MembershipRole::Steward,
        MembershipState::Active,
    )
    .await;
    let member = testing::viewer(auth.store(), member.id).await;
    let invite = async |viewer: &Viewer, email: &str, community: Option<Uuid>| {
        invite_user(&auth, somewhere(), viewer, email, community).await
    };
    let at_community = |code| vec![("communityId".to_owned(), code)];
    let refused = invite(&member, "new@example.org", Some(community)).await;
    assert_eq!(codes(refused), at_community(FaultCode::Forbidden));
    let refused = invite(&eve, "new@example.org", None).await;
    assert_eq!(codes(refused), at_community(FaultCode::Forbidden));
    let refused = invite(&eve, "new@example.org", Some(Uuid::now_v7())).await;
    assert_eq!(codes(refused), at_community(FaultCode::NotFound));
    invite(&admin, "new@example.org", None).await.unwrap();

    for _ in 0..4 {
        invite(&eve, "new@example.org", Some(community))
            .await
            .unwrap();
    }
    let refused = invite(&eve, "new@example.org", Some(community)).await;
    assert_eq!(
        codes(refused),
        [("email".to_owned(), FaultCode::LimitReached)]
    );
    let open = invitation::Entity::find()
        .filter(invitation::Column::UsedAt.is_null())
        .count(auth.store().reader())
        .await
        .unwrap();
    assert_eq!(open, 2, "a newer one takes the place of an older one");
    for number in 4..50 {
        let email = format!("{number}@example.org");
        invite(&eve, &email, Some(community)).await.unwrap();
    }
    let refused = invite(&eve, "last@example.org", Some(community)).await;
    assert_eq!(codes(refused), [(String::new(), FaultCode::LimitReached)]);

    let row = user_row(&auth, eve.user_id().unwrap()).await;
    change(&auth, &row, |row| row.email_verified_at = Set(None)).await;
    let refused = invite(&eve, "last@example.org", Some(community)).await;
    assert_eq!(codes(refused), [(String::new(), FaultCode::Forbidden)]);
}

#[tokio::test]
async fn without_mail_the_inviter_passes_the_token_on_and_it_confirms_nothing() {
    let (_directory, auth) = auth_with(options()).await;
    let (eve, community) = facilitator(&auth).await;
    let invited = invite_user(&auth, somewhere(), &eve, "new@example.org", Some(community))
        .await
        .unwrap();
    let new = sign_up_with(&auth, "new@example.org", invited.token.as_ref())
        .await
        .unwrap()
        .user;
    assert_eq!(new.email_verified_at, None);
    assert!(membership_of(&auth, new.id).await.is_some());
    assert_eq!(mails(&auth).await, []);
}

#[tokio::test]
async fn an_invitation_by_somebody_who_may_invite_no_more_makes_an_account_alone() {
    let (_directory, auth) = auth_with(options()).await;
    let (eve, community) = facilitator(&auth).await;
    let invited = invite_user(&auth, somewhere(), &eve, "new@example.org", Some(community))
        .await
        .unwrap();
    let mut left = membership_of(&auth, eve.user_id().unwrap())
        .await
        .unwrap()
        .into_active_model();
    left.state = Set(MembershipState::Left);
    left.update(auth.store().migration_connection())
        .await
        .unwrap();
    let new = sign_up_with(&auth, "new@example.org", invited.token.as_ref())
        .await
        .unwrap();
    assert_eq!(membership_of(&auth, new.user.id).await, None);
}

#[tokio::test]
async fn invitations_by_whoever_is_suspended_are_taken_back_with_their_mails() {
    let (_directory, auth) = auth_with(with_mail()).await;
    let (eve, community) = facilitator(&auth).await;
    let admin = testing::user(auth.store(), "admin", PlatformRole::Admin).await;
    let admin = testing::viewer(auth.store(), admin.id).await;
    let invite = async |viewer: &Viewer, email: &str, community: Option<Uuid>| {
        invite_user(&auth, somewhere(), viewer, email, community)
            .await
            .unwrap();
        token(&auth, MailPurpose::Invitation).await
    };
    let used = invite(&eve, "used@example.org", Some(community)).await;
    sign_up_with(&auth, "used@example.org", Some(&used))
        .await
        .unwrap();
    let by_admin = invite(&admin, "new@example.org", None).await;
    let by_eve = invite(&eve, "new@example.org", Some(community)).await;
    invite(&eve, "other@example.org", Some(community)).await;
    suspend(
        auth.store(),
        &admin,
        eve.user_id().unwrap(),
        "Sold things.".into(),
    )
    .await
    .unwrap();
    let invited = [
        (MailPurpose::Invitation, "used@example.org".to_owned()),
        (MailPurpose::Invitation, "new@example.org".to_owned()),
    ];
    // The first was accepted, and the second is by somebody else.
    assert_eq!(mails(&auth).await, invited);
    let refused = sign_up_with(&auth, "new@example.org", Some(&by_eve)).await;
    assert_eq!(
        codes(refused),
        [(
            "input.invitationToken".to_owned(),
            FaultCode::InvalidCredentials
        )]
    );
    sign_up_with(&auth, "new@example.org", Some(&by_admin))
        .await
        .unwrap();
}

#[tokio::test]
async fn taking_invitations_back_reads_nobody_elses() {
    let (_directory, auth) = auth_with(with_mail()).await;
    let (eve, community) = facilitator(&auth).await;
    for number in 0..3 {
        let email = format!("{number}@example.org");
        invite_user(&auth, somewhere(), &eve, &email, Some(community))
            .await
            .unwrap();
    }
    let inviter = eve.user_id().unwrap();
    let counting = auth.store().write(None, move |unit| {
        Box::pin(async move {
            let (outcome, statements) = counted(take_back_invitations(unit, inviter)).await;
            outcome.map(|()| statements)
        })
    });
    assert_eq!(counting.await.unwrap().value, 2, "one for each table");
    assert_eq!(mails(&auth).await, []);
    let left = invitation::Entity::find().count(auth.store().reader());
    assert_eq!(left.await.unwrap(), 0);
}

#[tokio::test]
async fn whoever_has_an_account_redeems_an_invitation_to_their_own_address() {
    let (_directory, auth) = auth_with(with_mail()).await;
    let (eve, community) = facilitator(&auth).await;
    let ada = ada(&auth).await;
    let ben = testing::user(auth.store(), "ben", PlatformRole::Member).await;
    let ben = testing::viewer(auth.store(), ben.id).await;
    invite_user(&auth, somewhere(), &eve, "ada@example.org", Some(community))
        .await
        .unwrap();
    let token = token(&auth, MailPurpose::Invitation).await;
    let refused = redeem_invitation(&auth, somewhere(), &ben, &token).await;
    assert_eq!(codes(refused), [("token".to_owned(), FaultCode::Invalid)]);
    let viewer = viewer_of(&auth, &ada.access_token).await.unwrap();
    let membership = redeem_invitation(&auth, somewhere(), &viewer, &token)
        .await
        .unwrap()
        .value;
    assert_eq!(membership.state, MembershipState::Invited);
    let again = redeem_invitation(&auth, somewhere(), &viewer, &token).await;
    assert_eq!(codes(again), wrong_token());

    let mut barred = membership.into_active_model();
    barred.state = Set(MembershipState::Banned);
    barred
        .update(auth.store().migration_connection())
        .await
        .unwrap();
    invite_user(&auth, somewhere(), &eve, "ada@example.org", Some(community))
        .await
        .unwrap();
    let token = self::token(&auth, MailPurpose::Invitation).await;
    let refused = redeem_invitation(&auth, somewhere(), &viewer, &token).await;
    assert_eq!(codes(refused), wrong_token());
    auth.store().clock().advance(TimeDelta::days(60));
    assert_eq!(remove_ended_invitations(auth.store()).await.unwrap(), 2);
}
