//! From an idea in a few words to a practice that is recommended, and what happens when its evidence is taken back.

use serde_json::{Value, json};
use support::{App, Client, on_both_databases};

const SET: &str =
    "mutation($id: ID!, $maturity: PracticeMaturity!, $reason: String, $successor: ID) {
    setPracticeMaturity(id: $id, maturity: $maturity, reason: $reason, supersededById: $successor) {
        practice { maturity evidenceLevel supersededBy { id }
            maturityHistory { totalCount nodes { from to reason actor { displayName } } } }
        position
        userErrors { code field message blockedBy { code } }
    }
}";

async fn practice(author: &Client, community: &Value, title: &str) -> Value {
    let create = "mutation($input: CreatePracticeInput!) { createPractice(input: $input) {
        practice { id } userErrors { code field message } } }";
    let input = json!({ "communityId": community, "title": title, "kind": "METHOD" });
    author.mutate(create, json!({ "input": input })).await["practice"]["id"].clone()
}

/// What holds a step back, as the practice itself says; none where the step is not offered.
async fn held_back(client: &Client, id: &Value, to: &str) -> Option<Vec<String>> {
    let query = "query($id: ID!) { practice(id: $id) { availableTransitions { lifecycle to blockedBy { code } } } }";
    let found = client.query(query, json!({ "id": id })).await;
    let options = found["practice"]["availableTransitions"]
        .as_array()
        .unwrap()
        .clone();
    let option = options.into_iter().find(|option| option["to"] == to)?;
    assert_eq!(option["lifecycle"], "MATURITY");
    let blockers = option["blockedBy"].as_array().unwrap().iter();
    Some(
        blockers
            .map(|blocker| blocker["code"].as_str().unwrap().to_owned())
            .collect(),
    )
}

async fn refused(client: &Client, id: &Value, maturity: &str) -> Vec<String> {
    let variables = json!({ "id": id, "maturity": maturity, "reason": "It is time." });
    let payload = client.payload(SET, variables).await;
    assert_eq!(payload["practice"], Value::Null, "{payload:#}");
    let error = &payload["userErrors"][0];
    assert_eq!(
        (&error["code"], &error["field"]),
        (&json!("INVALID_TRANSITION"), &json!(["maturity"]))
    );
    let blockers = error["blockedBy"].as_array().unwrap().iter();
    blockers
        .map(|blocker| blocker["code"].as_str().unwrap().to_owned())
        .collect()
}

async fn level(client: &Client, id: &Value) -> Value {
    let query = "query($id: ID!) { practice(id: $id) { evidenceLevel evidence { level } } }";
    let found = client.query(query, json!({ "id": id })).await["practice"].clone();
    assert_eq!(found["evidenceLevel"], found["evidence"]["level"]);
    found["evidenceLevel"].clone()
}

/// What somebody is told of for want of evidence, as `REASON title`.
async fn told(client: &Client, position: &Value) -> Vec<String> {
    let query =
        "{ notifications(unreadOnly: true) { nodes { reason about { ... on Item { title } } } } }";
    let found = client.at(position).query(query, json!({})).await;
    let nodes = found["notifications"]["nodes"].as_array().unwrap().clone();
    nodes
        .iter()
        .filter(|node| node["reason"] == "DUE")
        .map(|node| {
            format!(
                "{} {}",
                node["reason"].as_str().unwrap(),
                node["about"]["title"].as_str().unwrap_or("?")
            )
        })
        .collect()
}

async fn awaits(client: &Client, community: &Value) -> Vec<String> {
    let query = "query($id: ID!) { community(id: $id) { workQueue(first: 50) { totalCount nodes {
        reason dueAt node { ... on Item { title } ... on Pilot { question } } } } } }";
    let found =
        client.query(query, json!({ "id": community })).await["community"]["workQueue"].clone();
    let nodes = found["nodes"].as_array().unwrap();
    assert_eq!(found["totalCount"], nodes.len());
    let line = |node: &Value| {
        let what = node["node"]["title"]
            .as_str()
            .or(node["node"]["question"].as_str());
        format!(
            "{} {}",
            node["reason"].as_str().unwrap(),
            what.unwrap_or_default()
        )
    };
    nodes.iter().map(line).collect()
}

async fn figures(client: &Client, community: &Value) -> Value {
    let query = "query($id: ID!) { community(id: $id) { health { key value sampleSize } } }";
    let found = client.query(query, json!({ "id": community })).await;
    let figures = found["community"]["health"].as_array().unwrap().clone();
    let pairs = figures.into_iter().map(|figure| {
        (
            figure["key"].as_str().unwrap().to_owned(),
            json!([figure["value"], figure["sampleSize"]]),
        )
    });
    Value::Object(pairs.collect())
}

