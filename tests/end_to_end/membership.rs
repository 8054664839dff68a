//! How one becomes a member, what one becomes there, and how it ends.

use serde_json::{Value, json};
use support::{App, Client, on_both_databases};

const PAYLOAD: &str =
    "{ membership { id role state joinedAt user { displayName } community { name } } position
    userErrors { code field message blockedBy { code message } } }";

async fn join(client: &Client, community: &Value) -> Value {
    client
        .payload(
            &format!("mutation($id: ID!) {{ joinCommunity(communityId: $id) {PAYLOAD} }}"),
            json!({ "id": community }),
        )
        .await
}

async fn leave(client: &Client, community: &Value) -> Value {
    client
        .payload(
            &format!("mutation($id: ID!) {{ leaveCommunity(communityId: $id) {PAYLOAD} }}"),
            json!({ "id": community }),
        )
        .await
}

async fn invite(client: &Client, community: &Value, user: &Value, role: Option<&str>) -> Value {
    let mutation = format!(
        "mutation($community: ID!, $user: ID!, $role: MembershipRole) {{
            inviteMember(communityId: $community, userId: $user, role: $role) {PAYLOAD} }}"
    );
    client
        .payload(
            &mutation,
            json!({ "community": community, "user": user, "role": role }),
        )
        .await
}

async fn respond(client: &Client, id: &Value, accept: bool) -> Value {
    let mutation = format!(
        "mutation($id: ID!, $accept: Boolean!) {{ respondToMembership(id: $id, accept: $accept) {PAYLOAD} }}"
    );
    client
        .payload(&mutation, json!({ "id": id, "accept": accept }))
        .await
}

async fn set_role(client: &Client, id: &Value, role: &str) -> Value {
    let mutation = format!(
        "mutation($id: ID!, $role: MembershipRole!) {{ setMemberRole(id: $id, role: $role) {PAYLOAD} }}"
    );
    client
        .payload(&mutation, json!({ "id": id, "role": role }))
        .await
}

async fn remove(client: &Client, id: &Value) -> Value {
    let mutation = format!(
        "mutation($id: ID!) {{ removeMember(id: $id, reason: \"Left the school.\") {PAYLOAD} }}"
    );
    client.payload(&mutation, json!({ "id": id })).await
}

async fn ban(client: &Client, id: &Value) -> Value {
    let mutation =
        format!("mutation($id: ID!) {{ banMember(id: $id, reason: \"Sold things.\") {PAYLOAD} }}");
    client.payload(&mutation, json!({ "id": id })).await
}

fn state(payload: &Value) -> &str {
    assert_eq!(payload["userErrors"], json!([]), "{payload:#}");
    payload["membership"]["state"].as_str().unwrap()
}

fn error(payload: &Value) -> &str {
    assert_eq!(payload["membership"], Value::Null, "{payload:#}");
    payload["userErrors"][0]["code"].as_str().unwrap()
}

async fn own_membership(client: &Client, community: &Value) -> Value {
    let query = "query($id: ID!) { community(id: $id) { viewerMembership { id role state } } }";
    client.query(query, json!({ "id": community })).await["community"]["viewerMembership"].clone()
}

async fn members(client: &Client, community: &Value, state: Option<&str>) -> Vec<String> {
    let query = "query($id: ID!, $state: MembershipState) { community(id: $id) {
        members(state: $state) { totalCount nodes { user { displayName } } } } }";
    let found = client
        .query(query, json!({ "id": community, "state": state }))
        .await["community"]["members"]
        .clone();
    let mut names: Vec<String> = found["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|node| node["user"]["displayName"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(found["totalCount"], names.len());
    names.sort();
    names
}

