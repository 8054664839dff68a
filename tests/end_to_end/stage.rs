//! The stages of a community's life: advice, steps on and back, overrides, ends; and what members do beside their roles.

use serde_json::{Value, json};
use support::{App, Client, on_both_databases};

const SET_STAGE: &str =
    "mutation($id: ID!, $stage: CommunityStage!, $reason: String!, $outcome: TransformationOutcome, $override: Boolean) {
    setCommunityStage(id: $id, stage: $stage, reason: $reason, outcome: $outcome, override: $override) {
        community { stage status }
        position
        userErrors { code field message blockedBy { code message } }
    }
}";

const LIFE: &str = "query($id: ID!) { community(id: $id) {
    stage
    stageAdvice { current next criteria { key description met } }
    stageHistory { from to actor { displayName } reason override unmet outcome at }
    availableTransitions { lifecycle to blockedBy { code } }
} }";

fn step(community: &Value, stage: &str) -> Value {
    json!({ "id": community, "stage": stage, "reason": "As we decided in May." })
}

fn overriding(community: &Value, stage: &str) -> Value {
    let mut variables = step(community, stage);
    variables["override"] = json!(true);
    variables
}

async fn life(client: &Client, community: &Value) -> Value {
    client.query(LIFE, json!({ "id": community })).await["community"].clone()
}

fn criteria(life: &Value) -> Vec<(&str, bool)> {
    let criteria = life["stageAdvice"]["criteria"].as_array().unwrap();
    criteria
        .iter()
        .map(|one| (one["key"].as_str().unwrap(), one["met"].as_bool().unwrap()))
        .collect()
}

fn blocked_by(payload: &Value) -> Vec<&str> {
    let blockers = payload["userErrors"][0]["blockedBy"].as_array().unwrap();
    let codes = blockers
        .iter()
        .map(|blocker| blocker["code"].as_str().unwrap());
    codes.collect()
}

async fn question(member: &Client, community: &Value) {
    let mutation =
        "mutation($id: ID!) { addLearningQuestion(communityId: $id, text: \"What helps?\") {
        learningQuestion { id } userErrors { code field message } } }";
    member.mutate(mutation, json!({ "id": community })).await;
}

async fn domain(app: &App) -> Value {
    let create = "mutation { createDomain(input: { name: \"Numeracy\" }) {
        domain { id } userErrors { code field message } } }";
    let admin = app.administrator().await;
    admin.mutate(create, json!({})).await["domain"]["id"].clone()
}

