//! The number of SQL statements depends on the query, never on how many objects it answers.

use api::graphql::request::RequestState;
use serde_json::json;
use service::store::counted;
use service::viewer::Viewer;
use support::{App, on_both_databases};

const PAGE: &str = "{ resources(first: FIRST) { edges { cursor node {
    title
    community { name }
    domains { name }
    authors { displayName }
    viewerCan
} } pageInfo { hasNextPage } } }";

const MEETINGS: &str = "{ community(id: \"COMMUNITY\") {
    activities(first: FIRST) { nodes {
        title joinUrl viewerCan availableTransitions { to blockedBy { code } }
        occurrences(from: \"2026-01-01T00:00:00Z\", to: \"2026-12-31T00:00:00Z\") { startsAt state notes }
    } }
    statements(first: FIRST) { nodes {
        text author { displayName } viewerEndorses madeIn { title } madeInOccurrence supersededBy { id }
    } }
    goals(first: FIRST) { nodes { text membership { role } evidence { id } } }
    learningAgenda(first: FIRST) { nodes { text answers { id } } }
} }";

/// What a front end shows of a community on one page.
const COMMUNITY_PAGE: &str = "{ community(id: \"COMMUNITY\") {
    name purpose descriptionHtml kind stage viewerCan
    policy { resourceReview firstAnswerTargetHours reviewIntervalDays stageAgeLimitDays }
    workQueue(first: 10) { totalCount nodes { reason since dueAt node { id ... on Item { title } } } }
    health { key label value unit sampleSize }
    resources(first: 5, orderBy: { field: CREATED_AT, direction: DESC }) { nodes { title } }
    practices(first: 5, orderBy: { field: CREATED_AT, direction: DESC }) { nodes { title } }
    innovations(first: 5, orderBy: { field: CREATED_AT, direction: DESC }) { nodes { title } }
    activities(first: 5) { nodes { title } }
    discussions(first: 5) { nodes { title } }
    statements(first: 5) { nodes { text } }
    goals(first: 5) { nodes { text } }
    learningAgenda(first: 5) { nodes { text } }
} }";

/// Lists within a list: of each community members, resources and domains with their own lists.
const NESTED: &str = "{ communities(first: FIRST) { nodes {
    name
    members(first: 2) { totalCount nodes { role user { displayName } } }
    resources(first: 3) { totalCount nodes { title tags authors { displayName } revisions(first: 2) { nodes { number } } } }
    innovations(first: 2) { nodes { title transitions(first: 2) { nodes { to } } } }
    domains { name children(first: 2) { nodes { name } } communities(first: 2) { totalCount nodes { name } } }
} } }";

/// How many statements a query runs for a viewer.
pub async fn statements(app: &App, viewer: &Viewer, query: &str) -> u64 {
    let request = async_graphql::Request::new(query)
        .data(RequestState::new(app.server().store(), viewer.clone()));
    // What earlier requests left in memory does not count.
    app.server().store().forget_kept();
    let schema = app.server().schema().clone();
    let (response, statements) = counted(async move { schema.execute(request).await }).await;
    assert!(response.errors.is_empty(), "{:?}", response.errors);
    statements
}

