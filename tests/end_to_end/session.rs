//! Who one is: accounts, sessions, access tokens, API tokens.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use chrono::TimeDelta;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use support::{Answer, App, Client, Database, PASSWORD, on_both_databases};

const SIGN_UP: &str = "mutation($input: SignUpInput!) { signUp(input: $input) {
    user { id handle displayName email platformRole }
    accessToken accessTokenExpiresAt refreshToken
    userErrors { code field message }
} }";

const SIGN_IN: &str = "mutation($input: SignInInput!) { signIn(input: $input) {
    user { id handle email }
    accessToken accessTokenExpiresAt refreshToken
    userErrors { code field message }
} }";

const REFRESH: &str = "mutation($token: String!) { refreshSession(refreshToken: $token) {
    user { handle } accessToken refreshToken userErrors { code field message }
} }";

const SIGN_OUT: &str = "mutation($token: String!) { signOut(refreshToken: $token) { userErrors { code field message } } }";

const CREATE_TOKEN: &str =
    "mutation($input: CreateApiTokenInput!) { createApiToken(input: $input) {
    apiToken { id name scopes expiresAt lastUsedAt community { name } }
    secret
    userErrors { code field message }
} }";

const REVOKE_TOKEN: &str = "mutation($id: ID!) { revokeApiToken(id: $id) { revokedId userErrors { code field message } } }";

const WHO: &str = "{ viewer { handle } }";

async fn sign_up(app: &App, email: &str) -> Value {
    let input = json!({ "email": email, "password": PASSWORD, "displayName": "Ada Lovelace" });
    app.anonymous()
        .mutate(SIGN_UP, json!({ "input": input }))
        .await
}

fn text(value: &Value) -> &str {
    value
        .as_str()
        .unwrap_or_else(|| panic!("{value} is no text"))
}

fn with(app: &App, token: &Value) -> Client {
    app.anonymous().with_token(text(token))
}

/// The token is refused with 401, a challenge, and a message that tells nothing of why.
async fn assert_unauthenticated(app: &App, token: &str) {
    let answer = app.anonymous().with_token(token).send(WHO, json!({})).await;
    assert_eq!(
        (answer.status, answer.codes()),
        (401, vec!["UNAUTHENTICATED"]),
        "{token}: {:#}",
        answer.body
    );
    assert!(answer.headers.contains_key("www-authenticate"));
    assert!(answer.body.get("data").is_none());
}

fn part(token: &str, number: usize) -> Value {
    let part = token
        .split('.')
        .nth(number)
        .expect("a token has three parts");
    serde_json::from_slice(&BASE64.decode(part).expect("base64")).expect("JSON")
}

fn encode(value: &Value) -> String {
    BASE64.encode(value.to_string())
}

