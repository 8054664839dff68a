//! Mutations that are sent again with the same `Idempotency-Key`: run once, and answered again.

use std::collections::BTreeMap;
use std::sync::Arc;

use api::config::Config;
use api::server::Server;
use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{
    BaseType, InputValueDefinition, Type, TypeDefinition, TypeKind, TypeSystemDefinition,
};
use async_graphql::{Name, Positioned};
use chrono::TimeDelta;
use futures_util::future::join_all;
use sea_orm::{ConnectionTrait, DatabaseBackend, Statement};
use serde_json::{Value, json};
use service::idempotency::remove_forgotten;
use support::{Answer, App, Client, PASSWORD, on_both_databases};

use crate::experience_report::{TELL, next_day, tell};
use crate::pilot::plan;

const KEY: &str = "3f2a1f0e-5b1c-4a39-9df5-1b8c6a3e7d21";
const OTHER_KEY: &str = "0d5cf1a4-90a3-4d0e-8f3c-6a2b7e9c4f10";

const CREATE: &str = "mutation($input: CreateResourceInput!) { createResource(input: $input) {
    resource { id title } position userErrors { code field message } } }";
const OUTCOME: &str = "query($key: String!) { idempotentOutcome(key: $key) {
    position nodeIds userErrors { code field message } } }";
const NEW_TOKEN: &str = "mutation($input: CreateApiTokenInput!) { createApiToken(input: $input) {
    apiToken { id name } secret userErrors { code field message } } }";
const JOIN: &str = "mutation($id: ID!) { joinCommunity(communityId: $id) {
    membership { state } position userErrors { code field message } } }";

fn article(community: &Value, title: &str) -> Value {
    json!({ "input": { "communityId": community, "title": title, "kind": "ARTICLE", "publish": true } })
}

fn replayed(answer: &Answer) -> bool {
    let header = answer.headers.get("idempotent-replayed");
    header.is_some_and(|value| value == "true")
}

async fn newest(client: &Client) -> Value {
    let found = client.query("{ serverInfo { position } }", json!({}));
    found.await["serverInfo"]["position"].clone()
}

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

