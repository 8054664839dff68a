//! Review and stewardship: handed in, sent back, approved; pending revisions beside what readers see; stewards and dates.

use serde_json::{Value, json};
use support::{App, Client, on_both_databases};

const SUBMIT: &str = "mutation($id: ID!) { submitForReview(id: $id) {
    item { revision ... on Resource { status } ... on Practice { status } } position
    userErrors { code field message blockedBy { code } }
} }";

const REVIEW: &str = "mutation($input: ReviewInput!) { review(input: $input) {
    item { revision title ... on Resource { status } ... on Practice { status } } position
    userErrors { code field message blockedBy { code } }
} }";

const UPDATE: &str = "mutation($id: ID!, $input: UpdateResourceInput!, $expected: Int) {
    updateResource(id: $id, input: $input, expectedRevision: $expected) {
        resource { title revision status tags pendingRevision { number state title } }
        position
        userErrors { code field message currentRevision blockedBy { code } }
    }
}";

const SHOW: &str = "query($id: ID!) { resource(id: $id) {
    title body tags revision status viewerCan updatedAt
    pendingRevision { number state title body }
    revisions { totalCount nodes { id number state } }
    reviews { totalCount nodes { id verdict comment revision author { displayName } subject { id } } }
    availableTransitions { lifecycle to blockedBy { code } }
} }";

fn verdict(id: &Value, verdict: &str, revision: i32) -> Value {
    json!({ "input": { "id": id, "verdict": verdict, "revision": revision, "comment": "Read it." } })
}

/// The code of the first user error with those of what blocks it.
async fn blocked(client: &Client, mutation: &str, variables: Value) -> (String, Vec<String>) {
    let answer = client.send(mutation, variables).await;
    let data = answer.body["data"].as_object().unwrap().clone();
    let error = &data.values().next().unwrap()["userErrors"][0];
    let blocked_by = error["blockedBy"].as_array().cloned().unwrap_or_default();
    let codes = blocked_by
        .iter()
        .map(|blocker| blocker["code"].as_str().unwrap().to_owned());
    (
        error["code"].as_str().unwrap_or("none").to_owned(),
        codes.collect(),
    )
}

fn open_steps(item: &Value) -> Vec<String> {
    let options = item["availableTransitions"].as_array().unwrap();
    let open = options
        .iter()
        .filter(|option| option["blockedBy"] == json!([]));
    open.map(|option| option["to"].as_str().unwrap().to_owned())
        .collect()
}

struct Desk {
    facilitator: Client,
    author: Client,
    reviewer: Client,
    reader: Client,
    community: Value,
    resource: Value,
}

/// A community whose reviewers look at each resource, with a draft in it.
async fn desk(app: &App) -> Desk {
    let facilitator = app.person("Ada").await;
    let (author, reviewer) = (app.person("Ben").await, app.person("Cleo").await);
    let community = facilitator
        .create_community("Methods", json!({ "kind": "BEST_PRACTICE" }))
        .await;
    facilitator.admit(&community, &author, "MEMBER").await;
    facilitator.admit(&community, &reviewer, "REVIEWER").await;
    let more = json!({ "publish": false, "body": "One.\nTwo.\nThree.", "tags": ["walking"] });
    let resource = author
        .create_resource(&community, "Walking lessons", more)
        .await;
    Desk {
        facilitator,
        author,
        reviewer,
        reader: app.person("Dan").await,
        community,
        resource,
    }
}

