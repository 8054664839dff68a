//! How accounts end: suspended and reinstated, or erased for good.

use serde_json::{Value, json};
use support::{App, Client, PASSWORD, on_both_databases};

const SIGN_UP: &str = "mutation($input: SignUpInput!) { signUp(input: $input) {
    user { id } accessToken refreshToken userErrors { code field message } } }";
const SIGN_IN: &str = "mutation($input: SignInInput!) { signIn(input: $input) {
    accessToken userErrors { code field message } } }";
const REFRESH: &str = "mutation($token: String!) { refreshSession(refreshToken: $token) {
    accessToken userErrors { code field message } } }";
const CREATE_TOKEN: &str =
    "mutation($input: CreateApiTokenInput!) { createApiToken(input: $input) {
    secret userErrors { code field message } } }";

const SUSPEND: &str = "mutation($id: ID!) { suspendUser(id: $id, reason: \"Sold things.\") {
    user { status suspensionReason } position userErrors { code field message } } }";
const REINSTATE: &str = "mutation($id: ID!) { reinstateUser(id: $id) {
    user { status suspensionReason } position userErrors { code field message } } }";
const ERASE: &str = "mutation($id: ID!) { eraseUser(id: $id) {
    user { handle displayName email status } position
    userErrors { code field message blockedBy { code message } } } }";
const ERASE_ME: &str = "mutation($password: String) { eraseMe(password: $password) {
    user { handle displayName email status } position
    userErrors { code field message blockedBy { code message } } } }";

const WHO: &str = "{ viewer { handle } }";

/// Somebody with a session whose tokens are known.
struct Person {
    id: Value,
    email: String,
    session: Client,
    refresh_token: Value,
}

impl Person {
    async fn new(app: &App, name: &str) -> Self {
        let first = name.split(' ').next().unwrap().to_lowercase();
        let email = format!("{first}@example.org");
        let input = json!({ "email": email, "password": PASSWORD, "displayName": name });
        let made = app
            .anonymous()
            .mutate(SIGN_UP, json!({ "input": input }))
            .await;
        Self {
            id: made["user"]["id"].clone(),
            email,
            session: with(app, &made["accessToken"]),
            refresh_token: made["refreshToken"].clone(),
        }
    }

    fn named(&self) -> Value {
        json!({ "id": self.id })
    }

    /// A token of theirs with these scopes.
    async fn token(&self, app: &App, scopes: Value) -> Client {
        let input = json!({ "name": "Sync", "scopes": scopes });
        let made = self
            .session
            .mutate(CREATE_TOKEN, json!({ "input": input }))
            .await;
        with(app, &made["secret"])
    }

    async fn signs_in(&self, app: &App) -> Vec<String> {
        let input = json!({ "email": self.email, "password": PASSWORD });
        let payload = app
            .anonymous()
            .payload(SIGN_IN, json!({ "input": input }))
            .await;
        codes(&payload)
    }

    async fn refreshes(&self, app: &App) -> Vec<String> {
        let token = json!({ "token": self.refresh_token });
        codes(&app.anonymous().payload(REFRESH, token).await)
    }

    /// Erases themselves. With a key of its own, since nobody is there afterwards to send the request again.
    async fn goes(&self, password: Option<&str>) -> Value {
        let client = self.session.keyed(&uuid::Uuid::new_v4().to_string());
        client
            .payload(ERASE_ME, json!({ "password": password }))
            .await
    }
}

fn with(app: &App, token: &Value) -> Client {
    app.anonymous()
        .with_token(token.as_str().expect("there is a token"))
}

fn codes(payload: &Value) -> Vec<String> {
    let errors = payload["userErrors"].as_array().unwrap().iter();
    errors
        .map(|error| error["code"].as_str().unwrap().to_owned())
        .collect()
}

