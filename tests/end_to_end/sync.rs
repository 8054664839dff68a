//! Resources of another system, such as a learning management system: listed again and again, with nothing lost and
//! nothing doubled.

use api::graphql::request::RequestState;
use futures_util::future::join_all;
use serde_json::{Value, json};
use service::store::{counted, recorded};
use support::{App, Client, on_both_databases};

const SYNC: &str = "mutation($community: ID!, $system: String = \"moodle\", $input: [SyncResourceInput!]!, $run: String, $dryRun: Boolean) {
    syncResources(communityId: $community, system: $system, input: $input, run: $run, dryRun: $dryRun) {
        results { externalId outcome resource { id title status revision }
            userErrors { code field message currentRevision } }
        counts { created updated unchanged archived conflict failed }
        position userErrors { code field message } } }";
const FINISH: &str = "mutation($community: ID!, $run: String!, $limit: Float, $dryRun: Boolean) {
    finishSync(communityId: $community, system: \"moodle\", run: $run, deleteLimit: $limit, dryRun: $dryRun) {
        results { externalId outcome resource { id title status } }
        counts { archived } position userErrors { code field message } } }";
const POLICY: &str = "mutation($community: ID!, $rule: SyncConflictRule!) {
    setSyncPolicy(communityId: $community, system: \"moodle\", onConflict: $rule) {
        community { id syncPolicies { system onConflict } } position userErrors { code field message } } }";
const FIND: &str = "query($community: ID!, $id: String!) {
    resourceByExternalId(communityId: $community, system: \"moodle\", externalId: $id) {
        id title status externalReferences { system externalId url } } }";

fn lesson(id: &str, title: &str) -> Value {
    json!({ "externalId": id, "title": title, "kind": "LESSON_PLAN" })
}

fn lessons(numbers: std::ops::Range<usize>) -> Vec<Value> {
    numbers
        .map(|number| lesson(&format!("id-{number:04}"), &format!("Lesson {number}")))
        .collect()
}

async fn sync(client: &Client, community: &Value, input: impl Into<Value>) -> Value {
    let variables = json!({ "community": community, "input": input.into() });
    client.mutate(SYNC, variables).await
}

async fn in_run(client: &Client, community: &Value, run: &str, input: Vec<Value>) -> Value {
    let variables = json!({ "community": community, "input": input, "run": run });
    client.mutate(SYNC, variables).await
}

fn outcomes(payload: &Value) -> Vec<&str> {
    let results = payload["results"].as_array().unwrap();
    results
        .iter()
        .map(|result| result["outcome"].as_str().unwrap())
        .collect()
}

/// What is wrong with each item: `CODE path`.
fn faults(payload: &Value) -> Vec<String> {
    let results = payload["results"].as_array().unwrap().iter();
    let errors = results.flat_map(|result| result["userErrors"].as_array().unwrap());
    errors
        .map(|error| {
            let path = error["field"].as_array().unwrap().iter();
            let path: Vec<_> = path.map(|part| part.as_str().unwrap()).collect();
            format!("{} {}", error["code"].as_str().unwrap(), path.join("."))
        })
        .collect()
}

