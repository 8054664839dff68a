//! Domains become part of others, are related, and say what their practitioners can do.

use serde_json::{Value, json};
use support::{App, Client, on_both_databases};

const CREATE: &str = "mutation($input: CreateDomainInput!) { createDomain(input: $input) {
    domain { id revision relatedDomains { name } competencies { statement level } }
    position userErrors { code field message }
} }";

const UPDATE: &str = "mutation($id: ID!, $input: UpdateDomainInput!, $expected: Int) {
    updateDomain(id: $id, input: $input, expectedRevision: $expected) {
        domain { id revision relatedDomains { name } competencies { statement level } }
        position userErrors { code field message currentRevision }
    }
}";

const MERGE: &str = "mutation($id: ID!, $into: ID!, $expected: Int) { mergeDomains(id: $id, intoId: $into, expectedRevision: $expected) {
    domain { id name slug revision alternativeLabels { text } relatedDomains { name } children { nodes { name } } }
    position userErrors { code field message }
} }";

const SHOW: &str = "query($id: ID, $slug: String) { domain(id: $id, slug: $slug) {
    id revision ancestors { name } relatedDomains { name } viewerFollows
} }";

async fn domain(admin: &Client, name: &str, more: Value) -> Value {
    let mut input = more;
    input["name"] = json!(name);
    admin.mutate(CREATE, json!({ "input": input })).await["domain"]["id"].clone()
}

async fn shown(client: &Client, id: &Value) -> Value {
    client.query(SHOW, json!({ "id": id })).await["domain"].clone()
}

async fn domains_of(client: &Client, resource: &Value) -> Value {
    let query = "query($id: ID!) { resource(id: $id) { revision domains { name } } }";
    client.query(query, json!({ "id": resource })).await["resource"].clone()
}

