//! Imports and exports over HTTP: files sent and fetched by their addresses, progress, and what nobody may see or forge.

use api::config::Config;
use serde_json::{Value, json};
use support::{Answer, App, Client, Database, on_both_databases};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const IMPORT: &str = "mutation($community: ID!, $format: ImportFormat!, $restore: Boolean) {
    startImport(communityId: $community, format: $format, restore: $restore) {
        operation { id kind state done total createdAt } uploadUrl position userErrors { code field message } } }";
const EXPORT: &str = "mutation($community: ID, $format: ExportFormat!) {
    startExport(communityId: $community, format: $format) {
        operation { id kind state } position userErrors { code field message } } }";
const CANCEL: &str = "mutation($id: ID!) { cancelOperation(id: $id) {
    operation { id state finishedAt } userErrors { code field message } } }";
const OPERATION: &str = "query($id: ID!, $after: String) { operation(id: $id) {
    id kind state done total created unchanged failed position resultUrl finishedAt
    errors(first: 2, after: $after) { totalCount nodes { line message } edges { cursor } pageInfo { hasNextPage endCursor } } } }";

/// A server that takes small files only.
#[derive(Debug)]
struct NarrowApp(App);

impl NarrowApp {
    async fn start(database: Database) -> Option<Self> {
        let narrow = |config: &mut Config| config.operations.upload_bytes = 2_000;
        App::start_with(database, narrow).await.map(Self)
    }
}

/// Begins an import, and answers its id and where its file goes.
async fn begin(client: &Client, community: &Value, format: &str) -> (Value, String) {
    let variables = json!({ "community": community, "format": format });
    let payload = client.mutate(IMPORT, variables).await;
    let operation = &payload["operation"];
    assert_eq!(
        (&operation["state"], &operation["kind"]),
        (&json!("QUEUED"), &json!("IMPORT"))
    );
    let address = payload["uploadUrl"].as_str().unwrap().to_owned();
    (operation["id"].clone(), address)
}

async fn put(client: &Client, address: &str, content: impl Into<reqwest::Body>) -> Answer {
    Answer::read(client.http().put(address).body(content)).await
}

/// Asks for an operation until it has ended.
async fn ended(client: &Client, id: &Value) -> Value {
    loop {
        let found = client.query(OPERATION, json!({ "id": id })).await;
        let operation = &found["operation"];
        if !operation["finishedAt"].is_null() {
            return operation.clone();
        }
        tokio::task::yield_now().await;
    }
}

/// Imports what is sent, to its end.
async fn import(client: &Client, community: &Value, format: &str, content: &str) -> Value {
    let (id, address) = begin(client, community, format).await;
    let answer = put(client, &address, content.to_owned()).await;
    assert_eq!(answer.status, 202, "{:#}", answer.body);
    ended(client, &id).await
}

/// Exports to the end, and fetches the result without a header.
async fn export(client: &Client, community: &Value, format: &str) -> (Value, String) {
    let variables = json!({ "community": community, "format": format });
    let begun = client.mutate(EXPORT, variables).await;
    let operation = ended(client, &begun["operation"]["id"]).await;
    assert_eq!(operation["state"], "SUCCEEDED", "{operation:#}");
    let address = operation["resultUrl"].as_str().unwrap();
    let response = client.http().get(address).send().await.unwrap();
    assert_eq!(response.status(), 200);
    let header = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(header("cache-control"), "private, no-store");
    assert!(header("content-disposition").starts_with("attachment; filename=\"repertoire-"));
    (operation, response.text().await.unwrap())
}

fn lines(count: usize) -> String {
    let line = |number| json!({ "type": "resource", "title": format!("Number {number}"), "kind": "GUIDE" });
    (0..count)
        .map(|number| line(number).to_string() + "\n")
        .collect()
}

async fn count(client: &Client) -> Value {
    let found = client
        .query("{ resources { totalCount } }", json!({}))
        .await;
    found["resources"]["totalCount"].clone()
}

/// The files of operations, but for the id of the directory.
fn files(app: &App) -> usize {
    let directory = app.config().data_dir.join("operations");
    std::fs::read_dir(directory).unwrap().count() - 1
}

