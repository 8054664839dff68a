//! Innovations: from idea to practice, or to what was learned.

use serde_json::{Value, json};
use support::{App, Client, on_both_databases};

const ADVANCE: &str = "mutation($id: ID!, $to: InnovationStage!, $reason: String, $learning: String) {
    advanceInnovation(id: $id, to: $to, reason: $reason, learning: $learning) {
        innovation { stage learning revision transitions { nodes { from to reason actor { displayName } } } }
        position
        userErrors { code field message blockedBy { code message } }
    }
}";

async fn idea(author: &Client, community: &Value) -> Value {
    let mutation = "mutation($input: CreateInnovationInput!) {
        createInnovation(input: $input) { innovation { id stage } userErrors { code field message } }
    }";
    let input = json!({ "communityId": community, "title": "Walking lessons", "idea": "Teach **outside**." });
    author.mutate(mutation, json!({ "input": input })).await["innovation"]["id"].clone()
}

/// What holds an innovation back from a stage: the same as a refusal and as it says itself.
async fn blocked(client: &Client, id: &Value, to: &str) -> Vec<String> {
    let codes = |blockers: &Value| -> Vec<String> {
        let blockers = blockers.as_array().unwrap().iter();
        blockers
            .map(|blocker| blocker["code"].as_str().unwrap().to_owned())
            .collect()
    };
    let payload = client.payload(ADVANCE, json!({ "id": id, "to": to })).await;
    assert_eq!(payload["innovation"], Value::Null, "{payload:#}");
    let refused = codes(&payload["userErrors"][0]["blockedBy"]);
    let query = "query($id: ID!) { innovation(id: $id) { availableTransitions { to blockedBy { code } } } }";
    let found = client.query(query, json!({ "id": id })).await;
    let options = found["innovation"]["availableTransitions"]
        .as_array()
        .unwrap()
        .clone();
    let option = options.iter().find(|option| option["to"] == to).unwrap();
    assert_eq!(codes(&option["blockedBy"]), refused);
    refused
}

