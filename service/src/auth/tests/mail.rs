//! What goes by mail: confirming addresses, forgotten passwords, invitations.

use entity::mail::{self, MailPurpose};
use entity::{email_token, invitation, membership, session};
use sea_orm::{ColumnTrait, PaginatorTrait, QueryFilter, QueryOrder};

use super::*;
use crate::mail::MailSettings;

fn with_mail() -> AuthOptions {
    AuthOptions {
        mail: Some(
            MailSettings::new("repertoire@example.org", "https://learn.example.org", None).unwrap(),
        ),
        ..options()
    }
}

async fn mails(auth: &Auth) -> Vec<(MailPurpose, String)> {
    let rows = mail::Entity::find()
        .order_by_asc(mail::Column::Id)
        .all(auth.store().reader())
        .await
        .unwrap();
    rows.into_iter()
        .map(|row| (row.purpose, row.recipient))
        .collect()
}

/// The token in the newest mail of that purpose.
async fn token(auth: &Auth, purpose: MailPurpose) -> Secret {
    let row = mail::Entity::find()
        .filter(mail::Column::Purpose.eq(purpose))
        .order_by_desc(mail::Column::Id)
        .one(auth.store().reader())
        .await
        .unwrap()
        .expect("there is a mail");
    let body = row.body.unwrap();
    let (_, token) = body.split_once("#token=").unwrap();
    token.lines().next().unwrap().into()
}

async fn user_row(auth: &Auth, id: Uuid) -> user::Model {
    user::Entity::find_by_id(id)
        .one(auth.store().reader())
        .await
        .unwrap()
        .unwrap()
}

async fn request_reset(auth: &Auth, email: &str) {
    request_password_reset(auth, somewhere(), email)
        .await
        .unwrap();
    auth.settle().await;
}

fn codes<T>(result: Result<T>) -> Vec<(String, FaultCode)> {
    match result {
        Err(Error::Refused(faults)) => faults
            .into_iter()
            .map(|fault| (fault.field.join("."), fault.code))
            .collect(),
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("this should have been refused"),
    }
}

fn wrong_token() -> Vec<(String, FaultCode)> {
    vec![("token".to_owned(), FaultCode::InvalidCredentials)]
}

#[tokio::test]
async fn an_address_is_confirmed_by_the_link_that_is_sent_to_it() {
    let (_directory, auth) = auth_with(with_mail()).await;
    let session = ada(&auth).await;
    assert_eq!(
        mails(&auth).await,
        [(MailPurpose::VerifyEmail, "Ada@Example.org".to_owned())]
    );
    let token = token(&auth, MailPurpose::VerifyEmail).await;
    let stored = email_token::Entity::find()
        .one(auth.store().reader())
        .await
        .unwrap()
        .unwrap();
    assert_ne!(stored.hash, token.expose());
    assert!(
        user_row(&auth, session.user.id)
            .await
            .email_verified_at
            .is_none()
    );
    verify_email(&auth, somewhere(), &token).await.unwrap();
    let at = user_row(&auth, session.user.id).await.email_verified_at;
    assert!(at.is_some());
    let position = auth.store().position().await.unwrap();
    verify_email(&auth, somewhere(), &token).await.unwrap();
    assert_eq!(auth.store().position().await.unwrap(), position);
    let viewer = viewer_of(&auth, &session.access_token).await.unwrap();
    request_email_verification(&auth, somewhere(), &viewer)
        .await
        .unwrap();
    assert_eq!(mails(&auth).await.len(), 1, "it is confirmed");
    for wrong in ["", "rpev_AAAA", generate_reset().expose()] {
        let refused = verify_email(&auth, somewhere(), &wrong.into()).await;
        assert_eq!(codes(refused), wrong_token(), "{wrong}");
    }
}

fn generate_reset() -> Secret {
    secret::generate(secret::PASSWORD_RESET_PREFIX)
}

#[tokio::test]
async fn a_link_ends_and_another_is_sent_a_few_times_a_day() {
    let (_directory, auth) = auth_with(with_mail()).await;
    let session = ada(&auth).await;
    let viewer = viewer_of(&auth, &session.access_token).await.unwrap();
    let old = token(&auth, MailPurpose::VerifyEmail).await;
    for _ in 0..4 {
        request_email_verification(&auth, somewhere(), &viewer)
            .await
            .unwrap();
    }
    let refused = request_email_verification(&auth, somewhere(), &viewer).await;
    assert_eq!(codes(refused), [(String::new(), FaultCode::LimitReached)]);
    auth.store().clock().advance(TimeDelta::days(2));
    assert_eq!(
        codes(verify_email(&auth, somewhere(), &old).await),
        wrong_token()
    );
    request_email_verification(&auth, somewhere(), &viewer)
        .await
        .unwrap();
    let new = token(&auth, MailPurpose::VerifyEmail).await;
    verify_email(&auth, somewhere(), &new).await.unwrap();
    auth.store().clock().advance(TimeDelta::days(4));
    assert_eq!(remove_ended_email_tokens(auth.store()).await.unwrap(), 6);
}

