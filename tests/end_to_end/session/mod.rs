//! Who one is: accounts, sessions, access tokens, API tokens.

mod access_tokens;
mod api_tokens;
mod limits;
mod profile;
mod sign_in;

use serde_json::{Value, json};
use support::{App, Client, PASSWORD};

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
