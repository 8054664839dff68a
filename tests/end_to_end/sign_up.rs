//! Who may make an account: everybody, the invited, nobody.

use serde_json::{Value, json};
use service::auth::SignUpPolicy;
use support::{App, Client, Database, MailApp, on_both_databases};

const INVITE: &str = "mutation($email: String!, $community: ID) {
    inviteUser(email: $email, communityId: $community) {
        expiresAt invitationToken userErrors { code field message }
    }
}";
const REDEEM: &str = "mutation($token: String!) { redeemInvitation(token: $token) {
    membership { state community { name } } userErrors { code field message }
} }";

/// A server where only the invited sign up.
#[derive(Debug)]
struct InvitedApp(MailApp);

impl InvitedApp {
    async fn start(database: Database) -> Option<Self> {
        let invited =
            |config: &mut api::config::Config| config.auth.sign_up = SignUpPolicy::Invited;
        MailApp::start_with(database, invited).await.map(Self)
    }
}

fn errors(payload: &Value) -> Vec<String> {
    let errors = payload["userErrors"].as_array().unwrap();
    let path = |error: &Value| {
        let field = error["field"].as_array().unwrap();
        let parts: Vec<&str> = field.iter().filter_map(Value::as_str).collect();
        format!("{} {}", error["code"].as_str().unwrap(), parts.join("."))
    };
    errors.iter().map(path).collect()
}

fn client(app: &App, payload: &Value) -> Client {
    app.anonymous()
        .with_token(payload["accessToken"].as_str().expect("there is a token"))
}

