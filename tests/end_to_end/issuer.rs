//! Sign-in by a school's own issuer, as an operator configures it in the file of settings.

use std::net::SocketAddr;
use std::ops::Deref;

use api::config::{Flags, load_from};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use chrono::TimeDelta;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use support::{App, Client, Database, PASSWORD, on_both_databases};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// The key of RFC 8037, appendix A.
const PRIVATE: &str = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A";
const PUBLIC: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
/// What stands before the 32 secret bytes in the PKCS #8 form of an Ed25519 key (RFC 8410, section 7).
const PKCS8_HEAD: [u8; 16] = [
    0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20,
];
const KEY_ID: &str = "school-1";
const AUDIENCE: &str = "repertoire-at-school";

const WHO: &str = "{ viewer { id handle displayName email } }";
const ERASE_ME: &str =
    "mutation { eraseMe { user { displayName } userErrors { code field message } } }";

/// A server that takes the tokens of an issuer on loopback.
struct SchoolApp {
    app: App,
    address: SocketAddr,
}

impl Deref for SchoolApp {
    type Target = App;

    fn deref(&self) -> &App {
        &self.app
    }
}

impl SchoolApp {
    async fn start(database: Database) -> Option<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream, address));
            }
        });
        let settings = format!(
            "[auth]\nissuer = \"https://learn.example\"\n\n[[auth.external_issuers]]\nissuer = \"http://{address}/school\"\n\
             audience = \"{AUDIENCE}\"\ncreate_users = true\ntrust_email = true\n"
        );
        let app = App::start_with(database, |config| {
            let file = config.data_dir.join("settings.toml");
            std::fs::write(&file, settings).unwrap();
            let flags = Flags {
                config: Some(file),
                ..Flags::default()
            };
            let loaded = load_from(flags, []).unwrap();
            let password_cost = config.auth.password_cost;
            config.auth = loaded.auth;
            config.auth.password_cost = password_cost;
        })
        .await?;
        Some(Self { app, address })
    }

    /// A token as the issuer gives it to Pia, its claims changed by `change`.
    fn token(&self, change: impl FnOnce(&mut Value)) -> String {
        self.signed(PRIVATE, change)
    }

    fn signed(&self, private: &str, change: impl FnOnce(&mut Value)) -> String {
        let now = self.server().clock().now().timestamp();
        let mut claims = json!({
            "iss": format!("http://{}/school", self.address), "sub": "pupil-1", "aud": AUDIENCE,
            "exp": now + 300, "iat": now, "name": "Pia Pupil", "preferred_username": "pia",
            "email": "pia@school.example", "email_verified": true,
        });
        change(&mut claims);
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = Some(KEY_ID.to_owned());
        let secret = BASE64.decode(private).unwrap();
        let key = EncodingKey::from_ed_der(&[&PKCS8_HEAD[..], &secret].concat());
        jsonwebtoken::encode(&header, &claims, &key).unwrap()
    }
}

/// Answers discovery and the keys, one request a connection.
async fn answer(stream: TcpStream, address: SocketAddr) {
    let mut stream = BufReader::new(stream);
    let mut first = String::new();
    stream.read_line(&mut first).await.unwrap();
    let mut line = first.clone();
    while !line.trim().is_empty() {
        line.clear();
        stream.read_line(&mut line).await.unwrap();
    }
    let (status, body) = match first.split(' ').nth(1) {
        Some("/school/.well-known/openid-configuration") => (
            "200 OK",
            json!({
                "issuer": format!("http://{address}/school"),
                "jwks_uri": format!("http://{address}/keys"),
            }),
        ),
        Some("/keys") => (
            "200 OK",
            json!({ "keys": [
                { "kty": "OKP", "crv": "Ed25519", "use": "sig", "kid": KEY_ID, "x": PUBLIC },
            ] }),
        ),
        _ => ("404 Not Found", Value::Null),
    };
    let body = body.to_string();
    let answer = format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(answer.as_bytes()).await.unwrap();
}

/// Whether the token of a client is nobody's.
async fn is_refused(client: &Client) -> bool {
    let answer = client.send(WHO, json!({})).await;
    answer.status == 401 && answer.codes() == ["UNAUTHENTICATED"]
}

