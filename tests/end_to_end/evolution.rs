//! Communities that come of each other: parts, splits and merges, with everything that was made in them.

use serde_json::{Value, json};
use support::{App, Client, on_both_databases};

const SPLIT: &str = "mutation($id: ID!, $input: SplitCommunityInput!) {
    splitCommunity(id: $id, input: $input) {
        community {
            id slug stage visibility viewerMembership { role }
            splitFrom { id } stageHistory { from to reason }
            members { nodes { user { displayName } role functions } }
        }
        position userErrors { code field message }
    }
}";

const MERGE: &str = "mutation($id: ID!, $into: ID!, $expected: Int) {
    mergeCommunities(id: $id, intoId: $into, reason: \"We do the same.\", expectedRevision: $expected) {
        community { id mergedFrom { id slug } }
        position userErrors { code field message blockedBy { code message } }
    }
}";

const ITEM: &str = "query($id: ID!) { node(id: $id) { ... on Item {
    id title revision community { id }
    ... on Resource { cameFrom { id } revisions(first: 5) { totalCount } body }
    ... on Discussion { cameFrom { id } posts(first: 5) { totalCount nodes { body } } }
} } }";

const OFFER: &str = "mutation($item: ID!, $to: ID!) {
    offerBoundaryShare(itemId: $item, toCommunityId: $to, note: \"Try it.\") {
        boundaryShare { id } userErrors { code field message }
    }
}";

const ACCEPT: &str = "mutation($id: ID!) {
    respondToBoundaryShare(id: $id, accept: true) {
        boundaryShare { id } userErrors { code field message }
    }
}";

async fn item(client: &Client, id: &Value) -> Value {
    client.query(ITEM, json!({ "id": id })).await["node"].clone()
}

async fn membership(client: &Client, community: &Value) -> Value {
    let query = "query($id: ID!) { community(id: $id) { viewerMembership { id role state } } }";
    client.query(query, json!({ "id": community })).await["community"]["viewerMembership"].clone()
}

async fn discussion(author: &Client, community: &Value, title: &str) -> Value {
    let create = "mutation($input: CreateDiscussionInput!) { createDiscussion(input: $input) {
        discussion { id } userErrors { code field message } } }";
    let input =
        json!({ "communityId": community, "title": title, "body": "How?", "kind": "HELP_REQUEST" });
    let id = author.mutate(create, json!({ "input": input })).await["discussion"]["id"].clone();
    let post =
        "mutation($id: ID!) { addPost(input: { discussionId: $id, body: \"Mit Zwirbelholz.\" }) {
        post { id } userErrors { code field message } } }";
    author.mutate(post, json!({ "id": id })).await;
    id
}

fn input(items: &[&Value], members: &[&Value]) -> Value {
    json!({
        "name": "Runners", "purpose": "To run.", "itemIds": items, "memberIds": members,
        "reason": "Some of us run.",
    })
}