on_both_databases! {
    async fn an_innovation_moves_from_stage_to_stage_with_its_history(app: App) {
        let author = app.person("Ada").await;
        let community = author.create_community("Lab", json!({ "kind": "INNOVATION" })).await;
        let id = idea(&author, &community).await;
        author.mutate(ADVANCE, json!({ "id": id, "to": "EXPLORING", "reason": "Two schools want it." })).await;
        author.mutate(ADVANCE, json!({ "id": id, "to": "PARKED" })).await;
        assert_eq!(
            author.refused(ADVANCE, json!({ "id": id, "to": "VALIDATED" })).await,
            ["INVALID_TRANSITION to"],
            "a parked innovation goes back to where it was only"
        );
        let back = author.mutate(ADVANCE, json!({ "id": id, "to": "EXPLORING" })).await;
        let steps = back["innovation"]["transitions"]["nodes"].as_array().unwrap().clone();
        let way: Vec<_> = steps.iter().map(|step| step["to"].as_str().unwrap()).collect();
        assert_eq!(way, ["IDEA", "EXPLORING", "PARKED", "EXPLORING"]);
        assert_eq!(steps[1]["reason"], "Two schools want it.");
        assert_eq!(steps[1]["actor"]["displayName"], "Ada");
        assert_eq!(back["innovation"]["revision"], 1, "moving makes no revision");
        let again = author.mutate(ADVANCE, json!({ "id": id, "to": "EXPLORING" })).await;
        assert_eq!(again["position"], back["position"], "moving to where it is appends nothing");
    }

    async fn abandoning_needs_what_was_learned(app: App) {
        let author = app.person("Ada").await;
        let community = author.create_community("Lab", json!({ "kind": "INNOVATION" })).await;
        let id = idea(&author, &community).await;
        let answer = author.send(ADVANCE, json!({ "id": id, "to": "ABANDONED" })).await;
        let error = &answer.body["data"]["advanceInnovation"]["userErrors"][0];
        assert_eq!(error["code"], "INVALID_TRANSITION");
        assert_eq!(error["blockedBy"][0]["code"], "LEARNING_MISSING");
        let abandoned =
            author.mutate(ADVANCE, json!({ "id": id, "to": "ABANDONED", "learning": "Rain matters." })).await;
        assert_eq!(abandoned["innovation"]["stage"], "ABANDONED");
        assert_eq!(abandoned["innovation"]["learning"], "Rain matters.");
    }

    async fn an_idea_is_piloted_validated_and_promoted(app: App) {
        let author = app.person("Ada").await;
        let (colleague, outsider) = (app.person("Ben").await, app.person("Eve").await);
        let community = author.create_community("Lab", json!({ "kind": "INNOVATION" })).await;
        colleague.join(&community).await;
        let id = idea(&author, &community).await;
        let credit = "mutation($id: ID!, $authors: [ID!]) { updateInnovation(id: $id, input: { authorIds: $authors }) {
            innovation { id } userErrors { code field message } } }";
        let authors = json!([author.my_id().await, colleague.my_id().await]);
        author.mutate(credit, json!({ "id": id, "authors": authors })).await;
        author.mutate(ADVANCE, json!({ "id": id, "to": "EXPLORING" })).await;
        assert_eq!(blocked(&author, &id, "PILOTING").await, ["PILOT_MISSING"]);
        author.run_pilot(&id, &colleague, "WORKED_WITH_CHANGES").await;
        assert_eq!(blocked(&author, &id, "PILOTING").await, ["PILOT_MISSING"], "that one is over");
        let next = author.plan_pilot(&id, json!({})).await;
        author.mutate(ADVANCE, json!({ "id": id, "to": "PILOTING" })).await;
        author.set_pilot_state(&next, "CANCELLED", None).await;
        author.mutate(ADVANCE, json!({ "id": id, "to": "VALIDATED" })).await;
        assert_eq!(blocked(&author, &id, "PROMOTED").await, ["PROMOTED_ITEM_MISSING"]);

        let promote = "mutation($id: ID!, $practice: CreatePracticeInput, $resource: CreateResourceInput) {
            promoteInnovation(id: $id, toPractice: $practice, toResource: $resource) {
                item { id title authors { displayName } ... on Practice { status maturity } }
                position userErrors { code field message } } }";
        let practice = json!({ "communityId": community, "title": "Walking lessons", "kind": "METHOD" });
        let resource = json!({ "communityId": "x", "title": "", "kind": "GUIDE" });
        let given = json!({ "id": id, "resource": resource });
        assert_eq!(author.refused(promote, given).await, ["INVALID toResource.communityId", "REQUIRED toResource.title"]);
        assert_eq!(author.refused(promote, json!({ "id": id })).await, ["REQUIRED toPractice"]);
        assert_eq!(outsider.refused(promote, json!({ "id": id, "practice": practice })).await[0], "FORBIDDEN id");
        let promoted = author.mutate(promote, json!({ "id": id, "practice": practice })).await;
        let item = &promoted["item"];
        assert_eq!((&item["status"], &item["maturity"]), (&json!("DRAFT"), &json!("EMERGING")));
        assert_eq!(item["authors"], json!([{ "displayName": "Ada" }, { "displayName": "Ben" }]), "whose idea it was");
        let show = "query($id: ID!) { innovation(id: $id) { stage stageLabel promotedTo { id } availableTransitions { to }
            evidenceLevel pilots { totalCount } } }";
        let seen = author.query(show, json!({ "id": id })).await["innovation"].clone();
        assert_eq!(seen, json!({
            "stage": "PROMOTED", "stageLabel": "Promoted", "promotedTo": [{ "id": item["id"] }], "availableTransitions": [],
            "evidenceLevel": "PILOTED", "pilots": { "totalCount": 2 },
        }));
        let outside = app.anonymous().query(show, json!({ "id": id })).await;
        assert_eq!(outside["innovation"]["promotedTo"], json!([]), "a draft does not show");
        let twice = author.refused(promote, json!({ "id": id, "practice": practice })).await;
        assert_eq!(twice, ["INVALID_TRANSITION id"]);
        let count = "query($id: ID!) { community(id: $id) { practices { totalCount } } }";
        assert_eq!(author.query(count, json!({ "id": community })).await["community"]["practices"]["totalCount"], 1);
        let health = "query($id: ID!) { community(id: $id) { health { key value } } }";
        let figures = author.query(health, json!({ "id": community })).await["community"]["health"].clone();
        let pilots = figures.as_array().unwrap().iter().find(|figure| figure["key"] == "PILOTS_PER_IDEA");
        assert_eq!(pilots.unwrap()["value"], 1.0, "what was given up does not count");
    }

    async fn a_community_names_its_stages(app: App) {
        let facilitator = app.person("Ada").await;
        let member = app.person("Ben").await;
        let community = facilitator.create_community("Lab", json!({ "kind": "INNOVATION" })).await;
        member.join(&community).await;
        let id = idea(&member, &community).await;
        let rename = "mutation($id: ID!, $labels: [StageLabelInput!]!) { renameStages(communityId: $id, labels: $labels) {
            community { stageLabels { stage label } } position userErrors { code field message } } }";
        let label = |stage: &str, label: &str| json!({ "stage": stage, "label": label });
        let labels = json!([label("IDEA", "Funke"), label("PILOTING", "Probe")]);
        assert_eq!(member.refused(rename, json!({ "id": community, "labels": labels })).await, ["FORBIDDEN communityId"]);
        let named = facilitator.mutate(rename, json!({ "id": community, "labels": labels })).await;
        let shown = named["community"]["stageLabels"].as_array().unwrap().clone();
        assert_eq!((&shown[0], &shown[1], shown.len()), (&label("IDEA", "Funke"), &label("EXPLORING", "Exploring"), 7));
        let again = facilitator.mutate(rename, json!({ "id": community, "labels": labels })).await;
        assert_eq!(again["position"], named["position"]);
        let show = "query($id: ID!) { innovation(id: $id) { stageLabel } }";
        assert_eq!(member.query(show, json!({ "id": id })).await["innovation"]["stageLabel"], "Funke");
        let wrong = json!([label("IDEA", " "), label("IDEA", "Once more"), label("PARKED", &"x".repeat(61))]);
        assert_eq!(
            facilitator.refused(rename, json!({ "id": community, "labels": wrong })).await,
            ["REQUIRED labels.0.label", "INVALID labels.1.stage", "TOO_LONG labels.2.label"]
        );
        let unknown = facilitator.failed(rename, json!({ "id": community, "labels": [label("DREAM", "Dream")] })).await;
        assert_eq!(unknown.len(), 1, "there is no such stage");
        facilitator.mutate(rename, json!({ "id": community, "labels": [] })).await;
        assert_eq!(member.query(show, json!({ "id": id })).await["innovation"]["stageLabel"], "Idea");
    }

    async fn each_member_supports_once(app: App) {
        let author = app.person("Ada").await;
        let member = app.person("Ben").await;
        let stranger = app.person("Cleo").await;
        let community = author.create_community("Lab", json!({ "kind": "INNOVATION" })).await;
        member.join(&community).await;
        let id = idea(&author, &community).await;
        let support = "mutation($id: ID!) { supportInnovation(id: $id) {
            innovation { supporterCount viewerSupports } userErrors { code field message }
        } }";
        for _ in 0..2 {
            let supported = member.mutate(support, json!({ "id": id })).await;
            assert_eq!(supported["innovation"], json!({ "supporterCount": 1, "viewerSupports": true }));
        }
        assert_eq!(stranger.refused(support, json!({ "id": id })).await, ["FORBIDDEN id"]);
        let withdraw = support.replace("supportInnovation", "withdrawSupport");
        let withdrawn = member.mutate(&withdraw, json!({ "id": id })).await;
        assert_eq!(withdrawn["innovation"], json!({ "supporterCount": 0, "viewerSupports": false }));
    }
}