on_both_databases! {
    async fn a_retry_writes_nothing_and_is_answered_as_the_first_request(app: App) {
        let (ada, ben) = (app.person("Ada").await, app.person("Ben").await);
        let community = ada.create_community("Teachers", json!({})).await;
        ben.join(&community).await;
        let keyed = ada.keyed(KEY);
        let first = keyed.send(CREATE, article(&community, "Fractions")).await;
        assert_eq!(first.status, 200);
        assert!(!replayed(&first));
        let payload = first.body["data"]["createResource"].clone();
        let id = payload["resource"]["id"].clone();
        let before = newest(&ada).await;
        let again = keyed.send(CREATE, article(&community, "Fractions")).await;
        assert_eq!(again.body, first.body);
        assert!(replayed(&again));
        assert_eq!(newest(&ada).await, before);
        assert_eq!(resources(&ada, &community).await, 1);

        // Another request with the same key is refused before anything runs, whatever it is.
        let spaced = format!("{CREATE} ");
        let named = CREATE.replacen("mutation", "mutation Named", 1);
        for (document, title) in [(CREATE, "Decimals"), (&spaced, "Fractions"), (&named, "Fractions")] {
            let reused = keyed.send(document, article(&community, title)).await;
            assert_eq!((reused.status, reused.codes()), (422, vec!["IDEMPOTENCY_KEY_REUSED"]), "{}", reused.body);
            assert_eq!(reused.body.get("data"), None);
        }
        assert_eq!(newest(&ada).await, before);

        // The keys of others are others, and so are other keys.
        let bens = ben.keyed(KEY).mutate(CREATE, article(&community, "Fractions")).await;
        assert_ne!(bens["resource"]["id"], id);
        let other = ada.keyed(OTHER_KEY).mutate(CREATE, article(&community, "Fractions")).await;
        assert_ne!(other["resource"]["id"], id);

        // Things are shown as they are now, and what is gone is null.
        let rename = "mutation($id: ID!) { updateResource(id: $id, input: { title: \"Halves\" }) {
            resource { title } userErrors { code field message } } }";
        ada.mutate(rename, json!({ "id": id })).await;
        let mut expected = payload.clone();
        expected["resource"]["title"] = json!("Halves");
        assert_eq!(keyed.mutate(CREATE, article(&community, "Fractions")).await, expected);
        let delete = "mutation($id: ID!) { deleteResource(id: $id) { deletedId userErrors { code field message } } }";
        ada.repeating().mutate(delete, json!({ "id": id })).await;
        expected["resource"] = Value::Null;
        assert_eq!(keyed.mutate(CREATE, article(&community, "Fractions")).await, expected);

        let outcome = json!({ "position": payload["position"], "nodeIds": [id], "userErrors": [] });
        let ask = async |client: &Client, key: &str| client.query(OUTCOME, json!({ "key": key })).await["idempotentOutcome"].clone();
        assert_eq!(ask(&ada, KEY).await, outcome);
        assert_eq!(ask(&ben, KEY).await["nodeIds"], json!([bens["resource"]["id"]]));
        assert_eq!(ask(&ben, OTHER_KEY).await, Value::Null);
        assert_eq!(ask(&app.anonymous(), KEY).await, Value::Null);
        for broken in ["", "a key", "clé", &"k".repeat(256)] {
            assert_eq!(ada.failed(OUTCOME, json!({ "key": broken })).await, ["BAD_USER_INPUT"], "{broken}");
        }
    }

    async fn an_answer_is_told_to_those_of_the_same_rights_only(app: App) {
        let ada = app.person("Ada").await;
        let community = ada.create_community("Teachers", json!({})).await;
        let made = ada.keyed(KEY).mutate(CREATE, article(&community, "Fractions")).await;
        let narrow = json!({ "name": "Narrow", "scopes": ["READ", "WRITE"] });
        let bound = json!({ "name": "Bound", "scopes": ["READ", "WRITE"], "communityId": community });
        for input in [narrow, bound] {
            let token = ada.mutate(NEW_TOKEN, json!({ "input": input })).await;
            let token = app.anonymous().with_token(token["secret"].as_str().unwrap());
            let told = token.keyed(KEY).send(CREATE, article(&community, "Fractions")).await;
            assert_eq!(told.codes(), ["IDEMPOTENCY_KEY_REUSED"], "{}", told.body);
            let outcome = token.query(OUTCOME, json!({ "key": KEY })).await;
            assert_eq!(outcome["idempotentOutcome"], Value::Null);
        }
        assert_eq!(ada.keyed(KEY).mutate(CREATE, article(&community, "Fractions")).await, made);
        assert_eq!(resources(&ada, &community).await, 1);
    }

    async fn a_header_that_is_no_key_is_refused(app: App) {
        let ada = app.person("Ada").await;
        let community = ada.create_community("Teachers", json!({})).await;
        let before = newest(&ada).await;
        let send = async |query: &str, variables: Value, keys: &[&[u8]]| {
            let mut request = ada.http().post(format!("{}/graphql", ada.url())).bearer_auth(ada.token().unwrap())
                .header("accept", "application/graphql-response+json")
                .json(&json!({ "query": query, "variables": variables }));
            for key in keys {
                request = request.header("idempotency-key", *key);
            }
            Answer::read(request).await
        };
        let long = "k".repeat(256);
        let wrong: [&[&[u8]]; 6] = [&[b""], &[b"a key"], &["clé".as_bytes()], &[b"tab\there"], &[long.as_bytes()], &[b"one", b"two"]];
        for keys in wrong {
            let answer = send(CREATE, article(&community, "Fractions"), keys).await;
            assert_eq!((answer.status, answer.codes()), (400, vec!["BAD_USER_INPUT"]), "{keys:?}: {}", answer.body);
            let query = send("{ __typename }", json!({}), keys).await;
            assert_eq!(query.status, 200, "a query has no use for it");
        }
        assert_eq!(newest(&ada).await, before);
        let longest = "~".repeat(255);
        let answer = send(CREATE, article(&community, "Fractions"), &[longest.as_bytes()]).await;
        assert!(answer.body["data"]["createResource"]["resource"]["id"].is_string(), "{}", answer.body);
    }

    async fn of_many_at_once_one_runs_though_they_come_to_two_servers(app: App) {
        let ada = with_lasting_token(&app.person("Ada").await).await;
        let community = ada.create_community("Teachers", json!({})).await;
        // Where another server can share the database, half of the requests come to that.
        let directory = tempfile::tempdir().unwrap();
        let second = match &app.config().database_url {
            Some(_) => {
                let config = Config { data_dir: directory.path().to_owned(), ..app.config().clone() };
                Some(Server::start_at(config, app.server().clock().clone()).await.unwrap())
            }
            None => None,
        };
        let token = ada.token().unwrap().to_owned();
        let others = second.as_ref().map_or_else(|| ada.clone(), |server| Client::new(&server.url()).with_token(&token));
        let clients = Arc::new([ada.keyed(KEY), others.keyed(KEY)]);
        let sent = (0..24).map(|number| {
            let (clients, variables) = (Arc::clone(&clients), article(&community, "Fractions"));
            tokio::spawn(async move { clients[number % 2].send(CREATE, variables).await })
        });
        let answers: Vec<Answer> = join_all(sent).await.into_iter().map(Result::unwrap).collect();
        for answer in &answers {
            assert_eq!(answer.status, 200, "{}", answer.body);
            assert_eq!(answer.body, answers[0].body);
        }
        assert_eq!(answers.iter().filter(|answer| !replayed(answer)).count(), 1);
        assert_eq!(resources(&ada, &community).await, 1);
        if let Some(second) = second {
            second.shut_down().await.unwrap();
        }
    }

    async fn a_refusal_is_answered_again_though_its_reason_is_gone(app: App) {
        let (ada, ben) = (app.person("Ada").await, app.person("Ben").await);
        let community = ada.create_community("Teachers", json!({})).await;
        let id = json!({ "id": community });
        let step = async |verb: &str| {
            let mutation = format!("mutation($id: ID!) {{ {verb}(id: $id) {{ community {{ id }} userErrors {{ code field message }} }} }}");
            ada.mutate(&mutation, id.clone()).await
        };
        step("archiveCommunity").await;
        let keyed = ben.keyed(KEY);
        let refused = keyed.payload(JOIN, id.clone()).await;
        assert_eq!((&refused["membership"], &refused["position"]), (&Value::Null, &Value::Null));
        assert_ne!(refused["userErrors"], json!([]));
        step("restoreCommunity").await;
        assert_eq!(keyed.payload(JOIN, id.clone()).await, refused);
        let outcome = ben.query(OUTCOME, json!({ "key": KEY })).await["idempotentOutcome"].clone();
        assert_eq!(outcome, json!({ "position": null, "nodeIds": [], "userErrors": refused["userErrors"] }));
        let joined = ben.keyed(OTHER_KEY).mutate(JOIN, id).await;
        assert_eq!(joined["membership"]["state"], "ACTIVE");
        let blank = json!({ "communityId": community, "title": " ", "kind": "ARTICLE" });
        assert_eq!(ada.repeating().refused(CREATE, json!({ "input": blank })).await, ["REQUIRED input.title"]);
    }

    async fn what_is_shown_once_is_neither_kept_nor_shown_again(app: App) {
        let ada = app.person("Ada").await;
        let community = ada.create_community("Teachers", json!({})).await;
        let input = json!({ "name": "Sync", "scopes": ["READ"] });
        let keyed = ada.keyed(KEY);
        let made = keyed.mutate(NEW_TOKEN, json!({ "input": input })).await;
        let token = made["secret"].as_str().unwrap().to_owned();
        let again = keyed.mutate(NEW_TOKEN, json!({ "input": input })).await;
        assert_eq!(again, json!({ "apiToken": made["apiToken"], "secret": null, "userErrors": [] }));
        let tokens = ada.query("{ viewer { apiTokens { totalCount } } }", json!({})).await;
        assert_eq!(tokens["viewer"]["apiTokens"]["totalCount"], 1);

        let invite = "mutation($id: ID!) { inviteUser(email: \"cleo@example.org\", communityId: $id) {
            expiresAt invitationToken userErrors { code field message } } }";
        let invited = ada.keyed(OTHER_KEY).mutate(invite, json!({ "id": community })).await;
        let invitation = invited["invitationToken"].as_str().unwrap().to_owned();
        let again = ada.keyed(OTHER_KEY).mutate(invite, json!({ "id": community })).await;
        assert_eq!(again, json!({ "expiresAt": invited["expiresAt"], "invitationToken": null, "userErrors": [] }));

        // Who is not signed in is known by all that they send, password included.
        let sign_up = "mutation($input: SignUpInput!) { signUp(input: $input) {
            user { displayName } accessToken accessTokenExpiresAt refreshToken userErrors { code field message } } }";
        let person = |email: &str, password: &str| json!({ "input": { "email": email, "password": password, "displayName": "Dana" } });
        let nobody = app.anonymous().keyed(KEY);
        let first = nobody.mutate(sign_up, person("dana@example.org", PASSWORD)).await;
        let again = nobody.mutate(sign_up, person("dana@example.org", PASSWORD)).await;
        for shown in ["accessToken", "accessTokenExpiresAt", "refreshToken"] {
            assert!(first[shown].is_string(), "{shown}");
            assert_eq!(again[shown], Value::Null, "{shown}");
        }
        let other = nobody.refused(sign_up, person("dana@example.org", "another long passphrase")).await;
        assert_eq!(other, ["TAKEN input.email"], "somebody else's request is not this one");
        nobody.mutate(sign_up, person("eve@example.org", PASSWORD)).await;

        let refresh = "mutation($token: String!) { refreshSession(refreshToken: $token) {
            accessToken refreshToken userErrors { code field message } } }";
        let held = json!({ "token": first["refreshToken"] });
        let next = nobody.mutate(refresh, held.clone()).await;
        assert_eq!(nobody.mutate(refresh, held.clone()).await, json!({ "accessToken": null, "refreshToken": null, "userErrors": [] }));
        nobody.mutate(refresh, json!({ "token": next["refreshToken"] })).await;
        // A second use revokes the session, which is a write, and is refused all the same.
        let stolen = app.anonymous().keyed(OTHER_KEY);
        for _ in 0..2 {
            assert_eq!(stolen.refused(refresh, held.clone()).await, ["INVALID_CREDENTIALS refreshToken"]);
        }

        let rows = kept(&app).await.join("\n");
        let refresh_token = first["refreshToken"].as_str().unwrap();
        for secret in [token.as_str(), &invitation, refresh_token, PASSWORD, KEY, "dana", "Dana"] {
            assert!(!rows.contains(secret), "{secret} is kept");
        }
    }

    async fn several_root_fields_and_a_batch_are_answered_each_for_itself(app: App) {
        let ada = app.person("Ada").await;
        let community = ada.create_community("Teachers", json!({})).await;
        let several = "mutation($first: CreateResourceInput!, $second: CreateResourceInput!, $no: Boolean = false) {
                first: createResource(input: $first) { ...made __typename kind: resource { kind } }
                second: createResource(input: $second) { ... { ...made } ... on ResourcePayload { nothing: position @include(if: $no) } }
            }
            fragment made on ResourcePayload { resource { ... on Item { title tags } ...known } position userErrors { code } }
            fragment known on Node { id __typename }";
        let variables = json!({ "first": article(&community, "Fractions")["input"], "second": article(&community, "Decimals")["input"] });
        let keyed = ada.keyed(KEY);
        let first = keyed.query(several, variables.clone()).await;
        assert_eq!(first["first"]["__typename"], "ResourcePayload");
        assert_eq!(first["first"]["kind"], json!({ "kind": "ARTICLE" }));
        assert_eq!(first["second"]["resource"]["title"], "Decimals");
        assert_eq!(keyed.query(several, variables).await, first);
        let outcome = ada.query(OUTCOME, json!({ "key": KEY })).await["idempotentOutcome"].clone();
        let ids = json!([first["first"]["resource"]["id"], first["second"]["resource"]["id"]]);
        assert_eq!((&outcome["nodeIds"], &outcome["position"]), (&ids, &first["second"]["position"]));

        let operation = |title: &str| json!({ "query": CREATE, "variables": article(&community, title) });
        let ask = json!({ "query": "{ __typename }" });
        let batch = json!([operation("Addition"), ask, operation("Addition")]);
        let keyed = ada.keyed(OTHER_KEY);
        let first = keyed.post("application/json", batch.to_string()).await;
        assert_eq!(first.status, 200, "{}", first.body);
        let made = |answer: &Answer, place: usize| answer.body[place]["data"]["createResource"]["resource"]["id"].clone();
        assert_ne!(made(&first, 0), made(&first, 2), "the same twice in a batch is twice");
        let again = keyed.post("application/json", batch.to_string()).await;
        assert_eq!(again.body, first.body);
        let mixed = json!([operation("Addition"), operation("Addition"), operation("Division")]);
        let mixed = keyed.post("application/json", mixed.to_string()).await;
        assert_eq!(made(&mixed, 0), made(&first, 0));
        assert!(made(&mixed, 1).is_string(), "a place that had a query is free");
        assert_eq!(mixed.body[2]["errors"][0]["extensions"]["code"], "IDEMPOTENCY_KEY_REUSED");
        assert_eq!(resources(&ada, &community).await, 5);
    }

    async fn after_a_day_a_key_is_new(app: App) {
        let ada = with_lasting_token(&app.person("Ada").await).await;
        let community = ada.create_community("Teachers", json!({})).await;
        let keyed = ada.keyed(KEY);
        let clock = app.server().clock();
        let first = keyed.mutate(CREATE, article(&community, "Fractions")).await;
        clock.advance(TimeDelta::hours(23));
        assert_eq!(keyed.mutate(CREATE, article(&community, "Fractions")).await, first);
        clock.advance(TimeDelta::hours(1));
        let outcome = ada.query(OUTCOME, json!({ "key": KEY })).await;
        assert_eq!(outcome["idempotentOutcome"], Value::Null);
        let second = keyed.mutate(CREATE, article(&community, "Decimals")).await;
        assert_ne!(second["resource"]["id"], first["resource"]["id"]);
        clock.advance(TimeDelta::hours(24));
        assert_eq!(remove_forgotten(app.server().store()).await.unwrap(), 1);
        assert_eq!(kept(&app).await, [""; 0]);
    }

    async fn nothing_is_kept_of_who_reports_anonymously(app: App) {
        let ada = app.person("Ada").await;
        let community = ada.create_community("Teachers", json!({})).await;
        let resource = ada.create_resource(&community, "Tactile cards", json!({})).await;
        let pilot = plan(&ada, &resource).await;
        let move_on = json!({ "id": pilot, "state": "RUNNING" });
        ada.repeating().mutate(crate::pilot::MOVE, move_on).await;
        let keyed = ada.keyed(KEY);
        let named = tell(&keyed, &pilot, "PUBLIC", json!({})).await;
        assert_eq!(tell(&keyed, &pilot, "PUBLIC", json!({})).await, named);
        let keyed = ada.keyed(OTHER_KEY);
        let input = json!({ "aboutId": pilot, "text": "A confession.", "consent": "PUBLIC", "anonymous": true });
        let told = keyed.mutate(TELL, json!({ "input": input })).await;
        assert!(told["secret"].is_string());
        let again = keyed.mutate(TELL, json!({ "input": input })).await;
        assert_eq!((&again["report"], &again["secret"]), (&Value::Null, &Value::Null));
        let outcome = ada.query(OUTCOME, json!({ "key": OTHER_KEY })).await;
        assert_eq!(outcome["idempotentOutcome"]["nodeIds"], json!([]));
        next_day(&app).await;
        let reports = "query($id: ID!) { pilot(id: $id) { reports { totalCount } } }";
        let reports = app.anonymous().query(reports, json!({ "id": pilot })).await;
        assert_eq!(reports["pilot"]["reports"]["totalCount"], 2);
    }

    async fn what_people_do_is_answered_again(app: App) {
        let repeating = async |name: &str| app.person(name).await.repeating();
        let (ada, ben, cleo) = (repeating("Ada").await, repeating("Ben").await, repeating("Cleo").await);
        let administrator = app.administrator().await.repeating();
        let community = ada.create_community("Teachers", json!({ "kind": "INNOVATION" })).await;
        ada.admit(&community, &ben, "REVIEWER").await;
        cleo.join(&community).await;
        let bens = ben.my_id().await;

        // Each is sent twice; the second answer must be the first.
        let act = async |client: &Client, call: String, shown: &str| {
            let mutation = format!("mutation {{ {call} {{ {shown} userErrors {{ code field message }} }} }}");
            client.mutate(&mutation, json!({})).await
        };
        let id = |payload: &Value, field: &str| {
            let id = payload[field]["id"].clone();
            assert!(id.is_string(), "{field} in {payload:#}");
            id
        };
        let shown = |field: &str| format!("{field} {{ id }} position");

        let domain = act(&administrator, "createDomain(input: { name: \"Reading\" })".into(), &shown("domain")).await;
        let domain = id(&domain, "domain");
        act(&administrator, format!("updateDomain(id: {domain}, input: {{ concern: \"That all read.\" }})"), "domain { concern } position").await;
        act(&administrator, "createOrganization(input: { name: \"North school\", sector: EDUCATION })".into(), &shown("organization")).await;
        act(&ada, "updateProfile(input: { bio: \"I teach.\" })".into(), "user { bio } position").await;
        act(&ada, "setNotificationEmail(frequency: AT_ONCE)".into(), "user { notificationEmail } position").await;
        act(&ada, format!("declareExpertise(input: {{ domainId: {domain} }})"), &shown("user")).await;
        act(&ben, format!("follow(id: {community})"), "__typename").await;
        act(&ben, format!("unfollow(id: {community})"), "__typename").await;
        let saved = act(&ada, "saveSearch(name: \"Mine\", query: \"fractions\")".into(), &shown("savedSearch")).await;
        let gone = act(&ada, format!("deleteSavedSearch(id: {})", id(&saved, "savedSearch")), "deletedId").await;
        assert_eq!(gone["deletedId"], saved["savedSearch"]["id"]);
        let token = act(&app.person("Tom").await.repeating(), "createApiToken(input: { name: \"T\", scopes: [READ] })".into(), "apiToken { id name } secret").await;
        assert!(token["secret"].is_string());

        act(&ada, format!("updateCommunity(id: {community}, input: {{ description: \"About.\" }})"), "community { description revision } position").await;
        act(&ada, format!("updateCommunityPolicy(id: {community}, input: {{ practiceQuorum: 1 }})"), &shown("community")).await;
        act(&ada, format!("setCommunityStage(id: {community}, stage: COALESCING, reason: \"We met.\", override: true)"), "community { stage } position").await;
        act(&ada, format!("renameStages(communityId: {community}, labels: [{{ stage: IDEA, label: \"Spark\" }}])"), &shown("community")).await;
        let memberships = format!("query {{ community(id: {community}) {{ members(first: 10) {{ nodes {{ id user {{ id }} }} }} }} }}");
        let members = ada.query(&memberships, json!({})).await["community"]["members"]["nodes"].as_array().unwrap().clone();
        let membership = |user: &Value| members.iter().find(|node| node["user"]["id"] == *user).unwrap()["id"].clone();
        act(&ada, format!("setMemberRole(id: {}, role: STEWARD)", membership(&bens)), "membership { id role state } position").await;
        act(&ada, format!("setMemberFunctions(id: {}, functions: [BROKER])", membership(&bens)), "membership { id functions } position").await;
        let statement = act(&ben, format!("proposeStatement(input: {{ communityId: {community}, text: \"We read.\", aspect: DOMAIN }})"), "statement { id state } position").await;
        let statement = id(&statement, "statement");
        act(&cleo, format!("endorseStatement(id: {statement})"), "statement { id state } position").await;
        act(&ben, format!("withdrawStatement(id: {statement})"), "statement { id state } position").await;
        let goal = act(&ada, format!("createGoal(input: {{ communityId: {community}, text: \"To read.\" }})"), &shown("goal")).await;
        act(&ada, format!("setGoalState(id: {}, state: DROPPED)", id(&goal, "goal")), "goal { id state } position").await;
        let question = act(&ada, format!("addLearningQuestion(communityId: {community}, text: \"How?\")"), &shown("learningQuestion")).await;
        act(&ada, format!("setLearningQuestionState(id: {}, state: PARKED)", id(&question, "learningQuestion")), "learningQuestion { id state } position").await;
        let story = act(&cleo, format!("tellValueStory(input: {{ communityId: {community}, title: \"How it helped\", consent: MEMBERS, steps: [{{ cycle: IMMEDIATE, text: \"I met Ada.\" }}] }})"), &shown("valueStory")).await;
        let story = id(&story, "valueStory");
        act(&cleo, format!("narrowValueStory(id: {story}, consent: AUTHORS)"), "valueStory { id consent } position").await;
        act(&cleo, format!("deleteValueStory(id: {story})"), "deletedId position").await;

        let resource = ada.create_resource(&community, "Tactile cards", json!({ "licence": "CC-BY-4.0" })).await;
        act(&ada, format!("updateResource(id: {resource}, input: {{ description: \"Cards.\" }}, expectedRevision: 1)"), "resource { id revision description } position").await;
        act(&cleo, format!("rateResource(id: {resource}, rating: 4)"), "resource { id viewerRating } position").await;
        let flag = act(&cleo, format!("flag(id: {resource}, reason: OUTDATED)"), "flag { id state } position").await;
        act(&ben, format!("resolveFlag(id: {}, upheld: false)", id(&flag, "flag")), "flag { id state } position").await;
        act(&ben, format!("setSteward(id: {resource}, userId: {bens})"), "item { id ... on Resource { steward { id } } } position").await;
        let kind = "community { id kind } conflicts(first: 5) { totalCount nodes { id } } position";
        act(&ada, format!("setCommunityKind(id: {community}, kind: BEST_PRACTICE, dryRun: true)"), kind).await;
        let (asked, captured, practice) = crate::link::captured(&ben, &cleo, &community).await;
        act(&ben, format!("linkItems(fromId: {resource}, relation: REFERENCES, toId: {captured})"), "item { __typename id title } position").await;
        act(&ben, format!("unlinkItems(fromId: {resource}, relation: REFERENCES, toId: {captured})"), "item { __typename id title } position").await;
        act(&ben, format!("reopenDiscussion(id: {asked})"), "discussion { id state } position").await;
        act(&ben, format!("closeDiscussion(id: {asked}, reason: STALE)"), "discussion { id state closeReason } position").await;
        let idea = act(&ben, format!("createInnovation(input: {{ communityId: {community}, title: \"Idea\", idea: \"Try it.\" }})"), "innovation { id stage } position").await;
        let idea = id(&idea, "innovation");
        act(&cleo, format!("supportInnovation(id: {idea})"), "innovation { id viewerSupports } position").await;
        act(&cleo, format!("withdrawSupport(id: {idea})"), "innovation { id viewerSupports } position").await;
        act(&ben, format!("advanceInnovation(id: {idea}, to: EXPLORING)"), "innovation { id stage } position").await;
        let meeting = act(&ada, format!("createActivity(input: {{ communityId: {community}, title: \"Meeting\", kind: MEETING, mode: ONLINE, startsAt: \"2030-01-07T09:00:00Z\", endsAt: \"2030-01-07T10:00:00Z\", timeZone: \"UTC\" }})"), "activity { id state } position").await;
        let meeting = id(&meeting, "activity");
        act(&cleo, format!("setAttendance(activityId: {meeting}, recurrenceId: \"2030-01-07T09:00:00Z\", state: GOING)"), &shown("activity")).await;
        act(&ada, format!("updateOccurrence(activityId: {meeting}, recurrenceId: \"2030-01-07T09:00:00Z\", input: {{ agenda: \"Cards\" }})"), &shown("activity")).await;
        act(&ada, format!("setActivityState(id: {meeting}, state: CANCELLED, reason: \"Snow.\")"), "activity { id state } position").await;
        let collection = act(&ada, format!("createCollection(input: {{ communityId: {community}, title: \"Best of\" }})"), "collection { id status } position").await;
        let collection = id(&collection, "collection");
        act(&ada, format!("setCollectionEntries(id: {collection}, entries: [{{ id: {resource} }}])"), "collection { id revision } position").await;
        act(&ada, format!("deleteCollection(id: {collection})"), "deletedId position").await;
        let adoption = act(&cleo, format!("reportAdoption(input: {{ subjectId: {resource}, setting: \"Grade 3\", state: IN_USE }})"), "adoption { id state } position").await;
        let adoption = id(&adoption, "adoption");
        act(&cleo, format!("updateAdoption(id: {adoption}, state: CONFIRMED, outcome: IMPROVED)"), "adoption { id state outcome } position").await;
        act(&cleo, format!("withdrawAdoption(id: {adoption})"), "deletedId position").await;
        let pilot = plan(&ben, &resource).await;
        act(&ben, format!("updatePilot(id: {pilot}, input: {{ audience: \"Pupils\" }})"), "pilot { id audience } position").await;
        let told = tell(&cleo, &pilot, "PUBLIC", json!({})).await;
        act(&cleo, format!("narrowConsent(id: {}, consent: MEMBERS)", told["report"]["id"]), "report { id consent } position").await;
        act(&cleo, format!("withdrawExperienceReport(id: {})", told["report"]["id"]), "deletedId position").await;
        let others = ben.create_community("Parents", json!({})).await;
        ada.join(&others).await;
        ada.join(&others).await;
        let share = act(&ada, format!("offerBoundaryShare(itemId: {resource}, toCommunityId: {others})"), "boundaryShare { id state } position").await;
        let share = id(&share, "boundaryShare");
        act(&ben, format!("respondToBoundaryShare(id: {share}, accept: true)"), "boundaryShare { id state } position").await;
        act(&ben, format!("adaptSharedItem(id: {share})"), "item { __typename id title community { id } } position").await;
        act(&ada, format!("archiveResource(id: {resource})"), "resource { id status } position").await;
        act(&ada, format!("restoreItem(id: {resource})"), "item { id ... on Resource { status } } position").await;
        act(&ben, format!("deletePractice(id: {practice})"), "deletedId position").await;
        let part = format!("{{ name: \"Readers\", purpose: \"To read.\", itemIds: [{idea}], memberIds: [{}], reason: \"Many came.\" }}", membership(&bens));
        act(&ada, format!("splitCommunity(id: {community}, input: {part})"), "community { id name } position").await;
        act(&cleo, format!("leaveCommunity(communityId: {community})"), "membership { id state } position").await;
        act(&ada, format!("banMember(id: {}, reason: \"Insults.\")", membership(&bens)), "membership { id state } position").await;
        act(&ada, format!("archiveCommunity(id: {community})"), "community { id status } position").await;
    }

    async fn every_mutation_takes_a_key(app: App) {
        let administrator = app.administrator().await;
        let schema = SchemaTypes::read();
        let mutations = schema.object("Mutation");
        assert!(mutations.len() > 100);
        for mutation in mutations {
            let name = &mutation.name;
            let arguments: Vec<String> = mutation.arguments.iter().map(|argument| schema.argument(&argument.node)).collect();
            let arguments = if arguments.is_empty() { String::new() } else { format!("({})", arguments.join(", ")) };
            let query = format!("mutation {{ {name}{arguments} {{ __typename userErrors {{ code field message }} }} }}");
            let keyed = administrator.keyed(&format!("key-of-{name}"));
            let first = keyed.send(&query, json!({})).await;
            let again = keyed.send(&query, json!({})).await;
            let payload = &first.body["data"][name.as_str()];
            if payload.is_object() {
                assert_eq!(again.body, first.body, "{query}");
                assert!(replayed(&again), "{query}");
            } else {
                // What is no answer is not kept: mail is not configured, say.
                assert!(!replayed(&again), "{query}: {}", again.body);
                assert_eq!(again.codes(), first.codes(), "{query}: {}", again.body);
                assert!(["SERVICE_UNAVAILABLE", "FORBIDDEN", "RATE_LIMITED"].contains(&first.codes()[0]), "{query}: {}", first.body);
            }
        }
    }
}

