//! How a community does, by its kind's indicators.

use chrono::TimeDelta;
use serde_json::{Value, json};
use support::{App, Client, on_both_databases};

const HEALTH: &str = "query($id: ID!, $days: Int) { community(id: $id) {
    health(windowDays: $days) { key label value unit sampleSize } } }";

async fn health(client: &Client, community: &Value) -> Value {
    let found = client.query(HEALTH, json!({ "id": community })).await;
    found["community"]["health"].clone()
}

/// The value and the sample of an indicator.
fn figure(health: &Value, key: &str) -> (Option<f64>, i64) {
    let found = health
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["key"] == key);
    let found = found.unwrap_or_else(|| panic!("{key} in {health:#}"));
    (
        found["value"].as_f64(),
        found["sampleSize"].as_i64().unwrap(),
    )
}

async fn create(client: &Client, what: &str, input: Value) -> Value {
    let upper = format!("{}{}", what[..1].to_uppercase(), &what[1..]);
    let mutation = format!(
        "mutation($input: Create{upper}Input!) {{ create{upper}(input: $input) {{
            {what} {{ id }} userErrors {{ code field message }} }} }}"
    );
    client.mutate(&mutation, json!({ "input": input })).await[what]["id"].clone()
}

async fn email_of(client: &Client) -> String {
    let found = client.query("{ viewer { email } }", json!({})).await;
    found["viewer"]["email"].as_str().unwrap().to_owned()
}