on_both_databases! {
    async fn a_practice_is_recommended_by_its_evidence_and_says_when_that_is_lost(app: App) {
        let facilitator = app.person("Ada").await;
        let (author, teacher, reviewer, second) =
            (app.person("Ben").await, app.person("Cleo").await, app.person("Rita").await, app.person("Rob").await);
        let stranger = app.person("Eve").await;
        let community = facilitator.create_community("Methods", json!({ "kind": "BEST_PRACTICE" })).await;
        for member in [&author, &teacher] {
            member.join(&community).await;
        }
        for person in [&reviewer, &second] {
            facilitator.admit(&community, person, "REVIEWER").await;
        }
        let id = practice(&author, &community, "Reading in pairs").await;
        author.publish_through(&id, &[&reviewer, &second]).await;
        assert_eq!(level(&stranger, &id).await, "NONE");
        assert_eq!(held_back(&author, &id, "TRIALLED").await, Some(vec!["PILOT_MISSING".to_owned()]));
        assert_eq!(held_back(&stranger, &id, "TRIALLED").await, Some(vec!["NOT_ALLOWED".to_owned(), "PILOT_MISSING".to_owned()]));
        assert_eq!(refused(&author, &id, "TRIALLED").await, ["PILOT_MISSING"]);
        assert_eq!(refused(&author, &id, "RECOMMENDED").await, ["NOT_FROM_HERE", "EVIDENCE_MISSING"]);

        author.run_pilot(&id, &teacher, "MIXED").await;
        assert_eq!(level(&stranger, &id).await, "PILOTED");
        let tried = author.mutate(SET, json!({ "id": id, "maturity": "TRIALLED", "reason": "Two classes." })).await;
        assert_eq!(tried["practice"]["maturity"], "TRIALLED");
        assert_eq!(held_back(&author, &id, "RECOMMENDED").await, Some(vec!["EVIDENCE_MISSING".to_owned()]));
        let first = teacher.adopt(&id, "Elm School", "CONFIRMED").await;
        stranger.adopt(&id, "elm school", "CONFIRMED").await;
        assert_eq!(refused(&author, &id, "RECOMMENDED").await, ["EVIDENCE_MISSING"]);
        assert_eq!(level(&stranger, &id).await, "PILOTED", "two adoptions from one setting");
        let third = reviewer.adopt(&id, "Oak School", "CONFIRMED").await;
        assert_eq!(level(&app.anonymous(), &id).await, "CONFIRMED");
        assert_eq!(held_back(&author, &id, "RECOMMENDED").await, Some(vec![]));

        let recommended = author.mutate(SET, json!({ "id": id, "maturity": "RECOMMENDED" })).await;
        let steps = recommended["practice"]["maturityHistory"].clone();
        assert_eq!(steps["totalCount"], 2);
        assert_eq!(steps["nodes"][0], json!({ "from": "EMERGING", "to": "TRIALLED", "reason": "Two classes.", "actor": { "displayName": "Ben" } }));
        let again = author.mutate(SET, json!({ "id": id, "maturity": "RECOMMENDED" })).await;
        assert_eq!(again["position"], recommended["position"], "what it is already appends nothing");
        let measured = figures(&facilitator, &community).await;
        assert_eq!(measured["ADOPTIONS_PER_PRACTICE"], json!([3.0, 1]));
        assert_eq!(measured["SETTINGS_REACHED"], json!([2.0, 3]));
        assert_eq!(measured["DAYS_TO_RECOMMENDED"][1], 1);

        let chain = "query($id: ID!) { practice(id: $id) { evidence {
            level pilots { totalCount nodes { outcome } } reports { totalCount }
            adoptions { totalCount nodes { setting adopter { displayName } } } resources { totalCount } } } }";
        let to_member = author.query(chain, json!({ "id": id })).await["practice"]["evidence"].clone();
        assert_eq!(to_member["pilots"], json!({ "totalCount": 1, "nodes": [{ "outcome": "MIXED" }] }));
        assert_eq!((&to_member["reports"]["totalCount"], &to_member["adoptions"]["totalCount"]), (&json!(1), &json!(3)));
        let to_stranger = app.anonymous().query(chain, json!({ "id": id })).await["practice"]["evidence"].clone();
        assert_eq!(to_stranger["reports"]["totalCount"], 0, "what was told to members is for members");
        assert_eq!(to_stranger["adoptions"]["nodes"][0]["setting"], "Oak School");

        let steward = facilitator.my_id().await;
        let keep = "mutation($id: ID!, $user: ID) { setSteward(id: $id, userId: $user) { position userErrors { code field message } } }";
        facilitator.mutate(keep, json!({ "id": id, "user": steward })).await;
        assert_eq!(awaits(&facilitator, &community).await, Vec::<String>::new());
        let withdraw = "mutation($id: ID!) { withdrawAdoption(id: $id) { position userErrors { code field message } } }";
        let lost = reviewer.mutate(withdraw, json!({ "id": third["adoption"]["id"] })).await;
        assert_eq!(level(&stranger, &id).await, "PILOTED");
        assert_eq!(told(&facilitator, &lost["position"]).await, ["DUE Reading in pairs"]);
        let mut last = lost;
        for (adopter, adoption) in [(&teacher, first)] {
            last = adopter.mutate(withdraw, json!({ "id": adoption["adoption"]["id"] })).await;
        }
        assert_eq!(told(&facilitator, &last["position"]).await, ["DUE Reading in pairs"], "no level fell");
        assert_eq!(held_back(&facilitator, &id, "RETIRED").await, Some(vec![]), "its keepers decide");
        assert_eq!(held_back(&facilitator, &id, "SUPERSEDED").await, Some(vec!["SUCCESSOR_MISSING".to_owned()]));
    }

    async fn a_recommended_practice_waits_for_somebody_who_uses_it_and_a_pilot_for_its_report(app: App) {
        let steward = app.person("Ada").await;
        let (author, teacher, reviewer, second) =
            (app.person("Ben").await, app.person("Cleo").await, app.person("Rita").await, app.person("Rob").await);
        let community = steward.create_community("Methods", json!({ "kind": "BEST_PRACTICE" })).await;
        for member in [&author, &teacher] {
            member.join(&community).await;
        }
        for person in [&reviewer, &second] {
            steward.admit(&community, person, "REVIEWER").await;
        }
        let id = practice(&author, &community, "Reading in pairs").await;
        author.publish_through(&id, &[&reviewer, &second]).await;
        author.run_pilot(&id, &teacher, "WORKED").await;
        for maturity in ["TRIALLED", "RECOMMENDED"] {
            author.mutate(SET, json!({ "id": id, "maturity": maturity })).await;
        }
        let without_steward = "WITHOUT_STEWARD Reading in pairs".to_owned();
        let unadopted = "NOT_ADOPTED Reading in pairs".to_owned();
        assert_eq!(awaits(&steward, &community).await, [unadopted.clone(), without_steward.clone()]);
        assert_eq!(awaits(&author, &community).await, Vec::<String>::new());
        let planned = teacher.adopt(&id, "Elm School", "PLANNED").await;
        assert_eq!(awaits(&steward, &community).await.len(), 2, "a plan is no use");
        let update = "mutation($id: ID!, $state: AdoptionState) { updateAdoption(id: $id, state: $state) { userErrors { code field message } } }";
        teacher.mutate(update, json!({ "id": planned["adoption"]["id"], "state": "IN_USE" })).await;
        assert_eq!(awaits(&steward, &community).await, std::slice::from_ref(&without_steward));
        teacher.mutate(update, json!({ "id": planned["adoption"]["id"], "state": "STOPPED" })).await;
        assert_eq!(awaits(&steward, &community).await, [unadopted.clone(), without_steward.clone()]);

        let today = app.server().clock().now().date_naive();
        teacher.plan_pilot(&id, json!({ "endsOn": today.to_string() })).await;
        assert_eq!(awaits(&steward, &community).await.len(), 2, "its last day is not over");
        let ended = today - chrono::Days::new(2);
        let pilot = teacher.plan_pilot(&id, json!({ "endsOn": ended.to_string() })).await;
        let late = "PILOT_WITHOUT_REPORT Does it help?".to_owned();
        assert_eq!(awaits(&steward, &community).await, [unadopted.clone(), late.clone(), without_steward.clone()]);
        for runner in [&teacher, &author] {
            assert_eq!(awaits(runner, &community).await, std::slice::from_ref(&late), "who planned it, and whose it is");
        }
        assert_eq!(awaits(&reviewer, &community).await, Vec::<String>::new());
        teacher.set_pilot_state(&pilot, "RUNNING", None).await;
        assert_eq!(awaits(&teacher, &community).await, std::slice::from_ref(&late));
        let secretly = teacher.tell(&pilot, "AUTHORS", json!({})).await;
        assert_eq!(secretly["userErrors"], json!([]));
        assert_eq!(awaits(&teacher, &community).await, [late], "what its members may not read does not show");
        teacher.tell(&pilot, "MEMBERS", json!({})).await;
        assert_eq!(awaits(&teacher, &community).await, Vec::<String>::new());
        let retire = json!({ "id": id, "maturity": "RETIRED", "reason": "It was replaced by law." });
        steward.mutate(SET, retire).await;
        assert_eq!(awaits(&steward, &community).await, [without_steward]);
    }

    async fn one_practice_takes_the_place_of_another(app: App) {
        let steward = app.person("Ada").await;
        let (author, reviewer) = (app.person("Ben").await, app.person("Rita").await);
        let community = steward.create_community("Methods", json!({})).await;
        author.join(&community).await;
        steward.admit(&community, &reviewer, "REVIEWER").await;
        let mut made = Vec::new();
        for title in ["Reading aloud", "Reading in pairs"] {
            let id = practice(&author, &community, title).await;
            author.publish_through(&id, &[&reviewer]).await;
            author.run_pilot(&id, &reviewer, "DID_NOT_WORK").await;
            for maturity in ["TRIALLED", "RECOMMENDED"] {
                author.mutate(SET, json!({ "id": id, "maturity": maturity })).await;
            }
            made.push(id);
        }
        let (old, new) = (&made[0], &made[1]);
        let set = json!({ "id": old, "maturity": "SUPERSEDED", "reason": "More talk.", "successor": new });
        assert_eq!(author.refused(SET, set.clone()).await, ["FORBIDDEN id"]);
        assert_eq!(steward.refused(SET, json!({ "id": old, "maturity": "SUPERSEDED", "successor": old })).await, ["INVALID supersededById"]);
        let done = steward.mutate(SET, set).await;
        assert_eq!(done["practice"]["supersededBy"]["id"], *new);
        let circle = json!({ "id": new, "maturity": "SUPERSEDED", "successor": old });
        assert_eq!(steward.refused(SET, circle).await, ["INVALID supersededById"]);
        assert_eq!(held_back(&steward, old, "RETIRED").await, None, "it has ended");
        assert_eq!(steward.refused(SET, json!({ "id": new, "maturity": "RETIRED" })).await, ["REQUIRED reason"]);
        let archive = "mutation($id: ID!) { deletePractice(id: $id) { deletedId userErrors { code field message } } }";
        steward.mutate(archive, json!({ "id": new })).await;
        let show = "query($id: ID!) { practice(id: $id) { maturity supersededBy { id } } }";
        let left = steward.query(show, json!({ "id": old })).await["practice"].clone();
        assert_eq!(left, json!({ "maturity": "SUPERSEDED", "supersededBy": null }));
    }

    async fn those_who_were_there_tell_of_adoptions_too(app: App) {
        let author = app.person("Ada").await;
        let (teacher, stranger) = (app.person("Cleo").await, app.person("Eve").await);
        let community = author.create_community("Methods", json!({ "kind": "INNOVATION" })).await;
        let item = author.create_resource(&community, "Story dice", json!({})).await;
        let adopted = teacher.adopt(&item, "Elm School", "PLANNED").await["adoption"]["id"].clone();
        let tell = "mutation($input: ExperienceReportInput!) { addExperienceReport(input: $input) { report { id } userErrors { code field message } } }";
        let input = json!({ "aboutId": adopted, "text": "We rolled.", "consent": "PUBLIC" });
        let early = teacher.refused(tell, json!({ "input": input })).await;
        assert_eq!(early, ["INVALID_TRANSITION input.aboutId"], "what is only planned has nothing to tell");
        let update = "mutation($id: ID!) { updateAdoption(id: $id, state: STOPPED) { userErrors { code field message } } }";
        teacher.mutate(update, json!({ "id": adopted })).await;
        let level = "query($id: ID!) { resource(id: $id) { evidenceLevel } }";
        let seen = stranger.query(level, json!({ "id": item })).await;
        assert_eq!(seen["resource"]["evidenceLevel"], "NONE");
        let report = teacher.tell(&adopted, "PUBLIC", json!({})).await["report"]["id"].clone();
        let seen = stranger.query(level, json!({ "id": item })).await;
        assert_eq!(seen["resource"]["evidenceLevel"], "REPORTED");
        let narrow = "mutation($id: ID!) { narrowConsent(id: $id, consent: MEMBERS) { userErrors { code field message } } }";
        teacher.mutate(narrow, json!({ "id": report })).await;
        let seen = stranger.query(level, json!({ "id": item })).await;
        assert_eq!(seen["resource"]["evidenceLevel"], "NONE", "not everybody may read it any more");
        let withdraw = "mutation($id: ID!) { withdrawAdoption(id: $id) { userErrors { code field message } } }";
        teacher.mutate(withdraw, json!({ "id": adopted })).await;
        let show = "query($id: ID!) { node(id: $id) { id } }";
        assert_eq!(teacher.query(show, json!({ "id": report })).await["node"], Value::Null, "what was told of it goes with it");
    }
}