on_both_databases! {
    async fn a_new_person_is_signed_in_and_signs_in_again(app: App) {
        let made = sign_up(&app, "Ada@Example.org").await;
        assert_eq!(made["user"]["handle"], "ada-lovelace");
        assert_eq!(made["user"]["email"], "Ada@Example.org", "the payload shows what the new user may see");
        assert_eq!(made["user"]["platformRole"], "MEMBER");
        let viewer = with(&app, &made["accessToken"]).query("{ viewer { id email } }", json!({})).await;
        assert_eq!(viewer["viewer"]["id"], made["user"]["id"]);

        let again = json!({ "email": " ada@EXAMPLE.org", "password": PASSWORD });
        let signed_in = app.anonymous().mutate(SIGN_IN, json!({ "input": again })).await;
        assert_eq!(signed_in["user"]["id"], made["user"]["id"]);
        assert_ne!(signed_in["refreshToken"], made["refreshToken"]);
        assert_eq!(app.anonymous().query(WHO, json!({})).await["viewer"], Value::Null);
    }

    async fn an_account_is_refused_with_all_its_faults_at_once(app: App) {
        sign_up(&app, "ada@example.org").await;
        let input = json!({ "email": "ADA@example.org", "password": "short", "displayName": " ", "handle": "x" });
        let mut refused = app.anonymous().refused(SIGN_UP, json!({ "input": input })).await;
        refused.sort();
        assert_eq!(refused, [
            "INVALID input.handle",
            "REQUIRED input.displayName",
            "TAKEN input.email",
            "TOO_SHORT input.password",
        ]);
        let input = json!({ "email": "not an address", "password": "x".repeat(201), "displayName": "B" });
        let refused = app.anonymous().refused(SIGN_UP, json!({ "input": input })).await;
        assert_eq!(refused, ["INVALID input.email", "TOO_LONG input.password"]);
    }

    async fn an_unknown_address_and_a_wrong_password_answer_alike(app: App) {
        sign_up(&app, "ada@example.org").await;
        let mut answers = Vec::new();
        for (email, password) in [("ada@example.org", "a wrong passphrase"), ("nobody@example.org", PASSWORD), ("", "")] {
            let input = json!({ "input": { "email": email, "password": password } });
            let answer = app.anonymous().send(SIGN_IN, input).await;
            assert_eq!(answer.body["data"]["signIn"]["userErrors"][0]["code"], "INVALID_CREDENTIALS");
            answers.push(answer.body.to_string());
        }
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:#?}");
    }

    async fn a_refresh_token_is_good_once_and_its_reuse_ends_the_session(app: App) {
        let first = sign_up(&app, "ada@example.org").await;
        let second = app.anonymous().mutate(REFRESH, json!({ "token": first["refreshToken"] })).await;
        assert_ne!(second["refreshToken"], first["refreshToken"]);
        with(&app, &second["accessToken"]).query(WHO, json!({})).await;
        with(&app, &first["accessToken"]).query(WHO, json!({})).await;

        let stolen = app.anonymous().refused(REFRESH, json!({ "token": first["refreshToken"] })).await;
        assert_eq!(stolen, ["INVALID_CREDENTIALS refreshToken"]);
        let family = app.anonymous().refused(REFRESH, json!({ "token": second["refreshToken"] })).await;
        assert_eq!(family, ["INVALID_CREDENTIALS refreshToken"], "the whole family is revoked");
        assert_unauthenticated(&app, text(&second["accessToken"])).await;
        assert_unauthenticated(&app, text(&first["accessToken"])).await;
    }

    async fn signing_out_ends_one_session_at_once_and_no_other(app: App) {
        let one = sign_up(&app, "ada@example.org").await;
        let input = json!({ "input": { "email": "ada@example.org", "password": PASSWORD } });
        let other = app.anonymous().mutate(SIGN_IN, input).await;
        app.anonymous().mutate(SIGN_OUT, json!({ "token": one["refreshToken"] })).await;
        assert_unauthenticated(&app, text(&one["accessToken"])).await;
        let refused = app.anonymous().refused(REFRESH, json!({ "token": one["refreshToken"] })).await;
        assert_eq!(refused, ["INVALID_CREDENTIALS refreshToken"]);
        with(&app, &other["accessToken"]).query(WHO, json!({})).await;
        let nonsense = app.anonymous().refused(SIGN_OUT, json!({ "token": "nonsense" })).await;
        assert_eq!(nonsense, ["INVALID_CREDENTIALS refreshToken"]);
    }

    async fn access_tokens_end_before_their_session_does(app: App) {
        let made = sign_up(&app, "ada@example.org").await;
        let ends: chrono::DateTime<chrono::Utc> = text(&made["accessTokenExpiresAt"]).parse().unwrap();
        assert!(ends - app.server().clock().now() <= TimeDelta::minutes(60), "access tokens are short-lived");
        app.server().clock().advance(ends - app.server().clock().now() + TimeDelta::minutes(1));
        assert_unauthenticated(&app, text(&made["accessToken"])).await;
        let renewed = app.anonymous().mutate(REFRESH, json!({ "token": made["refreshToken"] })).await;
        with(&app, &renewed["accessToken"]).query(WHO, json!({})).await;
        app.server().clock().advance(TimeDelta::days(366));
        let over = app.anonymous().refused(REFRESH, json!({ "token": renewed["refreshToken"] })).await;
        assert_eq!(over, ["INVALID_CREDENTIALS refreshToken"]);
    }

    async fn forged_and_broken_tokens_are_nobody(app: App) {
        let made = sign_up(&app, "ada@example.org").await;
        let token = text(&made["accessToken"]);
        let (header, claims) = (part(token, 0), part(token, 1));
        let [_, body, signature]: [&str; 3] = token.split('.').collect::<Vec<_>>().try_into().unwrap();

        let keys: Value = app.anonymous().http()
            .get(format!("{}/.well-known/jwks.json", app.server().url()))
            .send().await.unwrap().json().await.unwrap();
        let key = keys["keys"].as_array().unwrap().iter().find(|key| key["kid"] == header["kid"]).unwrap().clone();
        assert!(key.get("d").is_none(), "the private part is not published");
        let public = BASE64.decode(text(&key["x"])).unwrap();

        let forge = |algorithm: Algorithm, key: &EncodingKey| {
            let mut forged = Header::new(algorithm);
            forged.typ = header["typ"].as_str().map(str::to_owned);
            forged.kid = header["kid"].as_str().map(str::to_owned);
            jsonwebtoken::encode(&forged, &claims, key).unwrap()
        };
        // RFC 8410: a private key of Ed25519 is these sixteen bytes and 32 more.
        let mut foreign = vec![0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];
        foreign.extend([7; 32]);
        let mut unsigned = header.clone();
        unsigned["alg"] = json!("none");
        let mut other_claims = claims.clone();
        other_claims["exp"] = json!(claims["exp"].as_i64().unwrap() + 1_000_000);
        let mut without_kid = header.clone();
        without_kid.as_object_mut().unwrap().remove("kid");

        for forged in [
            format!("{}.{body}.", encode(&unsigned)),
            format!("{}.{body}.{signature}", encode(&unsigned)),
            forge(Algorithm::HS256, &EncodingKey::from_secret(&public)),
            forge(Algorithm::HS256, &EncodingKey::from_secret(key.to_string().as_bytes())),
            forge(Algorithm::EdDSA, &EncodingKey::from_ed_der(&foreign)),
            format!("{}.{}.{signature}", encode(&header), encode(&other_claims)),
            format!("{}.{body}.{signature}", encode(&without_kid)),
            format!("{body}.{body}.{signature}"),
            token[..token.len() - 4].to_owned(),
            format!("{token}.{signature}"),
            text(&made["refreshToken"]).to_owned(),
            "garbage".to_owned(),
            "..".to_owned(),
            "a".repeat(20_000),
        ] {
            assert_unauthenticated(&app, &forged).await;
        }
        let http = app.anonymous().http().clone();
        for authorization in ["Basic YTpi", "Bearer", "Bearer  ", "nonsense"] {
            let request = http.post(format!("{}/graphql", app.server().url())).header("authorization", authorization);
            let answer = support::Answer::read(request.json(&json!({ "query": WHO }))).await;
            assert_eq!((answer.status, answer.codes()), (401, vec!["UNAUTHENTICATED"]), "{authorization:?}");
        }
        with(&app, &made["accessToken"]).query(WHO, json!({})).await;
    }

    async fn an_api_token_does_what_its_scopes_say(app: App) {
        let person = app.person("Ada").await;
        let community = person.create_community("Tokens", json!({})).await;
        let input = json!({ "name": "Reader", "scopes": ["READ"] });
        let made = person.mutate(CREATE_TOKEN, json!({ "input": input })).await;
        assert_eq!(made["apiToken"]["scopes"], json!(["READ"]));
        let reader = with(&app, &made["secret"]);
        reader.query(WHO, json!({})).await;

        let before = reader.query("{ serverInfo { position } }", json!({})).await;
        let create = "mutation($id: ID!) { createResource(input: { communityId: $id, title: \"No\", kind: ARTICLE }) {
            resource { id } userErrors { code } } }";
        let refused = reader.send(create, json!({ "id": community })).await;
        assert_eq!(refused.codes(), ["FORBIDDEN"], "{:#}", refused.body);
        assert_eq!(reader.query("{ serverInfo { position } }", json!({})).await, before, "nothing was written");

        let input = json!({ "name": "Writer", "scopes": ["READ", "WRITE"] });
        let writer = person.mutate(CREATE_TOKEN, json!({ "input": input })).await;
        let writer = with(&app, &writer["secret"]);
        writer.create_resource(&community, "By a program", json!({})).await;
        let more = json!({ "input": { "name": "More", "scopes": ["READ"] } });
        assert_eq!(writer.refused(CREATE_TOKEN, more).await, ["FORBIDDEN"], "a token makes no tokens");
        let wrong = json!({ "input": { "name": "", "scopes": ["ADMIN"], "expiresAt": "2001-01-01T00:00:00Z" } });
        assert_eq!(
            person.refused(CREATE_TOKEN, wrong).await,
            ["REQUIRED input.name", "FORBIDDEN input.scopes.0", "OUT_OF_RANGE input.expiresAt"]
        );
    }

    async fn an_api_token_is_shown_once_and_ends_when_it_should(app: App) {
        let person = app.person("Ada").await;
        let ends = (app.server().clock().now() + TimeDelta::days(1)).to_rfc3339();
        let input = json!({ "name": "Short", "scopes": ["READ"], "expiresAt": ends });
        let short = person.mutate(CREATE_TOKEN, json!({ "input": input })).await;
        let input = json!({ "name": "Long", "scopes": ["READ"] });
        let long = person.mutate(CREATE_TOKEN, json!({ "input": input })).await;

        let list = "{ viewer { apiTokens { totalCount nodes { id name } } } }";
        let listed = person.query(list, json!({})).await;
        assert_eq!(listed["viewer"]["apiTokens"]["totalCount"], 2);
        assert_eq!(listed["viewer"]["apiTokens"]["nodes"][0]["name"], "Long", "newest first");
        let other = app.person("Ben").await;
        let handle = person.query(WHO, json!({})).await["viewer"]["handle"].clone();
        let seen = "query($handle: String!) { user(handle: $handle) { apiTokens { totalCount nodes { id } } } }";
        let seen = other.query(seen, json!({ "handle": handle })).await;
        assert_eq!(seen["user"]["apiTokens"], json!({ "totalCount": 0, "nodes": [] }));
        let id = &long["apiToken"]["id"];
        assert_eq!(other.refused(REVOKE_TOKEN, json!({ "id": id })).await, ["NOT_FOUND id"]);
        let node = "query($id: ID!) { node(id: $id) { id } }";
        assert_eq!(other.query(node, json!({ "id": id })).await["node"], Value::Null);
        assert_eq!(person.query(node, json!({ "id": id })).await["node"]["id"], *id);

        let revoked = person.mutate(REVOKE_TOKEN, json!({ "id": id })).await;
        assert_eq!(revoked["revokedId"], *id);
        assert_unauthenticated(&app, text(&long["secret"])).await;
        with(&app, &short["secret"]).query(WHO, json!({})).await;
        app.server().clock().advance(TimeDelta::days(2));
        assert_unauthenticated(&app, text(&short["secret"])).await;
        let mut changed = text(&short["secret"]).to_owned();
        let last = if changed.pop() == Some('a') { 'b' } else { 'a' };
        changed.push(last);
        assert_unauthenticated(&app, &changed).await;
    }

    async fn a_token_for_one_community_opens_no_other(app: App) {
        let person = app.person("Ada").await;
        let inside = person.create_community("Inside", json!({ "visibility": "UNLISTED" })).await;
        let outside = person.create_community("Outside", json!({ "visibility": "UNLISTED" })).await;
        let hidden = person.create_resource(&outside, "Hidden", json!({})).await;
        let input = json!({ "name": "One", "scopes": ["READ", "WRITE"], "communityId": inside });
        let made = person.mutate(CREATE_TOKEN, json!({ "input": input })).await;
        assert_eq!(made["apiToken"]["community"]["name"], "Inside");
        let token = with(&app, &made["secret"]);
        token.create_resource(&inside, "Within", json!({})).await;
        let show = "query($id: ID!) { community(id: $id) { name } }";
        assert_eq!(token.query(show, json!({ "id": inside })).await["community"]["name"], "Inside");
        assert_eq!(token.query(show, json!({ "id": outside })).await["community"], Value::Null);
        let show = "query($id: ID!) { resource(id: $id) { title } resources { totalCount } }";
        let seen = token.query(show, json!({ "id": hidden })).await;
        assert_eq!(seen, json!({ "resource": null, "resources": { "totalCount": 1 } }));
        let create = "mutation($input: CreateResourceInput!) {
            createResource(input: $input) { resource { id } userErrors { code field message } }
        }";
        let input = json!({ "communityId": outside, "title": "No", "kind": "ARTICLE" });
        assert_eq!(token.refused(create, json!({ "input": input })).await, ["NOT_FOUND input.communityId"]);
        let other = app.person("Ben").await;
        let input = json!({ "name": "Strange", "scopes": ["READ"], "communityId": inside });
        assert_eq!(other.refused(CREATE_TOKEN, json!({ "input": input })).await, ["NOT_FOUND input.communityId"]);
    }

    async fn private_fields_are_null_for_others(app: App) {
        let person = app.person("Ada").await;
        let other = app.person("Ben").await;
        let admin = app.administrator().await;
        let me = person.my_id().await;
        let show = "query($id: ID!) { user(id: $id) { displayName email platformRole status } }";
        for client in [&other, &app.anonymous()] {
            let seen = client.query(show, json!({ "id": me })).await["user"].clone();
            assert_eq!(seen, json!({ "displayName": "Ada", "email": null, "platformRole": null, "status": null }));
        }
        for client in [&person, &admin] {
            let seen = client.query(show, json!({ "id": me })).await["user"].clone();
            assert!(text(&seen["email"]).ends_with("@example.org"));
            assert_eq!((&seen["platformRole"], &seen["status"]), (&json!("MEMBER"), &json!("ACTIVE")));
        }
    }

    async fn a_profile_is_changed_by_its_owner(app: App) {
        let person = app.person("Ada").await;
        app.person("Ben").await;
        let update = "mutation($input: UpdateProfileInput!) { updateProfile(input: $input) {
            user { displayName handle bio locale timeZone avatarUrl } position userErrors { code field message }
        } }";
        let input = json!({ "bio": "Counts.", "locale": "fr-ca", "timeZone": "Europe/Paris", "handle": "countess" });
        let changed = person.mutate(update, json!({ "input": input })).await;
        assert_eq!(changed["user"], json!({
            "displayName": "Ada", "handle": "countess", "bio": "Counts.", "locale": "fr-CA",
            "timeZone": "Europe/Paris", "avatarUrl": null,
        }));
        let emptied = person.mutate(update, json!({ "input": { "bio": null } })).await;
        assert_eq!(emptied["user"]["bio"], Value::Null);
        assert_eq!(emptied["user"]["timeZone"], "Europe/Paris");
        let wrong = json!({ "handle": "ben", "locale": "?", "timeZone": "Mars/Base", "displayName": null });
        let mut refused = person.refused(update, json!({ "input": wrong })).await;
        refused.sort();
        assert_eq!(refused, ["INVALID input.locale", "INVALID input.timeZone", "REQUIRED input.displayName", "TAKEN input.handle"]);
        let nobody = app.anonymous().failed(update, json!({ "input": {} })).await;
        assert_eq!(nobody, ["UNAUTHENTICATED"]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn limits_count_by_the_address_that_a_trusted_proxy_names() {
    let limit = |config: &mut api::config::Config| {
        config.auth.limits.sign_in = api::config::RateConfig {
            burst: 1,
            every_seconds: 3_600.0,
        };
    };
    let behind_a_proxy = |config: &mut api::config::Config| {
        limit(config);
        config.trusted_proxies = vec![api::http::Network::parse("127.0.0.0/8").unwrap()];
    };
    let attempt = async |app: &App, forwarded_for: &str| {
        let input = json!({ "email": "nobody@example.org", "password": PASSWORD });
        let body = json!({ "query": SIGN_IN, "variables": { "input": input } });
        let url = format!("{}/graphql", app.anonymous().url());
        let request = app.anonymous().http().post(url).json(&body);
        let answer = Answer::read(request.header("x-forwarded-for", forwarded_for)).await;
        answer.codes() == ["RATE_LIMITED"]
    };
    let proxied = App::start_with(Database::Sqlite, behind_a_proxy)
        .await
        .expect("SQLite is always to be had");
    assert!(!attempt(&proxied, "203.0.113.1").await);
    assert!(attempt(&proxied, "198.51.100.1, 203.0.113.1").await);
    assert!(
        !attempt(&proxied, "203.0.113.2").await,
        "nobody else is locked out"
    );
    let open = App::start_with(Database::Sqlite, limit)
        .await
        .expect("SQLite is always to be had");
    assert!(!attempt(&open, "203.0.113.1").await);
    assert!(
        attempt(&open, "203.0.113.2").await,
        "anybody may write that header"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn failing_for_one_address_locks_nobody_else_out() {
    let app = App::start(Database::Sqlite)
        .await
        .expect("SQLite is always to be had");
    sign_up(&app, "ada@example.org").await;
    sign_up(&app, "ben@example.org").await;
    let attempt = async |email: &str, password: &str| {
        app.anonymous()
            .send(
                SIGN_IN,
                json!({ "input": { "email": email, "password": password } }),
            )
            .await
    };
    let mut limited = None;
    for _ in 0..30 {
        let answer = attempt("ada@example.org", "a wrong passphrase").await;
        if answer.codes() == ["RATE_LIMITED"] {
            limited = Some(answer);
            break;
        }
    }
    let limited = limited.expect("failures are limited");
    assert!(
        limited.headers.contains_key("retry-after"),
        "{:?}",
        limited.headers
    );
    let other = attempt("ben@example.org", PASSWORD).await;
    assert_eq!(
        other.body["data"]["signIn"]["userErrors"],
        json!([]),
        "another account signs in from there"
    );
    app.server().clock().advance(TimeDelta::hours(1));
    let later = attempt("ada@example.org", PASSWORD).await;
    assert_eq!(
        later.body["data"]["signIn"]["userErrors"],
        json!([]),
        "and the first one does later"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_of_another_server_is_nobody_here() {
    let here = App::start(Database::Sqlite)
        .await
        .expect("SQLite is always to be had");
    let there = App::start(Database::Sqlite)
        .await
        .expect("SQLite is always to be had");
    let made = sign_up(&there, "ada@example.org").await;
    assert_unauthenticated(&here, text(&made["accessToken"])).await;
    let refused = here
        .anonymous()
        .refused(REFRESH, json!({ "token": made["refreshToken"] }))
        .await;
    assert_eq!(refused, ["INVALID_CREDENTIALS refreshToken"]);
}