on_both_databases! {
    async fn a_token_of_a_configured_issuer_stands_for_its_person(app: SchoolApp) {
        let pia = app.anonymous().with_token(&app.token(|_| {}));
        let viewer = pia.query(WHO, json!({})).await["viewer"].clone();
        assert_eq!(
            (&viewer["handle"], &viewer["displayName"], &viewer["email"]),
            (&json!("pia"), &json!("Pia Pupil"), &json!("pia@school.example"))
        );
        let community = pia.create_community("Pupils", json!({})).await;
        assert!(community.is_string(), "one who comes from the issuer may do what others may");

        // The next token of the same person, and one of another.
        let later = app.anonymous().with_token(&app.token(|claims| claims["aud"] = json!(["other", AUDIENCE])));
        assert_eq!(later.my_id().await, viewer["id"]);
        let other = app.token(|claims| {
            claims["sub"] = json!("pupil-2");
            claims["email"] = json!("paul@school.example");
        });
        assert_ne!(app.anonymous().with_token(&other).my_id().await, viewer["id"]);
    }

    async fn an_account_that_somebody_else_prepared_is_its_persons_alone(app: SchoolApp) {
        let sign_up = "mutation($input: SignUpInput!) { signUp(input: $input) {
            user { id } accessToken refreshToken userErrors { code field message } } }";
        let credentials = json!({ "email": "pia@school.example", "password": PASSWORD });
        let mut input = credentials.clone();
        input["displayName"] = json!("Mallory");
        let made = app.anonymous().mutate(sign_up, json!({ "input": input })).await;
        let mallory = app.anonymous().with_token(made["accessToken"].as_str().unwrap());
        let create = "mutation($input: CreateApiTokenInput!) { createApiToken(input: $input) {
            secret userErrors { code field message } } }";
        let token = json!({ "input": { "name": "Later", "scopes": ["READ", "WRITE"] } });
        let token = mallory.mutate(create, token).await["secret"].clone();
        let later = app.anonymous().with_token(token.as_str().unwrap());
        assert_eq!(later.my_id().await, made["user"]["id"]);

        let pia = app.anonymous().with_token(&app.token(|_| {}));
        let shown = pia.query("{ viewer { id email emailVerified } }", json!({})).await;
        let expected = json!({ "id": made["user"]["id"], "email": "pia@school.example", "emailVerified": true });
        assert_eq!(shown["viewer"], expected);
        for client in [&mallory, &later] {
            assert!(is_refused(client).await);
        }
        let refresh = "mutation($token: String!) { refreshSession(refreshToken: $token) {
            accessToken userErrors { code field message } } }";
        let refused = app.anonymous().refused(refresh, json!({ "token": made["refreshToken"] })).await;
        assert_eq!(refused, ["INVALID_CREDENTIALS refreshToken"]);
        let sign_in = "mutation($input: SignInInput!) { signIn(input: $input) {
            accessToken userErrors { code field message } } }";
        let refused = app.anonymous().refused(sign_in, json!({ "input": credentials })).await;
        assert_eq!(refused, ["INVALID_CREDENTIALS input"]);
        let again = app.anonymous().with_token(&app.token(|_| {}));
        assert_eq!(again.my_id().await, made["user"]["id"]);
    }

    async fn whoever_was_erased_comes_back_by_a_later_token_alone(app: SchoolApp) {
        let before = app.token(|_| {});
        let pia = app.anonymous().with_token(&before);
        let id = pia.my_id().await;
        let long_ago = app.server().clock().now() - TimeDelta::minutes(20);
        let stale = app.token(|claims| claims["auth_time"] = json!(long_ago.timestamp()));
        let refused = app.anonymous().with_token(&stale).refused(ERASE_ME, json!({})).await;
        assert_eq!(refused, ["FORBIDDEN"], "she signed in twenty minutes ago");
        // With a key of its own, since nobody is there afterwards to send the request again.
        let gone = pia.keyed("pia-goes").payload(ERASE_ME, json!({})).await;
        assert_eq!(gone["user"]["displayName"], "Former member", "{gone:#}");
        for token in [&before, &stale] {
            assert!(is_refused(&app.anonymous().with_token(token)).await);
        }
        app.server().clock().advance(TimeDelta::minutes(1));
        assert!(is_refused(&pia).await);
        let back = app.anonymous().with_token(&app.token(|_| {}));
        assert_ne!(back.my_id().await, id);
    }

    async fn a_token_for_others_late_or_forged_is_nobodys(app: SchoolApp) {
        let now = app.server().clock().now();
        for (what, token) in [
            ("for another audience", app.token(|claims| claims["aud"] = json!("repertoire"))),
            ("for no audience", app.token(|claims| { claims.as_object_mut().unwrap().remove("aud"); })),
            ("late", app.token(|claims| claims["exp"] = json!((now - TimeDelta::minutes(5)).timestamp()))),
            ("of an unknown issuer", app.token(|claims| claims["iss"] = json!("https://elsewhere.example"))),
            ("of this server, by another's key", app.token(|claims| claims["iss"] = json!("https://learn.example"))),
            ("by another key", app.signed(PUBLIC, |_| {})),
        ] {
            let refused = app.anonymous().with_token(&token).send(WHO, json!({})).await;
            assert_eq!((refused.status, refused.codes()), (401, vec!["UNAUTHENTICATED"]), "{what}: {:#}", refused.body);
            assert!(refused.body.get("data").is_none(), "{what}");
        }
        // The right one is still somebody's.
        let pia = app.anonymous().with_token(&app.token(|_| {}));
        assert_eq!(pia.query(WHO, json!({})).await["viewer"]["handle"], "pia");
    }
}