on_both_databases! {
    async fn a_file_is_imported_with_its_errors_line_by_line(app: App) {
        let ada = app.person("Ada").await;
        let community = ada.create_community("Shelf", json!({})).await;
        let content = [
            json!({ "type": "resource", "title": "A guide", "kind": "GUIDE", "body": "How.", "tags": ["a", "b"] }).to_string(),
            "{ broken".to_owned(),
            json!({ "type": "resource", "title": "" }).to_string(),
            json!({ "type": "resource", "title": "x", "kind": "NOTHING" }).to_string(),
            json!({ "type": "resource", "title": "y", "domains": ["no-such-domain"] }).to_string(),
            json!({ "type": "practice", "title": "A practice", "kind": "METHOD" }).to_string(),
        ]
        .join("\n");
        let done = import(&ada, &community, "NDJSON", &content).await;
        assert_eq!((&done["state"], &done["done"], &done["total"]), (&json!("PARTIAL"), &json!(6), &json!(6)));
        assert_eq!((&done["created"], &done["failed"]), (&json!(2), &json!(4)));
        let errors = &done["errors"];
        assert_eq!((&errors["totalCount"], &errors["nodes"][0]["line"]), (&json!(4), &json!(2)));
        let after = errors["pageInfo"]["endCursor"].clone();
        let rest = ada.query(OPERATION, json!({ "id": done["id"], "after": after })).await;
        let rest = &rest["operation"]["errors"];
        assert_eq!(rest["nodes"].as_array().unwrap().len(), 2);
        assert!(rest["nodes"][1]["message"].as_str().unwrap().contains("no-such-domain"), "{rest:#}");
        assert_eq!(rest["pageInfo"]["hasNextPage"], false);
        let found = ada.query("{ resources { nodes { title tags author: authors { displayName } } } }", json!({})).await;
        assert_eq!(found["resources"]["nodes"][0]["author"][0]["displayName"], "Ada");
        assert_eq!(found["resources"]["nodes"][0]["tags"], json!(["a", "b"]));
        let newest = ada.query("{ serverInfo { position } }", json!({})).await["serverInfo"]["position"].clone();
        assert_eq!(ada.at(&newest).search_titles("guide").await, ["A guide"], "the search follows");
        // The same file again makes nothing.
        let again = import(&ada, &community, "NDJSON", &content).await;
        assert_eq!((&again["created"], &again["unchanged"]), (&json!(0), &json!(2)));
        let table = import(&ada, &community, "CSV", "title,kind,tags\nFrom a table,link,c; d\n").await;
        assert_eq!(table["state"], "SUCCEEDED");
        let node = ada.query("query($id: ID!) { node(id: $id) { __typename id } }", json!({ "id": done["id"] })).await;
        assert_eq!(node["node"]["__typename"], "Operation");
        // What was imported is not kept.
        while files(&app) > 0 {
            tokio::task::yield_now().await;
        }
    }

    async fn an_upload_is_taken_once_whole_and_by_its_address_only(app: App) {
        let ada = app.person("Ada").await;
        let community = ada.create_community("Shelf", json!({})).await;
        let (id, address) = begin(&ada, &community, "NDJSON").await;
        let (path, _) = address.split_once('?').unwrap();
        for wrong in [path.to_owned(), format!("{path}?secret=rpup_x"), address.replace("operation_", "resource_")] {
            let answer = put(&ada, &wrong, lines(1)).await;
            assert_eq!((answer.status, answer.codes()), (404, vec!["NOT_FOUND"]), "{wrong}");
        }
        let answer = Answer::read(ada.http().post(&address).body(lines(1))).await;
        assert_eq!((answer.status, answer.codes()), (405, vec!["METHOD_NOT_ALLOWED"]));
        let packed = ada.http().put(&address).header("content-encoding", "gzip").body(lines(1));
        assert_eq!(Answer::read(packed).await.status, 415);
        assert_eq!(put(&ada, &address, "").await.status, 400, "an empty file");

        // Fewer bytes than were announced, and then nothing.
        let host = app.server().address().to_string();
        let target = address.split_once(&host).unwrap().1;
        let mut stream = TcpStream::connect(&host).await.unwrap();
        let head = format!("PUT {target} HTTP/1.1\r\nhost: {host}\r\ncontent-length: 1000\r\n\r\n{}", lines(1));
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.shutdown().await.unwrap();
        let mut answer = Vec::new();
        // The server closes: it may answer before.
        let _ = stream.read_to_end(&mut answer).await;
        let text = String::from_utf8(answer).unwrap();
        assert!(text.is_empty() || text.contains("broke off"), "{text}");
        while files(&app) > 0 {
            tokio::task::yield_now().await;
        }
        let waiting = ada.query(OPERATION, json!({ "id": id })).await;
        assert_eq!(waiting["operation"]["state"], "QUEUED");

        let answer = put(&ada, &address, lines(3)).await;
        assert_eq!((answer.status, &answer.body["id"]), (202, &id));
        let again = put(&ada, &address, lines(3)).await;
        assert_eq!(again.status, 409, "{:#}", again.body);
        assert_eq!(ended(&ada, &id).await["created"], 3);
        assert_eq!(put(&ada, &address, lines(3)).await.status, 409);
        assert_eq!(count(&ada).await, 3);
    }

    async fn a_file_that_is_too_large_is_refused(app: NarrowApp) {
        let app = app.0;
        let ada = app.person("Ada").await;
        let community = ada.create_community("Shelf", json!({})).await;
        let (id, address) = begin(&ada, &community, "NDJSON").await;
        let answer = put(&ada, &address, lines(100)).await;
        assert_eq!((answer.status, answer.codes()), (413, vec!["PAYLOAD_TOO_LARGE"]));
        assert_eq!(answer.body["errors"][0]["extensions"]["maximum"], 2_000);
        assert_eq!(files(&app), 0);
        // Without a length, it is found out on the way.
        let host = app.server().address().to_string();
        let target = address.split_once(&host).unwrap().1;
        let mut stream = TcpStream::connect(&host).await.unwrap();
        let chunk = lines(100);
        let request = format!(
            "PUT {target} HTTP/1.1\r\nhost: {host}\r\ntransfer-encoding: chunked\r\n\r\n{:x}\r\n{chunk}\r\n0\r\n\r\n",
            chunk.len()
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        let text = String::from_utf8(answer).unwrap();
        assert!(text.starts_with("HTTP/1.1 413") && text.contains("PAYLOAD_TOO_LARGE"), "{text}");
        assert_eq!(files(&app), 0);
        let done = put(&ada, &address, lines(2)).await;
        assert_eq!(done.status, 202);
        assert_eq!(ended(&ada, &id).await["state"], "SUCCEEDED");
    }

    async fn a_line_of_50_megabytes_is_an_error_of_that_line(app: App) {
        let ada = app.person("Ada").await;
        let community = ada.create_community("Shelf", json!({})).await;
        let (id, address) = begin(&ada, &community, "NDJSON").await;
        let mut content = lines(1).into_bytes();
        content.extend_from_slice(b"{\"type\":\"resource\",\"title\":\"");
        content.resize(content.len() + 50 * 1024 * 1024, b'x');
        content.extend_from_slice(b"\"}\n\xff\xfe\n");
        content.extend_from_slice(json!({ "type": "resource", "title": "After" }).to_string().as_bytes());
        assert_eq!(put(&ada, &address, content).await.status, 202);
        let done = ended(&ada, &id).await;
        assert_eq!((&done["state"], &done["created"], &done["failed"]), (&json!("PARTIAL"), &json!(2), &json!(2)));
        let errors = &done["errors"]["nodes"];
        assert_eq!((&errors[0]["line"], &errors[1]["line"]), (&json!(2), &json!(3)));
        assert!(errors[0]["message"].as_str().unwrap().contains("5242880"), "{errors:#}");
    }

    async fn an_operation_outlives_its_server_and_can_be_cancelled(app: App) {
        let ada = app.person("Ada").await;
        let community = ada.create_community("Shelf", json!({})).await;
        let (id, address) = begin(&ada, &community, "NDJSON").await;
        assert_eq!(put(&ada, &address, lines(2_000)).await.status, 202);
        // In the middle of it, or before it began.
        let app = app.restart().await;
        let ada = app.anonymous().with_token(ada.token().unwrap());
        let done = ended(&ada, &id).await;
        assert_eq!((&done["state"], &done["done"]), (&json!("SUCCEEDED"), &json!(2_000)));
        assert_eq!(count(&ada).await, 2_000, "nothing is lost, and nothing doubled");

        let (id, address) = begin(&ada, &community, "NDJSON").await;
        let cancelled = ada.mutate(CANCEL, json!({ "id": id })).await;
        assert_eq!(cancelled["operation"]["state"], "CANCELLED");
        assert_eq!(put(&ada, &address, lines(1)).await.status, 409);
        let again = ada.mutate(CANCEL, json!({ "id": id })).await;
        assert_eq!(again["operation"]["finishedAt"], cancelled["operation"]["finishedAt"]);
        let ended = ended(&ada, &id).await;
        assert!(ended["errors"]["nodes"][0]["message"].as_str().unwrap().starts_with("Cancelled"));
    }

    async fn operations_are_for_their_owner_within_bounds(app: App) {
        let ada = app.person("Ada").await;
        let eve = app.person("Eve").await;
        let community = ada.create_community("Shelf", json!({})).await;
        let private = ada.create_community("Cellar", json!({ "visibility": "UNLISTED" })).await;
        let (id, _) = begin(&ada, &community, "CSV").await;
        for client in [&eve, &app.administrator().await, &app.anonymous()] {
            let found = client.query(OPERATION, json!({ "id": id })).await;
            assert_eq!(found["operation"], Value::Null);
        }
        assert_eq!(eve.refused(CANCEL, json!({ "id": id })).await, ["NOT_FOUND id"]);
        let variables = |community: &Value| json!({ "community": community, "format": "NDJSON" });
        assert_eq!(eve.refused(IMPORT, variables(&community)).await, ["FORBIDDEN communityId"]);
        assert_eq!(eve.refused(IMPORT, variables(&private)).await, ["NOT_FOUND communityId"]);
        assert_eq!(eve.refused(EXPORT, variables(&private)).await, ["NOT_FOUND communityId"]);
        assert_eq!(eve.refused(IMPORT, variables(&json!("x"))).await, ["INVALID communityId"]);
        let restore = json!({ "community": community, "format": "NDJSON", "restore": true });
        assert_eq!(ada.refused(IMPORT, restore).await, ["FORBIDDEN restore"]);
        assert_eq!(app.anonymous().failed(IMPORT, variables(&community)).await, ["UNAUTHENTICATED"]);
        let token = "mutation($input: CreateApiTokenInput!) { createApiToken(input: $input) { secret userErrors { code field message } } }";
        let input = json!({ "name": "reads and writes", "scopes": ["READ", "WRITE"] });
        let made = ada.mutate(token, json!({ "input": input })).await;
        let without = app.anonymous().with_token(made["secret"].as_str().unwrap());
        assert_eq!(without.failed(IMPORT, variables(&community)).await, ["FORBIDDEN"]);
        for _ in 0..2 {
            begin(&ada, &community, "CSV").await;
        }
        assert_eq!(ada.refused(IMPORT, variables(&community)).await, ["LIMIT_REACHED"]);
    }

    async fn an_export_holds_what_its_owner_sees_and_no_formulas(app: App) {
        let ada = app.person("Ada").await;
        let eve = app.person("Eve").await;
        let shelf = ada.create_community("Shelf", json!({})).await;
        let cellar = ada.create_community("Cellar", json!({ "visibility": "PRIVATE" })).await;
        ada.create_resource(&shelf, "=cmd|' /C calc'!A0", json!({ "body": "Open.", "tags": ["+1", "plain"] })).await;
        ada.create_resource(&shelf, "Secret draft", json!({ "publish": false })).await;
        ada.create_resource(&cellar, "Secret of the cellar", json!({})).await;
        let (operation, text) = export(&eve, &Value::Null, "NDJSON").await;
        for private in ["Secret", "Cellar", "@example.org"] {
            assert!(!text.contains(private), "{private} in {text}");
        }
        let first: Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
        assert_eq!((&first["type"], &first["form"]), (&json!("header"), &json!("repertoire-export")));
        assert_eq!(first["position"], operation["position"]);
        assert!(text.lines().last().unwrap().starts_with("{\"type\":\"end\""));
        let (_, own) = export(&ada, &cellar, "NDJSON").await;
        assert!(own.contains("Secret of the cellar") && !own.contains("Open."), "{own}");
        let (_, table) = export(&eve, &shelf, "CSV").await;
        assert!(table.contains("\r\n") && table.contains(",'=cmd|' /C calc'!A0,"), "{table}");
        assert!(table.contains(",'+1; plain,") && !table.contains("Secret"), "{table}");

        // The address opens one result, and no longer than it should.
        let address = operation["resultUrl"].as_str().unwrap();
        let (path, _) = address.split_once('?').unwrap();
        for wrong in [path.to_owned(), format!("{path}?ticket=a.b.c")] {
            let answer = Answer::read(eve.http().get(&wrong)).await;
            assert_eq!((answer.status, answer.codes()), (404, vec!["NOT_FOUND"]));
        }
        let another = export(&eve, &shelf, "CSV").await.0;
        let (other, _) = another["resultUrl"].as_str().unwrap().split_once('?').unwrap();
        let ticket = address.split_once('?').unwrap().1;
        assert_eq!(Answer::read(eve.http().get(format!("{other}?{ticket}"))).await.status, 404);
        app.server().clock().advance(chrono::TimeDelta::minutes(61));
        assert_eq!(Answer::read(eve.http().get(address)).await.status, 404);
    }

    async fn an_export_is_closed_to_who_no_longer_sees_what_it_holds(app: App) {
        let (ada, ben, eve) = (app.person("Ada").await, app.person("Ben").await, app.person("Eve").await);
        let cellar = ada.create_community("Cellar", json!({ "visibility": "PRIVATE" })).await;
        let shelf = ada.create_community("Shelf", json!({})).await;
        ada.create_resource(&shelf, "On the shelf", json!({})).await;
        ada.admit(&cellar, &ben, "MEMBER").await;
        let (of_cellar, _) = export(&ben, &cellar, "NDJSON").await;
        // What everybody reads is more to who looks after it.
        let dan = app.person("Dan").await;
        let hall = ada.create_community("Hall", json!({})).await;
        ada.admit(&hall, &dan, "STEWARD").await;
        ada.create_resource(&hall, "A draft", json!({ "publish": false })).await;
        let (of_hall, text) = export(&dan, &hall, "NDJSON").await;
        assert!(text.contains("A draft"), "{text}");
        let own = "query($id: ID!) { community(id: $id) { viewerMembership { id } } }";
        let own = dan.query(own, json!({ "id": hall })).await["community"]["viewerMembership"]["id"].clone();
        let demote = "mutation($id: ID!) { setMemberRole(id: $id, role: MEMBER) { userErrors { code field message } } }";
        ada.mutate(demote, json!({ "id": own })).await;
        let leave = "mutation($id: ID!) { leaveCommunity(communityId: $id) { userErrors { code field message } } }";
        ben.mutate(leave, json!({ "id": cellar })).await;
        // Of everything, by somebody who joined nothing.
        let (of_all, text) = export(&eve, &Value::Null, "NDJSON").await;
        assert!(text.contains("On the shelf"), "{text}");
        let hide = "mutation($id: ID!) { updateCommunity(id: $id, input: { visibility: PRIVATE }) { userErrors { code field message } } }";
        ada.mutate(hide, json!({ "id": shelf })).await;
        for (owner, operation) in [(&ben, &of_cellar), (&dan, &of_hall), (&eve, &of_all)] {
            let address = operation["resultUrl"].as_str().unwrap();
            let answer = Answer::read(owner.http().get(address)).await;
            assert_eq!((answer.status, answer.codes()), (403, vec!["FORBIDDEN"]));
            let message = answer.body["errors"][0]["message"].as_str().unwrap();
            assert!(message.contains("`startExport`"), "{message}");
            for name in ["Cellar", "Hall", "Shelf"] {
                assert!(!message.contains(name), "{message}");
            }
            // Asked for another address, the server says why there is none.
            let asked = owner.send(OPERATION, json!({ "id": operation["id"] })).await;
            assert_eq!(asked.codes(), ["FORBIDDEN"], "{:#}", asked.body);
            let found = &asked.body["data"]["operation"];
            assert_eq!((&found["state"], &found["resultUrl"]), (&json!("SUCCEEDED"), &Value::Null));
            // Whoever has no address is not told so much.
            let (path, _) = address.split_once('?').unwrap();
            for wrong in [path.to_owned(), format!("{path}?ticket=a.b.c")] {
                let answer = Answer::read(ada.http().get(&wrong)).await;
                assert_eq!((answer.status, answer.codes()), (404, vec!["NOT_FOUND"]));
            }
        }
    }

    async fn an_administrator_brings_a_community_back_elsewhere(app: App) {
        let ada = app.person("Ada").await;
        let ben = app.person("Ben").await;
        let shelf = ada.create_community("Shelf", json!({ "visibility": "PRIVATE" })).await;
        ada.admit(&shelf, &ben, "MEMBER").await;
        let guide = ben.create_resource(&shelf, "A guide", json!({ "body": "First.", "tags": ["a"] })).await;
        let update = "mutation($id: ID!) { updateResource(id: $id, input: { body: \"Second.\" }) {
            resource { revision } userErrors { code field message } } }";
        ben.mutate(update, json!({ "id": guide })).await;
        let (_, text) = export(&ada, &shelf, "NDJSON").await;

        let Some(other) = App::start(database_of(&app)).await else {
            return;
        };
        let admin = other.administrator().await;
        let variables = json!({ "community": shelf, "format": "NDJSON", "restore": true });
        let begun = admin.mutate(IMPORT, variables).await;
        let address = begun["uploadUrl"].as_str().unwrap();
        assert_eq!(put(&admin, address, text.clone()).await.status, 202);
        let done = ended(&admin, &begun["operation"]["id"]).await;
        assert_eq!(done["state"], "SUCCEEDED", "{done:#}");
        // An administrator reads nothing private by that role, also not what they brought back.
        let lookup = "query($id: ID!) { node(id: $id) { id } }";
        let found = admin.query(lookup, json!({ "id": guide })).await;
        assert_eq!(found["node"], Value::Null);
        let store = other.server().store();
        let sight = service::operation::Sight::Whole;
        let plan = service::operation::Plan {
            sight,
            community: None,
            format: service::entity::operation::OperationFormat::Ndjson,
        };
        let path = other.config().data_dir.join("again");
        let target = Box::new(std::fs::File::create(&path).unwrap());
        service::operation::export_now(store, &plan, target, &|_| {}).await.unwrap();
        let again = std::fs::read_to_string(path).unwrap();
        let revision = |text: &str| {
            let revisions = text.lines().filter(|line| line.contains("\"type\":\"revision\""));
            revisions.map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(revision(&text).len(), 2);
        assert_eq!(revision(&again), revision(&text), "with its history, its author and its dates");
        let half = &text[..text.len() / 2];
        let variables = json!({ "community": shelf, "format": "NDJSON", "restore": true });
        let begun = admin.mutate(IMPORT, variables).await;
        put(&admin, begun["uploadUrl"].as_str().unwrap(), half.to_owned()).await;
        let done = ended(&admin, &begun["operation"]["id"]).await;
        assert_eq!(done["state"], "FAILED");
        assert!(done["errors"]["nodes"][0]["message"].as_str().unwrap().contains("cut off"), "{done:#}");
    }
}

/// The database that a server runs on.
fn database_of(app: &App) -> Database {
    if app.config().database_url.is_some() {
        Database::Postgresql
    } else {
        Database::Sqlite
    }
}
