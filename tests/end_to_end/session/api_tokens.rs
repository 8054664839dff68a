//! API tokens: what they open, and until when.

use chrono::TimeDelta;
use serde_json::{Value, json};
use support::{App, on_both_databases};

use super::{WHO, assert_unauthenticated, text, with};

const CREATE_TOKEN: &str =
    "mutation($input: CreateApiTokenInput!) { createApiToken(input: $input) {
    apiToken { id name scopes expiresAt lastUsedAt community { name } }
    secret
    userErrors { code field message }
} }";

const REVOKE_TOKEN: &str = "mutation($id: ID!) { revokeApiToken(id: $id) { revokedId userErrors { code field message } } }";

on_both_databases! {
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
}