on_both_databases! {
    async fn where_there_is_nothing_to_measure_there_is_no_figure(app: App) {
        let facilitator = app.person("Ada").await;
        for (kind, first, many) in [
            ("HELPING", "HOURS_TO_FIRST_ANSWER", 5),
            ("BEST_PRACTICE", "ADOPTIONS_PER_PRACTICE", 4),
            ("KNOWLEDGE_STEWARDING", "IN_DATE_SHARE", 4),
            ("INNOVATION", "REACHED_IDEA", 15),
        ] {
            let community = facilitator.create_community("Empty", json!({ "kind": kind })).await;
            let shown = health(&facilitator, &community).await;
            let shown = shown.as_array().unwrap();
            assert_eq!((&shown[0]["key"], shown.len()), (&json!(first), many), "{kind}");
            for indicator in shown {
                // One member, who helped nobody.
                if indicator["key"] != "HELPER_SHARE" {
                    assert_eq!((&indicator["value"], &indicator["sampleSize"]), (&Value::Null, &json!(0)), "{indicator:#}");
                }
            }
        }
    }

    async fn a_helping_community_sees_how_questions_fare(app: App) {
        let facilitator = app.person("Ada").await;
        let (asker, helper) = (app.person("Ben").await, app.person("Cleo").await);
        let community = facilitator.create_community("Helpers", json!({})).await;
        for person in [&asker, &helper] {
            person.join(&community).await;
        }
        let question = |visibility: &str| json!({
            "communityId": community, "title": "How?", "body": "How?", "kind": "HELP_REQUEST", "visibility": visibility,
        });
        let asked = create(&asker, "discussion", question("COMMUNITY")).await;
        create(&asker, "discussion", question("COMMUNITY")).await;
        let narrow = create(&asker, "discussion", question("STEWARDS")).await;
        let show = "mutation($id: ID!, $visibility: ItemVisibility) {
            updateDiscussion(id: $id, input: { visibility: $visibility }) { userErrors { code field message } } }";
        for (visibility, questions) in [("COMMUNITY", 3), ("STEWARDS", 2)] {
            asker.mutate(show, json!({ "id": narrow, "visibility": visibility })).await;
            assert_eq!(figure(&health(&helper, &community).await, "RESOLVED_SHARE"), (Some(0.0), questions), "{visibility}");
        }
        let email = email_of(&helper).await;
        app.server().clock().advance(TimeDelta::hours(3));
        let helper = app.sign_in(&email).await;
        let post = "mutation($id: ID!) { addPost(input: { discussionId: $id, body: \"So.\" }) {
            post { id } userErrors { code field message } } }";
        helper.mutate(post, json!({ "id": asked })).await;
        let shown = health(&helper, &community).await;
        let (hours, sample) = figure(&shown, "HOURS_TO_FIRST_ANSWER");
        assert!(hours.is_some_and(|hours| (3.0..3.1).contains(&hours)), "{hours:?}");
        assert_eq!(sample, 1);
        assert_eq!(figure(&shown, "RESOLVED_SHARE"), (Some(0.0), 2), "what is for stewards is not counted");
        let (share, members) = figure(&shown, "HELPER_SHARE");
        assert!(share.is_some_and(|share| (share - 1.0 / 3.0).abs() < 1e-9), "{share:?}");
        assert_eq!(members, 3);
        app.server().clock().advance(TimeDelta::days(100));
        let helper = app.sign_in(&email).await;
        let later = health(&helper, &community).await;
        assert_eq!(figure(&later, "RESOLVED_SHARE"), (None, 0), "the window went by");
        let longer = helper.query(HEALTH, json!({ "id": community, "days": 365 })).await;
        assert_eq!(figure(&longer["community"]["health"], "RESOLVED_SHARE"), (Some(0.0), 2));
        for days in [0, 1_096] {
            let refused = helper.failed(HEALTH, json!({ "id": community, "days": days })).await;
            assert_eq!(refused, ["BAD_USER_INPUT"]);
        }
    }

    async fn a_stewarding_community_sees_how_its_shelf_is_kept(app: App) {
        let admin = app.administrator().await;
        let facilitator = app.person("Ada").await;
        let make = "mutation { createDomain(input: { name: \"Reading\" }) { domain { id } userErrors { code field message } } }";
        let domain = admin.mutate(make, json!({})).await["domain"]["id"].clone();
        // What is there was published before the kind asked for more.
        let community = facilitator.create_community("Shelf", json!({ "domainIds": [domain] })).await;
        let kept = facilitator.create_resource(&community, "Guide", json!({ "kind": "GUIDE", "domainIds": [domain] })).await;
        facilitator.create_resource(&community, "Video", json!({ "kind": "VIDEO" })).await;
        let set = "mutation($id: ID!, $user: ID!) { setSteward(id: $id, userId: $user, reviewDueAt: \"2199-01-01T00:00:00Z\") {
            position userErrors { code field message } } }";
        facilitator.mutate(set, json!({ "id": kept, "user": facilitator.my_id().await })).await;
        let kind = "mutation($id: ID!) { setCommunityKind(id: $id, kind: KNOWLEDGE_STEWARDING) {
            community { kind } userErrors { code field message } } }";
        facilitator.mutate(kind, json!({ "id": community })).await;
        let shown = health(&facilitator, &community).await;
        assert_eq!(figure(&shown, "IN_DATE_SHARE"), (Some(0.5), 2));
        assert_eq!(figure(&shown, "STEWARD_SHARE"), (Some(0.5), 2));
        assert_eq!(figure(&shown, "DOMAIN_COVERAGE"), (Some(0.5), 2), "guides about reading, no video");
    }

    async fn an_innovating_community_sees_how_far_ideas_come(app: App) {
        let facilitator = app.person("Ada").await;
        let community = facilitator.create_community("Ideas", json!({ "kind": "INNOVATION" })).await;
        let idea = |title: &str| json!({ "communityId": community, "title": title, "idea": "Steps." });
        let far = create(&facilitator, "innovation", idea("Far")).await;
        let failed = create(&facilitator, "innovation", idea("Failed")).await;
        let mut narrow = idea("Narrow");
        narrow["visibility"] = json!("STEWARDS");
        create(&facilitator, "innovation", narrow).await;
        let email = email_of(&facilitator).await;
        app.server().clock().advance(TimeDelta::days(10));
        let facilitator = app.sign_in(&email).await;
        let advance = "mutation($id: ID!, $to: InnovationStage!, $learning: String) {
            advanceInnovation(id: $id, to: $to, learning: $learning) { position userErrors { code field message } } }";
        facilitator.mutate(advance, json!({ "id": far, "to": "EXPLORING" })).await;
        facilitator.mutate(advance, json!({ "id": failed, "to": "ABANDONED", "learning": "Too loud." })).await;
        let shown = health(&facilitator, &community).await;
        assert_eq!(figure(&shown, "REACHED_IDEA"), (Some(2.0), 2), "what is for stewards is not counted");
        assert_eq!(figure(&shown, "REACHED_EXPLORING"), (Some(1.0), 2));
        assert_eq!(figure(&shown, "CONVERSION_FROM_IDEA"), (Some(0.5), 2));
        assert_eq!(figure(&shown, "CONVERSION_FROM_EXPLORING"), (Some(0.0), 1));
        assert_eq!(figure(&shown, "LEARNING_CAPTURED_SHARE"), (Some(1.0), 1));
        let (days, stays) = figure(&shown, "DAYS_IN_IDEA");
        assert!(days.is_some_and(|days| (10.0..10.1).contains(&days)), "{days:?}");
        assert_eq!(stays, 2);
    }

    async fn searches_in_vain_are_a_share_of_all_searches_once_there_are_enough(app: App) {
        let facilitator = app.person("Ada").await;
        let community = facilitator.create_community("Shelf", json!({})).await;
        let made = facilitator.create_resource_payload(&community, "Walking", json!({})).await;
        let kind = "mutation($id: ID!) { setCommunityKind(id: $id, kind: KNOWLEDGE_STEWARDING) {
            community { kind } userErrors { code field message } } }";
        facilitator.mutate(kind, json!({ "id": community })).await;
        let reader = facilitator.at(&made["position"]);
        let search = "query($query: String!, $filter: SearchFilter, $after: String) {
            search(query: $query, filter: $filter, first: 1, after: $after) { totalCount pageInfo { endCursor } } }";
        let ask = async |client: &Client, query: &str, filter: Value, after: Value| {
            let variables = json!({ "query": query, "filter": filter, "after": after });
            client.query(search, variables).await["search"].clone()
        };
        let here = json!({ "communityIds": [community] });
        let figures = async || {
            service::search::write_counts(app.server().store(), app.server().index()).await.unwrap();
            app.server().clock().advance(TimeDelta::seconds(service::health::KEPT_SECONDS));
            figure(&health(&facilitator, &community).await, "ZERO_RESULT_SHARE")
        };
        for number in 0..15 {
            let found = ask(&reader, "walking", if number % 2 == 0 { here.clone() } else { json!({}) }, Value::Null).await;
            assert_eq!(found["totalCount"], 1);
            // A second page is the same search, what is narrowed otherwise may be there, and no words ask for nothing.
            ask(&reader, "walking", here.clone(), found["pageInfo"]["endCursor"].clone()).await;
            ask(&reader, "walking", json!({ "communityIds": [community], "languages": ["sw"] }), Value::Null).await;
            ask(&reader, "", here.clone(), Value::Null).await;
            ask(&app.anonymous(), "walking", here.clone(), Value::Null).await;
        }
        assert_eq!(figures().await, (None, 0), "so few would tell of those who searched");
        for _ in 0..5 {
            assert_eq!(ask(&reader, "zymurgy", here.clone(), Value::Null).await["totalCount"], 0);
        }
        assert_eq!(figures().await, (Some(0.25), 20));
        let email = email_of(&facilitator).await;
        app.server().clock().advance(TimeDelta::days(91));
        let facilitator = app.sign_in(&email).await;
        assert_eq!(figure(&health(&facilitator, &community).await, "ZERO_RESULT_SHARE"), (None, 0), "the window went by");
    }

    async fn a_change_in_the_community_is_in_its_figures_at_once(app: App) {
        let facilitator = app.person("Ada").await;
        let community = facilitator.create_community("Ideas", json!({ "kind": "INNOVATION" })).await;
        let reached = async || figure(&health(&facilitator, &community).await, "REACHED_IDEA");
        assert_eq!(reached().await, (None, 0));
        for number in 1..3_i32 {
            let input = json!({ "communityId": community, "title": "Far", "idea": "Steps." });
            create(&facilitator, "innovation", input).await;
            assert_eq!(reached().await, (Some(f64::from(number)), i64::from(number)));
            assert_eq!(reached().await, (Some(f64::from(number)), i64::from(number)), "asked again");
        }
        let kind = "mutation($id: ID!) { setCommunityKind(id: $id, kind: HELPING) {
            community { kind } userErrors { code field message } } }";
        facilitator.mutate(kind, json!({ "id": community })).await;
        assert_eq!(figure(&health(&facilitator, &community).await, "HELPER_SHARE").1, 1, "of another kind");
    }

    async fn figures_are_for_those_who_see_the_whole_community(app: App) {
        let facilitator = app.person("Ada").await;
        let stranger = app.person("Ben").await;
        let private = facilitator.create_community("Circle", json!({ "visibility": "PRIVATE" })).await;
        let public = facilitator.create_community("Square", json!({ "visibility": "PUBLIC" })).await;
        assert_eq!(health(&stranger, &private).await, json!([]));
        assert_eq!(health(&facilitator, &private).await.as_array().unwrap().len(), 5);
        assert_eq!(health(&app.anonymous(), &public).await.as_array().unwrap().len(), 5);
    }
}
