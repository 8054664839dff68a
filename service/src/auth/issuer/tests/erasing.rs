//! People who go, and come back.

use entity::erased_identity;
use sea_orm::EntityTrait;

use super::*;
use crate::auth::{ClientAddress, digest};
use crate::user::erase_me;

async fn go(auth: &Auth, viewer: &Viewer) {
    erase_me(auth, ClientAddress::unknown(), viewer, None)
        .await
        .unwrap();
}

#[tokio::test]
async fn whoever_was_erased_comes_back_by_a_later_token_alone() {
    let school = School::open().await;
    let (_directory, auth) = auth_of(school.config()).await;
    let clock = auth.store().clock().clone();
    let before = school.token(&auth, |_| {});
    let pia = sign_in(&auth, &before).await.unwrap();
    go(&auth, &pia).await;
    let now = auth.now().timestamp();
    // The issuer's clock may be ahead by half a minute.
    let ahead = school.token(&auth, |claims| claims["iat"] = (now + 20).into());
    let silent = school.token(&auth, |claims| claims["iat"] = Value::Null);
    for token in [&before, &ahead, &silent] {
        let error = sign_in(&auth, token).await.unwrap_err();
        assert!(matches!(error, AuthenticationError::Revoked), "{error}");
    }
    let other = school.token(&auth, |claims| claims["sub"] = "pupil-2".into());
    sign_in(&auth, &other).await.unwrap();

    clock.advance(TimeDelta::minutes(1));
    let later = school.token(&auth, |_| {});
    let back = sign_in(&auth, &later).await.unwrap();
    assert_ne!(back.user_id(), pia.user_id());
    clock.advance(TimeDelta::minutes(1));
    go(&auth, &back).await;
    let error = sign_in(&auth, &later).await.unwrap_err();
    assert!(matches!(error, AuthenticationError::Revoked), "{error}");

    let kept = erased_identity::Entity::find().all(auth.store().reader());
    let [kept] = &kept.await.unwrap()[..] else {
        panic!("one, however often somebody goes")
    };
    let (issuer, subject) = (school.issuer(), "pupil-1");
    let plain = [
        format!("{issuer}\0{subject}"),
        format!("\0{issuer}\0{subject}"),
    ];
    assert!(
        plain.iter().all(|plain| kept.hash != digest(plain)),
        "whoever guesses does not find out"
    );
}
