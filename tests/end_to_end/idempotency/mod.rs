//! Mutations that are sent again with the same `Idempotency-Key`: run once, and answered again.

mod acts;
mod keys;
mod mutations;
mod retries;
mod secrets;

use sea_orm::{ConnectionTrait, DatabaseBackend, Statement};
use serde_json::{Value, json};
use support::{Answer, App, Client};

const KEY: &str = "3f2a1f0e-5b1c-4a39-9df5-1b8c6a3e7d21";
const OTHER_KEY: &str = "0d5cf1a4-90a3-4d0e-8f3c-6a2b7e9c4f10";

const CREATE: &str = "mutation($input: CreateResourceInput!) { createResource(input: $input) {
    resource { id title } position userErrors { code field message } } }";
const OUTCOME: &str = "query($key: String!) { idempotentOutcome(key: $key) {
    position nodeIds userErrors { code field message } } }";
const NEW_TOKEN: &str = "mutation($input: CreateApiTokenInput!) { createApiToken(input: $input) {
    apiToken { id name } secret userErrors { code field message } } }";

/// The variables of `CREATE` for an article; the same title is the same request.
fn article(community: &Value, title: &str) -> Value {
    json!({ "input": { "communityId": community, "title": title, "kind": "ARTICLE", "publish": true } })
}

/// Whether an answer says that it was given before.
fn replayed(answer: &Answer) -> bool {
    let header = answer.headers.get("idempotent-replayed");
    header.is_some_and(|value| value == "true")
}

/// The position of the newest change.
async fn newest(client: &Client) -> Value {
    let found = client.query("{ serverInfo { position } }", json!({}));
    found.await["serverInfo"]["position"].clone()
}

/// How many resources a community has.
async fn resources(client: &Client, community: &Value) -> Value {
    let query = "query($id: ID!) { community(id: $id) { resources { totalCount } } }";
    let found = client.query(query, json!({ "id": community }));
    found.await["community"]["resources"]["totalCount"].clone()
}

/// A client with a token that does not end, so that the clock can be turned.
async fn with_lasting_token(client: &Client) -> Client {
    let input = json!({ "name": "Sync", "scopes": ["READ", "WRITE"] });
    let made = client.mutate(NEW_TOKEN, json!({ "input": input })).await;
    client.with_token(made["secret"].as_str().unwrap())
}

/// The rows that are kept, as texts.
async fn kept(app: &App) -> Vec<String> {
    let store = app.server().store();
    let columns = "key_hash || ' ' || field_hash || ' ' || fingerprint || ' ' || ";
    let outcome = if store.backend() == DatabaseBackend::Sqlite {
        "json(outcome)"
    } else {
        "CAST(outcome AS text)"
    };
    let sql = format!("SELECT {columns} {outcome} FROM idempotent_write");
    let statement = Statement::from_string(store.backend(), sql);
    let rows = store.reader().query_all_raw(statement).await.unwrap();
    let texts = rows.iter().map(|row| row.try_get_by_index(0).unwrap());
    texts.collect()
}