on_both_databases! {
    async fn what_is_handed_in_is_sent_back_and_then_published(app: App) {
        let Desk { author, reviewer, reader, resource, .. } = desk(&app).await;
        let (code, why) = blocked(&reviewer, REVIEW, verdict(&resource, "APPROVE", 1)).await;
        assert_eq!((code.as_str(), why), ("INVALID_TRANSITION", vec!["NOT_FROM_HERE".to_owned()]), "a draft is not in review");

        let submitted = author.mutate(SUBMIT, json!({ "id": resource })).await;
        assert_eq!(submitted["item"], json!({ "revision": 1, "status": "IN_REVIEW" }));
        let again = author.mutate(SUBMIT, json!({ "id": resource })).await;
        assert_eq!(again["position"], submitted["position"], "handing in twice appends nothing");

        let (code, why) = blocked(&author, REVIEW, verdict(&resource, "APPROVE", 1)).await;
        assert_eq!((code.as_str(), why), ("INVALID_TRANSITION", vec!["OWN_WORK".to_owned()]));
        assert_eq!(reader.refused(REVIEW, verdict(&resource, "APPROVE", 1)).await, ["NOT_FOUND input.id"]);
        assert_eq!(
            reviewer.refused(REVIEW, json!({ "input": { "id": resource, "verdict": "COMMENT", "revision": 1 } })).await,
            ["REQUIRED input.comment"]
        );

        let back = reviewer.mutate(REVIEW, verdict(&resource, "REQUEST_CHANGES", 1)).await;
        assert_eq!(back["item"]["status"], "CHANGES_REQUESTED");
        let (code, why) = blocked(&reviewer, REVIEW, verdict(&resource, "APPROVE", 1)).await;
        assert_eq!((code.as_str(), why), ("INVALID_TRANSITION", vec!["NOT_FROM_HERE".to_owned()]));

        author.mutate(UPDATE, json!({ "id": resource, "input": { "body": "One.\n2.\nThree." } })).await;
        author.mutate(SUBMIT, json!({ "id": resource })).await;
        let (code, why) = blocked(&reviewer, REVIEW, verdict(&resource, "APPROVE", 1)).await;
        assert_eq!((code.as_str(), why), ("INVALID_TRANSITION", vec!["OLDER_REVISION".to_owned()]));
        assert_eq!(reviewer.refused(REVIEW, verdict(&resource, "APPROVE", 3)).await, ["NOT_FOUND input.revision"]);

        let shown = reviewer.query(SHOW, json!({ "id": resource })).await["resource"].clone();
        assert!(shown["viewerCan"].as_array().unwrap().contains(&json!("REVIEW")), "{shown:#}");
        assert_eq!(shown["pendingRevision"]["number"], 2);
        let published = reviewer.mutate(REVIEW, verdict(&resource, "APPROVE", 2)).await;
        assert_eq!(published["item"]["status"], "PUBLISHED");
        assert_eq!(published["item"]["revision"], 2, "publishing makes no revision");

        let shown = reader.query(SHOW, json!({ "id": resource })).await["resource"].clone();
        assert_eq!(shown["reviews"]["totalCount"], 1, "of the revision that readers see: {shown:#}");
        assert_eq!(shown["reviews"]["nodes"][0]["verdict"], "APPROVE");
        assert_eq!(shown["reviews"]["nodes"][0]["subject"]["id"], resource);
        let seen = author.query(SHOW, json!({ "id": resource })).await["resource"].clone();
        assert_eq!(seen["reviews"]["totalCount"], 2);
        let review = seen["reviews"]["nodes"][1]["id"].clone();
        let node = "query($id: ID!) { node(id: $id) { ... on Review { verdict revision } } }";
        assert_eq!(author.query(node, json!({ "id": review })).await["node"], json!({ "verdict": "REQUEST_CHANGES", "revision": 1 }));
        assert_eq!(reader.query(node, json!({ "id": review })).await["node"], Value::Null);
    }

    async fn whoever_changed_what_is_not_theirs_is_not_asked_to_review_it(app: App) {
        let Desk { facilitator, author, reviewer, community, resource, .. } = desk(&app).await;
        author.publish_through(&resource, &[&reviewer]).await;
        let told = "{ notifications(unreadOnly: true, first: 50) { nodes { id reason about { id } } } }";
        let read = "mutation($ids: [ID!]!) { markNotificationsRead(ids: $ids) { userErrors { code field message } } }";
        for client in [&facilitator, &reviewer] {
            let before = client.query(told, json!({})).await["notifications"]["nodes"].clone();
            let ids: Vec<&Value> = before.as_array().unwrap().iter().map(|one| &one["id"]).collect();
            client.mutate(read, json!({ "ids": ids })).await;
        }
        let changed = facilitator.mutate(UPDATE, json!({ "id": resource, "input": { "title": "Longer lessons" } })).await;
        assert_eq!(changed["resource"]["pendingRevision"]["number"], 2);

        let queue = "query($id: ID!) { community(id: $id) { workQueue { nodes { reason node { id } } } } }";
        for (client, asked) in [(&facilitator, false), (&reviewer, true)] {
            let client = client.at(&changed["position"]);
            let shown = client.query(SHOW, json!({ "id": resource })).await["resource"].clone();
            assert_eq!(shown["viewerCan"].as_array().unwrap().contains(&json!("REVIEW")), asked, "{shown:#}");
            assert_eq!(open_steps(&shown).contains(&"CHANGES_REQUESTED".to_owned()), asked, "{shown:#}");
            let awaits = client.query(queue, json!({ "id": community })).await["community"]["workQueue"]["nodes"].clone();
            let entry = json!({ "reason": "AWAITING_REVIEW", "node": { "id": resource } });
            assert_eq!(awaits.as_array().unwrap().contains(&entry), asked, "{awaits:#}");
            let told = client.query(told, json!({})).await["notifications"]["nodes"].clone();
            let about = json!({ "id": resource });
            let entry = |one: &Value| one["reason"] == "ASKED_TO_REVIEW" && one["about"] == about;
            assert_eq!(told.as_array().unwrap().iter().any(entry), asked, "{told:#}");
        }
        let (code, why) = blocked(&facilitator, REVIEW, verdict(&resource, "APPROVE", 2)).await;
        assert_eq!((code.as_str(), why), ("INVALID_TRANSITION", vec!["OWN_WORK".to_owned()]));
    }

    async fn readers_keep_what_is_published_while_a_revision_waits(app: App) {
        let Desk { facilitator, author, reviewer, reader, community, resource } = desk(&app).await;
        author.publish_through(&resource, &[&reviewer]).await;
        let before = reader.query(SHOW, json!({ "id": resource })).await["resource"].clone();

        let changed = author.mutate(UPDATE, json!({
            "id": resource, "expected": 1,
            "input": { "title": "Zyzzyva lessons", "body": "One.\nZyzzyva.\nThree.", "tags": ["zyzzyva"] },
        })).await;
        assert_eq!(changed["resource"], json!({
            "title": "Walking lessons", "revision": 1, "status": "PUBLISHED", "tags": ["walking"],
            "pendingRevision": { "number": 2, "state": "IN_REVIEW", "title": "Zyzzyva lessons" },
        }));
        let seen = reader.at(&changed["position"]).query(SHOW, json!({ "id": resource })).await["resource"].clone();
        assert_eq!(seen, before, "to a reader nothing has happened");
        assert_eq!(reader.at(&changed["position"]).search_titles("zyzzyva").await, [] as [&str; 0]);
        assert_eq!(reviewer.at(&changed["position"]).search_titles("zyzzyva").await, [] as [&str; 0]);

        // What is expected is the newest, pending or not; an edit starts from it.
        let answer = author.send(UPDATE, json!({ "id": resource, "expected": 1, "input": { "title": "Older" } })).await;
        assert_eq!(answer.body["data"]["updateResource"]["userErrors"][0]["currentRevision"], 2);
        let more = author.mutate(UPDATE, json!({ "id": resource, "expected": 2, "input": { "tags": ["zyzzyva", "outdoors"] } })).await;
        assert_eq!(more["resource"]["pendingRevision"], json!({ "number": 3, "state": "IN_REVIEW", "title": "Zyzzyva lessons" }));
        let same = author.mutate(UPDATE, json!({ "id": resource, "input": { "title": "Zyzzyva lessons" } })).await;
        assert_eq!(same["position"], more["position"], "the same again is no revision");

        let shown = reviewer.query(SHOW, json!({ "id": resource })).await["resource"].clone();
        let states: Vec<_> = shown["revisions"]["nodes"].as_array().unwrap().iter().map(|one| one["state"].clone()).collect();
        assert_eq!(states, ["IN_REVIEW", "DRAFT", "PUBLISHED"]);
        let pending = shown["revisions"]["nodes"][0]["id"].clone();
        let node = "query($id: ID!) { node(id: $id) { id } }";
        assert_eq!(reader.query(node, json!({ "id": pending })).await["node"], Value::Null);

        let sent_back = reviewer.mutate(REVIEW, verdict(&resource, "REQUEST_CHANGES", 3)).await;
        assert_eq!(sent_back["item"]["status"], "PUBLISHED");
        let shown = author.query(SHOW, json!({ "id": resource })).await["resource"].clone();
        assert_eq!(shown["pendingRevision"]["state"], "CHANGES_REQUESTED");
        assert!(shown["viewerCan"].as_array().unwrap().contains(&json!("SUBMIT")));
        assert_eq!(open_steps(&shown), ["IN_REVIEW"]);
        author.mutate(SUBMIT, json!({ "id": resource })).await;
        let approved = reviewer.mutate(REVIEW, verdict(&resource, "APPROVE", 3)).await;
        assert_eq!(approved["item"], json!({ "revision": 3, "title": "Zyzzyva lessons", "status": "PUBLISHED" }));

        let seen = reader.at(&approved["position"]).query(SHOW, json!({ "id": resource })).await["resource"].clone();
        assert_eq!(seen["title"], "Zyzzyva lessons");
        assert_eq!(seen["tags"], json!(["zyzzyva", "outdoors"]));
        assert_eq!(seen["pendingRevision"], Value::Null);
        assert_eq!(reader.at(&approved["position"]).search_titles("zyzzyva").await, ["Zyzzyva lessons"]);

        // Where no review is asked for any more, what waits is published by its author, and edits show at once.
        author.mutate(UPDATE, json!({ "id": resource, "input": { "title": "Waits" } })).await;
        let relax = "mutation($id: ID!) { updateCommunityPolicy(id: $id, input: { resourceReview: NONE }) {
            community { id } userErrors { code field message } } }";
        facilitator.mutate(relax, json!({ "id": community })).await;
        let publish = "mutation($id: ID!) { publishResource(id: $id) {
            resource { title revision pendingRevision { number } } userErrors { code field message } } }";
        let published = author.mutate(publish, json!({ "id": resource })).await;
        assert_eq!(published["resource"], json!({ "title": "Waits", "revision": 4, "pendingRevision": null }));
        let shown_at_once = author.mutate(UPDATE, json!({ "id": resource, "input": { "title": "At once" } })).await;
        assert_eq!(shown_at_once["resource"]["revision"], 5);
        assert_eq!(shown_at_once["resource"]["title"], "At once");
    }

    async fn revisions_are_compared_and_restored(app: App) {
        let Desk { author, reviewer, reader, resource, .. } = desk(&app).await;
        author.publish_through(&resource, &[&reviewer]).await;
        author.mutate(UPDATE, json!({ "id": resource, "input": { "body": "One.\n2.\nThree.", "tags": ["walking", "talking"] } })).await;
        let compare = "query($id: ID!, $from: Int!, $to: Int!) { compareRevisions(id: $id, from: $from, to: $to) {
            from { number } to { number } changes { field before after unified }
        } }";
        let variables = json!({ "id": resource, "from": 1, "to": 2 });
        let found = reviewer.query(compare, variables.clone()).await["compareRevisions"].clone();
        assert_eq!(found["changes"].as_array().unwrap().len(), 2, "{found:#}");
        assert_eq!(found["changes"][0]["field"], "body");
        let unified = found["changes"][0]["unified"].as_str().unwrap();
        assert!(unified.contains("-Two.\n+2.\n"), "{unified}");
        assert_eq!(found["changes"][1], json!({
            "field": "tags", "before": ["walking"], "after": ["walking", "talking"], "unified": null,
        }));
        assert_eq!(reader.query(compare, variables).await["compareRevisions"], Value::Null, "one of them waits for its review");
        assert_eq!(author.query(compare, json!({ "id": resource, "from": 1, "to": 9 })).await["compareRevisions"], Value::Null);

        reviewer.mutate(REVIEW, verdict(&resource, "APPROVE", 2)).await;
        let restore = "mutation($id: ID!, $number: Int!, $expected: Int) {
            restoreRevision(id: $id, number: $number, expectedRevision: $expected) {
                item { revision ... on Resource { body pendingRevision { number body note } } } position
                userErrors { code field message currentRevision }
            }
        }";
        assert_eq!(author.refused(restore, json!({ "id": resource, "number": 1, "expected": 1 })).await, ["CONFLICT expectedRevision"]);
        assert_eq!(author.refused(restore, json!({ "id": resource, "number": 7 })).await, ["NOT_FOUND number"]);
        let restored = author.mutate(restore, json!({ "id": resource, "number": 1, "expected": 2 })).await;
        assert_eq!(restored["item"], json!({
            "revision": 2, "body": "One.\n2.\nThree.",
            "pendingRevision": { "number": 3, "body": "One.\nTwo.\nThree.", "note": "Restores revision 1." },
        }));
        let again = author.mutate(restore, json!({ "id": resource, "number": 1 })).await;
        assert_eq!(again["position"], restored["position"]);
        reviewer.mutate(REVIEW, verdict(&resource, "APPROVE", 3)).await;
        assert_eq!(reader.query(SHOW, json!({ "id": resource })).await["resource"]["body"], "One.\nTwo.\nThree.");
    }

    async fn a_steward_keeps_an_item_until_its_date(app: App) {
        let Desk { facilitator, author, reviewer, community, resource, reader } = desk(&app).await;
        let steward = app.person("Eve").await;
        facilitator.admit(&community, &steward, "STEWARD").await;
        let keep = "mutation($id: ID!, $user: ID, $due: DateTime) { setSteward(id: $id, userId: $user, reviewDueAt: $due) {
            item { revision ... on Resource { steward { displayName } reviewDueAt } } position
            userErrors { code field message }
        } }";
        let steward_id = steward.my_id().await;
        let variables = json!({ "id": resource, "user": steward_id, "due": "2027-01-31T10:00:00+01:00" });
        assert_eq!(author.refused(keep, variables.clone()).await, ["FORBIDDEN id"]);
        let kept = steward.mutate(keep, variables.clone()).await;
        assert_eq!(kept["item"], json!({ "revision": 1, "steward": { "displayName": "Eve" }, "reviewDueAt": "2027-01-31T09:00:00Z" }));
        assert_eq!(steward.mutate(keep, variables).await["position"], kept["position"], "the same again appends nothing");
        let outsider = json!({ "id": resource, "user": reader.my_id().await, "due": "soon" });
        assert_eq!(steward.refused(keep, outsider).await, ["INVALID reviewDueAt", "NOT_FOUND userId"]);
        let renew = "mutation($id: ID!) { renewReview(id: $id) {
            item { ... on Resource { reviewDueAt } } userErrors { code field message } } }";
        assert_eq!(reviewer.refused(renew, json!({ "id": resource })).await, ["FORBIDDEN id"]);
        let renewed = steward.mutate(renew, json!({ "id": resource })).await;
        assert_ne!(renewed["item"]["reviewDueAt"], "2027-01-31T09:00:00Z");
        let empty = "mutation($id: ID!) { setSteward(id: $id, userId: null, reviewDueAt: null) {
            item { ... on Resource { steward { id } reviewDueAt } } userErrors { code field message } } }";
        let emptied = steward.mutate(empty, json!({ "id": resource })).await;
        assert_eq!(emptied["item"], json!({ "steward": null, "reviewDueAt": null }));
    }

    async fn likely_duplicates_are_shown_to_those_who_keep_order(app: App) {
        let author = app.person("Ada").await;
        let (member, reader) = (app.person("Ben").await, app.person("Cleo").await);
        let community = author.create_community("Shelf", json!({})).await;
        member.join(&community).await;
        let body = "Children walk along a line on the floor and count every step aloud, then they count backwards.";
        let first = member.create_resource(&community, "Counting by walking", json!({ "body": body })).await;
        member.create_resource(&community, "Counting, by walking!", json!({})).await;
        member.create_resource(&community, "Steps on a line", json!({ "body": format!("{body} Done.") })).await;
        member.create_resource(&community, "Walking shoes", json!({ "body": "What to wear." })).await;
        let secret = author.create_resource(&community, "Counting by walking", json!({ "visibility": "AUTHORS" })).await;
        let last = member.create_resource_payload(&community, "Fractions", json!({})).await;
        let query = "query($id: ID!) { resource(id: $id) { likelyDuplicates { title } } }";
        let find = |client: &Client| {
            let client = client.at(&last["position"]);
            let first = first.clone();
            async move {
                let found = client.query(query, json!({ "id": first })).await;
                let list = found["resource"]["likelyDuplicates"].as_array().unwrap().clone();
                list.iter().map(|one| one["title"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
            }
        };
        assert_eq!(find(&member).await, ["Counting, by walking!", "Steps on a line"], "by title, and by text");
        let mut all = find(&author).await;
        all.sort();
        let hers = ["Counting by walking", "Counting, by walking!", "Steps on a line"];
        assert_eq!(all, hers, "{secret} is hers alone to see");
        assert_eq!(find(&reader).await, [] as [&str; 0]);
    }
}