#[tokio::test]
async fn an_address_changes_once_the_new_one_is_confirmed_and_the_old_one_is_told() {
    let (_directory, auth) = auth_with(with_mail()).await;
    let session = ada(&auth).await;
    let viewer = viewer_of(&auth, &session.access_token).await.unwrap();
    let refused =
        request_email_change(&auth, somewhere(), &viewer, "ada", &"wrong horse".into()).await;
    assert_eq!(
        codes(refused),
        [
            ("email".to_owned(), FaultCode::Invalid),
            ("currentPassword".to_owned(), FaultCode::InvalidCredentials)
        ]
    );
    let change = async |email: &str| {
        request_email_change(&auth, somewhere(), &viewer, email, &PASSWORD.into()).await
    };
    change("countess@example.org").await.unwrap();
    let at_old = token(&auth, MailPurpose::VerifyEmail).await;
    let at_new = token(&auth, MailPurpose::ChangeEmail).await;
    let row = user_row(&auth, session.user.id).await;
    assert_eq!(row.email.as_deref(), Some("Ada@Example.org"));
    verify_email(&auth, somewhere(), &at_new).await.unwrap();
    let row = user_row(&auth, session.user.id).await;
    assert_eq!(row.email.as_deref(), Some("countess@example.org"));
    assert!(row.email_verified_at.is_some());
    assert_eq!(
        mails(&auth).await.last(),
        Some(&(MailPurpose::EmailChanged, "Ada@Example.org".to_owned()))
    );
    let former = verify_email(&auth, somewhere(), &at_old).await;
    assert_eq!(
        codes(former),
        wrong_token(),
        "it was sent to the former address"
    );
    let sent = mails(&auth).await;
    change("countess@example.org").await.unwrap();
    assert_eq!(mails(&auth).await, sent, "it is the address already");

    testing::user(auth.store(), "ben", PlatformRole::Member).await;
    change("ben@example.org").await.unwrap();
    let taken = token(&auth, MailPurpose::ChangeEmail).await;
    assert_eq!(
        codes(verify_email(&auth, somewhere(), &taken).await),
        [("token".to_owned(), FaultCode::Taken)]
    );
}

#[tokio::test]
async fn a_new_password_ends_all_sessions_and_works_once() {
    let (_directory, auth) = auth_with(with_mail()).await;
    let session = ada(&auth).await;
    let viewer = viewer_of(&auth, &session.access_token).await.unwrap();
    let token_of_old = create_api_token(
        auth.store(),
        &viewer,
        CreateApiToken {
            name: "Made before".into(),
            scopes: vec![Scope::Read],
            community_id: None,
            expires_at: None,
        },
    )
    .await
    .unwrap()
    .value
    .secret;
    request_reset(&auth, " ADA@example.org").await;
    let token = token(&auth, MailPurpose::ResetPassword).await;
    let weak = reset_password(&auth, somewhere(), &token, &"Ada Lovelace".into()).await;
    assert_eq!(codes(weak), [("password".to_owned(), FaultCode::Invalid)]);
    let both = reset_password(&auth, somewhere(), &generate_reset(), &"short".into()).await;
    assert_eq!(
        codes(both),
        [
            ("password".to_owned(), FaultCode::TooShort),
            ("token".to_owned(), FaultCode::InvalidCredentials)
        ]
    );
    let new = "another horse battery";
    let fresh = reset_password(&auth, somewhere(), &token, &new.into())
        .await
        .unwrap();
    for bearer in [&session.access_token, &token_of_old] {
        let error = viewer_of(&auth, bearer).await.unwrap_err();
        assert!(matches!(error, AuthenticationError::Revoked), "{error}");
    }
    let viewer = viewer_of(&auth, &fresh.access_token).await.unwrap();
    assert!(viewer.user().unwrap().email_verified_at.is_some());
    assert!(
        sign_in_as(&auth, "ada@example.org", PASSWORD)
            .await
            .is_err()
    );
    sign_in_as(&auth, "ada@example.org", new).await.unwrap();
    let again = reset_password(&auth, somewhere(), &token, &PASSWORD.into()).await;
    assert_eq!(codes(again), wrong_token());
    assert_eq!(
        mails(&auth).await.last().map(|(purpose, _)| *purpose),
        Some(MailPurpose::PasswordChanged)
    );
}