async fn token(client: &Client, scopes: &[&str]) -> Client {
    let create = "mutation($scopes: [TokenScope!]!) {
        createApiToken(input: { name: \"LMS\", scopes: $scopes }) { secret userErrors { code field message } } }";
    let made = client.mutate(create, json!({ "scopes": scopes })).await;
    client.with_token(made["secret"].as_str().unwrap())
}

async fn newest(client: &Client) -> Value {
    let found = client.query("{ serverInfo { position } }", json!({})).await;
    found["serverInfo"]["position"].clone()
}

async fn count(client: &Client, filter: Value) -> Value {
    let query =
        "query($filter: ResourceFilter) { resources(filter: $filter, first: 1) { totalCount } }";
    let found = client.query(query, json!({ "filter": filter })).await;
    found["resources"]["totalCount"].clone()
}

on_both_databases! {
    async fn an_lms_lists_its_resources_again_and_again(app: App) {
        let owner = app.person("Ada").await;
        let community = owner.create_community("Numeracy", json!({})).await;
        let lms = token(&owner, &["READ", "SYNC"]).await;
        let mut first = lesson("7", "Fractions");
        first["body"] = json!("# Halves");
        first["tags"] = json!(["maths"]);
        first["externalUrl"] = json!("https://lms.example/course/7");
        let made = sync(&lms, &community, vec![first.clone(), lesson("8", "Shapes")]).await;
        assert_eq!(outcomes(&made), ["CREATED", "CREATED"]);
        assert_eq!(made["counts"]["created"], 2);
        assert_eq!(made["results"][0]["resource"]["status"], "PUBLISHED");
        assert_eq!(made["position"], newest(&owner).await);

        let same = sync(&lms, &community, vec![first.clone(), lesson("8", "Shapes")]).await;
        assert_eq!(outcomes(&same), ["UNCHANGED", "UNCHANGED"]);
        assert_eq!(same["results"][0]["resource"]["id"], made["results"][0]["resource"]["id"]);
        assert_eq!(same["position"], made["position"], "no change row");

        first["title"] = json!("Fractions first");
        first.as_object_mut().unwrap().remove("tags");
        first["body"] = Value::Null;
        let changed = sync(&lms, &community, vec![first]).await;
        assert_eq!(outcomes(&changed), ["UPDATED"]);
        assert_eq!(changed["results"][0]["resource"]["revision"], 2);
        let found = owner.query(FIND, json!({ "community": community, "id": "7" })).await["resourceByExternalId"].clone();
        assert_eq!(found["title"], "Fractions first");
        let url = "https://lms.example/course/7";
        assert_eq!(found["externalReferences"], json!([{ "system": "moodle", "externalId": "7", "url": url }]));
        let shown = "query($id: ID!) { resource(id: $id) { body tags authors { displayName } revisions { totalCount } } }";
        let shown = owner.query(shown, json!({ "id": found["id"] })).await["resource"].clone();
        assert_eq!(shown["body"], Value::Null, "null empties");
        assert_eq!(shown["tags"], json!(["maths"]), "what is left out stays");
        assert_eq!(shown["authors"], json!([{ "displayName": "Ada" }]));
        assert_eq!(shown["revisions"]["totalCount"], 2);
        let none = owner.query(FIND, json!({ "community": community, "id": "9" })).await;
        assert_eq!(none["resourceByExternalId"], Value::Null);
        assert_eq!(owner.at(&changed["position"]).search_titles("fractions").await, ["Fractions first"]);
    }

    async fn a_thousand_are_listed_at_once_and_no_more(app: App) {
        let owner = app.person("Ada").await;
        let community = owner.create_community("Numeracy", json!({})).await;
        let before = newest(&owner).await;
        let variables = json!({ "community": community, "input": lessons(0..1_001) });
        assert_eq!(owner.refused(SYNC, variables).await, ["TOO_LONG input"]);
        assert_eq!(newest(&owner).await, before);

        let made = sync(&owner, &community, lessons(0..1_000)).await;
        assert_eq!(made["counts"]["created"], 1_000);
        let results = made["results"].as_array().unwrap();
        assert!(results.iter().all(|result| result["resource"]["status"] == "PUBLISHED"));
        let mut again = lessons(0..1_000);
        again[500]["title"] = json!("Another title");
        let again = sync(&owner, &community, again).await;
        assert_eq!((&again["counts"]["unchanged"], &again["counts"]["updated"]), (&json!(999), &json!(1)));
        assert_eq!(again["results"][500]["outcome"], "UPDATED");
        assert_eq!(count(&owner, json!({ "externalSystem": "moodle" })).await, 1_000);
    }

    async fn bad_items_fail_alone_and_bad_calls_as_a_whole(app: App) {
        let owner = app.person("Ada").await;
        let community = owner.create_community("Numeracy", json!({})).await;
        let mut wrong = lesson("8", " ");
        wrong["domainIds"] = json!(["nonsense", "domain_01h455vb4pex5vsknk084sn02q"]);
        wrong["url"] = json!("nowhere");
        wrong["timeRequiredMinutes"] = json!(-1);
        let listed = vec![lesson("7", "Fractions"), wrong, lesson("7", "Twice"), lesson("9", "Shapes"), lesson("", "Nameless")];
        let payload = sync(&owner, &community, listed).await;
        assert_eq!(outcomes(&payload), ["CREATED", "FAILED", "FAILED", "CREATED", "FAILED"]);
        let mut found = faults(&payload);
        found.sort_unstable();
        assert_eq!(found, [
            "INVALID input.1.domainIds.0", "INVALID input.1.url", "NOT_FOUND input.1.domainIds.1",
            "OUT_OF_RANGE input.1.timeRequiredMinutes", "REQUIRED input.1.title", "REQUIRED input.4.externalId",
            "TAKEN input.2.externalId",
        ]);
        assert_eq!(payload["results"][1]["resource"], Value::Null);
        let before = newest(&owner).await;
        let call = |community: Value, system: &str| json!({ "community": community, "system": system, "input": lessons(0..1) });
        let never = json!("community_01h455vb4pex5vsknk084sn02q");
        assert_eq!(owner.refused(SYNC, call(never, "moodle")).await, ["NOT_FOUND communityId"]);
        assert_eq!(owner.refused(SYNC, call(json!("x"), " ")).await, ["INVALID communityId", "REQUIRED system"]);
        let long = "x".repeat(101);
        assert_eq!(owner.refused(SYNC, call(community.clone(), &long)).await, ["TOO_LONG system"]);
        assert_eq!(newest(&owner).await, before, "nothing was written");
        let wrong_kind = json!({ "community": community, "input": [{ "externalId": "1", "title": "One", "kind": "TREE" }] });
        assert_eq!(owner.failed(SYNC, wrong_kind).await, ["BAD_USER_INPUT"]);
    }

    async fn tokens_need_the_scope_and_their_owners_the_rights(app: App) {
        let (owner, member, stranger) = (app.person("Ada").await, app.person("Ben").await, app.person("Eve").await);
        let community = owner.create_community("Numeracy", json!({})).await;
        member.join(&community).await;
        let one = json!({ "community": community, "input": lessons(0..1) });
        let writing = token(&owner, &["READ", "WRITE"]).await;
        assert_eq!(writing.failed(SYNC, one.clone()).await, ["FORBIDDEN"]);
        let reading = token(&owner, &["READ"]).await;
        assert_eq!(reading.failed(SYNC, one.clone()).await, ["FORBIDDEN"]);
        assert_eq!(app.anonymous().failed(SYNC, one.clone()).await, ["UNAUTHENTICATED"]);
        let syncing = token(&owner, &["SYNC"]).await;
        assert_eq!(outcomes(&syncing.mutate(SYNC, one.clone()).await), ["CREATED"]);
        let create = "mutation($input: CreateResourceInput!) { createResource(input: $input) { userErrors { code field message } } }";
        let input = json!({ "communityId": community, "title": "By hand", "kind": "GUIDE" });
        assert_eq!(syncing.failed(create, json!({ "input": input })).await, ["FORBIDDEN"], "it is for synchronization alone");

        assert_eq!(stranger.refused(SYNC, one.clone()).await, ["FORBIDDEN communityId"]);
        let others = member.mutate(SYNC, one).await;
        assert_eq!(faults(&others), ["FORBIDDEN input.0.externalId"]);
        in_run(&owner, &community, "monday", lessons(0..1)).await;
        let end = json!({ "community": community, "run": "monday" });
        assert_eq!(member.refused(FINISH, end).await, ["FORBIDDEN communityId"]);
        let policy = json!({ "community": community, "rule": "TAKE_THEIRS" });
        assert_eq!(member.refused(POLICY, policy).await, ["FORBIDDEN communityId"]);
    }

    async fn what_a_member_may_not_see_is_named_by_no_retry(app: App) {
        let (owner, member) = (app.person("Ada").await, app.person("Ben").await);
        let community = owner.create_community("Numeracy", json!({})).await;
        member.join(&community).await;
        let references = json!([{ "system": "moodle", "externalId": "hidden" }]);
        let more = json!({ "visibility": "STEWARDS", "externalReferences": references });
        owner.create_resource(&community, "Hidden", more).await;
        let listed = vec![lesson("hidden", "Guessed"), lesson("own", "Own")];
        let payload = sync(&member.keyed("guessed-and-own"), &community, listed).await;
        assert_eq!(outcomes(&payload), ["FAILED", "CREATED"]);
        assert_eq!(payload["results"][0]["resource"], Value::Null);
        let outcome = "{ idempotentOutcome(key: \"guessed-and-own\") { nodeIds } }";
        let named = member.query(outcome, json!({})).await["idempotentOutcome"]["nodeIds"].clone();
        assert_eq!(named, json!([payload["results"][1]["resource"]["id"]]));
    }

    async fn what_was_edited_here_is_not_overwritten_unless_facilitators_say_so(app: App) {
        let owner = app.person("Ada").await;
        let community = owner.create_community("Numeracy", json!({})).await;
        let made = sync(&owner, &community, vec![lesson("7", "Theirs")]).await;
        let id = made["results"][0]["resource"]["id"].clone();
        let edit = "mutation($id: ID!) { updateResource(id: $id, input: { title: \"Ours\" }) { userErrors { code field message } } }";
        owner.mutate(edit, json!({ "id": id })).await;
        assert_eq!(outcomes(&sync(&owner, &community, vec![lesson("7", "Theirs")]).await), ["UNCHANGED"]);

        let reported = sync(&owner, &community, vec![lesson("7", "Theirs, new")]).await;
        assert_eq!(outcomes(&reported), ["CONFLICT"]);
        assert_eq!(faults(&reported), ["CONFLICT input.0"]);
        assert_eq!(reported["results"][0]["userErrors"][0]["currentRevision"], 2);
        assert_eq!(reported["results"][0]["resource"]["title"], "Ours");

        let rule = async |rule: &str| owner.mutate(POLICY, json!({ "community": community, "rule": rule })).await;
        let kept = rule("KEEP_OURS").await;
        assert_eq!(kept["community"]["syncPolicies"], json!([{ "system": "moodle", "onConflict": "KEEP_OURS" }]));
        assert_eq!(rule("KEEP_OURS").await["position"], kept["position"]);
        let payload = sync(&owner, &community, vec![lesson("7", "Theirs, new")]).await;
        assert_eq!(outcomes(&payload), ["UNCHANGED"]);
        assert_eq!(payload["results"][0]["resource"]["title"], "Ours");
        rule("TAKE_THEIRS").await;
        let payload = sync(&owner, &community, vec![lesson("7", "Theirs, new")]).await;
        assert_eq!(outcomes(&payload), ["UPDATED"]);
        assert_eq!(payload["results"][0]["resource"]["title"], "Theirs, new");
        assert_eq!(payload["results"][0]["resource"]["revision"], 3);
        let seen = "query($id: ID!) { community(id: $id) { syncPolicies { system } } }";
        let seen = app.anonymous().query(seen, json!({ "id": community })).await;
        assert_eq!(seen["community"]["syncPolicies"], json!([]));
    }

    async fn where_a_review_is_asked_for_items_wait_for_it(app: App) {
        let (owner, reviewer) = (app.person("Ada").await, app.person("Ben").await);
        let community = owner.create_community("Methods", json!({ "kind": "BEST_PRACTICE" })).await;
        owner.admit(&community, &reviewer, "REVIEWER").await;
        let made = sync(&owner, &community, vec![lesson("7", "Fractions")]).await;
        assert_eq!(outcomes(&made), ["CREATED"]);
        let resource = &made["results"][0]["resource"];
        assert_eq!(resource["status"], "IN_REVIEW");
        assert_eq!(outcomes(&sync(&owner, &community, vec![lesson("7", "Fractions")]).await), ["UNCHANGED"]);
        let queue = "query($id: ID!) { community(id: $id) { workQueue { nodes { reason node { id } } } } }";
        let queue = reviewer.query(queue, json!({ "id": community })).await["community"]["workQueue"]["nodes"].clone();
        assert!(queue.as_array().unwrap().contains(&json!({ "reason": "AWAITING_REVIEW", "node": { "id": resource["id"] } })), "{queue:#}");

        let approve = "mutation($id: ID!) { review(input: { id: $id, verdict: APPROVE, revision: 1 }) { userErrors { code field message } } }";
        reviewer.mutate(approve, json!({ "id": resource["id"] })).await;
        let changed = sync(&owner, &community, vec![lesson("7", "Fractions first")]).await;
        assert_eq!(outcomes(&changed), ["UPDATED"]);
        assert_eq!(changed["results"][0]["resource"]["status"], "PUBLISHED");
        let seen = app.anonymous().query(FIND, json!({ "community": community, "id": "7" })).await;
        assert_eq!(seen["resourceByExternalId"]["title"], "Fractions", "readers keep what was approved");
        assert_eq!(outcomes(&sync(&owner, &community, vec![lesson("7", "Fractions first")]).await), ["UNCHANGED"]);
    }

    async fn a_run_archives_what_it_did_not_list_and_what_is_listed_again_comes_back(app: App) {
        let owner = app.person("Ada").await;
        let community = owner.create_community("Numeracy", json!({})).await;
        in_run(&owner, &community, "monday", lessons(0..20)).await;
        in_run(&owner, &community, "tuesday", lessons(0..10)).await;
        in_run(&owner, &community, "tuesday", lessons(10..18)).await;
        let end = |limit: Value, dry: bool| json!({ "community": community, "run": "tuesday", "limit": limit, "dryRun": dry });
        let before = newest(&owner).await;
        assert_eq!(owner.refused(FINISH, end(json!(0.05), false)).await, ["LIMIT_REACHED deleteLimit"]);
        assert_eq!(owner.refused(FINISH, end(json!(-1), false)).await, ["OUT_OF_RANGE deleteLimit"]);
        let dry = owner.mutate(FINISH, end(Value::Null, true)).await;
        assert_eq!((&dry["position"], &dry["counts"]["archived"]), (&Value::Null, &json!(2)));
        assert_eq!(newest(&owner).await, before);
        let finished = owner.mutate(FINISH, end(Value::Null, false)).await;
        let ids: Vec<_> = finished["results"].as_array().unwrap().iter().map(|result| result["externalId"].as_str().unwrap()).collect();
        assert_eq!(ids, ["id-0018", "id-0019"]);
        assert_eq!(finished["results"][0]["outcome"], "ARCHIVED");
        assert_eq!(finished["results"][0]["resource"]["status"], "ARCHIVED");
        let again = owner.mutate(FINISH, end(Value::Null, false)).await;
        assert_eq!((&again["results"], &again["position"]), (&json!([]), &finished["position"]));
        let unknown = json!({ "community": community, "run": "wednesday" });
        assert_eq!(owner.refused(FINISH, unknown).await, ["NOT_FOUND run"]);
        let late = json!({ "community": community, "input": lessons(0..1), "run": "tuesday" });
        assert_eq!(owner.refused(SYNC, late).await, ["INVALID run"]);

        let back = sync(&owner, &community, lessons(18..19)).await;
        assert_eq!(outcomes(&back), ["UPDATED"]);
        assert_eq!(back["results"][0]["resource"]["status"], "PUBLISHED");
        assert_eq!(back["results"][0]["resource"]["revision"], 1);
    }

    async fn a_dry_run_says_what_would_become_of_each_and_leaves_nothing(app: App) {
        let owner = app.person("Ada").await;
        let community = owner.create_community("Numeracy", json!({})).await;
        sync(&owner, &community, lessons(0..2)).await;
        let before = newest(&owner).await;
        let listed = vec![lesson("id-0000", "Lesson 0"), lesson("id-0001", "Changed"), lesson("id-0002", "New"), lesson("id-0003", " ")];
        let variables = json!({ "community": community, "input": listed, "dryRun": true, "run": "monday" });
        let dry = owner.repeating().mutate(SYNC, variables).await;
        assert_eq!(outcomes(&dry), ["UNCHANGED", "UPDATED", "CREATED", "FAILED"]);
        assert_eq!(dry["position"], Value::Null);
        assert_eq!(dry["results"][2]["resource"], Value::Null);
        assert_eq!(dry["results"][1]["resource"]["title"], "Lesson 1", "as it is");
        assert_eq!(newest(&owner).await, before);
        assert_eq!(count(&owner, json!({ "externalSystem": "moodle" })).await, 2);
        assert_eq!(owner.refused(FINISH, json!({ "community": community, "run": "monday" })).await, ["NOT_FOUND run"]);
    }

    async fn two_syncs_at_once_double_nothing(app: App) {
        let owner = app.person("Ada").await;
        let community = owner.create_community("Numeracy", json!({})).await;
        let calls = (0..6).map(|number| {
            let mut listed = lessons(0..100);
            // Each lists the same in another order, and half of them something else.
            listed.rotate_left(number * 17);
            if number % 2 == 0 {
                listed[0]["title"] = json!(format!("Title {number}"));
            }
            sync(&owner, &community, listed)
        });
        let payloads = join_all(calls).await;
        let of = |outcome: &str| -> u64 {
            payloads.iter().map(|payload| payload["counts"][outcome].as_u64().unwrap()).sum()
        };
        assert_eq!((of("created"), of("failed"), of("conflict")), (100, 0, 0));
        assert_eq!(of("updated") + of("unchanged"), 500);
        assert_eq!(count(&owner, json!({})).await, 100);
        assert_eq!(count(&owner, json!({ "externalSystem": "moodle" })).await, 100);
    }

    async fn a_call_that_is_sent_again_with_its_key_is_answered_as_before(app: App) {
        let owner = app.person("Ada").await.repeating();
        let community = owner.create_community("Numeracy", json!({})).await;
        let listed = vec![lesson("7", "Fractions"), lesson("8", " ")];
        assert_eq!(outcomes(&sync(&owner, &community, listed).await), ["CREATED", "FAILED"]);
        in_run(&owner, &community, "monday", Vec::new()).await;
        let end = json!({ "community": community, "run": "monday", "limit": 1 });
        let finished = owner.mutate(FINISH, end).await;
        assert_eq!(finished["counts"]["archived"], 1);
        let rule = json!({ "community": community, "rule": "KEEP_OURS" });
        owner.mutate(POLICY, rule).await;
    }

    async fn references_are_given_by_hand_too_and_taken_up_by_the_first_sync(app: App) {
        let owner = app.person("Ada").await;
        let community = owner.create_community("Numeracy", json!({})).await;
        let references = json!([{ "system": "moodle", "externalId": "7", "url": "https://lms.example/7" }, { "system": "canvas", "externalId": "x" }]);
        let id = owner.create_resource(&community, "Fractions", json!({ "externalReferences": references })).await;
        let shown = "query($id: ID!) { resource(id: $id) { revision externalReferences { system externalId url } } }";
        let show = async || owner.query(shown, json!({ "id": id })).await["resource"].clone();
        assert_eq!(show().await["externalReferences"][0]["url"], "https://lms.example/7");
        let taken = json!({ "communityId": community, "title": "Other", "kind": "GUIDE", "externalReferences": references });
        let create = "mutation($input: CreateResourceInput!) { createResource(input: $input) { resource { id } userErrors { code field message } } }";
        let refused = owner.refused(create, json!({ "input": taken })).await;
        assert_eq!(refused, ["TAKEN input.externalReferences.0.externalId", "TAKEN input.externalReferences.1.externalId"]);
        let update = "mutation($id: ID!, $list: [ExternalReferenceInput!]) { updateResource(id: $id, input: { externalReferences: $list }) {
            resource { revision externalReferences { system externalId } } position userErrors { code field message } } }";
        let list = json!([{ "system": "moodle", "externalId": "7" }]);
        let changed = owner.mutate(update, json!({ "id": id, "list": list })).await;
        assert_eq!(changed["resource"], json!({ "revision": 1, "externalReferences": list }));
        let same = owner.mutate(update, json!({ "id": id, "list": list })).await;
        assert_eq!(same["position"], changed["position"]);

        let taken_up = sync(&owner, &community, vec![lesson("7", "Fractions first")]).await;
        assert_eq!(outcomes(&taken_up), ["UPDATED"]);
        assert_eq!(taken_up["results"][0]["resource"]["id"], id);
        assert_eq!(show().await["revision"], 2);
    }

    async fn references_are_read_together_and_found_by_an_index(app: App) {
        let owner = app.person("Ada").await;
        let community = owner.create_community("Numeracy", json!({})).await;
        sync(&owner, &community, lessons(0..20)).await;
        owner.create_resource(&community, "By hand", json!({})).await;
        let viewer = service::auth::authenticate(app.server().auth(), owner.token()).await.unwrap();
        let store = app.server().store();
        let request = |first: usize| {
            let query = format!("{{ resources(first: {first}, filter: {{ externalSystem: \"moodle\" }}) {{ nodes {{ title externalReferences {{ externalId }} }} }} }}");
            async_graphql::Request::new(query).data(RequestState::new(store, viewer.clone()))
        };
        let mut numbers = Vec::new();
        for first in [2, 20] {
            let schema = app.server().schema().clone();
            let request = request(first);
            let (response, number) = counted(async move { schema.execute(request).await }).await;
            assert!(response.errors.is_empty(), "{:?}", response.errors);
            let data = response.data.into_json().unwrap();
            assert_eq!(data["resources"]["nodes"].as_array().unwrap().len(), first);
            assert!(data["resources"]["nodes"][0]["externalReferences"][0]["externalId"].is_string());
            numbers.push(number);
        }
        assert_eq!(numbers[0], numbers[1]);
        let (schema, request) = (app.server().schema().clone(), request(20));
        let (_, statements) = recorded(async move { schema.execute(request).await }).await;
        let mut looked_up = 0;
        for statement in statements.iter().filter(|statement| statement.sql.contains("external_reference")) {
            let plan = store.plan(statement).await.unwrap().join("\n");
            assert!(!plan.contains("SCAN external_reference") && !plan.contains("Seq Scan on external_reference"), "{plan}");
            looked_up += 1;
        }
        assert_eq!(looked_up, 2, "the filter and the field");
    }
}
