//! Kind as behaviour: the same acts in communities of the four kinds, their settings, and going from kind to kind.

use serde_json::{Value, json};
use support::{App, Client, on_both_databases};

const POLICY: &str = "query($id: ID!) { community(id: $id) { kind policy {
    resourceReview practiceQuorum statementQuorum firstAnswerTargetHours reviewIntervalDays stageAgeLimitDays
} } }";

const UPDATE_POLICY: &str = "mutation($id: ID!, $input: CommunityPolicyInput!) {
    updateCommunityPolicy(id: $id, input: $input) {
        community { revision policy { resourceReview practiceQuorum reviewIntervalDays firstAnswerTargetHours } }
        position
        userErrors { code field message }
    }
}";

const SET_KIND: &str =
    "mutation($id: ID!, $kind: CommunityKind!, $dryRun: Boolean, $first: Int, $after: String) {
    setCommunityKind(id: $id, kind: $kind, dryRun: $dryRun) {
        community { kind policy { resourceReview } }
        conflicts(first: $first, after: $after) {
            totalCount nodes { id ... on Item { title } } pageInfo { hasNextPage endCursor }
        }
        position
        userErrors { code field message }
    }
}";

/// The codes of what blocks the first user error of a mutation.
async fn blockers(client: &Client, mutation: &str, variables: Value) -> Vec<String> {
    let answer = client.send(mutation, variables).await;
    let (_, payload) = answer.body["data"]
        .as_object()
        .and_then(|data| data.iter().next())
        .unwrap_or_else(|| panic!("there is data: {:#}", answer.body));
    let error = &payload["userErrors"][0];
    assert_eq!(error["code"], "INVALID_TRANSITION", "{payload:#}");
    let blocked_by = error["blockedBy"].as_array().unwrap();
    let codes = blocked_by
        .iter()
        .map(|blocker| blocker["code"].as_str().unwrap().to_owned());
    codes.collect()
}

async fn draft(author: &Client, community: &Value, what: &str, kind: &str) -> Value {
    let upper = format!("{}{}", what[..1].to_uppercase(), &what[1..]);
    let mutation = format!(
        "mutation($input: Create{upper}Input!) {{ create{upper}(input: $input) {{
            {what} {{ id }} userErrors {{ code field message }} }} }}"
    );
    let input = json!({ "communityId": community, "title": "Counting by walking", "kind": kind, "body": "Step by step." });
    author.mutate(&mutation, json!({ "input": input })).await[what]["id"].clone()
}

fn publish(what: &str) -> String {
    let upper = format!("{}{}", what[..1].to_uppercase(), &what[1..]);
    format!(
        "mutation($id: ID!) {{ publish{upper}(id: $id) {{ {what} {{ status }}
            userErrors {{ code field message blockedBy {{ code }} }} }} }}"
    )
}

const CREATE_PUBLISHED: &str =
    "mutation($input: CreateResourceInput!) { createResource(input: $input) {
    resource { status } userErrors { code field message blockedBy { code } }
} }";

const SUBMIT: &str = "mutation($id: ID!) { submitForReview(id: $id) {
    item { ... on Resource { status } ... on Practice { status } } userErrors { code field message }
} }";

const APPROVE: &str =
    "mutation($id: ID!) { review(input: { id: $id, verdict: APPROVE, revision: 1 }) {
    item { ... on Resource { status } ... on Practice { status } }
    userErrors { code field message blockedBy { code } }
} }";

