//! What is sent again, in whatever form, runs once and is answered as the first time.

use std::sync::Arc;

use api::config::Config;
use api::server::Server;
use futures_util::future::join_all;
use serde_json::{Value, json};
use support::{Answer, App, Client, on_both_databases};

use super::{
    CREATE, KEY, OTHER_KEY, OUTCOME, article, newest, replayed, resources, with_lasting_token,
};

const JOIN: &str = "mutation($id: ID!) { joinCommunity(communityId: $id) {
    membership { state } position userErrors { code field message } } }";

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
}