on_both_databases! {
    async fn a_part_becomes_a_community_of_its_own(app: App) {
        let facilitator = app.person("Ada").await;
        let (runner, walker, stranger) = (app.person("Ben").await, app.person("Cleo").await, app.person("Dan").await);
        let whole = facilitator.create_community("Walkers", json!({ "visibility": "PRIVATE", "joinPolicy": "INVITATION" })).await;
        facilitator.admit(&whole, &runner, "STEWARD").await;
        facilitator.admit(&whole, &walker, "MEMBER").await;
        let running = runner.create_resource(&whole, "Running Zwirbelholz", json!({ "body": "Fast." })).await;
        let walking = runner.create_resource(&whole, "Walking Zwirbelholz", json!({})).await;
        let asked = discussion(&runner, &whole, "How to run?").await;
        let comes = membership(&runner, &whole).await["id"].clone();
        let before = (item(&runner, &running).await, item(&runner, &asked).await);

        let chosen = input(&[&running, &asked], &[&comes]);
        assert_eq!(runner.refused(SPLIT, json!({ "id": whole, "input": chosen })).await, ["FORBIDDEN id"]);
        assert_eq!(
            stranger.refused(SPLIT, json!({ "id": whole, "input": chosen })).await, ["FORBIDDEN id"],
            "a private community is known by its about"
        );
        let wrong = input(&[&whole], &[&running]);
        assert_eq!(
            facilitator.refused(SPLIT, json!({ "id": whole, "input": wrong })).await,
            ["INVALID input.itemIds.0", "INVALID input.memberIds.0"]
        );
        let split = facilitator.mutate(SPLIT, json!({ "id": whole, "input": chosen })).await;
        let part = &split["community"];
        assert_eq!(
            (&part["slug"], &part["stage"], &part["visibility"], &part["splitFrom"]["id"]),
            (&json!("runners"), &json!("COALESCING"), &json!("PRIVATE"), &whole)
        );
        assert_eq!(part["viewerMembership"]["role"], "FACILITATOR");
        assert_eq!(part["stageHistory"], json!([{ "from": null, "to": "COALESCING", "reason": "Some of us run." }]));
        let mut people: Vec<_> = part["members"]["nodes"].as_array().unwrap().iter()
            .map(|node| format!("{} {}", node["user"]["displayName"].as_str().unwrap(), node["role"].as_str().unwrap()))
            .collect();
        people.sort();
        assert_eq!(people, ["Ada FACILITATOR", "Ben STEWARD"]);

        for (id, mut expected) in [(&running, before.0), (&asked, before.1)] {
            expected["community"]["id"] = part["id"].clone();
            expected["cameFrom"] = json!([{ "id": whole }]);
            assert_eq!(item(&runner, id).await, expected, "everything is kept but the community");
            assert_eq!(item(&walker, id).await, Value::Null, "who stays behind is no member there");
        }
        assert_eq!(item(&walker, &walking).await["community"]["id"], whole);
        let position = &split["position"];
        assert_eq!(runner.at(position).search_titles("Zwirbelholz").await.len(), 3);
        assert_eq!(walker.at(position).search_titles("Zwirbelholz").await, ["Walking Zwirbelholz"], "search forgot what they may not read");
        let parts = "query($id: ID!) { community(id: $id) { splitInto { id } } }";
        assert_eq!(walker.query(parts, json!({ "id": whole })).await["community"]["splitInto"], json!([{ "id": part["id"] }]));
        assert_eq!(stranger.query(parts, json!({ "id": whole })).await["community"]["splitInto"], json!([]));
    }

    async fn a_community_becomes_part_of_another(app: App) {
        let facilitator = app.person("Ada").await;
        let (author, other) = (app.person("Ben").await, app.person("Cleo").await);
        let from = facilitator.create_community("Runners", json!({ "slug": "runners" })).await;
        let into = facilitator.create_community("Walkers", json!({ "visibility": "INTERNAL" })).await;
        facilitator.admit(&from, &author, "REVIEWER").await;
        other.join(&into).await;
        let shared = author.create_resource(&from, "Running Zwirbelholz", json!({ "body": "Fast." })).await;
        let draft = author.create_resource(&from, "Draft Zwirbelholz", json!({ "publish": false })).await;
        let asked = discussion(&author, &from, "How to run?").await;

        assert_eq!(author.refused(MERGE, json!({ "id": from, "into": into })).await, ["FORBIDDEN id", "FORBIDDEN intoId"]);
        let wrong_way = facilitator.payload(MERGE, json!({ "id": into, "into": from })).await;
        assert_eq!(wrong_way["userErrors"][0]["code"], "INVALID_TRANSITION");
        assert_eq!(wrong_way["userErrors"][0]["blockedBy"][0]["code"], "CRITERION_UNMET", "what is internal does not become public");
        assert_eq!(facilitator.refused(MERGE, json!({ "id": from, "into": from })).await, ["INVALID intoId"]);
        let stale = json!({ "id": from, "into": into, "expected": 2 });
        assert_eq!(facilitator.refused(MERGE, stale).await, ["CONFLICT expectedRevision"]);

        let merged = facilitator.mutate(MERGE, json!({ "id": from, "into": into })).await;
        assert_eq!(merged["community"]["id"], into);
        assert_eq!(merged["community"]["mergedFrom"], json!([{ "id": from, "slug": "runners-merged" }]));
        let position = &merged["position"];
        for id in [&shared, &draft, &asked] {
            let seen = item(&author, id).await;
            assert_eq!((&seen["community"]["id"], &seen["cameFrom"]), (&into, &json!([{ "id": from }])));
        }
        assert_eq!(item(&author, &shared).await["revisions"]["totalCount"], 1);
        assert_eq!(item(&author, &asked).await["posts"]["nodes"][0]["body"], "Mit Zwirbelholz.");
        assert_eq!(item(&app.anonymous(), &shared).await, Value::Null, "it is as visible as its community");
        assert_eq!(item(&other, &draft).await, Value::Null, "a draft stays one");
        assert_eq!(app.anonymous().at(position).search_titles("Zwirbelholz").await, Vec::<String>::new());
        assert_eq!(other.at(position).search_titles("Zwirbelholz").await.len(), 2);
        assert_eq!(membership(&author, &into).await["role"], "REVIEWER");
        assert_eq!(membership(&author, &from).await["state"], "ACTIVE", "its history is kept");

        let closed = "query { community(slug: \"runners\") { id } }";
        assert_eq!(facilitator.query(closed, json!({})).await["community"]["id"], into, "the old slug leads on");
        let closed = "query($id: ID!) { community(id: $id) {
            status stage mergedInto { id } resources { totalCount } stageHistory { to outcome } } }";
        let closed = facilitator.query(closed, json!({ "id": from })).await["community"].clone();
        assert_eq!(closed["stageHistory"].as_array().unwrap().last().unwrap(), &json!({ "to": "TRANSFORMATION", "outcome": "MERGED" }));
        assert_eq!(
            (&closed["status"], &closed["stage"], &closed["mergedInto"]["id"], &closed["resources"]["totalCount"]),
            (&json!("ARCHIVED"), &json!("TRANSFORMATION"), &into, &json!(0))
        );
        assert_eq!(
            author.refused("mutation($id: ID!) { createResource(input: { communityId: $id, title: \"Late\", kind: GUIDE }) {
                resource { id } userErrors { code field message } } }", json!({ "id": from })).await,
            ["FORBIDDEN input.communityId"]
        );
        let changed = "mutation($id: ID!) { updateResource(id: $id, input: { title: \"Running on\" }) {
            resource { title community { id } } userErrors { code field message } } }";
        let changed = author.mutate(changed, json!({ "id": shared })).await;
        assert_eq!(changed["resource"], json!({ "title": "Running on", "community": { "id": into } }));
    }

    async fn what_is_shared_and_told_goes_along(app: App) {
        let facilitator = app.person("Ada").await;
        let (teller, receiver, member) = (app.person("Ben").await, app.person("Cleo").await, app.person("Dan").await);
        let from = facilitator.create_community("Runners", json!({})).await;
        let into = facilitator.create_community("Walkers", json!({ "visibility": "INTERNAL" })).await;
        let third = receiver.create_community("Climbers", json!({})).await;
        facilitator.join(&third).await;
        teller.join(&from).await;
        member.join(&into).await;
        let given = facilitator.create_resource(&from, "Given", json!({})).await;
        let taken = facilitator.create_resource(&third, "Taken", json!({})).await;
        let within = facilitator.create_resource(&into, "Within", json!({})).await;
        let mut shares = Vec::new();
        for (item, to, by) in [(&given, &third, &receiver), (&taken, &from, &facilitator), (&within, &from, &facilitator)] {
            let offered = facilitator.mutate(OFFER, json!({ "item": item, "to": to })).await;
            let id = offered["boundaryShare"]["id"].clone();
            by.mutate(ACCEPT, json!({ "id": id })).await;
            shares.push(id);
        }
        let tell = "mutation($input: ValueStoryInput!) { tellValueStory(input: $input) {
            valueStory { id } position userErrors { code field message } } }";
        let input = json!({
            "communityId": from, "title": "Zwirbelholz carried me", "consent": "PUBLIC",
            "steps": [{ "cycle": "IMMEDIATE", "text": "I ran.", "referenceIds": [given] }],
        });
        let told = teller.mutate(tell, json!({ "input": input })).await;
        let story = &told["valueStory"]["id"];
        let found = async |client: &Client, position: &Value| {
            let search = "{ search(query: \"Zwirbelholz\") { totalCount } }";
            client.at(position).query(search, json!({})).await["search"]["totalCount"].clone()
        };
        assert_eq!(found(&app.anonymous(), &told["position"]).await, 1);

        let merged = facilitator.mutate(MERGE, json!({ "id": from, "into": into })).await;
        let position = &merged["position"];
        let share = "query($id: ID!) { node(id: $id) { ... on BoundaryShare {
            state note fromCommunity { id } toCommunity { id } } } }";
        let mut seen = Vec::new();
        for id in &shares {
            seen.push(facilitator.query(share, json!({ "id": id })).await["node"].clone());
        }
        let shared = |state: &str, from: &Value, to: &Value| json!({
            "state": state, "note": "Try it.", "fromCommunity": { "id": from }, "toCommunity": { "id": to } });
        assert_eq!(seen, [
            shared("ACCEPTED", &into, &third), shared("ACCEPTED", &third, &into), shared("WITHDRAWN", &into, &from),
        ]);
        let steps = "query($id: ID!) { node(id: $id) { ... on BoundaryShare {
            transitions { totalCount nodes { from to reason actor { displayName } } } } } }";
        let steps = facilitator.query(steps, json!({ "id": shares[2] })).await["node"]["transitions"].clone();
        assert_eq!(steps["totalCount"], 3);
        assert_eq!(steps["nodes"][2], json!({
            "from": "ACCEPTED", "to": "WITHDRAWN", "reason": "The two communities are one now.",
            "actor": { "displayName": "Ada" },
        }));
        let listed = "query($id: ID!) { community(id: $id) { boundaryShares { nodes { id } } valueStories { nodes { id } } } }";
        let listed = member.query(listed, json!({ "id": into })).await["community"].clone();
        assert_eq!(listed["valueStories"]["nodes"], json!([{ "id": story }]));
        assert_eq!(
            listed["boundaryShares"]["nodes"], json!([{ "id": shares[1] }, { "id": shares[0] }]),
            "what is taken up, on either side"
        );
        let one = "query($id: ID!) { node(id: $id) { ... on ValueStory { community { id } steps { references { id } } } } }";
        let seen = member.query(one, json!({ "id": story })).await["node"].clone();
        assert_eq!(seen, json!({ "community": { "id": into }, "steps": [{ "references": [{ "id": given }] }] }));
        assert_eq!(app.anonymous().query(one, json!({ "id": story })).await["node"], Value::Null);
        assert_eq!(found(&app.anonymous(), position).await, 0, "search forgot it too");
        assert_eq!(found(&member, position).await, 1);
    }

    async fn parts_of_a_merged_community_go_along(app: App) {
        let facilitator = app.person("Ada").await;
        let whole = facilitator.create_community("Sports", json!({})).await;
        let from = facilitator.create_community("Runners", json!({ "parentId": whole })).await;
        let part = facilitator.create_community("Sprinters", json!({ "parentId": from })).await;
        let into = facilitator.create_community("Joggers", json!({ "parentId": from })).await;
        let merged = facilitator.mutate(MERGE, json!({ "id": from, "into": into })).await;
        assert_eq!(merged["community"]["id"], into);
        let show = "query($id: ID!) { community(id: $id) { parent { id } children { nodes { id } } } }";
        for (id, parent, parts) in [
            (&into, &whole, vec![&part]), (&part, &into, Vec::new()), (&from, &whole, Vec::new()),
        ] {
            let seen = facilitator.query(show, json!({ "id": id })).await["community"].clone();
            let parts: Vec<Value> = parts.into_iter().map(|id| json!({ "id": id })).collect();
            assert_eq!(seen, json!({ "parent": { "id": parent }, "children": { "nodes": parts } }));
        }
    }

    async fn parts_are_listed_for_those_who_see_them_whole(app: App) {
        let facilitator = app.person("Ada").await;
        let stranger = app.person("Ben").await;
        let whole = facilitator.create_community("Walkers", json!({})).await;
        let open = facilitator.create_community("Hill walkers", json!({ "parentId": whole })).await;
        facilitator.create_community("Night walkers", json!({ "parentId": whole, "visibility": "PRIVATE" })).await;
        let children = "query($id: ID!) { community(id: $id) { children { totalCount nodes { name parent { id } } } } }";
        let seen = facilitator.query(children, json!({ "id": whole })).await["community"]["children"].clone();
        assert_eq!(seen, json!({ "totalCount": 2, "nodes": [
            { "name": "Hill walkers", "parent": { "id": whole } }, { "name": "Night walkers", "parent": { "id": whole } },
        ] }));
        let seen = stranger.query(children, json!({ "id": whole })).await["community"]["children"].clone();
        assert_eq!(seen["totalCount"], 1, "of what a private community is part of strangers know nothing");
        let update = "mutation($id: ID!, $parent: ID!) { updateCommunity(id: $id, input: { parentId: $parent }) {
            community { id } userErrors { code field message } } }";
        assert_eq!(
            facilitator.refused(update, json!({ "id": whole, "parent": open })).await, ["INVALID input.parentId"],
            "a circle is refused"
        );
    }
}