on_both_databases! {
    async fn the_same_acts_are_allowed_and_asked_for_as_the_kind_is(app: App) {
        // Per kind: the rules; what blocks a resource and a practice; who approves the resource; who the practice.
        let nobody: [&str; 0] = [];
        for (kind, rules, resource_blocked, practice_blocked, resource_by, practice_by) in [
            (
                "HELPING", json!(["NONE", 1, 3, 48, null, null]),
                vec![], vec!["REVIEW_MISSING"], nobody.to_vec(), vec!["reviewer"],
            ),
            (
                "BEST_PRACTICE", json!(["ONE_REVIEWER", 2, 3, null, 365, null]),
                vec!["REVIEW_MISSING"], vec!["REVIEW_MISSING", "QUORUM_MISSING"], vec!["reviewer"], vec!["reviewer", "steward"],
            ),
            (
                "KNOWLEDGE_STEWARDING", json!(["ONE_STEWARD", 1, 3, null, 180, null]),
                vec!["REVIEW_MISSING", "STEWARD_MISSING", "DOMAIN_MISSING", "LICENCE_MISSING", "REVIEW_DATE_MISSING"],
                vec!["REVIEW_MISSING", "STEWARD_MISSING", "DOMAIN_MISSING", "LICENCE_MISSING", "REVIEW_DATE_MISSING"],
                vec!["steward"], vec!["reviewer"],
            ),
            (
                "INNOVATION", json!(["NONE", 1, 3, null, null, 60]),
                vec![], vec!["REVIEW_MISSING"], nobody.to_vec(), vec!["reviewer"],
            ),
        ] {
            let facilitator = app.person("Ada").await;
            let (author, reviewer, steward) = (app.person("Ben").await, app.person("Cleo").await, app.person("Dan").await);
            let community = facilitator.create_community("Numeracy for All", json!({ "kind": kind })).await;
            for (person, role) in [(&author, "MEMBER"), (&reviewer, "REVIEWER"), (&steward, "STEWARD")] {
                facilitator.admit(&community, person, role).await;
            }
            let policy = author.query(POLICY, json!({ "id": community })).await["community"]["policy"].clone();
            let shown = ["resourceReview", "practiceQuorum", "statementQuorum", "firstAnswerTargetHours", "reviewIntervalDays", "stageAgeLimitDays"]
                .map(|field| policy[field].clone());
            assert_eq!(json!(shown), rules, "{kind}");

            // Publishing at once, and by oneself.
            let input = json!({ "communityId": community, "title": "At once", "kind": "GUIDE", "publish": true });
            if resource_blocked.is_empty() {
                let made = author.mutate(CREATE_PUBLISHED, json!({ "input": input })).await;
                assert_eq!(made["resource"]["status"], "PUBLISHED", "{kind}");
            } else {
                assert_eq!(blockers(&author, CREATE_PUBLISHED, json!({ "input": input })).await, resource_blocked, "{kind}");
            }
            let resource = draft(&author, &community, "resource", "GUIDE").await;
            let practice = draft(&author, &community, "practice", "METHOD").await;
            if !resource_blocked.is_empty() {
                assert_eq!(blockers(&author, &publish("resource"), json!({ "id": resource })).await, resource_blocked, "{kind}");
            }
            assert_eq!(blockers(&author, &publish("practice"), json!({ "id": practice })).await, practice_blocked, "{kind}");

            // What the kind asks for, step by step.
            let by = |name: &&str| if *name == "steward" { steward.clone() } else { reviewer.clone() };
            if kind == "KNOWLEDGE_STEWARDING" {
                for (what, id) in [("Resource", &resource), ("Practice", &practice)] {
                    author.mutate(SUBMIT, json!({ "id": id })).await;
                    let unmet = blockers(&steward, APPROVE, json!({ "id": id })).await;
                    assert_eq!(unmet, ["STEWARD_MISSING", "DOMAIN_MISSING", "LICENCE_MISSING", "REVIEW_DATE_MISSING"]);
                    complete(&app, &author, &steward, what, id).await;
                }
                assert_eq!(
                    reviewer.refused(&APPROVE.replace("revision: 1", "revision: 2"), json!({ "id": resource })).await,
                    ["FORBIDDEN input.id"], "a steward's review is asked for"
                );
            }
            for (id, approvers, what) in [(&resource, &resource_by, "resource"), (&practice, &practice_by, "practice")] {
                let approvers: Vec<Client> = approvers.iter().map(by).collect();
                if approvers.is_empty() {
                    let published = author.mutate(&publish(what), json!({ "id": id })).await;
                    assert_eq!(published[what]["status"], "PUBLISHED", "{kind} {what}");
                    continue;
                }
                let references: Vec<&Client> = approvers.iter().collect();
                let (last, before) = references.split_last().unwrap();
                let waiting = author.publish_through(id, before).await;
                assert_eq!(waiting["item"]["status"], "IN_REVIEW", "{kind} {what}");
                let published = author.publish_through(id, &[last]).await;
                assert_eq!(published["item"]["status"], "PUBLISHED", "{kind} {what}");
            }
        }
    }

    async fn the_same_things_wait_and_are_shown_first_as_the_kind_is(app: App) {
        let queue = "query($id: ID!) { community(id: $id) {
            workQueue(first: 100) { nodes { reason node { ... on Item { title } } } } health { key } } }";
        let steps = "mutation($input: CreateInnovationInput!) { createInnovation(input: $input) {
            innovation { id } userErrors { code field message } } }";
        let ask = "mutation($input: CreateDiscussionInput!) { createDiscussion(input: $input) {
            discussion { id } userErrors { code field message } } }";
        let set = "mutation($id: ID!) { setSteward(id: $id, reviewDueAt: \"2020-01-01T00:00:00Z\") {
            position userErrors { code field message } } }";
        for (kind, order, figure) in [
            ("HELPING", vec!["UNANSWERED", "AWAITING_REVIEW", "UNDECIDED", "REVIEW_OVERDUE"], "HOURS_TO_FIRST_ANSWER"),
            (
                "BEST_PRACTICE",
                vec!["AWAITING_REVIEW", "REVIEW_OVERDUE", "UNANSWERED", "UNDECIDED", "WITHOUT_STEWARD"],
                "ADOPTIONS_PER_PRACTICE",
            ),
            (
                "KNOWLEDGE_STEWARDING",
                vec!["REVIEW_OVERDUE", "WITHOUT_STEWARD", "AWAITING_REVIEW", "UNANSWERED", "UNDECIDED"],
                "IN_DATE_SHARE",
            ),
            ("INNOVATION", vec!["UNDECIDED", "AWAITING_REVIEW", "UNANSWERED", "REVIEW_OVERDUE"], "REACHED_IDEA"),
        ] {
            let facilitator = app.person("Ada").await;
            let author = app.person("Ben").await;
            let community = facilitator.create_community("Numeracy for All", json!({})).await;
            author.join(&community).await;
            // The same acts, while no kind asks for more than another.
            let shelf = author.create_resource(&community, "Shelf", json!({})).await;
            facilitator.mutate(set, json!({ "id": shelf })).await;
            let practice = draft(&author, &community, "practice", "METHOD").await;
            author.mutate(SUBMIT, json!({ "id": practice })).await;
            let input = json!({ "communityId": community, "title": "Idea", "idea": "Steps." });
            author.mutate(steps, json!({ "input": input })).await;
            let input = json!({ "communityId": community, "title": "Question", "body": "How?", "kind": "HELP_REQUEST" });
            author.mutate(ask, json!({ "input": input })).await;
            facilitator.mutate(SET_KIND, json!({ "id": community, "kind": kind })).await;

            let shown = facilitator.query(queue, json!({ "id": community })).await["community"].clone();
            let reasons: Vec<&str> = shown["workQueue"]["nodes"]
                .as_array()
                .unwrap()
                .iter()
                .map(|node| node["reason"].as_str().unwrap())
                .collect();
            assert_eq!(reasons, order, "{kind}");
            assert_eq!(shown["health"][0]["key"], figure);
        }
    }

    async fn settings_stay_within_bounds_and_null_is_the_kinds(app: App) {
        let facilitator = app.person("Ada").await;
        let member = app.person("Ben").await;
        let community = facilitator.create_community("Helpers", json!({})).await;
        member.join(&community).await;
        let changed = facilitator.mutate(UPDATE_POLICY, json!({ "id": community, "input": {
            "resourceReview": "ONE_REVIEWER", "practiceQuorum": 10, "reviewIntervalDays": 7,
        } })).await;
        assert_eq!(changed["community"], json!({ "revision": 1, "policy": {
            "resourceReview": "ONE_REVIEWER", "practiceQuorum": 10, "reviewIntervalDays": 7, "firstAnswerTargetHours": 48,
        } }));
        let refused = facilitator.refused(UPDATE_POLICY, json!({ "id": community, "input": {
            "practiceQuorum": 11, "statementQuorum": 0, "firstAnswerTargetHours": 721, "reviewIntervalDays": 6, "stageAgeLimitDays": 1096,
        } })).await;
        assert_eq!(refused, [
            "OUT_OF_RANGE input.practiceQuorum", "OUT_OF_RANGE input.statementQuorum", "OUT_OF_RANGE input.firstAnswerTargetHours",
            "OUT_OF_RANGE input.reviewIntervalDays", "OUT_OF_RANGE input.stageAgeLimitDays",
        ]);
        let input = json!({ "practiceQuorum": 3 });
        assert_eq!(member.refused(UPDATE_POLICY, json!({ "id": community, "input": input })).await, ["FORBIDDEN id"]);
        let back = facilitator.mutate(UPDATE_POLICY, json!({ "id": community, "input": {
            "resourceReview": null, "practiceQuorum": null, "reviewIntervalDays": null,
        } })).await;
        assert_eq!(back["community"]["policy"], json!({
            "resourceReview": "NONE", "practiceQuorum": 1, "reviewIntervalDays": null, "firstAnswerTargetHours": 48,
        }));
    }

    async fn another_kind_says_first_what_it_would_not_let_be_published(app: App) {
        let facilitator = app.person("Ada").await;
        let member = app.person("Ben").await;
        let community = facilitator.create_community("Shelf", json!({})).await;
        member.join(&community).await;
        for number in 0..3 {
            facilitator.create_resource(&community, &format!("Guide {number}"), json!({ "licence": "CC0-1.0" })).await;
        }
        facilitator.create_resource(&community, "Draft", json!({ "publish": false })).await;
        let dry = json!({ "id": community, "kind": "KNOWLEDGE_STEWARDING", "dryRun": true, "first": 2 });
        assert_eq!(member.refused(SET_KIND, dry.clone()).await, ["FORBIDDEN id"]);
        let tried = facilitator.mutate(SET_KIND, dry.clone()).await;
        assert_eq!(tried["community"]["kind"], "HELPING");
        assert_eq!(tried["conflicts"]["totalCount"], 3, "drafts are no conflicts");
        assert_eq!(tried["conflicts"]["nodes"][0]["title"], "Guide 0");
        assert_eq!(tried["conflicts"]["pageInfo"]["hasNextPage"], true);
        let mut next = dry.clone();
        next["after"] = tried["conflicts"]["pageInfo"]["endCursor"].clone();
        let rest = facilitator.mutate(SET_KIND, next).await;
        assert_eq!(rest["conflicts"]["nodes"][0]["title"], "Guide 2");

        let changed = facilitator.mutate(SET_KIND, json!({ "id": community, "kind": "KNOWLEDGE_STEWARDING" })).await;
        assert_eq!(changed["community"], json!({ "kind": "KNOWLEDGE_STEWARDING", "policy": { "resourceReview": "ONE_STEWARD" } }));
        let left = facilitator.query("{ resources { totalCount } }", json!({})).await;
        assert_eq!(left["resources"]["totalCount"], 4, "nothing is lost");
        let back = facilitator.mutate(SET_KIND, json!({ "id": community, "kind": "INNOVATION" })).await;
        assert_eq!(back["conflicts"]["totalCount"], 0);
        let again = facilitator.mutate(SET_KIND, json!({ "id": community, "kind": "INNOVATION" })).await;
        assert_eq!(again["position"], back["position"], "the same kind again appends nothing");
    }

    async fn going_to_best_practice_says_what_is_recommended_without_evidence(app: App) {
        let facilitator = app.person("Ada").await;
        let (author, reviewer) = (app.person("Ben").await, app.person("Cleo").await);
        let community = facilitator.create_community("Methods", json!({})).await;
        author.join(&community).await;
        facilitator.admit(&community, &reviewer, "REVIEWER").await;
        let ripen = "mutation($id: ID!, $maturity: PracticeMaturity!) { setPracticeMaturity(id: $id, maturity: $maturity) {
            practice { maturity } userErrors { code field message } } }";
        let mut made = Vec::new();
        for outcome in ["MIXED", "WORKED", "MIXED"] {
            let id = draft(&author, &community, "practice", "METHOD").await;
            author.publish_through(&id, &[&reviewer]).await;
            author.run_pilot(&id, &reviewer, outcome).await;
            author.mutate(ripen, json!({ "id": id, "maturity": "TRIALLED" })).await;
            made.push(id);
        }
        for id in &made[..2] {
            author.mutate(ripen, json!({ "id": id, "maturity": "RECOMMENDED" })).await;
        }
        let dry = json!({ "id": community, "kind": "BEST_PRACTICE", "dryRun": true });
        let tried = facilitator.mutate(SET_KIND, dry.clone()).await;
        assert_eq!(tried["conflicts"]["totalCount"], 1, "what is only trialled claims nothing");
        assert_eq!(tried["conflicts"]["nodes"][0]["id"], made[0]);
        author.run_pilot(&made[0], &reviewer, "WORKED").await;
        let tried = facilitator.mutate(SET_KIND, dry).await;
        assert_eq!(tried["conflicts"]["totalCount"], 0);
    }

    async fn settings_of_a_private_community_are_its_own(app: App) {
        let facilitator = app.person("Ada").await;
        let stranger = app.person("Ben").await;
        let community = facilitator.create_community("Circle", json!({ "visibility": "PRIVATE" })).await;
        facilitator.mutate(UPDATE_POLICY, json!({ "id": community, "input": { "practiceQuorum": 7 } })).await;
        let seen = stranger.query(POLICY, json!({ "id": community })).await;
        assert_eq!(seen["community"]["policy"]["practiceQuorum"], 1, "a stranger is shown the kind's rules");
        let transitions = "query($id: ID!) { community(id: $id) { availableTransitions { lifecycle to blockedBy { code } } } }";
        let seen = facilitator.query(transitions, json!({ "id": community })).await;
        assert_eq!(seen["community"]["availableTransitions"], json!([
            { "lifecycle": "STATE", "to": "ARCHIVED", "blockedBy": [] },
            { "lifecycle": "STAGE", "to": "COALESCING", "blockedBy": [{ "code": "CRITERION_UNMET" }, { "code": "CRITERION_UNMET" }, { "code": "CRITERION_UNMET" }] },
        ]));
        let seen = stranger.query(transitions, json!({ "id": community })).await;
        assert_eq!(seen["community"]["availableTransitions"], json!([]));
    }
}

