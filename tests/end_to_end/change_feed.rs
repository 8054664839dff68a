//! The change feed: each reader is told of what they may see, what it is to them, and where to go on.

mod copies;

use serde_json::{Value, json};
use support::{App, Client, on_both_databases};

use crate::plans::{plans, whole_reads};
use crate::statements::statements;

const FEED: &str = "query($after: Position, $first: Int, $types: [String!], $community: ID) {
    changes(after: $after, first: $first, types: $types, communityId: $community) {
        changes { scope position operation nodeId typeName fields communityId at
            node { id __typename ... on Item { title } ... on Community { name } } }
        nextPosition hasMore } }";
const SEE: &str = "mutation($id: ID!, $visibility: ItemVisibility!) {
    updateResource(id: $id, input: { visibility: $visibility }) { userErrors { code field message } } }";
const OPEN: &str = "mutation($id: ID!, $visibility: CommunityVisibility!) {
    updateCommunity(id: $id, input: { visibility: $visibility }) { userErrors { code field message } } }";
const PUBLISH: &str =
    "mutation($id: ID!) { publishResource(id: $id) { userErrors { code field message } } }";
const DELETE: &str = "mutation($id: ID!) { deleteResource(id: $id) { deletedId userErrors { code field message } } }";

async fn position(client: &Client) -> Value {
    let found = client.query("{ serverInfo { position } }", json!({}));
    found.await["serverInfo"]["position"].clone()
}

async fn page(client: &Client, variables: Value) -> Value {
    client.query(FEED, variables).await["changes"].clone()
}

/// Everything after a position that has to do with these arguments.
async fn changes(client: &Client, after: &Value, more: Value) -> Vec<Value> {
    let (mut after, mut found) = (after.clone(), Vec::new());
    loop {
        let mut variables = json!({ "after": after, "first": 3 });
        if let Value::Object(more) = more.clone() {
            variables.as_object_mut().unwrap().extend(more);
        }
        let page = page(client, variables).await;
        found.extend(page["changes"].as_array().unwrap().iter().cloned());
        after = page["nextPosition"].clone();
        if page["hasMore"] == false {
            return found;
        }
    }
}

/// Each change as `SCOPE OPERATION Type title`.
fn describe(changes: &[Value]) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let one = |change: &Value| {
        let node = &change["node"];
        let title = if node["title"].is_null() {
            &node["name"]
        } else {
            &node["title"]
        };
        let parts = [
            &change["scope"],
            &change["operation"],
            &change["typeName"],
            title,
        ];
        parts.map(text).join(" ")
    };
    changes.iter().map(one).collect()
}

async fn told(client: &Client, after: &Value) -> Vec<String> {
    describe(&changes(client, after, json!({})).await)
}

async fn membership(client: &Client, community: &Value) -> Value {
    let query = "query($id: ID!) { community(id: $id) { viewerMembership { id } } }";
    let found = client.query(query, json!({ "id": community })).await;
    found["community"]["viewerMembership"]["id"].clone()
}

async fn see(client: &Client, id: &Value, visibility: &str) {
    let variables = json!({ "id": id, "visibility": visibility });
    client.mutate(SEE, variables).await;
}

