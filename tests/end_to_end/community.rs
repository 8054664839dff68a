//! Communities and the tree of domains that they care about.

use serde_json::{Value, json};
use support::{App, Client, on_both_databases};

const CREATE: &str = "mutation($input: CreateCommunityInput!) { createCommunity(input: $input) {
    community { id slug revision visibility joinPolicy status viewerMembership { role state } }
    position
    userErrors { code field message }
} }";

const UPDATE: &str = "mutation($id: ID!, $input: UpdateCommunityInput!, $expected: Int) {
    updateCommunity(id: $id, input: $input, expectedRevision: $expected) {
        community { name slug purpose description languages sector meetingMode cadence revision domains { name } }
        position
        userErrors { code field message currentRevision }
    }
}";

const SHOW: &str = "query($id: ID, $slug: String) { community(id: $id, slug: $slug) {
    id slug name status description descriptionHtml viewerCan
} }";

const LIST: &str = "query($filter: CommunityFilter, $orderBy: CommunityOrder) {
    communities(filter: $filter, orderBy: $orderBy) { totalCount nodes { name } }
}";

const CREATE_DOMAIN: &str = "mutation($input: CreateDomainInput!) { createDomain(input: $input) {
    domain { id slug revision parent { name } ancestors { name } }
    position
    userErrors { code field message }
} }";

const UPDATE_DOMAIN: &str = "mutation($id: ID!, $input: UpdateDomainInput!, $expected: Int) {
    updateDomain(id: $id, input: $input, expectedRevision: $expected) {
        domain { name slug concern revision parent { name } ancestors { name } keyQuestions
            labels { text language } alternativeLabels { text language } }
        position
        userErrors { code field message currentRevision }
    }
}";

const DELETE_DOMAIN: &str =
    "mutation($id: ID!) { deleteDomain(id: $id) { deletedId userErrors { code field message } } }";

async fn domain(admin: &Client, name: &str, parent: Option<&Value>) -> Value {
    let input = json!({ "name": name, "parentId": parent });
    admin.mutate(CREATE_DOMAIN, json!({ "input": input })).await["domain"]["id"].clone()
}