on_both_databases! {
    async fn a_page_runs_the_same_few_statements_whatever_its_size(app: App) {
        let author = app.person("Ada").await;
        let admin = app.administrator().await;
        let create_domain = "mutation($name: String!) { createDomain(input: { name: $name }) { domain { id } userErrors { code field message } } }";
        let mut domains = Vec::new();
        for name in ["Reading", "Writing", "Counting"] {
            domains.push(admin.mutate(create_domain, json!({ "name": name })).await["domain"]["id"].clone());
        }
        for number in 0..5 {
            let community = author.create_community(&format!("Community {number}"), json!({})).await;
            for item in 0..5 {
                let domain = &domains[(number + item) % 3];
                author.create_resource(&community, &format!("Item {item}"), json!({ "domainIds": [domain] })).await;
            }
        }
        let viewer = service::auth::authenticate(app.server().auth(), author.token()).await.unwrap();
        let few = statements(&app, &viewer, &PAGE.replace("FIRST", "2")).await;
        let many = statements(&app, &viewer, &PAGE.replace("FIRST", "20")).await;
        assert_eq!(few, many, "a page of 2 and a page of 20");
        // Signing in takes two more: the user with the session, and the memberships.
        assert!(many + 2 <= 8, "{many} statements and two for signing in");
    }

    async fn what_a_community_does_and_says_takes_the_same_few_statements(app: App) {
        let author = app.person("Ada").await;
        let community = author.create_community("Circle", json!({})).await;
        let activity = "mutation($input: CreateActivityInput!) { createActivity(input: $input) { activity { id } userErrors { code field message } } }";
        let statement = "mutation($input: ProposeStatementInput!) { proposeStatement(input: $input) { statement { id } userErrors { code field message } } }";
        let goal = "mutation($input: CreateGoalInput!) { createGoal(input: $input) { goal { id } userErrors { code field message } } }";
        let question = "mutation($id: ID!) { addLearningQuestion(communityId: $id, text: \"Why?\") { userErrors { code field message } } }";
        for number in 0..5 {
            let input = json!({
                "communityId": community, "title": format!("Meeting {number}"), "kind": "MEETING", "mode": "ONLINE",
                "startsAt": "2026-01-05T10:00:00Z", "endsAt": "2026-01-05T11:00:00Z", "timeZone": "UTC", "recurrence": "FREQ=WEEKLY",
            });
            let made = author.mutate(activity, json!({ "input": input })).await;
            let made_in = &made["activity"]["id"];
            let input = json!({ "communityId": community, "text": "We meet.", "aspect": "NORM", "madeInId": made_in });
            author.mutate(statement, json!({ "input": input })).await;
            let input = json!({ "communityId": community, "text": "To meet.", "individual": true });
            author.mutate(goal, json!({ "input": input })).await;
            author.mutate(question, json!({ "id": community })).await;
        }
        let viewer = service::auth::authenticate(app.server().auth(), author.token()).await.unwrap();
        let query = MEETINGS.replace("COMMUNITY", community.as_str().unwrap());
        let few = statements(&app, &viewer, &query.replace("FIRST", "2")).await;
        let many = statements(&app, &viewer, &query.replace("FIRST", "5")).await;
        assert_eq!(few, many, "pages of 2 and pages of 5");
        assert!(many <= 18, "{many} statements");
    }

    async fn a_community_page_takes_few_statements_whatever_its_kind(app: App) {
        let author = app.person("Ada").await;
        for kind in ["HELPING", "BEST_PRACTICE", "KNOWLEDGE_STEWARDING", "INNOVATION"] {
            let community = author.create_community("Page", json!({})).await;
            for number in 0..3 {
                author.create_resource(&community, &format!("Item {number}"), json!({})).await;
            }
            let innovation = "mutation($input: CreateInnovationInput!) { createInnovation(input: $input) { innovation { id } userErrors { code field message } } }";
            let input = json!({ "communityId": community, "title": "Idea", "idea": "Steps." });
            author.mutate(innovation, json!({ "input": input })).await;
            let set = "mutation($id: ID!, $kind: CommunityKind!) { setCommunityKind(id: $id, kind: $kind) { community { id } userErrors { code field message } } }";
            author.mutate(set, json!({ "id": community, "kind": kind })).await;
            let viewer = service::auth::authenticate(app.server().auth(), author.token()).await.unwrap();
            let query = COMMUNITY_PAGE.replace("COMMUNITY", community.as_str().unwrap());
            let number = statements(&app, &viewer, &query).await;
            // Signing in takes two more.
            assert!(number + 2 <= 25, "{number} statements and two for signing in, {kind}");
        }
    }

    async fn lists_within_a_list_are_read_together(app: App) {
        let author = app.person("Ada").await;
        let admin = app.administrator().await;
        let domain = admin
            .mutate("mutation { createDomain(input: { name: \"Reading\" }) { domain { id } userErrors { code field message } } }", json!({}))
            .await["domain"]["id"]
            .clone();
        for number in 0..6 {
            let community = author
                .create_community(&format!("Community {number}"), json!({ "domainIds": [domain] }))
                .await;
            for item in 0..5 {
                author.create_resource(&community, &format!("Item {number}.{item}"), json!({})).await;
            }
        }
        let viewer = service::auth::authenticate(app.server().auth(), author.token()).await.unwrap();
        // Lists that wait for different things share a statement or not, as these come; never does one wait for each
        // community, which would be eight statements for each of the six.
        for first in ["1", "6"] {
            let number = statements(&app, &viewer, &NESTED.replace("FIRST", first)).await;
            assert!(number <= 20, "{number} statements for {first} communities");
        }

        let query = "{ communities(first: 6) { nodes { name resources(first: 2, orderBy: { field: TITLE, direction: ASC }) { totalCount nodes { title } pageInfo { hasNextPage } } } } }";
        let answer = author.query(query, json!({})).await;
        for (number, community) in answer["communities"]["nodes"].as_array().unwrap().iter().enumerate() {
            let resources = &community["resources"];
            assert_eq!(resources["totalCount"], 5);
            assert_eq!(resources["pageInfo"]["hasNextPage"], true);
            assert_eq!(
                resources["nodes"],
                json!([{ "title": format!("Item {number}.0") }, { "title": format!("Item {number}.1") }])
            );
        }
    }

    async fn what_shows_that_practices_work_is_read_together(app: App) {
        let author = app.person("Ada").await;
        let community = author.create_community("Methods", json!({})).await;
        let create = "mutation($input: CreatePracticeInput!) { createPractice(input: $input) { practice { id } userErrors { code field message } } }";
        for number in 0..6 {
            let input = json!({ "communityId": community, "title": format!("Method {number}"), "kind": "METHOD" });
            let id = author.mutate(create, json!({ "input": input })).await["practice"]["id"].clone();
            author.plan_pilot(&id, json!({})).await;
            for setting in ["Elm", "Oak"] {
                author.adopt(&id, setting, "IN_USE").await;
            }
        }
        let viewer = service::auth::authenticate(app.server().auth(), author.token()).await.unwrap();
        let query = "{ practices(first: FIRST) { nodes {
            title evidenceLevel supersededBy { id } availableTransitions { to blockedBy { code } }
            evidence { level pilots(first: 5) { nodes { question } } adoptions(first: 5) { totalCount nodes {
                setting adopter { displayName } subject { id } availableTransitions { to blockedBy { code } } } } }
        } } }";
        for first in ["1", "6"] {
            let number = statements(&app, &viewer, &query.replace("FIRST", first)).await;
            assert!(number <= 20, "{number} statements for {first} practices");
        }
    }
}