/// Gives an item what a stewarding community asks of everything published.
async fn complete(app: &App, author: &Client, steward: &Client, what: &str, id: &Value) {
    let admin = app.administrator().await;
    let create = "mutation($name: String!) { createDomain(input: { name: $name }) {
        domain { id } userErrors { code field message } } }";
    let domain = admin
        .mutate(create, json!({ "name": format!("Numeracy {what}") }))
        .await["domain"]["id"]
        .clone();
    let update = format!(
        "mutation($id: ID!, $domain: ID!) {{
            update{what}(id: $id, input: {{ licence: \"CC-BY-4.0\", domainIds: [$domain] }}) {{
                position userErrors {{ code field message }} }} }}"
    );
    author
        .mutate(&update, json!({ "id": id, "domain": domain }))
        .await;
    let keep = "mutation($id: ID!, $user: ID!) { setSteward(id: $id, userId: $user) {
        item { id } userErrors { code field message } } }";
    let variables = json!({ "id": id, "user": steward.my_id().await });
    steward.mutate(keep, variables).await;
    let renew = "mutation($id: ID!) { renewReview(id: $id) {
        item { ... on Resource { reviewDueAt steward { displayName } } } userErrors { code field message } } }";
    steward.mutate(renew, json!({ "id": id })).await;
}