fn blockers(payload: &Value) -> Vec<&str> {
    let blockers = payload["userErrors"][0]["blockedBy"]
        .as_array()
        .unwrap()
        .iter();
    blockers
        .map(|blocker| blocker["code"].as_str().unwrap())
        .collect()
}

async fn assert_refused(client: &Client) {
    let answer = client.send(WHO, json!({})).await;
    assert_eq!(
        (answer.status, answer.codes()),
        (401, vec!["UNAUTHENTICATED"]),
        "{:#}",
        answer.body
    );
}

/// Makes a member of a community its facilitator, as one who is it already.
async fn promote(facilitator: &Client, community: &Value, member: &Value) {
    let members = "query($id: ID!) { community(id: $id) { members { nodes { id user { id } } } } }";
    let found = facilitator.query(members, json!({ "id": community })).await;
    let nodes = found["community"]["members"]["nodes"].as_array().unwrap();
    let membership = nodes
        .iter()
        .find(|node| node["user"]["id"] == *member)
        .unwrap();
    let role = "mutation($id: ID!) { setMemberRole(id: $id, role: FACILITATOR) { userErrors { code message } } }";
    facilitator
        .mutate(role, json!({ "id": membership["id"] }))
        .await;
}

on_both_databases! {
    async fn whoever_is_suspended_is_refused_until_reinstated(app: App) {
        let admin = app.administrator().await;
        let ada = Person::new(&app, "Ada Lovelace").await;
        let ben = Person::new(&app, "Ben").await;
        let token = ada.token(&app, json!(["READ"])).await;
        for client in [&ada.session, &token] {
            client.query(WHO, json!({})).await;
        }

        let suspended = admin.mutate(SUSPEND, ada.named()).await;
        assert_eq!(suspended["user"], json!({ "status": "SUSPENDED", "suspensionReason": "Sold things." }));
        for client in [&ada.session, &token] {
            assert_refused(client).await;
        }
        assert_eq!(ada.refreshes(&app).await, ["INVALID_CREDENTIALS"]);
        assert_eq!(ada.signs_in(&app).await, ["INVALID_CREDENTIALS"]);
        let seen = "query($id: ID!) { user(id: $id) { displayName status suspensionReason } }";
        for client in [&ben.session, &app.anonymous()] {
            let seen = client.query(seen, ada.named()).await["user"].clone();
            assert_eq!(seen, json!({ "displayName": "Ada Lovelace", "status": null, "suspensionReason": null }));
        }

        let back = admin.mutate(REINSTATE, ada.named()).await;
        assert_eq!(back["user"], json!({ "status": "ACTIVE", "suspensionReason": null }));
        token.query(WHO, json!({})).await;
        assert_refused(&ada.session).await;
        assert_eq!(ada.refreshes(&app).await, ["INVALID_CREDENTIALS"], "sessions stay ended");
        assert_eq!(ada.signs_in(&app).await, Vec::<String>::new());
    }

    async fn an_invitation_ends_when_whoever_made_it_is_suspended(app: App) {
        let admin = app.administrator().await;
        let ada = Person::new(&app, "Ada").await;
        let community = ada.session.create_community("Readers", json!({})).await;
        let invite = "mutation($id: ID!) { inviteUser(email: \"cleo@example.org\", communityId: $id) {
            invitationToken userErrors { code field message } } }";
        let invited = ada.session.mutate(invite, json!({ "id": community })).await;
        admin.mutate(SUSPEND, ada.named()).await;
        admin.mutate(REINSTATE, ada.named()).await;
        let input = json!({
            "email": "cleo@example.org", "password": PASSWORD, "displayName": "Cleo",
            "invitationToken": invited["invitationToken"],
        });
        let refused = app.anonymous().refused(SIGN_UP, json!({ "input": input })).await;
        assert_eq!(refused, ["INVALID_CREDENTIALS input.invitationToken"]);
    }

    async fn a_token_for_one_community_does_not_govern_the_platform(app: App) {
        let admin = app.administrator().await;
        let ada = Person::new(&app, "Ada").await;
        let community = admin.create_community("Keepers", json!({})).await;
        for (only, governs) in [(community, false), (Value::Null, true)] {
            let scopes = json!(["READ", "WRITE", "ADMIN"]);
            let input = json!({ "name": "Sync", "scopes": scopes, "communityId": only });
            let made = admin.mutate(CREATE_TOKEN, json!({ "input": input })).await;
            let token = with(&app, &made["secret"]);
            let seen = token.query("query($id: ID!) { user(id: $id) { email } }", ada.named()).await;
            assert_eq!(seen["user"]["email"].is_string(), governs);
            let create = "mutation { createDomain(input: { name: \"Geometry\" }) {
                domain { id } userErrors { code field message } } }";
            let created = token.payload(create, json!({})).await;
            let expected = if governs { vec![] } else { vec!["FORBIDDEN"] };
            assert_eq!(codes(&created), expected);
        }
    }

    async fn only_administrators_end_the_accounts_of_others(app: App) {
        let admin = app.administrator().await;
        let (ada, ben) = (Person::new(&app, "Ada").await, Person::new(&app, "Ben").await);
        let community = ben.session.create_community("Readers", json!({})).await;
        ada.session.join(&community).await;
        let stranger = app.person("Eve").await;
        let own = json!({ "id": admin.my_id().await });
        for mutation in [SUSPEND, REINSTATE, ERASE] {
            for client in [&stranger, &ben.session] {
                assert_eq!(client.refused(mutation, ada.named()).await, ["FORBIDDEN id"], "{mutation}");
            }
            assert_eq!(admin.refused(mutation, own.clone()).await, ["FORBIDDEN id"], "{mutation}");
            assert_eq!(app.anonymous().failed(mutation, ada.named()).await, ["UNAUTHENTICATED"], "{mutation}");
            let wrong = json!({ "id": community });
            assert_eq!(admin.refused(mutation, wrong).await, ["INVALID id"], "{mutation}");
        }
        let token = ada.token(&app, json!(["READ", "WRITE"])).await;
        let by_token = token.refused(ERASE_ME, json!({ "password": PASSWORD })).await;
        assert_eq!(by_token, ["FORBIDDEN"], "a token does not erase its owner");
        assert_eq!(codes(&ada.goes(None).await), ["REQUIRED"]);
        assert_eq!(codes(&ada.goes(Some("a wrong passphrase")).await), ["INVALID_CREDENTIALS"]);
        ada.session.query(WHO, json!({})).await;
    }

    async fn what_an_erased_person_gave_stays_without_their_name(app: App) {
        let admin = app.administrator().await;
        let (ada, ben) = (Person::new(&app, "Ada Lovelace").await, Person::new(&app, "Ben").await);
        let community = ben.session.create_community("Readers", json!({})).await;
        ada.session.join(&community).await;
        let resource = ada.session.create_resource(&community, "Fractions at play", json!({})).await;
        let ask = "mutation($input: CreateDiscussionInput!) { createDiscussion(input: $input) {
            discussion { id } userErrors { code field message } } }";
        let question = json!({ "communityId": community, "title": "Pizzas", "body": "How many?", "kind": "HELP_REQUEST" });
        let discussion = ben.session.mutate(ask, json!({ "input": question })).await["discussion"]["id"].clone();
        let answer = "mutation($input: AddPostInput!) { addPost(input: $input) {
            post { id } position userErrors { code field message } } }";
        let post = json!({ "discussionId": discussion, "body": "Eight slices." });
        let post = ada.session.mutate(answer, json!({ "input": post })).await;
        let token = ada.token(&app, json!(["READ"])).await;
        let reader = ben.session.at(&post["position"]);
        assert_eq!(reader.search_titles("author:lovelace").await, ["Fractions at play"]);

        let gone = ada.goes(Some(PASSWORD)).await;
        assert_eq!(codes(&gone), Vec::<String>::new(), "{gone:#}");
        let handle = gone["user"]["handle"].as_str().unwrap();
        assert!(handle.len() == 13 && handle.starts_with("former-"), "{handle}");
        assert_eq!(gone["user"]["displayName"], "Former member");

        let reader = ben.session.at(&gone["position"]);
        assert_eq!(reader.search_titles("author:lovelace").await, Vec::<String>::new());
        assert_eq!(reader.search_titles("author:former").await, ["Fractions at play"]);
        let facets = "{ search(query: \"fractions\") { facets(fields: [AUTHOR]) { buckets { label count } } } }";
        let facets = reader.query(facets, json!({})).await;
        let author = json!([{ "buckets": [{ "label": "Former member", "count": 1 }] }]);
        assert_eq!(facets["search"]["facets"], author);

        let show = "query($resource: ID!, $post: ID!, $community: ID!, $user: ID!) {
            resource(id: $resource) { authors { handle displayName } }
            node(id: $post) { ... on Post { body author { handle displayName } } }
            community(id: $community) { members { nodes { user { displayName } } } }
            user(id: $user) { handle displayName bio email organization { name } memberships { totalCount } }
            before: user(handle: \"ada-lovelace\") { id }
        }";
        let variables = json!({ "resource": resource, "post": post["post"]["id"], "community": community, "user": ada.id });
        let former = json!({ "handle": handle, "displayName": "Former member" });
        for client in [&ben.session, &admin] {
            let shown = client.query(show, variables.clone()).await;
            assert_eq!(shown["resource"]["authors"], json!([former]));
            assert_eq!(shown["node"], json!({ "body": "Eight slices.", "author": former }));
            assert_eq!(shown["community"]["members"]["nodes"], json!([{ "user": { "displayName": "Ben" } }]));
            assert_eq!(shown["user"], json!({
                "handle": handle, "displayName": "Former member", "bio": null, "email": null, "organization": null,
                "memberships": { "totalCount": 0 },
            }));
            assert_eq!(shown["before"], Value::Null, "the handle leads nowhere");
        }

        for client in [&ada.session, &token] {
            assert_refused(client).await;
        }
        assert_eq!(ada.refreshes(&app).await, ["INVALID_CREDENTIALS"]);
        assert_eq!(ada.signs_in(&app).await, ["INVALID_CREDENTIALS"]);
        for mutation in [SUSPEND, REINSTATE, ERASE] {
            assert_eq!(admin.refused(mutation, ada.named()).await, ["INVALID_TRANSITION id"], "{mutation}");
        }
        let anew = Person::new(&app, "Ada Lovelace").await;
        assert_ne!(anew.id, ada.id, "the address is free again");
    }

    async fn where_others_name_an_erased_person_no_name_is_left(app: App) {
        let (ada, ben) = (Person::new(&app, "Ada Lovelace").await, Person::new(&app, "Ben").await);
        let community = ben.session.create_community("Readers", json!({})).await;
        ada.session.join(&community).await;
        let ask = "mutation($input: CreateDiscussionInput!) { createDiscussion(input: $input) {
            discussion { id } userErrors { code field message } } }";
        let question = json!({ "communityId": community, "title": "Pizzas", "body": "How many?", "kind": "HELP_REQUEST" });
        let discussion = ben.session.mutate(ask, json!({ "input": question })).await["discussion"]["id"].clone();
        let answer = "mutation($input: AddPostInput!) { addPost(input: $input) {
            post { id } userErrors { code field message } } }";
        let post = json!({ "discussionId": discussion, "body": "Eight slices." });
        let post = ada.session.mutate(answer, json!({ "input": post })).await["post"]["id"].clone();
        let accept = "mutation($id: ID!) { acceptPost(id: $id) { userErrors { code field message } } }";
        ben.session.mutate(accept, json!({ "id": post })).await;
        let settle = "mutation($input: UpdateProfileInput!) { updateProfile(input: $input) {
            user { practiceSettings } userErrors { code field message } } }";
        let settings = json!({ "practiceSettings": ["A mill"] });
        let settled = ada.session.mutate(settle, json!({ "input": settings })).await;
        assert_eq!(settled["user"], settings);
        let leave = "mutation($id: ID!) { leaveCommunity(communityId: $id) { userErrors { code field message } } }";
        ada.session.mutate(leave, json!({ "id": community })).await;
        let capture = "mutation($id: ID!) { captureDiscussion(id: $id) {
            resource { id bylines } userErrors { code field message } } }";
        let made = ben.session.mutate(capture, json!({ "id": discussion })).await["resource"].clone();
        assert_eq!(made["bylines"], json!(["Ada Lovelace"]));
        let edit = "mutation($id: ID!, $input: UpdateResourceInput!) { updateResource(id: $id, input: $input) {
            resource { revision } userErrors { code field message } } }";
        let title = json!({ "id": made["id"], "input": { "title": "Slices" } });
        ben.session.mutate(edit, title).await;

        let gone = ada.goes(Some(PASSWORD)).await;
        assert_eq!(codes(&gone), Vec::<String>::new(), "{gone:#}");
        let show = "query($resource: ID!, $user: ID!) {
            resource(id: $resource) { bylines revision revisions { nodes { content } } }
            user(id: $user) { displayName practiceSettings }
        }";
        let reader = ben.session.at(&gone["position"]);
        let shown = reader.query(show, json!({ "resource": made["id"], "user": ada.id })).await;
        assert_eq!(shown["user"], json!({ "displayName": "Former member", "practiceSettings": [] }));
        let resource = &shown["resource"];
        assert_eq!((&resource["bylines"], &resource["revision"]), (&json!(["Former member"]), &json!(2)));
        let revisions = resource["revisions"]["nodes"].as_array().unwrap();
        assert_eq!(revisions.len(), 2);
        for revision in revisions {
            assert_eq!(revision["content"]["bylines"], json!(["Former member"]));
        }
        assert_eq!(reader.search_titles("author:lovelace").await, Vec::<String>::new());
        assert_eq!(reader.search_titles("author:former").await, ["Slices"]);
    }

    async fn nobody_is_left_without_a_facilitator_or_an_administrator(app: App) {
        let admin = app.administrator().await;
        let (ada, ben) = (Person::new(&app, "Ada").await, Person::new(&app, "Ben").await);
        ada.session.create_community("Alone", json!({})).await;
        let community = ada.session.create_community("Readers", json!({})).await;
        ben.session.join(&community).await;
        let own = ada.goes(Some(PASSWORD)).await;
        assert_eq!((codes(&own), blockers(&own)), (vec!["INVALID_TRANSITION".to_owned()], vec!["LAST_FACILITATOR"]));
        let message = own["userErrors"][0]["message"].as_str().unwrap();
        assert!(message.contains("“Readers”") && !message.contains("Alone"), "{message}");
        assert_eq!(admin.refused(ERASE, ada.named()).await, ["INVALID_TRANSITION id"]);
        promote(&ada.session, &community, &ben.id).await;
        let erased = admin.mutate(ERASE, ada.named()).await;
        assert_eq!(erased["user"]["status"], "ERASED");

        let administrator = Person {
            id: admin.my_id().await,
            email: String::new(),
            session: admin.clone(),
            refresh_token: Value::Null,
        };
        let last = administrator.goes(Some(PASSWORD)).await;
        assert_eq!((codes(&last), blockers(&last)), (vec!["INVALID_TRANSITION".to_owned()], vec!["CRITERION_UNMET"]));
        let other = app.administrator().await;
        assert_eq!(codes(&administrator.goes(Some(PASSWORD)).await), Vec::<String>::new());
        assert_refused(&admin).await;
        other.query(WHO, json!({})).await;
    }
}
