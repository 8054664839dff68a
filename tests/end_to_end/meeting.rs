//! What a community is, in its members' words: statements made in a meeting, goals, the learning agenda.

use serde_json::{Value, json};
use support::{App, Client, on_both_databases};

const CREATE_ACTIVITY: &str = "mutation($input: CreateActivityInput!) {
    createActivity(input: $input) { activity { id } userErrors { code field message } }
}";
const PROPOSE: &str = "mutation($input: ProposeStatementInput!) {
    proposeStatement(input: $input) { statement { id state madeIn { title } madeInOccurrence } userErrors { code field message } }
}";
const ENDORSE: &str = "mutation($id: ID!) { endorseStatement(id: $id) {
    statement { state endorsementCount viewerEndorses supersededBy { id } } position userErrors { code field message }
} }";
const WITHDRAW: &str = "mutation($id: ID!) { withdrawStatement(id: $id) {
    statement { state } position userErrors { code field message }
} }";
const CREATE_GOAL: &str = "mutation($input: CreateGoalInput!) {
    createGoal(input: $input) { goal { id state targetDate membership { id } } userErrors { code field message } }
}";
const SET_GOAL: &str = "mutation($id: ID!, $state: GoalState!, $evidence: [ID!]) {
    setGoalState(id: $id, state: $state, evidenceIds: $evidence) {
        goal { state evidence { ... on Item { title } } } position userErrors { code field message }
    }
}";
const ADD_QUESTION: &str =
    "mutation($id: ID!, $text: String!) { addLearningQuestion(communityId: $id, text: $text) {
    learningQuestion { id rank state } userErrors { code field message }
} }";
const SET_QUESTION: &str = "mutation($id: ID!, $state: LearningQuestionState!, $answers: [ID!]) {
    setLearningQuestionState(id: $id, state: $state, answerIds: $answers) {
        learningQuestion { state answers { ... on Item { title } } } position userErrors { code field message }
    }
}";
const START: &str = "2026-02-11T00:00:00Z";

async fn members(app: &App, community: &Value, names: &[&str]) -> Vec<Client> {
    let mut members = Vec::new();
    for name in names {
        let member = app.person(name).await;
        member.join(community).await;
        members.push(member);
    }
    members
}

async fn meeting(facilitator: &Client, community: &Value) -> Value {
    let input = json!({
        "communityId": community, "title": "Monthly online meeting", "kind": "MEETING", "mode": "ONLINE",
        "startsAt": "2026-01-14T00:00:00Z", "endsAt": "2026-01-14T01:00:00Z", "timeZone": "America/Toronto",
        "recurrence": "FREQ=MONTHLY;BYDAY=2TU",
    });
    let made = facilitator
        .mutate(CREATE_ACTIVITY, json!({ "input": input }))
        .await;
    made["activity"]["id"].clone()
}

async fn propose(client: &Client, community: &Value, text: &str, more: Value) -> Value {
    let mut input = json!({ "communityId": community, "text": text, "aspect": "CONCERN" });
    if let (Some(into), Value::Object(more)) = (input.as_object_mut(), more) {
        into.extend(more);
    }
    let made = client.mutate(PROPOSE, json!({ "input": input })).await;
    assert_eq!(made["statement"]["state"], "PROPOSED");
    made["statement"]["id"].clone()
}

async fn endorse(client: &Client, id: &Value) -> Value {
    client.mutate(ENDORSE, json!({ "id": id })).await["statement"].clone()
}

