//! Asking for help: from the question to the accepted answer, and to the resource that is made of it.

use serde_json::{Value, json};
use support::{App, Client, on_both_databases};

use crate::statements::statements;

const DISCUSSION: &str = "{
    discussion { id state closeReason firstAnsweredAt resolvedAt revision acceptedPost { id body }
        availableTransitions { lifecycle to blockedBy { code } } }
    position
    userErrors { code field message blockedBy { code message } }
}";

fn on(mutation: &str) -> String {
    format!("mutation($id: ID!) {{ {mutation}(id: $id) {DISCUSSION} }}")
}

async fn ask(client: &Client, community: &Value, title: &str, more: Value) -> Value {
    let mut input = json!({ "communityId": community, "title": title, "body": "Who can **help**?", "kind": "HELP_REQUEST" });
    input
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    let mutation = format!(
        "mutation($input: CreateDiscussionInput!) {{ createDiscussion(input: $input) {DISCUSSION} }}"
    );
    client.mutate(&mutation, json!({ "input": input })).await
}

const ADD: &str = "mutation($input: AddPostInput!) { addPost(input: $input) {
    post { id depth parent { id } author { displayName } bodyHtml hidden viewerCan discussion { title } }
    position userErrors { code field message blockedBy { code } } } }";

async fn post(client: &Client, discussion: &Value, parent: Option<&Value>, body: &str) -> Value {
    let input = json!({ "discussionId": discussion, "parentId": parent, "body": body });
    client.mutate(ADD, json!({ "input": input })).await
}