on_both_databases! {
    async fn a_community_goes_on_when_it_has_what_the_next_stage_asks_for(app: App) {
        let facilitator = app.person("Ada").await;
        let (member, other, stranger) = (app.person("Ben").await, app.person("Cleo").await, app.person("Dan").await);
        let community = facilitator.create_community("Walkers", json!({})).await;
        let seen = life(&facilitator, &community).await;
        assert_eq!(seen["stageAdvice"]["next"], "COALESCING");
        assert_eq!(criteria(&seen), [("DOMAIN", false), ("FACILITATOR", true), ("MEMBERS", false), ("QUESTION", false)]);
        assert_eq!(seen["stageHistory"].as_array().unwrap().len(), 1, "its beginning");
        assert_eq!(seen["availableTransitions"][1], json!({
            "lifecycle": "STAGE", "to": "COALESCING",
            "blockedBy": [{ "code": "CRITERION_UNMET" }, { "code": "CRITERION_UNMET" }, { "code": "CRITERION_UNMET" }],
        }));
        let held_back = facilitator.payload(SET_STAGE, step(&community, "COALESCING")).await;
        assert_eq!(held_back["userErrors"][0]["code"], "INVALID_TRANSITION");
        assert_eq!(blocked_by(&held_back), ["CRITERION_UNMET"; 3]);

        member.join(&community).await;
        other.join(&community).await;
        question(&member, &community).await;
        let update = "mutation($id: ID!, $domain: ID!) { updateCommunity(id: $id, input: { domainIds: [$domain] }) {
            community { id } userErrors { code field message } } }";
        facilitator.mutate(update, json!({ "id": community, "domain": domain(&app).await })).await;
        let seen = life(&member, &community).await;
        assert!(criteria(&seen).iter().all(|(_, met)| *met), "{seen:#}");
        assert_eq!(
            member.refused(SET_STAGE, step(&community, "COALESCING")).await, ["FORBIDDEN id"],
            "stages are for facilitators"
        );
        let gone_on = facilitator.mutate(SET_STAGE, step(&community, "COALESCING")).await;
        assert_eq!(gone_on["community"], json!({ "stage": "COALESCING", "status": "ACTIVE" }));
        let again = facilitator.mutate(SET_STAGE, step(&community, "COALESCING")).await;
        assert_eq!(again["position"], gone_on["position"], "the same stage appends nothing");

        let seen = life(&stranger, &community).await;
        assert_eq!(seen["stageAdvice"], json!({ "current": "COALESCING", "next": "MATURING", "criteria": [] }));
        let last = &seen["stageHistory"][1];
        assert_eq!(
            (&last["from"], &last["to"], &last["actor"]["displayName"], &last["reason"], &last["override"], &last["unmet"]),
            (&json!("POTENTIAL"), &json!("COALESCING"), &json!("Ada"), &json!("As we decided in May."), &json!(false), &json!([]))
        );
    }

    async fn steps_that_are_not_open_say_so(app: App) {
        let facilitator = app.person("Ada").await;
        let community = facilitator.create_community("Walkers", json!({})).await;
        let too_far = facilitator.payload(SET_STAGE, overriding(&community, "MATURING")).await;
        assert_eq!(blocked_by(&too_far), ["NOT_FROM_HERE"], "an override skips no stage");
        for (outcome, stage) in [("SPLIT", "TRANSFORMATION"), ("MERGED", "TRANSFORMATION"), ("FADED", "TRANSFORMATION"), ("RENEWED", "COALESCING")] {
            let mut variables = overriding(&community, stage);
            variables["outcome"] = json!(outcome);
            let refused = facilitator.payload(SET_STAGE, variables).await;
            assert_eq!(refused["userErrors"][0]["field"], json!(["outcome"]));
            assert_eq!(blocked_by(&refused), ["NOT_FROM_HERE"], "{outcome}");
        }
        let mut blank = overriding(&community, "COALESCING");
        blank["reason"] = json!("  ");
        assert_eq!(facilitator.refused(SET_STAGE, blank).await, ["REQUIRED reason"]);
        assert_eq!(life(&facilitator, &community).await["stageHistory"].as_array().unwrap().len(), 1, "nothing was written");
    }

    async fn an_override_is_recorded_and_a_transformation_ends(app: App) {
        let facilitator = app.person("Ada").await;
        let community = facilitator.create_community("Walkers", json!({})).await;
        for stage in ["COALESCING", "MATURING", "STEWARDSHIP", "TRANSFORMATION"] {
            facilitator.mutate(SET_STAGE, overriding(&community, stage)).await;
        }
        let seen = life(&facilitator, &community).await;
        let history = seen["stageHistory"].as_array().unwrap();
        let overridden: Vec<_> = history.iter().map(|step| step["override"].as_bool().unwrap()).collect();
        assert_eq!(overridden, [false, true, true, true, false], "a transformation asked for nothing that was missing");
        assert_eq!(history[2]["unmet"], json!(["STATEMENT", "RHYTHM", "FIRST_ITEMS"]));
        assert_eq!(seen["stageAdvice"], json!({ "current": "TRANSFORMATION", "next": null, "criteria": [] }));

        let back = facilitator.mutate(SET_STAGE, step(&community, "STEWARDSHIP")).await;
        assert_eq!(back["community"]["stage"], "STEWARDSHIP", "one step back needs a reason only");
        facilitator.mutate(SET_STAGE, step(&community, "TRANSFORMATION")).await;
        let mut renewed = overriding(&community, "COALESCING");
        renewed["outcome"] = json!("RENEWED");
        facilitator.mutate(SET_STAGE, renewed).await;
        let renewal = life(&facilitator, &community).await["stageHistory"].as_array().unwrap().last().unwrap().clone();
        assert_eq!((&renewal["to"], &renewal["outcome"]), (&json!("COALESCING"), &json!("RENEWED")));

        for stage in ["MATURING", "STEWARDSHIP", "TRANSFORMATION"] {
            facilitator.mutate(SET_STAGE, overriding(&community, stage)).await;
        }
        let mut faded = step(&community, "TRANSFORMATION");
        faded["outcome"] = json!("FADED");
        let ended = facilitator.mutate(SET_STAGE, faded.clone()).await;
        assert_eq!(ended["community"], json!({ "stage": "TRANSFORMATION", "status": "ARCHIVED" }));
        assert_eq!(facilitator.refused(SET_STAGE, faded).await, ["FORBIDDEN id"], "what is archived stays as it is");
    }

    async fn a_private_community_tells_strangers_only_its_stage(app: App) {
        let facilitator = app.person("Ada").await;
        let stranger = app.person("Ben").await;
        let community = facilitator.create_community("Circle", json!({ "visibility": "PRIVATE" })).await;
        facilitator.mutate(SET_STAGE, overriding(&community, "COALESCING")).await;
        let seen = life(&stranger, &community).await;
        assert_eq!(seen, json!({
            "stage": "COALESCING",
            "stageAdvice": { "current": "COALESCING", "next": "MATURING", "criteria": [] },
            "stageHistory": [],
            "availableTransitions": [],
        }));
    }

    async fn facilitators_say_what_members_do(app: App) {
        let facilitator = app.person("Ada").await;
        let member = app.person("Ben").await;
        let community = facilitator.create_community("Walkers", json!({})).await;
        member.join(&community).await;
        let own = "query($id: ID!) { community(id: $id) { viewerMembership { id role functions } } }";
        let id = member.query(own, json!({ "id": community })).await["community"]["viewerMembership"]["id"].clone();
        let set = "mutation($id: ID!, $functions: [MembershipFunction!]!) {
            setMemberFunctions(id: $id, functions: $functions) {
                membership { functions role } position userErrors { code field message }
            }
        }";
        let functions = json!(["TECHNOLOGY_STEWARD", "BROKER", "BROKER"]);
        let variables = json!({ "id": id, "functions": functions });
        assert_eq!(member.refused(set, variables.clone()).await, ["FORBIDDEN id"]);
        let changed = facilitator.mutate(set, variables.clone()).await;
        assert_eq!(
            changed["membership"], json!({ "functions": ["BROKER", "TECHNOLOGY_STEWARD"], "role": "MEMBER" }),
            "a function gives no power"
        );
        let again = facilitator.mutate(set, variables.clone()).await;
        assert_eq!(again["position"], changed["position"], "the same again appends nothing");
        let listed = "query($id: ID!, $function: MembershipFunction!) { community(id: $id) {
            members(function: $function) { totalCount nodes { user { displayName } functions } } } }";
        let brokers = app.anonymous().query(listed, json!({ "id": community, "function": "BROKER" })).await;
        assert_eq!(brokers["community"]["members"]["nodes"][0]["user"]["displayName"], "Ben");
        let sponsors = app.anonymous().query(listed, json!({ "id": community, "function": "SPONSOR" })).await;
        assert_eq!(sponsors["community"]["members"]["totalCount"], 0);

        let leave = "mutation($id: ID!) { leaveCommunity(communityId: $id) {
            membership { functions } userErrors { code field message } } }";
        let left = member.mutate(leave, json!({ "id": community })).await;
        assert_eq!(left["membership"]["functions"], json!([]), "functions end with the membership");
        let refused = facilitator.payload(set, variables).await;
        assert_eq!(refused["userErrors"][0]["code"], "INVALID_TRANSITION");
        member.join(&community).await;
        let back = member.query(own, json!({ "id": community })).await;
        assert_eq!(back["community"]["viewerMembership"]["functions"], json!([]));
    }
}