on_both_databases! {
    async fn anybody_joins_an_open_community(app: App) {
        let facilitator = app.person("Ada").await;
        let person = app.person("Ben").await;
        let community = facilitator.create_community("Open", json!({})).await;
        let joined = join(&person, &community).await;
        assert_eq!((state(&joined), &joined["membership"]["role"]), ("ACTIVE", &json!("MEMBER")));
        assert!(joined["membership"]["joinedAt"].is_string());
        let again = join(&person, &community).await;
        assert_eq!((state(&again), &again["position"]), ("ACTIVE", &joined["position"]), "joining twice appends nothing");
        assert_eq!(members(&app.anonymous(), &community, None).await, ["Ada", "Ben"]);

        let left = leave(&person, &community).await;
        assert_eq!(state(&left), "LEFT");
        let back = join(&person, &community).await;
        assert_eq!(back["membership"]["id"], joined["membership"]["id"], "one membership per person and community");
        assert_eq!(state(&back), "ACTIVE");
        let nobody = app.anonymous().failed(
            "mutation($id: ID!) { joinCommunity(communityId: $id) { userErrors { code } } }",
            json!({ "id": community }),
        ).await;
        assert_eq!(nobody, ["UNAUTHENTICATED"]);
    }

    async fn where_approval_is_asked_a_facilitator_decides(app: App) {
        let facilitator = app.person("Ada").await;
        let person = app.person("Ben").await;
        let other = app.person("Cleo").await;
        let community = facilitator.create_community("By request", json!({ "joinPolicy": "APPROVAL" })).await;
        let asked = join(&person, &community).await;
        assert_eq!(state(&asked), "REQUESTED");
        let id = &asked["membership"]["id"];
        assert_eq!(members(&facilitator, &community, Some("REQUESTED")).await, ["Ben"]);
        assert_eq!(members(&other, &community, Some("REQUESTED")).await, Vec::<String>::new(), "other states are for facilitators");
        assert_eq!(error(&respond(&person, id, true).await), "FORBIDDEN", "nobody admits themselves");
        assert_eq!(error(&respond(&other, id, true).await), "NOT_FOUND");
        assert_eq!(state(&respond(&facilitator, id, false).await), "REJECTED");
        assert_eq!(join(&person, &community).await["membership"]["id"], *id, "one may ask again");
        assert_eq!(state(&respond(&facilitator, id, true).await), "ACTIVE");
        assert_eq!(members(&other, &community, None).await, ["Ada", "Ben"]);
    }

    async fn where_invitation_is_needed_nobody_joins_without(app: App) {
        let facilitator = app.person("Ada").await;
        let person = app.person("Ben").await;
        let community = facilitator.create_community("Invited", json!({ "joinPolicy": "INVITATION" })).await;
        assert_eq!(error(&join(&person, &community).await), "FORBIDDEN");
        let user = person.my_id().await;
        let invited = invite(&facilitator, &community, &user, Some("STEWARD")).await;
        assert_eq!(state(&invited), "INVITED");
        let id = &invited["membership"]["id"];
        assert_eq!(members(&person, &community, None).await, ["Ada"], "invited is not yet a member");
        assert_eq!(error(&respond(&facilitator, id, true).await), "FORBIDDEN", "only the invited answers");
        assert_eq!(state(&respond(&person, id, false).await), "DECLINED");
        assert_eq!(error(&join(&person, &community).await), "FORBIDDEN");
        assert_eq!(state(&invite(&facilitator, &community, &user, Some("STEWARD")).await), "INVITED");
        let joined = join(&person, &community).await;
        assert_eq!((state(&joined), &joined["membership"]["id"]), ("ACTIVE", id), "joining accepts the invitation");
        assert_eq!(joined["membership"]["role"], "STEWARD", "with the role that was offered");
        let other = app.person("Cleo").await;
        assert_eq!(error(&invite(&person, &community, &other.my_id().await, None).await), "FORBIDDEN", "stewards invite nobody");
    }

    async fn facilitators_give_roles_and_the_last_one_stays(app: App) {
        let facilitator = app.person("Ada").await;
        let person = app.person("Ben").await;
        let community = facilitator.create_community("Roles", json!({})).await;
        let first = own_membership(&facilitator, &community).await["id"].clone();
        let second = join(&person, &community).await["membership"]["id"].clone();
        assert_eq!(error(&set_role(&person, &second, "FACILITATOR").await), "FORBIDDEN");
        for role in ["REVIEWER", "STEWARD", "MEMBER"] {
            let changed = set_role(&facilitator, &second, role).await;
            assert_eq!((state(&changed), &changed["membership"]["role"]), ("ACTIVE", &json!(role)));
        }
        for refused in [leave(&facilitator, &community).await, set_role(&facilitator, &first, "MEMBER").await, remove(&facilitator, &first).await] {
            assert_eq!(error(&refused), "INVALID_TRANSITION");
            assert_eq!(refused["userErrors"][0]["blockedBy"][0]["code"], "LAST_FACILITATOR");
        }
        set_role(&facilitator, &second, "FACILITATOR").await;
        assert_eq!(state(&leave(&facilitator, &community).await), "LEFT");
        assert_eq!(error(&leave(&person, &community).await), "INVALID_TRANSITION", "now the other one is the last");
    }

    async fn two_facilitators_who_leave_at_once_do_not_leave_none(app: App) {
        for _ in 0..3 {
            let (one, two) = (app.person("Ada").await, app.person("Ben").await);
            let community = one.create_community("Pair", json!({})).await;
            let second = join(&two, &community).await["membership"]["id"].clone();
            set_role(&one, &second, "FACILITATOR").await;
            let (first, second) = tokio::join!(leave(&one, &community), leave(&two, &community));
            let stayed = [&first, &second].into_iter().filter(|payload| payload["membership"].is_null()).count();
            assert_eq!(stayed, 1, "{first:#} {second:#}");
            assert_eq!(members(&app.anonymous(), &community, None).await.len(), 1);
        }
    }

    async fn whoever_is_removed_loses_sight_at_once_and_may_come_again(app: App) {
        let facilitator = app.person("Ada").await;
        let person = app.person("Ben").await;
        let community = facilitator.create_community("Private", json!({ "visibility": "PRIVATE" })).await;
        let item = facilitator.create_resource_payload(&community, "Saplings among us", json!({})).await;
        let joined = join(&person, &community).await;
        let id = &joined["membership"]["id"];
        let here = person.at(&joined["position"]);
        let show = "query($id: ID!, $community: ID!) {
            resource(id: $id) { title }
            community(id: $community) { name description members { totalCount } resources { totalCount } }
            resources { totalCount }
            search(query: \"saplings\") { totalCount facets(fields: [KIND]) { buckets { count } } }
            suggest(prefix: \"sapl\") { text }
        }";
        let variables = json!({ "id": item["resource"]["id"], "community": community });
        let before = here.query(show, variables.clone()).await;
        assert_eq!(before["resource"]["title"], "Saplings among us");
        assert_eq!(before["community"]["members"]["totalCount"], 2);
        assert_eq!(before["search"]["totalCount"], 1);
        assert_eq!(before["suggest"], json!([{ "text": "Saplings among us" }]));

        let removed = remove(&facilitator, id).await;
        assert_eq!(state(&removed), "REMOVED");
        // Without the position: what was narrowed is gone at once.
        let after = person.query(show, variables).await;
        assert_eq!(after, json!({
            "resource": null,
            "community": { "name": "Private", "description": null, "members": { "totalCount": 0 }, "resources": { "totalCount": 0 } },
            "resources": { "totalCount": 0 },
            "search": { "totalCount": 0, "facets": [{ "buckets": [] }] },
            "suggest": [],
        }));
        let again = join(&person, &community).await;
        assert_eq!((state(&again), &again["membership"]["id"]), ("ACTIVE", id), "with the same id");
        assert_eq!(error(&remove(&person, id).await), "FORBIDDEN");
    }

    async fn whoever_is_barred_stays_away_until_a_facilitator_lifts_it(app: App) {
        let facilitator = app.person("Ada").await;
        let (person, other) = (app.person("Ben").await, app.person("Cleo").await);
        let community = facilitator.create_community("Calm", json!({ "visibility": "PRIVATE" })).await;
        let own = own_membership(&facilitator, &community).await["id"].clone();
        let joined = join(&person, &community).await;
        let id = &joined["membership"]["id"];
        set_role(&facilitator, id, "STEWARD").await;
        assert_eq!(error(&ban(&person, &own).await), "FORBIDDEN", "stewards bar nobody");
        assert_eq!(error(&ban(&other, id).await), "NOT_FOUND");
        assert_eq!(error(&ban(&facilitator, &own).await), "INVALID_TRANSITION");

        let banned = ban(&facilitator, id).await;
        assert_eq!((state(&banned), &banned["membership"]["role"]), ("BANNED", &json!("MEMBER")));
        let again = ban(&facilitator, id).await;
        assert_eq!((state(&again), &again["position"]), ("BANNED", &banned["position"]), "twice appends nothing");
        assert_eq!(error(&join(&person, &community).await), "FORBIDDEN");
        assert_eq!(own_membership(&person, &community).await["state"], "BANNED");
        assert_eq!(members(&facilitator, &community, None).await, ["Ada"]);
        assert_eq!(members(&facilitator, &community, Some("BANNED")).await, ["Ben"]);
        let count = "query($id: ID!) { community(id: $id) { members { totalCount } resources { totalCount } viewerCan } }";
        let seen = person.query(count, json!({ "id": community })).await;
        let nothing = json!({ "members": { "totalCount": 0 }, "resources": { "totalCount": 0 }, "viewerCan": [] });
        assert_eq!(seen["community"], nothing);

        assert_eq!(state(&remove(&facilitator, id).await), "REMOVED", "which lifts it");
        assert_eq!(state(&join(&person, &community).await), "ACTIVE");
        ban(&facilitator, id).await;
        assert_eq!(state(&invite(&facilitator, &community, &person.my_id().await, None).await), "INVITED", "and so does this");
        assert_eq!(state(&join(&person, &community).await), "ACTIVE");
    }

    async fn ones_own_memberships_are_shown_whatever_became_of_them(app: App) {
        let facilitator = app.person("Ada").await;
        let (person, stranger) = (app.person("Ben").await, app.person("Cleo").await);
        let community = facilitator.create_community("Hidden", json!({ "visibility": "UNLISTED" })).await;
        facilitator.admit(&community, &person, "MEMBER").await;
        let id = own_membership(&person, &community).await["id"].clone();
        remove(&facilitator, &id).await;
        let show = "query($id: ID!, $community: ID!) {
            node(id: $id) { ... on Membership { state community { name description members { totalCount } viewerCan } } }
            viewer { memberships { totalCount nodes { id state } } }
            community(id: $community) { name }
        }";
        let variables = json!({ "id": id, "community": community });
        let own = person.query(show, variables.clone()).await;
        assert_eq!(own, json!({
            "node": { "state": "REMOVED", "community": { "name": "Hidden", "description": null, "members": { "totalCount": 0 }, "viewerCan": [] } },
            "viewer": { "memberships": { "totalCount": 1, "nodes": [{ "id": id, "state": "REMOVED" }] } },
            "community": null,
        }));
        let strangers = stranger.query(show, variables).await;
        assert_eq!((&strangers["node"], &strangers["community"]), (&Value::Null, &Value::Null));
    }

    async fn people_show_the_communities_that_others_see_whole(app: App) {
        let person = app.person("Ada").await;
        let stranger = app.person("Ben").await;
        for visibility in ["PUBLIC", "INTERNAL", "PRIVATE", "UNLISTED"] {
            person.create_community(visibility, json!({ "visibility": visibility })).await;
        }
        let me = person.my_id().await;
        let show = "query($id: ID!) { user(id: $id) { memberships { totalCount nodes { community { name } } } } }";
        let seen = async |client: &Client| {
            let found = client.query(show, json!({ "id": me })).await["user"]["memberships"].clone();
            let mut names: Vec<String> = found["nodes"].as_array().unwrap().iter()
                .map(|node| node["community"]["name"].as_str().unwrap().to_owned())
                .collect();
            assert_eq!(found["totalCount"], names.len());
            names.sort();
            names
        };
        assert_eq!(seen(&person).await, ["INTERNAL", "PRIVATE", "PUBLIC", "UNLISTED"]);
        assert_eq!(seen(&app.anonymous()).await, ["PUBLIC"]);
        assert_eq!(seen(&stranger).await, ["INTERNAL", "PUBLIC"], "who is in a private community is no part of its about");
    }
}