/// The types of the schema, to write a document of every mutation.
struct SchemaTypes(BTreeMap<String, TypeDefinition>);

impl SchemaTypes {
    fn read() -> Self {
        let document = parse_schema(api::graphql::sdl()).unwrap();
        let types = document.definitions.into_iter();
        Self(
            types
                .filter_map(|definition| match definition {
                    TypeSystemDefinition::Type(definition) => {
                        Some((definition.node.name.node.to_string(), definition.node))
                    }
                    _ => None,
                })
                .collect(),
        )
    }

    fn object(&self, name: &str) -> Vec<Field> {
        let TypeKind::Object(object) = &self.0[name].kind else {
            panic!("{name} is an object")
        };
        let fields = object.fields.iter().map(|field| Field {
            name: field.node.name.node.clone(),
            arguments: field.node.arguments.clone(),
        });
        fields.collect()
    }

    fn argument(&self, argument: &InputValueDefinition) -> String {
        let value = self.value(&argument.ty.node);
        format!("{}: {value}", argument.name.node)
    }

    /// A value of a type, and for many a wrong one: what is refused is answered again too.
    fn value(&self, of: &Type) -> String {
        let name = match &of.base {
            BaseType::List(inner) => {
                return format!("[{}]", self.value(inner));
            }
            BaseType::Named(name) => name.as_str(),
        };
        match name {
            "ID" => "\"resource_01h455vb4pex5vsknk084sn02q\"".to_owned(),
            "Int" => "1".to_owned(),
            "Float" => "0.5".to_owned(),
            "Boolean" => "true".to_owned(),
            _ => match self.0.get(name).map(|definition| &definition.kind) {
                Some(TypeKind::Enum(values)) => values.values[0].node.value.node.to_string(),
                Some(TypeKind::InputObject(input)) => {
                    let required = input.fields.iter().map(|field| &field.node);
                    let fields: Vec<String> = required
                        .filter(|field| !field.ty.node.nullable)
                        .map(|field| self.argument(field))
                        .collect();
                    format!("{{ {} }}", fields.join(", "))
                }
                _ => "\"some text\"".to_owned(),
            },
        }
    }
}

struct Field {
    name: Name,
    arguments: Vec<Positioned<InputValueDefinition>>,
}