on_both_databases! {
    async fn a_monthly_meeting_says_what_defines_the_community(app: App) {
        let facilitator = app.person("Ada").await;
        let community = facilitator.create_community("Numeracy for All", json!({})).await;
        let people = members(&app, &community, &["Ben", "Cleo", "Dan", "Eve"]).await;
        let activity = meeting(&facilitator, &community).await;
        let made_in = json!({ "madeInId": activity, "madeInOccurrence": START });

        // In the meeting members write what defines them, and others endorse it.
        let concern = propose(&people[0], &community, "Nobody should fear numbers.", made_in.clone()).await;
        let norm = propose(&people[1], &community, "We explain with things, not with rules.", made_in).await;
        for (client, count, state) in [(&people[1], 1, "PROPOSED"), (&people[2], 2, "PROPOSED"), (&facilitator, 3, "ADOPTED")] {
            assert_eq!(
                endorse(client, &concern).await,
                json!({ "state": state, "endorsementCount": count, "viewerEndorses": true, "supersededBy": null })
            );
        }
        endorse(&people[1], &norm).await;
        let again = endorse(&people[1], &norm).await;
        assert_eq!((&again["endorsementCount"], &again["state"]), (&json!(1), &json!("PROPOSED")), "endorsing twice is endorsing once");

        let show = "query($id: ID!, $activity: ID!) {
            community(id: $id) {
                statements(state: ADOPTED) { totalCount nodes { text aspect author { displayName } endorsementCount
                    viewerEndorses madeIn { title } madeInOccurrence } }
                all: statements { totalCount }
            }
            activity(id: $activity) {
                outputs { totalCount }
                occurrences(from: \"2026-02-01T00:00:00Z\", to: \"2026-04-01T00:00:00Z\") {
                    recurrenceId outputs { totalCount nodes { ... on DefiningStatement { text state } } } }
            }
        }";
        let seen = app.anonymous().query(show, json!({ "id": community, "activity": activity })).await;
        assert_eq!(seen["community"]["statements"], json!({ "totalCount": 1, "nodes": [{
            "text": "Nobody should fear numbers.", "aspect": "CONCERN", "author": { "displayName": "Ben" },
            "endorsementCount": 3, "viewerEndorses": false,
            "madeIn": { "title": "Monthly online meeting" }, "madeInOccurrence": START,
        }] }));
        assert_eq!(seen["community"]["all"]["totalCount"], 2);
        let occurrences = &seen["activity"]["occurrences"];
        assert_eq!(occurrences[0], json!({ "recurrenceId": START, "outputs": { "totalCount": 2, "nodes": [
            { "text": "Nobody should fear numbers.", "state": "ADOPTED" },
            { "text": "We explain with things, not with rules.", "state": "PROPOSED" },
        ] } }));
        assert_eq!(occurrences[1]["outputs"]["totalCount"], 0, "the next meeting made nothing yet");

        // Adopted, it is found as what the community says of itself.
        let position = facilitator.query("{ serverInfo { position } }", json!({})).await["serverInfo"]["position"].clone();
        let here = app.anonymous().at(&position);
        assert_eq!(here.search_titles("fear numbers").await, ["Numeracy for All"]);
        assert_eq!(here.search_titles("explain rules").await, Vec::<String>::new(), "what is proposed is not yet its word");

        // A better wording takes its place when it is adopted, not before.
        let more = json!({ "supersedesId": concern });
        let better = propose(&people[3], &community, "Nobody should have to fear numbers.", more).await;
        for client in &people[..2] {
            endorse(client, &better).await;
        }
        let node = "query($id: ID!) { node(id: $id) { ... on DefiningStatement { state supersededBy { id } supersedes { id } } } }";
        assert_eq!(facilitator.query(node, json!({ "id": concern })).await["node"]["state"], "ADOPTED");
        endorse(&people[3], &better).await;
        let old = facilitator.query(node, json!({ "id": concern })).await;
        assert_eq!(old["node"], json!({ "state": "SUPERSEDED", "supersededBy": { "id": better }, "supersedes": null }));
        assert_eq!(people[3].refused(ENDORSE, json!({ "id": concern })).await, ["INVALID_TRANSITION id"]);
    }

    async fn a_year_of_meetings_is_one_query(app: App) {
        let facilitator = app.person("Ada").await;
        let community = facilitator.create_community("Circle", json!({})).await;
        meeting(&facilitator, &community).await;
        let calendar = "query($id: ID!) { community(id: $id) { activities(first: 20) { nodes { title
            occurrences(from: \"2026-01-01T00:00:00Z\", to: \"2026-12-31T00:00:00Z\") { recurrenceId startsAt endsAt state } } } } }";
        let seen = facilitator.query(calendar, json!({ "id": community })).await;
        assert_eq!(seen["community"]["activities"]["nodes"][0]["occurrences"].as_array().unwrap().len(), 12);
        let whole = "query($id: ID!) { community(id: $id) { activities(first: 1) { nodes { title
            occurrences(from: \"2026-01-01T00:00:00Z\", to: \"2026-12-31T00:00:00Z\") {
                recurrenceId startsAt endsAt state agenda notes recordingUrl
                outputs(first: 20) { totalCount nodes { id ... on DefiningStatement { text state } ... on Item { title } } }
                attendance(first: 20) { totalCount nodes { state user { displayName } } } } } } } }";
        facilitator.query(whole, json!({ "id": community })).await;
    }

    async fn what_a_private_community_says_is_found_by_nobody_else(app: App) {
        let facilitator = app.person("Ada").await;
        let show = "mutation($id: ID!, $visibility: CommunityVisibility!) {
            updateCommunity(id: $id, input: { visibility: $visibility }) { position userErrors { code field message } } }";
        let community = facilitator.create_community("Quiet", json!({ "visibility": "PRIVATE" })).await;
        let statement = propose(&facilitator, &community, "We speak of tapioca.", json!({})).await;
        let adopted = facilitator.mutate(ENDORSE, json!({ "id": statement })).await;
        assert_eq!(adopted["statement"]["state"], "ADOPTED");
        let stranger = app.person("Eve").await;
        assert_eq!(stranger.at(&adopted["position"]).search_titles("tapioca").await, Vec::<String>::new());
        let opened = facilitator.mutate(show, json!({ "id": community, "visibility": "PUBLIC" })).await;
        assert_eq!(app.anonymous().at(&opened["position"]).search_titles("tapioca").await, ["Quiet"]);
        facilitator.mutate(show, json!({ "id": community, "visibility": "PRIVATE" })).await;
        assert_eq!(stranger.search_titles("tapioca").await, Vec::<String>::new(), "gone at once");
    }

    async fn in_a_small_community_all_members_are_the_quorum(app: App) {
        let facilitator = app.person("Ada").await;
        let community = facilitator.create_community("Pair", json!({})).await;
        let people = members(&app, &community, &["Ben"]).await;
        let statement = propose(&people[0], &community, "We are two.", json!({})).await;
        assert_eq!(endorse(&facilitator, &statement).await["state"], "PROPOSED");
        assert_eq!(endorse(&people[0], &statement).await["state"], "ADOPTED", "one's own endorsement counts as one");
    }

    async fn endorsements_that_race_are_each_counted_once(app: App) {
        let facilitator = app.person("Ada").await;
        let community = facilitator.create_community("Circle", json!({})).await;
        let people = members(&app, &community, &["Ben", "Cleo", "Dan"]).await;
        let statement = propose(&facilitator, &community, "We are quick.", json!({})).await;
        let send = |client: &Client| {
            let (client, statement) = (client.clone(), statement.clone());
            async move { client.payload(ENDORSE, json!({ "id": statement })).await }
        };
        let (one, same, two, three) = tokio::join!(send(&people[0]), send(&people[0]), send(&people[1]), send(&people[2]));
        for answer in [one, same, two, three] {
            assert_eq!(answer["userErrors"], json!([]));
        }
        let show = "query($id: ID!) { node(id: $id) { ... on DefiningStatement { state endorsementCount } } }";
        let seen = facilitator.query(show, json!({ "id": statement })).await;
        assert_eq!(seen["node"], json!({ "state": "ADOPTED", "endorsementCount": 3 }));
    }

    async fn who_may_define_and_who_may_not(app: App) {
        let facilitator = app.person("Ada").await;
        let community = facilitator.create_community("Circle", json!({ "visibility": "PRIVATE" })).await;
        let other = facilitator.create_community("Other", json!({})).await;
        let people = members(&app, &community, &["Ben", "Cleo"]).await;
        let stranger = app.person("Eve").await;
        let activity = meeting(&facilitator, &community).await;
        let statement = propose(&people[0], &community, "Only we see this.", json!({})).await;
        let foreign = propose(&facilitator, &other, "Elsewhere.", json!({})).await;

        let input = |more: Value| {
            let mut input = json!({ "communityId": community, "text": "X", "aspect": "NORM" });
            input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            json!({ "input": input })
        };
        assert_eq!(stranger.refused(PROPOSE, input(json!({}))).await, ["FORBIDDEN input.communityId"]);
        assert_eq!(stranger.refused(ENDORSE, json!({ "id": statement })).await, ["NOT_FOUND id"]);
        assert_eq!(app.anonymous().failed(ENDORSE, json!({ "id": statement })).await, ["UNAUTHENTICATED"]);
        for (more, expected) in [
            (json!({ "text": " " }), "REQUIRED input.text"),
            (json!({ "text": "x".repeat(2_001) }), "TOO_LONG input.text"),
            (json!({ "supersedesId": foreign }), "NOT_FOUND input.supersedesId"),
            (json!({ "supersedesId": statement }), "INVALID input.supersedesId"),
            (json!({ "supersedesId": "nonsense" }), "INVALID input.supersedesId"),
            (json!({ "madeInId": activity, "madeInOccurrence": "2026-02-12T00:00:00Z" }), "NOT_FOUND input.madeInOccurrence"),
        ] {
            assert_eq!(people[0].refused(PROPOSE, input(more.clone())).await, [expected], "{more}");
        }
        let list = "query($id: ID!, $statement: ID!) { community(id: $id) { statements { totalCount nodes { text } } goals { totalCount } learningAgenda { totalCount } }
            node(id: $statement) { id } }";
        let variables = json!({ "id": community, "statement": statement });
        let seen = stranger.query(list, variables.clone()).await;
        assert_eq!(seen, json!({ "community": { "statements": { "totalCount": 0, "nodes": [] },
            "goals": { "totalCount": 0 }, "learningAgenda": { "totalCount": 0 } }, "node": null }));
        assert_eq!(people[1].query(list, variables).await["community"]["statements"]["totalCount"], 1);

        // Withdrawn by who proposed it or a facilitator, once, and not when it is adopted.
        assert_eq!(people[1].refused(WITHDRAW, json!({ "id": statement })).await, ["FORBIDDEN id"]);
        let withdrawn = people[0].mutate(WITHDRAW, json!({ "id": statement })).await;
        assert_eq!(withdrawn["statement"]["state"], "WITHDRAWN");
        let again = facilitator.mutate(WITHDRAW, json!({ "id": statement })).await;
        assert_eq!(again["position"], withdrawn["position"]);
        assert_eq!(people[1].refused(ENDORSE, json!({ "id": statement })).await, ["INVALID_TRANSITION id"]);
        let adopted = propose(&people[0], &community, "We agree.", json!({})).await;
        for client in [&people[0], &people[1], &facilitator] {
            endorse(client, &adopted).await;
        }
        assert_eq!(facilitator.refused(WITHDRAW, json!({ "id": adopted })).await, ["INVALID_TRANSITION id"]);

        // Who left defines no more, and in an archived community nobody does.
        let open = propose(&people[0], &community, "To be left.", json!({})).await;
        let leave = "mutation($id: ID!) { leaveCommunity(communityId: $id) { userErrors { code field message } } }";
        people[0].mutate(leave, json!({ "id": community })).await;
        assert_eq!(people[0].refused(PROPOSE, input(json!({}))).await, ["FORBIDDEN input.communityId"]);
        assert_eq!(people[0].refused(WITHDRAW, json!({ "id": open })).await, ["NOT_FOUND id"]);
        let archive = "mutation($id: ID!) { archiveCommunity(id: $id) { userErrors { code field message } } }";
        facilitator.mutate(archive, json!({ "id": community })).await;
        assert_eq!(people[1].refused(ENDORSE, json!({ "id": open })).await, ["FORBIDDEN id"]);
        assert_eq!(people[1].refused(PROPOSE, input(json!({}))).await, ["FORBIDDEN input.communityId"]);
    }

    async fn goals_are_set_and_met_with_evidence(app: App) {
        let facilitator = app.person("Ada").await;
        let community = facilitator.create_community("Circle", json!({})).await;
        let people = members(&app, &community, &["Ben", "Cleo"]).await;
        let goal = |more: Value| {
            let mut input = json!({ "communityId": community, "text": "Ten worked examples by summer." });
            input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            json!({ "input": input })
        };
        let made = facilitator.mutate(CREATE_GOAL, goal(json!({ "targetDate": "2026-06-30" }))).await;
        assert_eq!((&made["goal"]["targetDate"], &made["goal"]["membership"]), (&json!("2026-06-30"), &Value::Null));
        let group = made["goal"]["id"].clone();
        assert_eq!(people[0].refused(CREATE_GOAL, goal(json!({}))).await, ["FORBIDDEN input.communityId"]);
        let own = people[0].mutate(CREATE_GOAL, goal(json!({ "individual": true, "text": "To draw a number line." }))).await;
        let own = own["goal"]["id"].clone();
        assert_eq!(facilitator.refused(CREATE_GOAL, goal(json!({ "targetDate": "soon" }))).await, ["INVALID input.targetDate"]);
        let stranger = app.person("Eve").await;
        assert_eq!(stranger.refused(CREATE_GOAL, goal(json!({ "individual": true }))).await, ["FORBIDDEN input.communityId"]);

        let show = "query($id: ID!) { community(id: $id) {
            goals { totalCount nodes { text } }
            members(first: 5) { nodes { user { displayName } goals { totalCount } } } } }";
        let texts = |seen: &Value| seen["community"]["goals"]["totalCount"].clone();
        assert_eq!(texts(&people[1].query(show, json!({ "id": community })).await), 2, "members see each other's");
        let seen = stranger.query(show, json!({ "id": community })).await;
        assert_eq!(texts(&seen), 1, "others see the group's alone");
        assert!(seen["community"]["members"]["nodes"].as_array().unwrap().iter().all(|member| member["goals"]["totalCount"] == 0));

        let guide = people[0].create_resource(&community, "Worked examples", json!({})).await;
        let mine = facilitator.create_resource(&community, "My notes", json!({ "visibility": "AUTHORS" })).await;
        let met = json!({ "id": group, "state": "MET", "evidence": [guide, mine] });
        assert_eq!(people[0].refused(SET_GOAL, met.clone()).await, ["FORBIDDEN id"]);
        let reached = facilitator.mutate(SET_GOAL, met.clone()).await;
        assert_eq!(reached["goal"], json!({ "state": "MET", "evidence": [{ "title": "Worked examples" }, { "title": "My notes" }] }));
        assert_eq!(facilitator.mutate(SET_GOAL, met).await["position"], reached["position"]);
        let node = "query($id: ID!) { node(id: $id) { ... on Goal { evidence { ... on Item { title } } } } }";
        let seen = stranger.query(node, json!({ "id": group })).await;
        assert_eq!(seen["node"]["evidence"], json!([{ "title": "Worked examples" }]), "filtered for the viewer");
        let dropped = json!({ "id": group, "state": "DROPPED" });
        assert_eq!(facilitator.refused(SET_GOAL, dropped).await, ["INVALID_TRANSITION state"]);

        assert_eq!(stranger.refused(SET_GOAL, json!({ "id": own, "state": "MET" })).await, ["NOT_FOUND id"]);
        assert_eq!(facilitator.refused(SET_GOAL, json!({ "id": own, "state": "MET" })).await, ["FORBIDDEN id"]);
        let hidden = json!({ "id": own, "state": "MET", "evidence": [guide, mine] });
        assert_eq!(people[0].refused(SET_GOAL, hidden).await, ["NOT_FOUND evidenceIds.1"]);
        assert_eq!(people[0].mutate(SET_GOAL, json!({ "id": own, "state": "DROPPED" })).await["goal"]["state"], "DROPPED");
    }

    async fn the_learning_agenda_is_asked_and_answered(app: App) {
        let facilitator = app.person("Ada").await;
        let community = facilitator.create_community("Circle", json!({})).await;
        let people = members(&app, &community, &["Ben"]).await;
        let mut questions = Vec::new();
        for (rank, text) in [(1, "When do children trust estimates?"), (2, "Which games travel?")] {
            let added = people[0].mutate(ADD_QUESTION, json!({ "id": community, "text": text })).await;
            assert_eq!((&added["learningQuestion"]["rank"], &added["learningQuestion"]["state"]), (&json!(rank), &json!("OPEN")));
            questions.push(added["learningQuestion"]["id"].clone());
        }
        let stranger = app.person("Eve").await;
        assert_eq!(stranger.refused(ADD_QUESTION, json!({ "id": community, "text": "?" })).await, ["FORBIDDEN communityId"]);
        let first = &questions[0];
        assert_eq!(people[0].refused(SET_QUESTION, json!({ "id": first, "state": "IN_INQUIRY" })).await, ["FORBIDDEN id"]);
        assert_eq!(facilitator.refused(SET_QUESTION, json!({ "id": first, "state": "ANSWERED" })).await, ["INVALID_TRANSITION state"]);
        facilitator.mutate(SET_QUESTION, json!({ "id": first, "state": "IN_INQUIRY" })).await;
        let activity = meeting(&facilitator, &community).await;
        let answered = facilitator.mutate(SET_QUESTION, json!({ "id": first, "state": "ANSWERED", "answers": [activity] })).await;
        assert_eq!(answered["learningQuestion"], json!({ "state": "ANSWERED", "answers": [{ "title": "Monthly online meeting" }] }));
        let wrong = json!({ "id": first, "state": "ANSWERED", "answers": [community] });
        assert_eq!(facilitator.refused(SET_QUESTION, wrong).await, ["INVALID answerIds.0"]);
        let list = "query($id: ID!, $after: String) { community(id: $id) { learningAgenda(first: 1, after: $after) {
            totalCount nodes { text rank } pageInfo { endCursor hasNextPage } } } }";
        let page = app.anonymous().query(list, json!({ "id": community })).await["community"]["learningAgenda"].clone();
        assert_eq!((&page["totalCount"], &page["nodes"][0]["rank"]), (&json!(2), &json!(1)));
        let page = app.anonymous().query(list, json!({ "id": community, "after": page["pageInfo"]["endCursor"] })).await;
        assert_eq!(page["community"]["learningAgenda"]["nodes"][0]["text"], "Which games travel?");
    }
}