async fn names(client: &Client, filter: Value) -> Vec<String> {
    let order = json!({ "field": "NAME", "direction": "ASC" });
    let found = client
        .query(LIST, json!({ "filter": filter, "orderBy": order }))
        .await["communities"]
        .clone();
    let names: Vec<String> = found["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|node| node["name"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(found["totalCount"], names.len());
    names
}

on_both_databases! {
    async fn whoever_creates_a_community_facilitates_it(app: App) {
        let person = app.person("Ada").await;
        let input = json!({
            "name": "Numeracy für Alle!", "purpose": "To count.", "kind": "BEST_PRACTICE",
            "description": "**Bold** <script>alert(1)</script>",
        });
        let made = person.mutate(CREATE, json!({ "input": input })).await["community"].clone();
        assert_eq!(made["slug"], "numeracy-fur-alle");
        assert_eq!(made["revision"], 1);
        assert_eq!((&made["visibility"], &made["joinPolicy"]), (&json!("PUBLIC"), &json!("OPEN")));
        assert_eq!(made["viewerMembership"], json!({ "role": "FACILITATOR", "state": "ACTIVE" }));
        let shown = app.anonymous().query(SHOW, json!({ "id": made["id"] })).await["community"].clone();
        let html = shown["descriptionHtml"].as_str().unwrap();
        assert!(html.contains("<strong>Bold</strong>") && !html.contains("<script"), "{html}");
        let nobody = app.anonymous().failed(CREATE, json!({ "input": input_of("Mine") })).await;
        assert_eq!(nobody, ["UNAUTHENTICATED"]);
    }

    async fn a_slug_belongs_to_one_community_and_old_ones_lead_on(app: App) {
        let person = app.person("Ada").await;
        let other = app.person("Ben").await;
        let mut input = input_of("First");
        input["slug"] = json!("wanted");
        let id = person.mutate(CREATE, json!({ "input": input })).await["community"]["id"].clone();
        let refused = other.refused(CREATE, json!({ "input": input })).await;
        assert_eq!(refused, ["TAKEN input.slug"]);
        let derived = other.mutate(CREATE, json!({ "input": input_of("Wanted") })).await;
        assert_ne!(derived["community"]["slug"], "wanted", "a slug made of the name gives way");

        person.mutate(UPDATE, json!({ "id": id, "input": { "slug": "better" } })).await;
        for slug in ["wanted", "better"] {
            let found = app.anonymous().query(SHOW, json!({ "slug": slug })).await["community"].clone();
            assert_eq!((&found["id"], &found["slug"]), (&id, &json!("better")), "{slug}");
        }
        assert_eq!(app.anonymous().query(SHOW, json!({ "slug": "never-was" })).await["community"], Value::Null);
    }

    async fn two_who_want_one_slug_at_once_get_one_community(app: App) {
        for round in 0..4 {
            let mut input = input_of("Race");
            input["slug"] = json!(format!("race-{round}"));
            let (one, two) = (app.person("Ada").await, app.person("Ben").await);
            let variables = json!({ "input": input });
            let (one, two) = tokio::join!(one.payload(CREATE, variables.clone()), two.payload(CREATE, variables));
            let (winner, loser) = if one["community"].is_null() { (two, one) } else { (one, two) };
            assert_eq!(winner["userErrors"], json!([]));
            assert_eq!(loser["community"], Value::Null);
            assert_eq!(loser["userErrors"][0]["code"], "TAKEN");
            assert_eq!(loser["userErrors"][0]["field"], json!(["input", "slug"]));
        }
        assert_eq!(names(&app.anonymous(), json!({})).await.len(), 4);
    }

    async fn an_update_tells_absent_from_null_and_conflicts_are_seen(app: App) {
        let admin = app.administrator().await;
        let reading = domain(&admin, "Reading", None).await;
        let person = app.person("Ada").await;
        let id = person.create_community("Readers", json!({
            "description": "We read.", "languages": ["en", "fr-ca"], "sector": "EDUCATION", "domainIds": [reading],
        })).await;
        let input = json!({ "description": null, "languages": null, "meetingMode": "ONLINE", "cadence": "FORTNIGHTLY" });
        let variables = json!({ "id": id, "input": input, "expected": 1 });
        let changed = person.mutate(UPDATE, variables).await;
        assert_eq!(changed["community"], json!({
            "name": "Readers", "slug": "readers", "purpose": "To learn from each other.", "description": null,
            "languages": [], "sector": "EDUCATION", "meetingMode": "ONLINE", "cadence": "FORTNIGHTLY", "revision": 2,
            "domains": [{ "name": "Reading" }],
        }));
        let same = person.mutate(UPDATE, json!({ "id": id, "input": { "meetingMode": "ONLINE", "cadence": "FORTNIGHTLY" } })).await;
        assert_eq!(same["position"], changed["position"], "the same again appends nothing");
        assert_eq!(same["community"]["revision"], 2);

        let stale = json!({ "id": id, "input": { "name": "" }, "expected": 1 });
        let payload = person.payload(UPDATE, stale).await;
        let codes: Vec<&Value> = payload["userErrors"].as_array().unwrap().iter().map(|error| &error["code"]).collect();
        assert!(codes.contains(&&json!("CONFLICT")) && codes.contains(&&json!("REQUIRED")), "{payload:#}");
        assert_eq!(person.refused(UPDATE, json!({ "id": id, "input": { "name": null, "slug": null } })).await.len(), 2);
        let other = app.person("Ben").await;
        assert_eq!(other.refused(UPDATE, json!({ "id": id, "input": { "name": "Mine" } })).await, ["FORBIDDEN id"]);
    }

    async fn a_community_says_how_often_it_means_to_meet(app: App) {
        let person = app.person("Ada").await;
        let id = person.create_community("Readers", json!({ "visibility": "PRIVATE", "cadence": "MONTHLY" })).await;
        let show = "query($id: ID!) { community(id: $id) { name meetingMode cadence } }";
        let seen = person.query(show, json!({ "id": id })).await["community"].clone();
        assert_eq!(seen, json!({ "name": "Readers", "meetingMode": null, "cadence": "MONTHLY" }));
        let about = app.person("Ben").await.query(show, json!({ "id": id })).await["community"].clone();
        assert_eq!(about, json!({ "name": "Readers", "meetingMode": null, "cadence": null }), "others see what it is about");
        let emptied = person.mutate(UPDATE, json!({ "id": id, "input": { "cadence": null } })).await["community"].clone();
        assert_eq!((&emptied["cadence"], &emptied["revision"]), (&Value::Null, &json!(2)));
    }

    async fn an_archived_community_is_read_but_not_written_until_it_comes_back(app: App) {
        let person = app.person("Ada").await;
        let other = app.person("Ben").await;
        let id = person.create_community("Old friends", json!({})).await;
        let item = person.create_resource(&id, "Minutes", json!({})).await;
        let archive = "mutation($id: ID!) { archiveCommunity(id: $id) {
            community { status revision viewerCan } position userErrors { code field message } } }";
        assert_eq!(other.refused(archive, json!({ "id": id })).await, ["FORBIDDEN id"]);
        let archived = person.mutate(archive, json!({ "id": id })).await;
        assert_eq!((&archived["community"]["status"], &archived["community"]["revision"]), (&json!("ARCHIVED"), &json!(1)));
        assert!(!archived["community"]["viewerCan"].as_array().unwrap().contains(&json!("CREATE_RESOURCE")));
        let again = person.mutate(archive, json!({ "id": id })).await;
        assert_eq!(again["position"], archived["position"]);

        let create = "mutation($input: CreateResourceInput!) {
            createResource(input: $input) { resource { id } userErrors { code field message } } }";
        let input = json!({ "communityId": id, "title": "More", "kind": "ARTICLE" });
        assert_eq!(person.refused(create, json!({ "input": input })).await, ["FORBIDDEN input.communityId"]);
        let change = "mutation($id: ID!) { updateResource(id: $id, input: { title: \"No\" }) {
            resource { id } userErrors { code field message } } }";
        assert_eq!(person.refused(change, json!({ "id": item })).await, ["FORBIDDEN id"]);
        assert_eq!(person.refused(UPDATE, json!({ "id": id, "input": { "name": "No" } })).await, ["FORBIDDEN id"]);
        let join = "mutation($id: ID!) { joinCommunity(communityId: $id) { membership { id } userErrors { code field message } } }";
        assert_eq!(other.refused(join, json!({ "id": id })).await, ["FORBIDDEN communityId"]);

        let at = app.anonymous().at(&archived["position"]);
        assert_eq!(at.query(SHOW, json!({ "id": id })).await["community"]["status"], "ARCHIVED");
        assert_eq!(at.search_titles("minutes").await, ["Minutes"], "an archived community stays searchable");
        assert_eq!(names(&at, json!({ "statuses": ["ACTIVE"] })).await, Vec::<String>::new());
        let restored = person.mutate(&archive.replace("archiveCommunity", "restoreCommunity"), json!({ "id": id })).await;
        assert_eq!(restored["community"]["status"], "ACTIVE");
        person.create_resource(&id, "More", json!({})).await;
    }

    async fn communities_are_filtered_and_ordered(app: App) {
        let admin = app.administrator().await;
        let letters = domain(&admin, "Letters", None).await;
        let reading = domain(&admin, "Reading", Some(&letters)).await;
        let person = app.person("Ada").await;
        person.create_community("École", json!({ "kind": "INNOVATION", "languages": ["fr"], "domainIds": [reading] })).await;
        person.create_community("ecology", json!({ "sector": "NONPROFIT", "languages": ["en", "fr"] })).await;
        person.create_community("Zoo", json!({ "kind": "INNOVATION", "sector": "BUSINESS", "domainIds": [letters] })).await;
        assert_eq!(names(&person, json!({})).await, ["École", "ecology", "Zoo"], "case and accents do not count");
        assert_eq!(names(&person, json!({ "kinds": ["INNOVATION"] })).await, ["École", "Zoo"]);
        assert_eq!(names(&person, json!({ "nameStartsWith": "ECO" })).await, ["École", "ecology"]);
        assert_eq!(names(&person, json!({ "nameStartsWith": "%" })).await, Vec::<String>::new());
        assert_eq!(names(&person, json!({ "languages": ["fr"] })).await, ["École", "ecology"]);
        assert_eq!(names(&person, json!({ "domainIds": [letters] })).await, ["École", "Zoo"], "with narrower domains");
        assert_eq!(names(&person, json!({ "domainIds": [reading] })).await, ["École"]);
        assert_eq!(names(&person, json!({ "stages": ["MATURING"] })).await, Vec::<String>::new());
        assert_eq!(names(&person, json!({ "not": { "sectors": ["BUSINESS"] } })).await, ["École", "ecology"]);
        let either = json!({ "or": [{ "sectors": ["BUSINESS"] }, { "and": [{ "languages": ["en"] }, { "kinds": ["HELPING"] }] }] });
        assert_eq!(names(&person, either).await, ["ecology", "Zoo"]);
        let newest = json!({ "orderBy": { "field": "CREATED_AT", "direction": "DESC" } });
        let newest = person.query(LIST, newest).await;
        assert_eq!(newest["communities"]["nodes"][0]["name"], "Zoo");
    }

    async fn the_tree_of_domains_has_no_rings(app: App) {
        let admin = app.administrator().await;
        let root = domain(&admin, "Root", None).await;
        let middle = domain(&admin, "Middle", Some(&root)).await;
        let leaf = domain(&admin, "Leaf", Some(&middle)).await;
        let show = "query($id: ID!) { domain(id: $id) {
            parent { name } ancestors { name } children { totalCount nodes { name } } } }";
        let shown = admin.query(show, json!({ "id": leaf })).await["domain"].clone();
        assert_eq!(shown["ancestors"], json!([{ "name": "Root" }, { "name": "Middle" }]));
        for parent in [&leaf, &root] {
            let refused = admin.refused(UPDATE_DOMAIN, json!({ "id": root, "input": { "parentId": parent } })).await;
            assert_eq!(refused, ["INVALID input.parentId"]);
        }
        let other = domain(&admin, "Other", None).await;
        let moved = admin.mutate(UPDATE_DOMAIN, json!({ "id": middle, "input": { "parentId": other } })).await;
        assert_eq!(moved["domain"]["ancestors"], json!([{ "name": "Other" }]));
        let shown = admin.query(show, json!({ "id": leaf })).await["domain"].clone();
        assert_eq!(shown["ancestors"], json!([{ "name": "Other" }, { "name": "Middle" }]), "what is narrower goes along");
        let shown = admin.query(show, json!({ "id": root })).await["domain"].clone();
        assert_eq!(shown["children"]["totalCount"], 0);

        let roots = "query($filter: DomainFilter) { domains(filter: $filter) { totalCount nodes { name } } }";
        let found = app.anonymous().query(roots, json!({ "filter": { "rootsOnly": true } })).await;
        assert_eq!(found["domains"]["totalCount"], 2);
        let found = app.anonymous().query(roots, json!({ "filter": { "parentId": other } })).await;
        assert_eq!(found["domains"]["nodes"], json!([{ "name": "Middle" }]));
    }

    async fn a_domain_with_references_stays(app: App) {
        let admin = app.administrator().await;
        let person = app.person("Ada").await;
        let used = domain(&admin, "Used", None).await;
        let narrower = domain(&admin, "Narrower", Some(&used)).await;
        let community = person.create_community("Users", json!({ "domainIds": [used] })).await;
        let item = person.create_resource(&community, "Item", json!({ "domainIds": [narrower] })).await;
        let refused = admin.refused(DELETE_DOMAIN, json!({ "id": used })).await;
        assert_eq!(refused, ["BLOCKED_BY_REFERENCES id", "BLOCKED_BY_REFERENCES id"], "by the narrower one and the community");
        assert_eq!(admin.refused(DELETE_DOMAIN, json!({ "id": narrower })).await, ["BLOCKED_BY_REFERENCES id"]);
        let empty = "mutation($id: ID!) { updateResource(id: $id, input: { domainIds: [] }) {
            resource { id } userErrors { code field message } } }";
        person.mutate(empty, json!({ "id": item })).await;
        let deleted = admin.mutate(DELETE_DOMAIN, json!({ "id": narrower })).await;
        assert_eq!(deleted["deletedId"], narrower);
        assert_eq!(admin.refused(DELETE_DOMAIN, json!({ "id": narrower })).await, ["NOT_FOUND id"]);
    }

    async fn only_administrators_change_domains_and_organizations(app: App) {
        let admin = app.administrator().await;
        let person = app.person("Ada").await;
        let id = domain(&admin, "Counting", None).await;
        assert_eq!(person.refused(CREATE_DOMAIN, json!({ "input": { "name": "Mine" } })).await, ["FORBIDDEN"]);
        assert_eq!(person.refused(UPDATE_DOMAIN, json!({ "id": id, "input": { "name": "Mine" } })).await, ["FORBIDDEN"]);
        assert_eq!(person.refused(DELETE_DOMAIN, json!({ "id": id })).await, ["FORBIDDEN"]);
        let organization = "mutation($input: CreateOrganizationInput!) { createOrganization(input: $input) {
            organization { id slug sector url } userErrors { code field message } } }";
        let input = json!({ "name": "Board", "sector": "EDUCATION", "url": "https://example.org/" });
        assert_eq!(person.refused(organization, json!({ "input": input })).await, ["FORBIDDEN"]);
        let made = admin.mutate(organization, json!({ "input": input })).await;
        assert_eq!(made["organization"]["slug"], "board");
        let sponsored = person.create_community("Sponsored", json!({ "sponsorIds": [made["organization"]["id"]] })).await;
        let show = "query($id: ID!) { community(id: $id) { sponsors { slug } } organizations { totalCount } }";
        let shown = person.query(show, json!({ "id": sponsored })).await;
        assert_eq!(shown, json!({ "community": { "sponsors": [{ "slug": "board" }] }, "organizations": { "totalCount": 1 } }));
    }

    async fn a_domain_is_changed_and_keeps_its_old_slug(app: App) {
        let admin = app.administrator().await;
        let id = domain(&admin, "Counting", None).await;
        let input = json!({
            "name": "Numeracy", "slug": "numeracy", "concern": "Fear of numbers.", "keyQuestions": ["How many?"],
            "labels": [{ "text": "Numératie", "language": "fr" }], "alternativeLabels": [{ "text": "arithmetic" }],
        });
        let changed = admin.mutate(UPDATE_DOMAIN, json!({ "id": id, "input": input, "expected": 1 })).await["domain"].clone();
        assert_eq!(changed["revision"], 2);
        assert_eq!(changed["labels"], json!([{ "text": "Numératie", "language": "fr" }]));
        assert_eq!(changed["alternativeLabels"], json!([{ "text": "arithmetic", "language": null }]));
        let show = "query($slug: String!) { domain(slug: $slug) { id } }";
        for slug in ["counting", "numeracy"] {
            assert_eq!(admin.query(show, json!({ "slug": slug })).await["domain"]["id"], id, "{slug}");
        }
        let stale = admin.refused(UPDATE_DOMAIN, json!({ "id": id, "input": { "name": "X" }, "expected": 1 })).await;
        assert_eq!(stale, ["CONFLICT expectedRevision"]);
        let taken = admin.refused(CREATE_DOMAIN, json!({ "input": { "name": "Y", "slug": "numeracy" } })).await;
        assert_eq!(taken, ["TAKEN input.slug"]);
    }
}

fn input_of(name: &str) -> Value {
    json!({ "name": name, "purpose": "To learn.", "kind": "HELPING" })
}