on_both_databases! {
    async fn the_invited_sign_up_and_come_into_their_community(app: InvitedApp) {
        let app = app.0;
        let info = app.anonymous().query("{ serverInfo { signUp sendsMail } }", json!({})).await;
        assert_eq!(info["serverInfo"], json!({ "signUp": "INVITED", "sendsMail": true }));
        let uninvited = app.sign_up("new@example.org", json!({})).await;
        assert_eq!(errors(&uninvited), ["REQUIRED input.invitationToken"]);

        let admin = app.administrator().await;
        let made = admin.mutate(INVITE, json!({ "email": "eve@example.org" })).await;
        assert_eq!(made["invitationToken"], Value::Null);
        let mail = app.mails().next_to("eve@example.org").await;
        let eve = app.sign_up("eve@example.org", json!({ "invitationToken": mail.token() })).await;
        assert_eq!(eve["user"]["emailVerified"], true);
        let eve = client(&app, &eve);
        let community = eve.create_community("Readers", json!({ "visibility": "PRIVATE" })).await;

        eve.mutate(INVITE, json!({ "email": "new@example.org", "community": community })).await;
        let mail = app.mails().next_to("new@example.org").await;
        assert!(mail.body.contains("Ada Lovelace invites you to the community of practice “Readers”."), "{}", mail.body);
        assert!(mail.body.contains("\nhttps://learn.example.org/invitation#token=rpin_"), "{}", mail.body);
        let other = app.sign_up("other@example.org", json!({ "invitationToken": mail.token() })).await;
        assert_eq!(errors(&other), ["INVALID input.email"]);
        let new = app.sign_up("new@example.org", json!({ "invitationToken": mail.token() })).await;
        let new = client(&app, &new);
        let mine = "{ viewer { memberships { nodes { state role community { name } } } } }";
        let mine = new.query(mine, json!({})).await;
        assert_eq!(mine["viewer"]["memberships"]["nodes"][0]["state"], "INVITED");
        new.join(&community).await;
        let again = app.sign_up("new@example.org", json!({ "invitationToken": mail.token() })).await;
        assert_eq!(errors(&again), ["INVALID_CREDENTIALS input.invitationToken"]);
    }

    async fn who_may_invite(app: MailApp) {
        let eve = app.confirmed("eve@example.org").await;
        let ben = app.confirmed("ben@example.org").await;
        let community = eve.create_community("Readers", json!({})).await;
        let hidden = eve.create_community("Hidden", json!({ "visibility": "UNLISTED" })).await;
        ben.join(&community).await;
        let into = |community: &Value| json!({ "email": "new@example.org", "community": community });
        assert_eq!(ben.refused(INVITE, into(&community)).await, ["FORBIDDEN communityId"]);
        assert_eq!(ben.refused(INVITE, into(&hidden)).await, ["NOT_FOUND communityId"]);
        assert_eq!(eve.refused(INVITE, into(&Value::Null)).await, ["FORBIDDEN communityId"]);
        let wrong = json!({ "email": "new", "community": community });
        assert_eq!(eve.refused(INVITE, wrong).await, ["INVALID email"]);
        assert_eq!(app.anonymous().failed(INVITE, into(&community)).await, ["UNAUTHENTICATED"]);
        let carol = app.sign_up("carol@example.org", json!({})).await;
        let carol = client(&app, &carol);
        let own = carol.create_community("Own", json!({})).await;
        assert_eq!(carol.refused(INVITE, into(&own)).await, ["FORBIDDEN"], "her address is not confirmed");
    }

    async fn an_invitation_tells_nobody_who_has_an_account(app: MailApp) {
        let eve = app.confirmed("eve@example.org").await;
        let ben = app.confirmed("ben@example.org").await;
        let community = eve.create_community("Readers", json!({})).await;
        let mut answers = Vec::new();
        for email in ["ben@example.org", "nobody@example.org"] {
            let mut payload = eve.mutate(INVITE, json!({ "email": email, "community": community })).await;
            assert!(payload["expiresAt"].is_string());
            payload["expiresAt"] = Value::Null;
            answers.push(payload);
        }
        assert_eq!(answers[0], answers[1]);
        let invited = "query($id: ID!) { community(id: $id) { members(state: INVITED) { totalCount } } }";
        let seen = eve.query(invited, json!({ "id": community })).await;
        assert_eq!(seen["community"]["members"]["totalCount"], 0);

        let mail = app.mails().next_to("ben@example.org").await;
        let refused = eve.refused(REDEEM, json!({ "token": mail.token() })).await;
        assert_eq!(refused, ["INVALID token"], "it is not hers");
        let redeemed = ben.mutate(REDEEM, json!({ "token": mail.token() })).await;
        assert_eq!(redeemed["membership"], json!({ "state": "INVITED", "community": { "name": "Readers" } }));
        let again = ben.refused(REDEEM, json!({ "token": mail.token() })).await;
        assert_eq!(again, ["INVALID_CREDENTIALS token"]);
    }

    async fn without_mail_the_token_is_shown_to_who_invites(app: App) {
        let eve = app.person("Eve").await;
        let community = eve.create_community("Readers", json!({})).await;
        let made = eve.mutate(INVITE, json!({ "email": "new@example.org", "community": community })).await;
        let sign_up = "mutation($input: SignUpInput!) { signUp(input: $input) {
            user { emailVerified memberships { nodes { state } } } userErrors { code field message } } }";
        let input = json!({
            "email": "new@example.org", "password": support::PASSWORD, "displayName": "New",
            "invitationToken": made["invitationToken"],
        });
        let new = app.anonymous().mutate(sign_up, json!({ "input": input })).await;
        assert_eq!(new["user"], json!({ "emailVerified": false, "memberships": { "nodes": [{ "state": "INVITED" }] } }));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_signs_up_where_that_is_closed() {
    let closed = |config: &mut api::config::Config| config.auth.sign_up = SignUpPolicy::Closed;
    let app = MailApp::start_with(Database::Sqlite, closed)
        .await
        .expect("SQLite is always to be had");
    let refused = app.sign_up("new@example.org", json!({})).await;
    assert_eq!(errors(&refused), ["FORBIDDEN "]);
    let admin = app.administrator().await;
    let invite = json!({ "email": "new@example.org" });
    assert_eq!(admin.refused(INVITE, invite).await, ["FORBIDDEN"]);
}