on_both_databases! {
    async fn a_question_is_answered_accepted_and_captured(app: App) {
        let asker = app.person("Ada").await;
        let helper = app.person("Ben").await;
        let community = asker.create_community("Helpers", json!({ "visibility": "PRIVATE", "joinPolicy": "APPROVAL" })).await;
        let stranger = app.person("Eve").await;
        let join = "mutation($id: ID!) { joinCommunity(communityId: $id) { membership { id } userErrors { code } } }";
        let membership = helper.mutate(join, json!({ "id": community })).await["membership"]["id"].clone();
        let admit = "mutation($id: ID!) { respondToMembership(id: $id, accept: true) { userErrors { code } } }";
        asker.mutate(admit, json!({ "id": membership })).await;

        let earlier = ask(&asker, &community, "Teaching fractions with paper", json!({ "tags": ["fractions"] })).await;
        let earlier = &earlier["discussion"]["id"];
        let answer = post(&helper, earlier, None, "Fold it in *half*.").await;
        assert_eq!(answer["post"]["depth"], 1);
        assert_eq!(answer["post"]["bodyHtml"], "<p>Fold it in <em>half</em>.</p>\n");
        assert_eq!(answer["post"]["discussion"]["title"], "Teaching fractions with paper");
        assert_eq!(answer["post"]["viewerCan"], json!(["READ", "UPDATE", "REPLY"]));
        let reply = post(&asker, earlier, Some(&answer["post"]["id"]), "And then?").await;
        assert_eq!(reply["post"]["parent"]["id"], answer["post"]["id"]);
        let id = json!({ "id": answer["post"]["id"] });
        let nobody = stranger.refused(&on("acceptPost"), id.clone()).await;
        assert_eq!(nobody, ["NOT_FOUND id"], "to strangers it does not exist");
        assert_eq!(helper.refused(&on("acceptPost"), id.clone()).await, ["FORBIDDEN id"]);
        let accepted = asker.mutate(&on("acceptPost"), id.clone()).await;
        let discussion = &accepted["discussion"];
        assert_eq!(discussion["state"], "RESOLVED");
        assert_eq!(discussion["acceptedPost"]["id"], answer["post"]["id"]);
        assert!(discussion["resolvedAt"].is_string() && discussion["firstAnsweredAt"].is_string());
        assert_eq!(discussion["revision"], 1, "resolving makes no revision");
        assert_eq!(
            discussion["availableTransitions"],
            json!([
                { "lifecycle": "STATE", "to": "OPEN", "blockedBy": [] },
                { "lifecycle": "STATE", "to": "CLOSED", "blockedBy": [{ "code": "NOT_FROM_HERE" }] },
            ])
        );
        let again = asker.mutate(&on("acceptPost"), id).await;
        assert_eq!(again["position"], accepted["position"]);

        let capture = "mutation($id: ID!, $input: CaptureDiscussionInput) { captureDiscussion(id: $id, input: $input) {
            resource { id title kind status body authors { displayName } } userErrors { code field message } } }";
        let captured = helper.mutate(capture, json!({ "id": earlier, "input": { "kind": "GUIDE" } })).await;
        let resource = &captured["resource"];
        assert_eq!(resource["kind"], "GUIDE");
        assert_eq!(resource["status"], "DRAFT");
        assert_eq!(resource["authors"], json!([{ "displayName": "Ben" }, { "displayName": "Ada" }]));
        assert!(resource["body"].as_str().unwrap().contains("Fold it in *half*."));
        assert_eq!(asker.refused(capture, json!({ "id": earlier })).await, ["TAKEN id"]);

        let next = ask(&asker, &community, "Fractions in paper, again", json!({ "tags": ["fractions"], "aboutId": resource["id"] })).await;
        let show = "query($id: ID!, $earlier: ID!) {
            discussion(id: $id) {
                bodyHtml about { id ... on Resource { title } }
                similar { id title } suggestedHelpers { displayName }
                viewerCan
            }
            earlier: discussion(id: $earlier) { capturedAs { id } posts { totalCount nodes { depth author { displayName } } } }
        }";
        let variables = json!({ "id": next["discussion"]["id"], "earlier": earlier });
        let seen = asker.at(&next["position"]).query(show, variables.clone()).await;
        assert_eq!(seen["discussion"]["bodyHtml"], "<p>Who can <strong>help</strong>?</p>\n");
        assert_eq!(seen["discussion"]["about"]["id"], resource["id"]);
        assert_eq!(seen["discussion"]["similar"], json!([{ "id": earlier, "title": "Teaching fractions with paper" }]));
        assert_eq!(seen["discussion"]["suggestedHelpers"], json!([{ "displayName": "Ben" }]));
        assert_eq!(seen["discussion"]["viewerCan"], json!(["READ", "UPDATE", "DELETE", "REPLY"]));
        assert_eq!(seen["earlier"]["capturedAs"]["id"], resource["id"]);
        assert_eq!(seen["earlier"]["posts"]["totalCount"], 2);
        assert_eq!(seen["earlier"]["posts"]["nodes"][1], json!({ "depth": 2, "author": { "displayName": "Ada" } }));
        let unseen = stranger.at(&next["position"]).query(show, variables).await;
        assert_eq!(unseen, json!({ "discussion": null, "earlier": null }));
    }

    async fn nothing_of_a_private_discussion_leaks(app: App) {
        let asker = app.person("Ada").await;
        let stranger = app.person("Eve").await;
        let hidden = asker.create_community("Hidden", json!({ "visibility": "PRIVATE" })).await;
        let open = asker.create_community("Open", json!({})).await;
        stranger.join(&open).await;
        let asked = ask(&asker, &hidden, "Saplings in corridors", json!({ "tags": ["saplings"] })).await;
        let id = &asked["discussion"]["id"];
        let answer = post(&asker, id, None, "Water the zucchini.").await;
        asker.mutate(&on("acceptPost"), json!({ "id": answer["post"]["id"] })).await;
        let public = ask(&stranger, &open, "Saplings in corridors", json!({ "aboutId": null })).await;
        let here = stranger.at(&public["position"]);
        let show = "query($id: ID!, $post: ID!, $own: ID!, $community: ID!) {
            node(id: $id) { id }
            nodes(ids: [$post]) { id }
            discussion(id: $own) { similar(first: 20) { id } suggestedHelpers { id } }
            community(id: $community) { discussions { totalCount nodes { id } } }
            search(query: \"zucchini\") { totalCount facets(fields: [KIND, TAG]) { buckets { value count } } didYouMean }
            titles: search(query: \"saplings\", filter: { kinds: [DISCUSSION] }) { totalCount nodes { ... on Discussion { id } } }
            suggest(prefix: \"sapl\") { text }
        }";
        let variables = json!({ "id": id, "post": answer["post"]["id"], "own": public["discussion"]["id"], "community": hidden });
        let own = &public["discussion"]["id"];
        assert_eq!(here.query(show, variables.clone()).await, json!({
            "node": null,
            "nodes": [null],
            "discussion": { "similar": [], "suggestedHelpers": [] },
            "community": { "discussions": { "totalCount": 0, "nodes": [] } },
            "search": { "totalCount": 0, "facets": [{ "buckets": [] }, { "buckets": [] }], "didYouMean": null },
            "titles": { "totalCount": 1, "nodes": [{ "id": own }] },
            "suggest": [{ "text": "Saplings in corridors" }],
        }));
        let seen = asker.at(&public["position"]).query(show, variables).await;
        assert_eq!(seen["search"]["totalCount"], 1, "members find what was posted");
        assert_eq!(seen["community"]["discussions"]["totalCount"], 1);
        let about = json!({ "input": { "communityId": open, "title": "About", "body": "that", "kind": "DISCUSSION", "aboutId": id } });
        let create = "mutation($input: CreateDiscussionInput!) { createDiscussion(input: $input) { userErrors { code field message } } }";
        assert_eq!(stranger.refused(create, about).await, ["NOT_FOUND input.aboutId"]);
        let add = json!({ "input": { "discussionId": id, "body": "Hello?" } });
        assert_eq!(stranger.refused(ADD, add).await, ["NOT_FOUND input.discussionId"]);
    }

    async fn discussions_are_closed_reopened_and_filtered(app: App) {
        let facilitator = app.person("Fay").await;
        let member = app.person("Ben").await;
        let community = facilitator.create_community("Helpers", json!({})).await;
        member.join(&community).await;
        let mut ids = Vec::new();
        for title in ["One", "Two", "Three"] {
            ids.push(ask(&member, &community, title, json!({})).await["discussion"]["id"].clone());
        }
        let talk = ask(&facilitator, &community, "News", json!({ "kind": "ANNOUNCEMENT" })).await;
        let announce = json!({ "input": { "communityId": community, "title": "Mine", "body": "news", "kind": "ANNOUNCEMENT" } });
        let create = "mutation($input: CreateDiscussionInput!) { createDiscussion(input: $input) { userErrors { code field message } } }";
        assert_eq!(member.refused(create, announce).await, ["FORBIDDEN input.kind"]);
        post(&facilitator, &ids[0], None, "So.").await;
        let close = format!("mutation($id: ID!, $reason: CloseReason!) {{ closeDiscussion(id: $id, reason: $reason) {DISCUSSION} }}");
        let closed = member.mutate(&close, json!({ "id": ids[1], "reason": "DUPLICATE" })).await;
        assert_eq!(closed["discussion"]["closeReason"], "DUPLICATE");
        let refused = member.payload(ADD, json!({ "input": { "discussionId": ids[1], "body": "But" } })).await;
        assert_eq!(refused["userErrors"][0]["code"], "INVALID_TRANSITION");
        assert_eq!(refused["userErrors"][0]["blockedBy"][0]["code"], "NOT_FROM_HERE");
        let list = "query($id: ID!, $filter: DiscussionFilter) { community(id: $id) {
            discussions(filter: $filter) { totalCount nodes { title } } } }";
        let titles = async |filter: Value| {
            let found = app.anonymous().query(list, json!({ "id": community, "filter": filter })).await;
            let found = found["community"]["discussions"].clone();
            let titles: Vec<String> = found["nodes"].as_array().unwrap().iter()
                .map(|node| node["title"].as_str().unwrap().to_owned()).collect();
            assert_eq!(found["totalCount"], titles.len());
            titles
        };
        assert_eq!(titles(Value::Null).await, ["Two", "One", "News", "Three"], "the newest activity first");
        assert_eq!(titles(json!({ "kinds": ["ANNOUNCEMENT"] })).await, ["News"]);
        assert_eq!(titles(json!({ "states": ["CLOSED"] })).await, ["Two"]);
        let waiting = json!({ "unansweredOnly": true, "states": ["OPEN"], "kinds": ["HELP_REQUEST"] });
        assert_eq!(titles(waiting).await, ["Three"]);
        let reopened = facilitator.mutate(&on("reopenDiscussion"), json!({ "id": ids[1] })).await;
        assert_eq!(reopened["discussion"]["state"], "OPEN");
        assert_eq!(reopened["discussion"]["closeReason"], Value::Null);
        let update = "mutation($id: ID!, $input: UpdateDiscussionInput!, $revision: Int) {
            updateDiscussion(id: $id, input: $input, expectedRevision: $revision) {
                discussion { title revision } userErrors { code field message } } }";
        let id = &talk["discussion"]["id"];
        let updated = facilitator.mutate(update, json!({ "id": id, "input": { "title": "Old news" }, "revision": 1 })).await;
        assert_eq!(updated["discussion"], json!({ "title": "Old news", "revision": 2 }));
        let conflict = facilitator.refused(update, json!({ "id": id, "input": { "title": "Newer" }, "revision": 1 })).await;
        assert_eq!(conflict, ["CONFLICT expectedRevision"]);
        let archive = "mutation($id: ID!) { archiveCommunity(id: $id) { userErrors { code field message } } }";
        facilitator.mutate(archive, json!({ "id": community })).await;
        let archived = facilitator.refused(ADD, json!({ "input": { "discussionId": ids[0], "body": "More" } })).await;
        assert_eq!(archived, ["FORBIDDEN input.discussionId"]);
        assert_eq!(facilitator.refused(&on("reopenDiscussion"), json!({ "id": ids[0] })).await, ["FORBIDDEN id"]);
    }

    async fn a_hidden_post_is_read_by_its_author_and_stewards(app: App) {
        let facilitator = app.person("Fay").await;
        let member = app.person("Ben").await;
        let community = facilitator.create_community("Helpers", json!({})).await;
        member.join(&community).await;
        let asked = ask(&facilitator, &community, "Question", json!({})).await;
        let id = &asked["discussion"]["id"];
        let rude = post(&member, id, None, "Rude.").await;
        let hide = "mutation($id: ID!, $reason: String!) { hidePost(id: $id, reason: $reason) {
            post { hidden } position userErrors { code field message } } }";
        let variables = json!({ "id": rude["post"]["id"], "reason": "Be kind." });
        assert_eq!(member.refused(hide, variables.clone()).await, ["FORBIDDEN id"]);
        let done = facilitator.mutate(hide, variables).await;
        assert_eq!(done["post"]["hidden"], true);
        let show = "query($id: ID!) { discussion(id: $id) { posts { totalCount nodes { hidden hiddenReason body bodyHtml } } } }";
        let seen = async |client: &Client| {
            client.query(show, json!({ "id": id })).await["discussion"]["posts"]["nodes"][0].clone()
        };
        let whole = json!({ "hidden": true, "hiddenReason": "Be kind.", "body": "Rude.", "bodyHtml": "<p>Rude.</p>\n" });
        assert_eq!(seen(&facilitator).await, whole);
        assert_eq!(seen(&member).await, whole);
        let nothing = json!({ "hidden": true, "hiddenReason": null, "body": null, "bodyHtml": null });
        assert_eq!(seen(&app.anonymous()).await, nothing);
        assert_eq!(seen(&app.person("Eve").await).await, nothing);
    }

    async fn bad_input_is_refused_and_nothing_is_written(app: App) {
        let member = app.person("Ben").await;
        let community = member.create_community("Helpers", json!({})).await;
        let one = ask(&member, &community, "One", json!({})).await["discussion"]["id"].clone();
        let two = ask(&member, &community, "Two", json!({})).await["discussion"]["id"].clone();
        let elsewhere = post(&member, &two, None, "Elsewhere.").await["post"]["id"].clone();
        let mut deepest = post(&member, &one, None, "1").await["post"]["id"].clone();
        for depth in 2..=4 {
            let deeper = post(&member, &one, Some(&deepest), "deeper").await;
            assert_eq!(deeper["post"]["depth"], depth);
            deepest = deeper["post"]["id"].clone();
        }
        let position = "{ serverInfo { position } }";
        let before = member.query(position, json!({})).await;
        let huge = "x".repeat(50_001);
        for (input, wanted) in [
            (json!({ "discussionId": one, "parentId": elsewhere, "body": "x" }), "NOT_FOUND input.parentId"),
            (json!({ "discussionId": one, "parentId": deepest, "body": "x" }), "LIMIT_REACHED input.parentId"),
            (json!({ "discussionId": one, "parentId": one, "body": "x" }), "INVALID input.parentId"),
            (json!({ "discussionId": one, "body": "" }), "REQUIRED input.body"),
            (json!({ "discussionId": one, "body": huge }), "TOO_LONG input.body"),
            (json!({ "discussionId": elsewhere, "body": "x" }), "INVALID input.discussionId"),
        ] {
            assert_eq!(member.refused(ADD, json!({ "input": input })).await, [wanted]);
        }
        let accept = on("acceptPost");
        assert_eq!(member.refused(&accept, json!({ "id": one })).await, ["INVALID id"]);
        let missing = "post_01h455vb4pex5vsknk084sn02q";
        assert_eq!(member.refused(&accept, json!({ "id": missing })).await, ["NOT_FOUND id"]);
        let nobody = app.anonymous().failed(&accept, json!({ "id": elsewhere })).await;
        assert_eq!(nobody, ["UNAUTHENTICATED"]);
        let create = "mutation($input: CreateDiscussionInput!) { createDiscussion(input: $input) { userErrors { code field message } } }";
        let empty = json!({ "input": { "communityId": community, "title": " ", "body": "\n", "kind": "PROBLEM" } });
        let mut faults = member.refused(create, empty).await;
        faults.sort();
        assert_eq!(faults, ["REQUIRED input.body", "REQUIRED input.title"]);
        assert_eq!(member.query(position, json!({})).await, before);
    }

    async fn a_page_of_discussions_runs_the_same_few_statements_whatever_its_size(app: App) {
        let asker = app.person("Ada").await;
        let helper = app.person("Ben").await;
        let community = asker.create_community("Helpers", json!({})).await;
        helper.join(&community).await;
        let declare = "mutation { declareExpertise(input: { tag: \"paper\" }) { userErrors { code } } }";
        helper.mutate(declare, json!({})).await;
        for number in 0..6 {
            let more = json!({ "tags": ["paper"] });
            let asked = ask(&asker, &community, &format!("Paper {number}"), more).await;
            let id = &asked["discussion"]["id"];
            let answer = post(&helper, id, None, "Fold it.").await;
            if number % 2 == 0 {
                asker.mutate(&on("acceptPost"), json!({ "id": answer["post"]["id"] })).await;
            }
        }
        let viewer = service::auth::authenticate(app.server().auth(), asker.token()).await.unwrap();
        let page = |first: u32| format!("{{ community(id: {community}) {{ discussions(first: {first}) {{ nodes {{
            title bodyHtml tags about {{ id }} authors {{ displayName }} viewerCan
            acceptedPost {{ author {{ displayName }} bodyHtml viewerCan }}
            similar(first: 3) {{ title }} suggestedHelpers {{ displayName }} capturedAs {{ id }}
            availableTransitions {{ to blockedBy {{ code }} }}
        }} }} }} }}");
        let few = statements(&app, &viewer, &page(2)).await;
        let many = statements(&app, &viewer, &page(6)).await;
        // Edges that are answered at different times, by search and by rows, share a statement or not; one for each
        // edge of each discussion would be more than fifty.
        assert!(few <= 25, "{few} statements");
        assert!(many <= 25, "{many} statements");
    }
}