on_both_databases! {
    async fn a_change_is_to_each_reader_what_it_did_to_what_they_see(app: App) {
        let (author, member, nobody) = (app.person("Ada").await, app.person("Ben").await, app.anonymous());
        let community = author.create_community("Shelf", json!({})).await;
        member.join(&community).await;
        let begin = position(&nobody).await;

        let draft = author.create_resource(&community, "Fractions", json!({ "publish": false })).await;
        assert_eq!(told(&author, &begin).await, ["NODE CREATED Resource Fractions"]);
        for client in [&member, &nobody] {
            assert_eq!(told(client, &begin).await, [""; 0]);
        }

        let here = position(&nobody).await;
        author.mutate(PUBLISH, json!({ "id": draft })).await;
        let published = changes(&author, &here, json!({})).await;
        assert_eq!(describe(&published), ["NODE UPDATED Resource Fractions"]);
        assert_eq!(published[0]["fields"], json!(["status", "publishedAt"]));
        assert_eq!((&published[0]["nodeId"], &published[0]["communityId"]), (&draft, &community));
        assert_eq!(published[0]["node"]["id"], draft);
        for client in [&member, &nobody] {
            assert_eq!(told(client, &here).await, ["NODE CREATED Resource Fractions"]);
        }

        let here = position(&nobody).await;
        see(&author, &draft, "MEMBERS").await;
        assert_eq!(told(&nobody, &here).await, ["NODE DELETED Resource -"]);
        assert_eq!(told(&member, &here).await, ["NODE UPDATED Resource Fractions"]);
        // It was there, and is not any more.
        assert_eq!(told(&nobody, &begin).await, ["NODE CREATED Resource -", "NODE DELETED Resource -"]);

        let here = position(&nobody).await;
        see(&author, &draft, "COMMUNITY").await;
        assert_eq!(told(&nobody, &here).await, ["NODE CREATED Resource Fractions"]);
        let here = position(&nobody).await;
        author.mutate(DELETE, json!({ "id": draft })).await;
        for client in [&author, &member, &nobody] {
            let gone = changes(client, &here, json!({})).await;
            assert_eq!(describe(&gone), ["NODE DELETED Resource -"]);
            assert_eq!((&gone[0]["nodeId"], &gone[0]["fields"]), (&draft, &json!([])));
        }
        let end = position(&nobody).await;
        let nothing = page(&nobody, json!({ "after": end })).await;
        assert_eq!(nothing, json!({ "changes": [], "nextPosition": end, "hasMore": false }));
    }

    async fn what_stands_below_an_item_comes_and_goes_with_it(app: App) {
        let (author, nobody) = (app.person("Ada").await, app.anonymous());
        let community = author.create_community("Shelf", json!({})).await;
        let create = "mutation($input: CreateDiscussionInput!) { createDiscussion(input: $input) {
            discussion { id } userErrors { code field message } } }";
        let input = json!({ "communityId": community, "title": "How?", "body": "So?", "kind": "DISCUSSION" });
        let discussion = author.mutate(create, json!({ "input": input })).await["discussion"]["id"].clone();
        let post = "mutation($input: AddPostInput!) { addPost(input: $input) { post { id } userErrors { code field message } } }";
        author.mutate(post, json!({ "input": { "discussionId": discussion, "body": "So." } })).await;
        let resource = author.create_resource(&community, "Fractions", json!({})).await;
        author.adopt(&resource, "Grade 5", "IN_USE").await;
        let pilot = author.plan_pilot(&resource, json!({})).await;
        author.set_pilot_state(&pilot, "RUNNING", None).await;
        author.tell(&pilot, "PUBLIC", json!({})).await;

        let see_discussion = "mutation($id: ID!, $visibility: ItemVisibility!) {
            updateDiscussion(id: $id, input: { visibility: $visibility }) { userErrors { code field message } } }";
        for (visibility, operation) in [("MEMBERS", "DELETED"), ("COMMUNITY", "CREATED")] {
            let here = position(&nobody).await;
            author.mutate(see_discussion, json!({ "id": discussion, "visibility": visibility })).await;
            see(&author, &resource, visibility).await;
            let told = changes(&nobody, &here, json!({})).await;
            assert!(told.iter().all(|change| change["operation"] == operation), "{told:#?}");
            let mut types: Vec<_> = told.iter().map(|change| change["typeName"].as_str().unwrap()).collect();
            types.sort_unstable();
            assert_eq!(types, ["Adoption", "Discussion", "ExperienceReport", "Pilot", "Post", "Resource"]);
            assert!(told.iter().all(|change| change["node"].is_null() == (operation == "DELETED")), "{told:#?}");
        }
        let here = position(&nobody).await;
        let delete = "mutation($id: ID!) { deleteDiscussion(id: $id) { userErrors { code field message } } }";
        author.mutate(delete, json!({ "id": discussion })).await;
        author.mutate(DELETE, json!({ "id": resource })).await;
        let told = changes(&nobody, &here, json!({})).await;
        let deleted = told.iter().filter(|change| change["operation"] == "DELETED");
        let mut types: Vec<_> = deleted.map(|change| change["typeName"].as_str().unwrap()).collect();
        types.sort_unstable();
        assert_eq!(types, ["Adoption", "Discussion", "ExperienceReport", "Pilot", "Post", "Resource"]);
    }

    async fn a_community_that_is_opened_or_closed_is_one_change(app: App) {
        let (author, stranger, nobody) = (app.person("Ada").await, app.person("Eve").await, app.anonymous());
        let community = author.create_community("Shelf", json!({})).await;
        for number in 0..4 {
            author.create_resource(&community, &format!("Resource {number}"), json!({})).await;
        }
        let open = async |visibility: &str| {
            let here = position(&nobody).await;
            author.mutate(OPEN, json!({ "id": community, "visibility": visibility })).await;
            here
        };
        let here = open("PRIVATE").await;
        let closed = changes(&nobody, &here, json!({})).await;
        assert_eq!(describe(&closed), ["COMMUNITY DELETED Community -"]);
        assert_eq!((&closed[0]["nodeId"], &closed[0]["communityId"]), (&community, &community));
        assert_eq!(closed[0]["fields"], json!(["visibility"]));
        // Those who are signed in see what it is about.
        assert_eq!(told(&stranger, &here).await, ["COMMUNITY UPDATED Community Shelf"]);
        let here = open("UNLISTED").await;
        assert_eq!(told(&nobody, &here).await, [""; 0]);
        assert_eq!(told(&stranger, &here).await, ["COMMUNITY DELETED Community -"]);
        let here = position(&nobody).await;
        author.create_resource(&community, "Hidden", json!({})).await;
        assert_eq!(told(&stranger, &here).await, [""; 0]);
        let here = open("PUBLIC").await;
        for client in [&nobody, &stranger] {
            let types = json!({ "types": ["Resource"] });
            let opened = changes(client, &here, types).await;
            assert_eq!(describe(&opened), ["COMMUNITY CREATED Community Shelf"], "whatever the types");
        }
        let archive = "mutation($id: ID!) { archiveCommunity(id: $id) { userErrors { code field message } } }";
        let here = position(&nobody).await;
        author.mutate(archive, json!({ "id": community })).await;
        assert_eq!(told(&nobody, &here).await, ["NODE UPDATED Community Shelf"], "it is seen as before");
    }

    async fn where_one_stands_in_a_community_is_one_change(app: App) {
        let (author, member) = (app.person("Ada").await, app.person("Ben").await);
        let community = author.create_community("Shelf", json!({ "visibility": "UNLISTED" })).await;
        author.create_resource(&community, "For members", json!({})).await;
        author.create_resource(&community, "For stewards", json!({ "visibility": "STEWARDS" })).await;
        let begin = position(&member).await;
        author.admit(&community, &member, "MEMBER").await;
        let joined = changes(&member, &begin, json!({ "first": 100 })).await;
        let whole: Vec<_> = joined.iter().filter(|change| change["scope"] == "COMMUNITY").collect();
        // Invited, and joined: a page names a community once.
        assert_eq!(whole.len(), 1, "{joined:#?}");
        assert_eq!(whole[0]["nodeId"], community);
        assert_eq!(whole[0]["fields"], json!(["viewerMembership"]));
        assert_eq!(whole[0]["node"]["name"], "Shelf");

        let own = membership(&member, &community).await;
        let promote = "mutation($id: ID!, $role: MembershipRole!) { setMemberRole(id: $id, role: $role) { userErrors { code field message } } }";
        let here = position(&member).await;
        author.mutate(promote, json!({ "id": own, "role": "STEWARD" })).await;
        assert_eq!(told(&member, &here).await, ["COMMUNITY UPDATED Community Shelf"]);
        assert_eq!(told(&author, &here).await, ["NODE UPDATED Membership -"], "to others it is a membership");
        let here = position(&member).await;
        let ban = "mutation($id: ID!) { banMember(id: $id, reason: \"Spam.\") { userErrors { code field message } } }";
        author.mutate(ban, json!({ "id": own })).await;
        author.create_resource(&community, "Later", json!({})).await;
        let banned = changes(&member, &here, json!({})).await;
        assert_eq!(describe(&banned), ["COMMUNITY DELETED Community -"], "and nothing of what came later");
        assert_eq!(told(&member, &begin).await.last().unwrap(), "COMMUNITY DELETED Community -");
    }

    async fn communities_that_are_merged_or_split_are_one_change_each(app: App) {
        let (author, nobody) = (app.person("Ada").await, app.anonymous());
        let shelf = author.create_community("Shelf", json!({})).await;
        let cellar = author.create_community("Cellar", json!({})).await;
        for number in 0..3 {
            author.create_resource(&cellar, &format!("Resource {number}"), json!({})).await;
        }
        let here = position(&nobody).await;
        let merge = "mutation($id: ID!, $into: ID!) {
            mergeCommunities(id: $id, intoId: $into, reason: \"We do the same.\") { userErrors { code field message } } }";
        author.mutate(merge, json!({ "id": cellar, "into": shelf })).await;
        let merged = changes(&nobody, &here, json!({})).await;
        assert!(merged.iter().all(|change| change["typeName"] != "Resource"), "{merged:#?}");
        let whole = merged.iter().filter(|change| change["scope"] == "COMMUNITY");
        let whole: Vec<_> = whole.map(|change| change["nodeId"].clone()).collect();
        assert_eq!(whole, [cellar, shelf.clone()]);

        let here = position(&nobody).await;
        let resources = "query($id: ID!) { community(id: $id) { resources(first: 10) { nodes { id } } } }";
        let found = nobody.query(resources, json!({ "id": shelf })).await;
        let first = found["community"]["resources"]["nodes"][0]["id"].clone();
        let split = "mutation($id: ID!, $input: SplitCommunityInput!) {
            splitCommunity(id: $id, input: $input) { community { id } userErrors { code field message } } }";
        let input = json!({ "name": "Attic", "purpose": "To be apart.", "itemIds": [first], "memberIds": [], "reason": "Too many." });
        let new = author.mutate(split, json!({ "id": shelf, "input": input })).await["community"]["id"].clone();
        let told = changes(&nobody, &here, json!({})).await;
        assert!(told.iter().all(|change| change["typeName"] != "Resource"), "{told:#?}");
        let whole = told.iter().filter(|change| change["scope"] == "COMMUNITY");
        let whole: Vec<_> = whole.map(|change| (change["operation"].clone(), change["nodeId"].clone())).collect();
        assert_eq!(whole, [(json!("CREATED"), new), (json!("UPDATED"), shelf)]);
    }

    async fn types_a_community_and_a_bound_token_restrict_the_feed(app: App) {
        let (author, nobody) = (app.person("Ada").await, app.anonymous());
        let begin = position(&nobody).await;
        let shelf = author.create_community("Shelf", json!({ "visibility": "PRIVATE" })).await;
        let cellar = author.create_community("Cellar", json!({ "visibility": "PRIVATE" })).await;
        let attic = author.create_community("Attic", json!({})).await;
        for community in [&shelf, &cellar, &attic] {
            author.create_resource(community, "Fractions", json!({})).await;
        }
        let resources = async |client: &Client, more: Value| {
            let told = changes(client, &begin, more).await;
            let resources = told.iter().filter(|change| change["typeName"] == "Resource");
            resources.map(|change| change["communityId"].clone()).collect::<Vec<_>>()
        };
        let all = [shelf.clone(), cellar.clone(), attic.clone()];
        assert_eq!(resources(&author, json!({})).await, all);
        assert_eq!(resources(&author, json!({ "types": ["Resource", "Post"] })).await, all);
        assert_eq!(resources(&author, json!({ "types": [] })).await, all);
        assert_eq!(resources(&author, json!({ "types": ["Post"] })).await, [Value::Null; 0]);
        assert_eq!(resources(&author, json!({ "community": cellar })).await, std::slice::from_ref(&cellar));
        let of_cellar = changes(&author, &begin, json!({ "community": cellar })).await;
        assert!(of_cellar.iter().all(|change| change["communityId"] == cellar), "{of_cellar:#?}");
        assert_eq!(resources(&nobody, json!({})).await, std::slice::from_ref(&attic));

        let create = "mutation($input: CreateApiTokenInput!) { createApiToken(input: $input) { secret userErrors { code field message } } }";
        let input = json!({ "name": "LMS", "scopes": ["READ", "SYNC"], "communityId": shelf });
        let secret = author.mutate(create, json!({ "input": input })).await["secret"].clone();
        let token = nobody.with_token(secret.as_str().unwrap());
        assert_eq!(resources(&token, json!({})).await, [shelf.clone(), attic.clone()]);
        let own = changes(&token, &begin, json!({ "community": shelf })).await;
        let own: Vec<_> = own.iter().filter(|change| change["scope"] == "COMMUNITY").collect();
        assert_eq!(own.len(), 1, "where its owner stands: {own:#?}");

        // What one may not see is as what is not there.
        let unlisted = author.create_community("Nook", json!({ "visibility": "UNLISTED" })).await;
        for client in [&nobody, &token, &app.person("Eve").await] {
            let answer = page(client, json!({ "community": unlisted })).await;
            assert_eq!(answer, Value::Null);
        }
        let absent = json!({ "community": "community_01h455vb4pex5vsknk084sn02q" });
        assert_eq!(page(&author, absent).await, Value::Null);
        assert_eq!(page(&nobody, json!({ "community": shelf })).await, Value::Null);
    }

    async fn what_cannot_be_answered_says_why(app: App) {
        let nobody = app.anonymous();
        let author = app.person("Ada").await;
        let community = author.create_community("Shelf", json!({})).await;
        let newest: i64 = position(&nobody).await.as_str().unwrap().parse().unwrap();
        for (variables, argument, said) in [
            (json!({ "after": "x" }), "after", "no position"),
            (json!({ "after": "-1" }), "after", "no position"),
            (json!({ "after": "9223372036854775808" }), "after", "no position"),
            (json!({ "after": (newest + 1).to_string() }), "after", "another database"),
            (json!({ "first": -1 }), "first", "1,000"),
            (json!({ "first": 1_001 }), "first", "1,000"),
            (json!({ "types": ["Resource", "Cat"] }), "types", "Cat"),
            (json!({ "types": ["resource"] }), "types", "Resource"),
            (json!({ "community": "x" }), "communityId", "no id"),
        ] {
            let answer = nobody.send(FEED, variables.clone()).await;
            let error = &answer.body["errors"][0];
            assert_eq!(answer.codes(), ["BAD_USER_INPUT"], "{variables}: {:#}", answer.body);
            assert_eq!(error["extensions"]["argument"], argument, "{variables}: {error:#}");
            let message = error["message"].as_str().unwrap();
            assert!(message.contains(said), "{variables}: {message}");
            assert_eq!(answer.body["data"], json!({ "changes": null }));
        }
        let info = "{ serverInfo { databaseId position } }";
        let (one, other) = (nobody.query(info, json!({})).await, author.query(info, json!({})).await);
        assert_eq!(one, other);
        assert_eq!(one["serverInfo"]["databaseId"].as_str().unwrap().len(), 36);

        // The oldest changes are forgotten as soon as all that follows them has read them.
        let store = app.server().store();
        let head = store.position().await.unwrap();
        while store.kept_after().await.unwrap() < head {
            service::change::forget_old(store, chrono::TimeDelta::zero(), head).await.unwrap();
            tokio::task::yield_now().await;
        }
        author.create_resource(&community, "Fractions", json!({})).await;
        for after in [0, head - 1] {
            let answer = nobody.send(FEED, json!({ "after": after.to_string() })).await;
            assert_eq!(answer.codes(), ["POSITION_EXPIRED"], "{:#}", answer.body);
            assert!(answer.body.to_string().contains("new snapshot"), "{:#}", answer.body);
            assert_eq!(answer.body["errors"][0]["extensions"]["keptAfter"], head.to_string());
        }
        for variables in [json!({ "after": head.to_string() }), json!({})] {
            let page = page(&nobody, variables).await;
            assert_eq!(describe(page["changes"].as_array().unwrap()), ["NODE CREATED Resource Fractions"]);
        }
    }

    async fn the_log_is_not_read_whole(app: App) {
        let author = app.person("Ada").await;
        let community = author.create_community("Shelf", json!({})).await;
        author.create_resource(&community, "Fractions", json!({})).await;
        let viewer = service::auth::authenticate(app.server().auth(), author.token()).await.unwrap();
        let community = community.as_str().unwrap();
        for arguments in [
            "after: \"1\"",
            "after: \"1\", types: [\"Resource\", \"Post\"]",
            &format!("after: \"1\", communityId: \"{community}\""),
        ] {
            let query = format!("{{ changes({arguments}) {{ nextPosition changes {{ position }} }} }}");
            let plans = plans(&app, &viewer, &query).await;
            assert!(plans.iter().flatten().any(|line| line.contains("change")), "{plans:?}");
            for plan in plans {
                assert_eq!(whole_reads(&plan), [""; 0], "{arguments}:\n{}", plan.join("\n"));
            }
        }
    }

    async fn a_page_runs_the_same_few_statements_whatever_its_size(app: App) {
        let author = app.person("Ada").await;
        let community = author.create_community("Shelf", json!({})).await;
        let begin = position(&author).await;
        for number in 0..20 {
            author.create_resource(&community, &format!("Resource {number}"), json!({})).await;
        }
        let viewer = service::auth::authenticate(app.server().auth(), author.token()).await.unwrap();
        let query = |first: usize, selection: &str| {
            let begin = begin.as_str().unwrap();
            format!("{{ changes(after: \"{begin}\", first: {first}) {{ changes {{ position {selection} }} }} }}")
        };
        let node = "node { id ... on Resource { title community { name } } }";
        let few = statements(&app, &viewer, &query(2, node)).await;
        assert_eq!(statements(&app, &viewer, &query(20, node)).await, few);
        let without = statements(&app, &viewer, &query(20, "nodeId")).await;
        assert!(without < few, "objects are loaded when they are asked for");
        assert!(without <= 3, "{without} statements");
    }
}
