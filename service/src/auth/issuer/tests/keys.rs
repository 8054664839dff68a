//! The keys of issuers: how they come, and which of them serve.

use jsonwebtoken::EncodingKey;
use jsonwebtoken::jwk::Jwk;

use super::*;

#[tokio::test]
async fn keys_come_over_no_network_without_tls() {
    for redirected in [false, true] {
        let school = School::open().await;
        let (_directory, auth) = auth_of(school.config()).await;
        let token = school.token(&auth, |_| {});
        let place = if redirected {
            &school.redirects
        } else {
            &school.names
        };
        // The same machine, by an address that does not say so.
        let elsewhere = format!("http://0.0.0.0:{}/moved", school.address.port());
        *place.lock().unwrap() = Some(elsewhere);
        let error = sign_in(&auth, &token).await.unwrap_err();
        assert!(matches!(error, AuthenticationError::Service(_)), "{error}");
        assert_eq!(school.asked.load(Ordering::SeqCst), 0, "{redirected}");
        *place.lock().unwrap() = Some(format!("http://{}/moved", school.address));
        auth.store().clock().advance(TimeDelta::seconds(61));
        sign_in(&auth, &token).await.unwrap();
        assert_eq!(school.asked.load(Ordering::SeqCst), 1, "{redirected}");
    }
}

#[tokio::test]
async fn a_new_key_is_found_and_the_issuer_is_not_flooded() {
    let school = School::open().await;
    let (_directory, auth) = auth_of(school.config()).await;
    sign_in(&auth, &school.token(&auth, |_| {})).await.unwrap();
    *school.keys.lock().unwrap() = SigningKeys::ephemeral().unwrap();
    let fresh = school.token(&auth, |_| {});
    for _ in 0..5 {
        let error = sign_in(&auth, &fresh).await.unwrap_err();
        assert!(matches!(error, AuthenticationError::Invalid));
    }
    assert_eq!(school.asked.load(Ordering::SeqCst), 1);
    auth.store().clock().advance(TimeDelta::seconds(61));
    sign_in(&auth, &fresh).await.unwrap();
    assert_eq!(school.asked.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn known_keys_stay_in_use_while_the_issuer_is_down() {
    let school = School::open().await;
    let (_directory, auth) = auth_of(school.config()).await;
    school.down.store(true, Ordering::SeqCst);
    let error = sign_in(&auth, &school.token(&auth, |_| {}))
        .await
        .unwrap_err();
    assert!(matches!(error, AuthenticationError::Service(_)), "{error}");
    auth.store().clock().advance(TimeDelta::seconds(61));
    school.down.store(false, Ordering::SeqCst);
    sign_in(&auth, &school.token(&auth, |_| {})).await.unwrap();
    school.down.store(true, Ordering::SeqCst);
    auth.store().clock().advance(TimeDelta::hours(2));
    for _ in 0..2 {
        sign_in(&auth, &school.token(&auth, |_| {})).await.unwrap();
        auth.settle().await;
    }
    // Back up, it is asked again beside a request, and what it withdrew ends.
    let old = school.token(&auth, |_| {});
    *school.keys.lock().unwrap() = SigningKeys::ephemeral().unwrap();
    school.down.store(false, Ordering::SeqCst);
    auth.store().clock().advance(TimeDelta::seconds(61));
    sign_in(&auth, &old).await.unwrap();
    auth.settle().await;
    assert!(sign_in(&auth, &old).await.is_err());
}

#[tokio::test]
async fn unsound_keys_are_passed_over() {
    let school = School::open().await;
    let good = school.keys.lock().unwrap().jwks()["keys"][0].clone();
    let id = good["kid"].clone();
    // The library would panic on the first.
    let unsound = [
        json!({"kty": "OKP", "crv": "Ed25519", "kid": id, "x": "AAAA"}),
        json!({"kty": "RSA", "kid": id, "n": "AAAA", "e": "AQAB"}),
        json!({"kty": "oct", "kid": id, "k": "c2VjcmV0"}),
        json!({"kty": "OKP", "crv": "Ed25519", "kid": id, "use": "enc", "x": good["x"]}),
        json!({"kty": "unheard-of", "kid": id}),
        json!("nonsense"),
    ];
    assert!(unsound.iter().all(|key| jwks::usable(key).is_none()));
    assert!(jwks::usable(&good).is_some());
    *school.extra_keys.lock().unwrap() = unsound.to_vec();
    let (_directory, auth) = auth_of(school.config()).await;
    assert!(sign_in(&auth, &school.token(&auth, |_| {})).await.is_ok());
}

#[tokio::test]
async fn issuers_sign_by_rsa_and_by_elliptic_curves() {
    // Keys made for this test, by `openssl genpkey`.
    let rsa = EncodingKey::from_rsa_pem(include_bytes!("../test_keys/rsa.pem")).unwrap();
    let curve = EncodingKey::from_ec_pem(include_bytes!("../test_keys/ec.pem")).unwrap();
    let school = School::open().await;
    let (_directory, auth) = auth_of(school.config()).await;
    let (_other, strict) = auth_of(ExternalIssuer {
        algorithms: vec![Algorithm::EdDSA],
        ..school.config()
    })
    .await;
    for (key, algorithm) in [(&rsa, Algorithm::RS256), (&curve, Algorithm::ES256)] {
        let mut public = Jwk::from_encoding_key(key, algorithm).unwrap();
        public.common.key_id = Some(format!("{algorithm:?}"));
        let public = serde_json::to_value(public).unwrap();
        school.extra_keys.lock().unwrap().push(public);
    }
    for (key, algorithm) in [(&rsa, Algorithm::RS256), (&curve, Algorithm::ES256)] {
        let token = school.token(&auth, |_| {});
        let claims = jsonwebtoken::dangerous::insecure_decode::<Value>(&token)
            .unwrap()
            .claims;
        let mut header = Header::new(algorithm);
        header.kid = Some(format!("{algorithm:?}"));
        let token = jsonwebtoken::encode(&header, &claims, key).unwrap();
        assert!(sign_in(&auth, &token).await.is_ok(), "{algorithm:?}");
        let error = sign_in(&strict, &token).await.unwrap_err();
        assert!(
            matches!(error, AuthenticationError::Invalid),
            "{algorithm:?}"
        );
        let mut forged = token.into_bytes();
        let last = forged.len() - 10;
        forged[last] = if forged[last] == b'A' { b'B' } else { b'A' };
        let forged = String::from_utf8(forged).unwrap();
        assert!(sign_in(&auth, &forged).await.is_err(), "{algorithm:?}");
        // A key serves its own algorithm only.
        header.alg = Algorithm::EdDSA;
        let (_, own) = school.keys.lock().unwrap().signing().unwrap();
        let crossed = jsonwebtoken::encode(&header, &claims, &own).unwrap();
        assert!(sign_in(&auth, &crossed).await.is_err(), "{algorithm:?}");
    }
}