#[tokio::test]
async fn of_two_uses_of_one_link_at_once_one_succeeds() {
    let (_directory, auth) = auth_with(with_mail()).await;
    let session = ada(&auth).await;
    request_reset(&auth, "ada@example.org").await;
    let token = token(&auth, MailPurpose::ResetPassword).await;
    let uses = (0..4).map(|number| {
        let (auth, token) = (auth.clone(), token.clone());
        let password = Secret::from(format!("another horse {number}"));
        tokio::spawn(async move { reset_password(&auth, somewhere(), &token, &password).await })
    });
    let outcomes = futures_util::future::join_all(uses).await;
    let used = outcomes
        .into_iter()
        .filter(|outcome| outcome.as_ref().unwrap().is_ok());
    assert_eq!(used.count(), 1);
    let open = session::Entity::find()
        .filter(session::Column::UserId.eq(session.user.id))
        .filter(session::Column::RevokedAt.is_null())
        .count(auth.store().reader())
        .await
        .unwrap();
    assert_eq!(open, 1);
}

#[tokio::test]
async fn a_link_to_a_new_password_ends_after_an_hour_and_few_are_sent() {
    let (_directory, auth) = auth_with(with_mail()).await;
    ada(&auth).await;
    for _ in 0..5 {
        request_reset(&auth, "ada@example.org").await;
    }
    let resets = async |auth: &Auth| {
        let all = mails(auth).await.into_iter();
        all.filter(|(purpose, _)| *purpose == MailPurpose::ResetPassword)
            .count()
    };
    assert_eq!(resets(&auth).await, 3);
    let token = token(&auth, MailPurpose::ResetPassword).await;
    auth.store().clock().advance(TimeDelta::minutes(61));
    let late = reset_password(&auth, somewhere(), &token, &PASSWORD.into()).await;
    assert_eq!(codes(late), wrong_token());
    request_reset(&auth, "ada@example.org").await;
    assert_eq!(resets(&auth).await, 4);
}

#[tokio::test]
async fn a_link_to_a_new_password_is_sent_to_nobody_without_one() {
    let (_directory, auth) = auth_with(with_mail()).await;
    testing::user(auth.store(), "elsewhere", PlatformRole::Member).await;
    let suspended = ada(&auth).await.user;
    change(&auth, &suspended, |row| {
        row.status = Set(UserStatus::Suspended);
    })
    .await;
    let before = mails(&auth).await;
    for email in [
        "elsewhere@example.org",
        "ada@example.org",
        "nobody@example.org",
    ] {
        request_reset(&auth, email).await;
    }
    assert_eq!(mails(&auth).await, before);
    let malformed = request_password_reset(&auth, somewhere(), "nobody").await;
    assert_eq!(codes(malformed), [("email".to_owned(), FaultCode::Invalid)]);
}

#[tokio::test]
async fn without_mail_what_needs_it_is_refused() {
    let (_directory, auth) = auth_with(options()).await;
    let session = ada(&auth).await;
    assert_eq!(mails(&auth).await, []);
    let viewer = viewer_of(&auth, &session.access_token).await.unwrap();
    for refused in [
        request_password_reset(&auth, somewhere(), "ada@example.org").await,
        request_email_verification(&auth, somewhere(), &viewer).await,
    ] {
        assert_eq!(codes(refused), [(String::new(), FaultCode::Forbidden)]);
    }
}

#[tokio::test]
async fn requests_for_mail_are_limited_by_their_address() {
    let mut options = with_mail();
    options.limits.mail = Rate {
        burst: 2,
        every: TimeDelta::minutes(1),
    };
    let (_directory, auth) = auth_with(options).await;
    for _ in 0..2 {
        request_reset(&auth, "nobody@example.org").await;
    }
    let error = request_password_reset(&auth, somewhere(), "other@example.org")
        .await
        .unwrap_err();
    assert!(matches!(error, Error::RateLimited { .. }), "{error}");
    let home: IpAddr = "198.51.100.1".parse().unwrap();
    request_password_reset(&auth, home.into(), "nobody@example.org")
        .await
        .unwrap();
}

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