on_both_databases! {
    async fn what_is_filed_under_a_domain_goes_with_it_into_another(app: App) {
        let (admin, ada) = (app.administrator().await, app.person("Ada").await);
        let numeracy = domain(&admin, "Numeracy", json!({ "alternativeLabels": [{ "text": "Counting" }] })).await;
        let sums = json!([{ "text": "sums" }, { "text": "numeracy" }]);
        let arithmetic = domain(&admin, "Arithmetic", json!({ "slug": "reckoning", "alternativeLabels": sums })).await;
        admin.mutate(UPDATE, json!({ "id": arithmetic, "input": { "slug": "arithmetic" } })).await;
        let fractions = domain(&admin, "Fractions", json!({ "parentId": arithmetic })).await;
        let halves = domain(&admin, "Halves", json!({ "parentId": fractions })).await;
        let one = ada.create_community("One", json!({ "domainIds": [arithmetic] })).await;
        let both = ada.create_community("Both", json!({ "domainIds": [arithmetic, numeracy] })).await;
        let plus = ada.create_resource(&one, "Plus", json!({ "domainIds": [arithmetic] })).await;
        let minus = ada.create_resource(&one, "Minus", json!({ "domainIds": [numeracy, arithmetic] })).await;
        let half = ada.create_resource(&one, "Half", json!({ "domainIds": [halves] })).await;
        let declare = "mutation($id: ID!) { declareExpertise(input: { domainId: $id }) { user { id } userErrors { code } } }";
        ada.mutate(declare, json!({ "id": arithmetic })).await;
        let follow = "mutation($id: ID!) { follow(id: $id) { userErrors { code } } }";
        ada.mutate(follow, json!({ "id": arithmetic })).await;
        let save = "mutation($filter: SearchFilter!) { saveSearch(name: \"Mine\", query: \"\", filter: $filter) {
            savedSearch { id } userErrors { code } } }";
        ada.mutate(save, json!({ "filter": { "domainIds": [arithmetic, numeracy] } })).await;
        let before = ada.query("{ serverInfo { position } }", json!({})).await["serverInfo"]["position"].clone();

        let merged = admin.mutate(MERGE, json!({ "id": arithmetic, "into": numeracy })).await;
        assert_eq!(merged["domain"], json!({
            "id": numeracy, "name": "Numeracy", "slug": "numeracy", "revision": 2,
            "alternativeLabels": [{ "text": "Counting" }, { "text": "sums" }, { "text": "Arithmetic" }],
            "relatedDomains": [], "children": { "nodes": [{ "name": "Fractions" }] },
        }));
        assert_eq!(shown(&ada, &arithmetic).await, Value::Null);
        for slug in ["reckoning", "arithmetic", "numeracy"] {
            let found = ada.query(SHOW, json!({ "slug": slug })).await["domain"].clone();
            assert_eq!(found["id"], numeracy, "{slug}");
            assert_eq!(found["viewerFollows"], true);
        }
        assert_eq!(shown(&ada, &halves).await["ancestors"], json!([{ "name": "Numeracy" }, { "name": "Fractions" }]));
        assert_eq!(shown(&ada, &fractions).await["revision"], 2);
        for item in [&plus, &minus] {
            let filed = json!({ "revision": 1, "domains": [{ "name": "Numeracy" }] });
            assert_eq!(domains_of(&ada, item).await, filed);
        }
        let communities = "query($id: ID!) { domain(id: $id) { communities { nodes { name domains { name } } } } }";
        let found = ada.query(communities, json!({ "id": numeracy })).await["domain"]["communities"]["nodes"].clone();
        let numerate = json!([{ "name": "Numeracy" }]);
        assert_eq!(found, json!([{ "name": "Both", "domains": numerate }, { "name": "One", "domains": numerate }]));
        let private = ada.query("{ viewer { expertise { domain { name } } } savedSearches { nodes { filter { domainIds } } } }", json!({})).await;
        assert_eq!(private["viewer"]["expertise"], json!([{ "domain": { "name": "Numeracy" } }]));
        assert_eq!(private["savedSearches"]["nodes"][0]["filter"]["domainIds"], json!([numeracy]));

        let there = ada.at(&merged["position"]);
        let mut titles = there.search_titles("domain:numeracy kind:resource").await;
        titles.sort();
        assert_eq!(titles, ["Half", "Minus", "Plus"]);
        let feed = "query($after: Position!) { changes(after: $after) { changes { operation nodeId fields } } }";
        let changes = ada.query(feed, json!({ "after": before })).await["changes"]["changes"].clone();
        let changes: Vec<(&Value, &Value, &Value)> = changes.as_array().unwrap().iter()
            .map(|change| (&change["operation"], &change["nodeId"], &change["fields"])).collect();
        let (updated, deleted) = (json!("UPDATED"), json!("DELETED"));
        for (id, fields) in [
            (&numeracy, json!(["mergedFrom", "alternativeLabels"])),
            (&fractions, json!(["parent"])),
            (&one, json!(["domains"])),
            (&both, json!(["domains"])),
            (&plus, json!(["domainIds"])),
            (&minus, json!(["domainIds"])),
            (&ada.my_id().await, json!(["expertise"])),
        ] {
            assert!(changes.contains(&(&updated, id, &fields)), "{id} {fields}: {changes:?}");
        }
        assert_eq!(changes.len(), 8, "{changes:?}");
        assert_eq!((changes[7].0, changes[7].1), (&deleted, &arithmetic), "it goes when nothing refers to it any more");
        assert!(!changes.iter().any(|change| change.1 == &half), "it stays where it was");
        assert_eq!(admin.refused(MERGE, json!({ "id": arithmetic, "into": numeracy })).await, ["NOT_FOUND id"]);
    }

    async fn what_cannot_be_merged_is_refused_with_what_can(app: App) {
        let (admin, ada) = (app.administrator().await, app.person("Ada").await);
        let broad = domain(&admin, "Broad", json!({})).await;
        let middle = domain(&admin, "Middle", json!({ "parentId": broad })).await;
        let narrow = domain(&admin, "Narrow", json!({ "parentId": middle })).await;
        let variables = json!({ "id": broad, "into": narrow });
        assert_eq!(ada.refused(MERGE, variables.clone()).await, ["FORBIDDEN"]);
        assert_eq!(app.anonymous().failed(MERGE, variables.clone()).await, ["UNAUTHENTICATED"]);
        let payload = admin.payload(MERGE, variables).await;
        assert_eq!(payload["userErrors"][0]["code"], "INVALID");
        assert_eq!(payload["userErrors"][0]["field"], json!(["intoId"]));
        let message = payload["userErrors"][0]["message"].as_str().unwrap();
        assert!(message.ends_with("merge \"Narrow\" into \"Broad\" instead."), "{message}");
        assert_eq!(admin.refused(MERGE, json!({ "id": broad, "into": broad })).await, ["INVALID intoId"]);
        let community = ada.create_community("Circle", json!({})).await;
        let strange = json!({ "id": community, "into": "no id" });
        assert_eq!(admin.refused(MERGE, strange).await, ["INVALID id", "INVALID intoId"]);

        // The other way round what stands between stays where it is.
        let merged = admin.mutate(MERGE, json!({ "id": narrow, "into": broad })).await;
        assert_eq!(merged["domain"]["children"], json!({ "nodes": [{ "name": "Middle" }] }));
        let merged = admin.mutate(MERGE, json!({ "id": middle, "into": broad })).await;
        assert_eq!(merged["domain"]["children"], json!({ "nodes": [] }));
        let labels = json!([{ "text": "Narrow" }, { "text": "Middle" }]);
        assert_eq!(merged["domain"]["alternativeLabels"], labels);
        let found = ada.query(SHOW, json!({ "slug": "narrow" })).await;
        assert_eq!(found["domain"]["id"], broad);
    }

    async fn what_names_a_merged_domain_means_the_other(app: App) {
        let (admin, ada) = (app.administrator().await, app.person("Ada").await);
        let old = domain(&admin, "Old", json!({})).await;
        let new = domain(&admin, "New", json!({})).await;
        let newest = domain(&admin, "Newest", json!({})).await;
        let filed = json!([{ "name": "Newest" }]);
        let restore = "mutation($id: ID!) { restoreRevision(id: $id, number: 1) {
            item { id } userErrors { code field message } } }";
        let update = "mutation($id: ID!, $domains: [ID!]) { updateResource(id: $id, input: { domainIds: $domains }) {
            resource { id } userErrors { code field message } } }";
        let list = "mutation($community: ID!, $input: [SyncResourceInput!]!) {
            syncResources(communityId: $community, system: \"moodle\", input: $input) {
                results { outcome resource { id } userErrors { code field message } }
                userErrors { code field message } } }";
        let circle = ada.create_community("Circle", json!({})).await;
        let guide = ada.create_resource(&circle, "Guide", json!({ "domainIds": [old] })).await;
        ada.mutate(update, json!({ "id": guide, "domains": [] })).await;
        let listed = json!({ "externalId": "7", "title": "Lesson", "kind": "LESSON_PLAN", "domainIds": [old] });
        let made = ada.mutate(list, json!({ "community": circle, "input": [listed] })).await;
        let lesson = made["results"][0]["resource"]["id"].clone();

        admin.mutate(MERGE, json!({ "id": old, "into": new })).await;
        admin.mutate(MERGE, json!({ "id": new, "into": newest })).await;
        ada.mutate(restore, json!({ "id": guide })).await;
        assert_eq!(domains_of(&ada, &guide).await, json!({ "revision": 3, "domains": filed }));
        let listed = json!({ "externalId": "7", "title": "Lesson seven", "kind": "LESSON_PLAN", "domainIds": [old] });
        let again = ada.mutate(list, json!({ "community": circle, "input": [listed] })).await;
        assert_eq!(again["results"][0]["outcome"], "UPDATED", "{again:#}");
        assert_eq!(domains_of(&ada, &lesson).await, json!({ "revision": 2, "domains": filed }));
        let made = ada.create_resource(&circle, "Another", json!({ "domainIds": [old, new, newest] })).await;
        assert_eq!(domains_of(&ada, &made).await, json!({ "revision": 1, "domains": filed }));
        let files = "mutation($id: ID!, $domains: [ID!]) { updateCommunity(id: $id, input: { domainIds: $domains }) {
            community { domains { name } } userErrors { code field message } } }";
        let filed_too = ada.mutate(files, json!({ "id": circle, "domains": [new, old] })).await;
        assert_eq!(filed_too["community"]["domains"], filed);
    }

    async fn a_domain_that_was_changed_meanwhile_is_not_merged(app: App) {
        let admin = app.administrator().await;
        let (one, other) = (domain(&admin, "One", json!({})).await, domain(&admin, "Other", json!({})).await);
        admin.mutate(UPDATE, json!({ "id": one, "input": { "concern": "Few can." } })).await;
        let stale = json!({ "id": one, "into": other, "expected": 1 });
        assert_eq!(admin.refused(MERGE, stale).await, ["CONFLICT expectedRevision"]);
        let merged = admin.mutate(MERGE, json!({ "id": one, "into": other, "expected": 2 })).await;
        assert_eq!(merged["domain"]["id"], other);
    }

    async fn a_merge_that_is_sent_again_is_answered_again(app: App) {
        let admin = app.administrator().await;
        let (one, other) = (domain(&admin, "One", json!({})).await, domain(&admin, "Other", json!({})).await);
        let keyed = admin.keyed("merge-once");
        let variables = json!({ "id": one, "into": other });
        let first = keyed.mutate(MERGE, variables.clone()).await;
        assert_eq!(keyed.mutate(MERGE, variables).await, first);
        assert_eq!(first["domain"]["id"], other);
    }

    async fn a_revision_that_waits_is_published_under_the_other_domain(app: App) {
        let admin = app.administrator().await;
        let (ada, ben) = (app.person("Ada").await, app.person("Ben").await);
        let (old, new) = (domain(&admin, "Old", json!({})).await, domain(&admin, "New", json!({})).await);
        let community = ada.create_community("Circle", json!({})).await;
        ben.join(&community).await;
        let item = ben.create_resource(&community, "Guide", json!({})).await;
        let policy = "mutation($id: ID!) { updateCommunityPolicy(id: $id, input: { resourceReview: ONE_REVIEWER }) {
            community { id } userErrors { code field message } } }";
        ada.mutate(policy, json!({ "id": community })).await;
        let file = "mutation($id: ID!, $domains: [ID!]) { updateResource(id: $id, input: { domainIds: $domains }) {
            resource { pendingRevision { number } } userErrors { code field message } } }";
        let pending = ben.mutate(file, json!({ "id": item, "domains": [old, new] })).await;
        assert_eq!(pending["resource"]["pendingRevision"]["number"], 2);
        admin.mutate(MERGE, json!({ "id": old, "into": new })).await;
        assert_eq!(domains_of(&ben, &item).await, json!({ "revision": 1, "domains": [] }));
        let approve = "mutation($id: ID!) { review(input: { id: $id, verdict: APPROVE, revision: 2 }) {
            item { id } userErrors { code field message } } }";
        ada.mutate(approve, json!({ "id": item })).await;
        assert_eq!(domains_of(&ben, &item).await, json!({ "revision": 2, "domains": [{ "name": "New" }] }));
    }

    async fn related_domains_stand_in_different_branches_and_know_each_other(app: App) {
        let admin = app.administrator().await;
        let teaching = domain(&admin, "Teaching", json!({})).await;
        let feedback = domain(&admin, "Feedback", json!({ "parentId": teaching })).await;
        let design = domain(&admin, "Design", json!({})).await;
        let input = json!({ "name": "Access", "parentId": design, "relatedIds": [teaching, feedback, teaching] });
        let made = admin.mutate(CREATE, json!({ "input": input })).await;
        let access = made["domain"]["id"].clone();
        assert_eq!(made["domain"]["relatedDomains"], json!([{ "name": "Feedback" }, { "name": "Teaching" }]));
        let seen = shown(&app.anonymous(), &feedback).await;
        assert_eq!((&seen["relatedDomains"], &seen["revision"]), (&json!([{ "name": "Access" }]), &json!(2)));

        let wrong = json!({ "relatedIds": [access, design, "no id", feedback] });
        let refused = admin.refused(UPDATE, json!({ "id": access, "input": wrong })).await;
        assert_eq!(refused, ["INVALID input.relatedIds.2", "INVALID input.relatedIds.0", "INVALID input.relatedIds.1"]);
        let below = json!({ "id": teaching, "input": { "relatedIds": [feedback] } });
        assert_eq!(admin.refused(UPDATE, below).await, ["INVALID input.relatedIds.0"]);
        let moved = json!({ "id": design, "input": { "parentId": feedback } });
        let payload = admin.payload(UPDATE, moved.clone()).await;
        let told: Vec<&str> = payload["userErrors"].as_array().unwrap().iter()
            .map(|error| error["message"].as_str().unwrap()).collect();
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(told[0].starts_with("\"Access\" would come to stand under \"Feedback\""), "{told:?}");

        let same = json!({ "id": access, "input": { "relatedIds": [feedback, teaching] } });
        let again = admin.mutate(UPDATE, same).await;
        assert_eq!((&again["domain"]["revision"], &again["position"]), (&json!(1), &made["position"]));
        let emptied = admin.mutate(UPDATE, json!({ "id": access, "input": { "relatedIds": null } })).await;
        assert_eq!((&emptied["domain"]["relatedDomains"], &emptied["domain"]["revision"]), (&json!([]), &json!(2)));
        let seen = shown(&admin, &feedback).await;
        assert_eq!((&seen["relatedDomains"], &seen["revision"]), (&json!([]), &json!(3)));
        admin.mutate(UPDATE, moved).await;
        assert_eq!(shown(&admin, &access).await["ancestors"].as_array().unwrap().len(), 3);
    }

    async fn a_domain_says_what_its_practitioners_can_do(app: App) {
        let admin = app.administrator().await;
        let competencies = json!([
            { "statement": " Counts flamingos. ", "level": "FOUNDATION" },
            { "statement": "Teaches others to count.", "level": "EXPERT" },
            { "statement": "counts flamingos.", "level": "FOUNDATION" },
        ]);
        let made = admin.mutate(CREATE, json!({ "input": { "name": "Counting", "competencies": competencies } })).await;
        let id = made["domain"]["id"].clone();
        assert_eq!(made["domain"]["competencies"], json!([
            { "statement": "Counts flamingos.", "level": "FOUNDATION" },
            { "statement": "Teaches others to count.", "level": "EXPERT" },
        ]));
        assert_eq!(app.anonymous().at(&made["position"]).search_titles("flamingos").await, ["Counting"]);
        let kept = admin.mutate(UPDATE, json!({ "id": id, "input": { "concern": "Few can." } })).await;
        assert_eq!(kept["domain"]["competencies"], made["domain"]["competencies"]);

        let wrong = json!([{ "statement": "", "level": "EXPERT" }, { "statement": "x".repeat(501), "level": "EXPERT" }]);
        let refused = admin.refused(UPDATE, json!({ "id": id, "input": { "competencies": wrong } })).await;
        assert_eq!(refused, ["REQUIRED input.competencies.0.statement", "TOO_LONG input.competencies.1.statement"]);
        let many: Vec<Value> = (0..51).map(|number| json!({ "statement": format!("Can {number}"), "level": "PRACTITIONER" })).collect();
        assert_eq!(admin.refused(UPDATE, json!({ "id": id, "input": { "competencies": many } })).await, ["TOO_LONG input.competencies"]);
        let emptied = admin.mutate(UPDATE, json!({ "id": id, "input": { "competencies": null } })).await;
        assert_eq!(emptied["domain"]["competencies"], json!([]));
    }
}
