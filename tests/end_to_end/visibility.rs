//! Who sees what: every kind of viewer against every visibility, on every way to an object.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use support::{App, Client, on_both_databases};

const COMMUNITIES: [&str; 4] = ["PUBLIC", "INTERNAL", "PRIVATE", "UNLISTED"];
const ITEMS: [&str; 5] = ["COMMUNITY", "MEMBERS", "STEWARDS", "AUTHORS", "DRAFT"];

/// How near somebody is to the communities of the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Viewer {
    Anonymous,
    Stranger,
    Administrator,
    Invited,
    Member,
    Reviewer,
    Steward,
    Facilitator,
    Author,
}

use Viewer::{
    Administrator, Anonymous, Author, Facilitator, Invited, Member, Reviewer, Steward, Stranger,
};

impl Viewer {
    const ALL: [Self; 9] = [
        Anonymous,
        Stranger,
        Administrator,
        Invited,
        Member,
        Reviewer,
        Steward,
        Facilitator,
        Author,
    ];

    /// DOMAIN.md's rule, said once more and in other words: all of a community, its about, or nothing.
    fn of_community(self, visibility: &str) -> &'static str {
        let member = matches!(self, Member | Reviewer | Steward | Facilitator | Author);
        if visibility == "PUBLIC" || member || (visibility == "INTERNAL" && self != Anonymous) {
            "all"
        } else if (visibility == "PRIVATE" && self != Anonymous) || self == Invited {
            "about"
        } else {
            "nothing"
        }
    }

    fn sees_item(self, community: &str, item: &str) -> bool {
        let role = match self {
            Member | Author => 1,
            Reviewer => 2,
            Steward => 3,
            Facilitator => 4,
            _ => 0,
        };
        let needed = match item {
            "COMMUNITY" => 0,
            "MEMBERS" => 1,
            "DRAFT" => 2,
            "STEWARDS" => 3,
            _ => 5,
        };
        self.of_community(community) == "all" && (self == Author || role >= needed)
    }
}

/// Four communities with five items each, and somebody of each kind.
struct World {
    clients: Vec<Client>,
    communities: Vec<Value>,
    /// Names such as `PUBLIC MEMBERS` with ids.
    items: Vec<(&'static str, &'static str, Value)>,
    author: Value,
}

const MEMBERSHIP: &str = "{ membership { id } position userErrors { code field message } }";

impl World {
    async fn new(app: &App) -> Self {
        let mut clients = Vec::new();
        for viewer in Viewer::ALL {
            clients.push(match viewer {
                Anonymous => app.anonymous(),
                Administrator => app.administrator().await,
                _ => app.person(&format!("{viewer:?}")).await,
            });
        }
        let client = |viewer: Viewer| {
            &clients[Viewer::ALL
                .iter()
                .position(|other| *other == viewer)
                .unwrap()]
        };
        let facilitator = client(Facilitator);
        let mut communities = Vec::new();
        let mut items = Vec::new();
        let mut position = Value::Null;
        for visibility in COMMUNITIES {
            let name = format!("Quokka {visibility}");
            let community = facilitator
                .create_community(
                    &name,
                    json!({ "visibility": visibility, "description": "Of quokkas." }),
                )
                .await;
            for (viewer, role) in [
                (Invited, "MEMBER"),
                (Member, "MEMBER"),
                (Reviewer, "REVIEWER"),
                (Steward, "STEWARD"),
                (Author, "MEMBER"),
            ] {
                let invite = format!(
                    "mutation($community: ID!, $user: ID!, $role: MembershipRole) {{
                        inviteMember(communityId: $community, userId: $user, role: $role) {MEMBERSHIP} }}"
                );
                let user = client(viewer).my_id().await;
                let variables = json!({ "community": community, "user": user, "role": role });
                facilitator.mutate(&invite, variables).await;
                if viewer != Invited {
                    client(viewer).join(&community).await;
                }
            }
            for item in ITEMS {
                let more = json!({
                    "visibility": if item == "DRAFT" { "COMMUNITY" } else { item },
                    "publish": item != "DRAFT",
                    "tags": [format!("{visibility} {item}")],
                });
                let title = format!("Quokka {visibility} {item}");
                let made = client(Author)
                    .create_resource_payload(&community, &title, more)
                    .await;
                items.push((visibility, item, made["resource"]["id"].clone()));
                position = made["position"].clone();
            }
            communities.push(community);
        }
        let author = client(Author).my_id().await;
        let clients = clients.iter().map(|client| client.at(&position)).collect();
        Self {
            clients,
            communities,
            items,
            author,
        }
    }

    fn viewers(&self) -> impl Iterator<Item = (Viewer, &Client)> {
        Viewer::ALL.into_iter().zip(&self.clients)
    }

    /// The items that somebody should see, as `PUBLIC MEMBERS`.
    fn expected_items(&self, viewer: Viewer) -> BTreeSet<String> {
        self.items
            .iter()
            .filter(|(community, item, _)| viewer.sees_item(community, item))
            .map(|(community, item, _)| format!("{community} {item}"))
            .collect()
    }

    fn expected_communities(viewer: Viewer) -> BTreeSet<String> {
        COMMUNITIES
            .into_iter()
            .filter(|community| viewer.of_community(community) != "nothing")
            .map(str::to_owned)
            .collect()
    }
}

/// The texts of a list, without the common first word.
fn texts(list: &Value, field: &str) -> BTreeSet<String> {
    list.as_array()
        .unwrap_or_else(|| panic!("{list} is no list"))
        .iter()
        .filter_map(|node| node[field].as_str())
        .map(|text| text.trim_start_matches("Quokka ").to_owned())
        .collect()
}

on_both_databases! {
    async fn an_item_is_concealed_alike_on_every_way_to_it(app: App) {
        let world = World::new(&app).await;
        let ids: Vec<&Value> = world.items.iter().map(|(_, _, id)| id).collect();
        for (viewer, client) in world.viewers() {
            let expected = world.expected_items(viewer);
            let query = "query($ids: [ID!]!) {
                nodes(ids: $ids) { id ... on Item { title } }
                resources(first: 100) { totalCount nodes { title } }
                search(query: \"quokka\", filter: { kinds: [RESOURCE] }, first: 100) {
                    totalCount
                    nodes { ... on Item { title } }
                    facets(fields: [TAG, COMMUNITY, KIND], size: 100) { field buckets { value label count } }
                }
                suggest(prefix: \"quokka\", filter: { kinds: [RESOURCE] }, first: 100) { text kind }
            }";
            let found = client.query(query, json!({ "ids": ids })).await;
            assert_eq!(found["nodes"].as_array().unwrap().len(), ids.len());
            assert_eq!(texts(&found["nodes"], "title"), expected, "{viewer:?} nodes");
            assert_eq!(texts(&found["resources"]["nodes"], "title"), expected, "{viewer:?} resources");
            assert_eq!(found["resources"]["totalCount"], expected.len(), "{viewer:?} resources");
            assert_eq!(texts(&found["search"]["nodes"], "title"), expected, "{viewer:?} search");
            assert_eq!(found["search"]["totalCount"], expected.len(), "{viewer:?} search");
            assert_eq!(texts(&found["suggest"], "text"), expected, "{viewer:?} suggest");

            let facets = &found["search"]["facets"];
            let sum = |facet: &Value| facet["buckets"].as_array().unwrap().iter().map(|bucket| bucket["count"].as_u64().unwrap()).sum::<u64>();
            let tags: BTreeSet<String> = texts(&facets[0]["buckets"], "label").iter().map(|tag| tag.to_uppercase()).collect();
            assert_eq!(tags, expected, "{viewer:?} tags");
            assert_eq!(facets[0]["buckets"].as_array().unwrap().len(), expected.len(), "{viewer:?} tags");
            assert_eq!(sum(&facets[1]), expected.len() as u64, "{viewer:?} communities of items");
            // What the filter asks of the kind does not narrow the counts of kinds: communities are counted, too.
            let kinds = facets[2]["buckets"].as_array().unwrap();
            let resources = kinds.iter().find(|bucket| bucket["value"] == "RESOURCE").map_or(0, |bucket| bucket["count"].as_u64().unwrap());
            assert_eq!(resources, expected.len() as u64, "{viewer:?} kinds");

            for (community, item, id) in &world.items {
                let query = "query($id: ID!) { resource(id: $id) { title revisions { totalCount } } node(id: $id) { id } practice: node(id: $id) { ... on Practice { id } } }";
                let found = client.query(query, json!({ "id": id })).await;
                let sees = viewer.sees_item(community, item);
                assert_eq!(!found["resource"].is_null(), sees, "{viewer:?} {community} {item}");
                assert_eq!(!found["node"].is_null(), sees, "{viewer:?} {community} {item}");
                if sees {
                    assert_eq!(found["resource"]["revisions"]["totalCount"], 1, "{viewer:?} {community} {item}");
                }
            }
        }
    }

    async fn a_community_is_concealed_alike_on_every_way_to_it(app: App) {
        let world = World::new(&app).await;
        for (viewer, client) in world.viewers() {
            let expected = World::expected_communities(viewer);
            let query = "query($ids: [ID!]!, $author: ID!) {
                nodes(ids: $ids) { ... on Community { name } }
                communities(first: 100) { totalCount nodes { name } }
                search(query: \"quokka\", filter: { kinds: [COMMUNITY] }, first: 100) {
                    totalCount
                    nodes { ... on Community { name } }
                    facets(fields: [COMMUNITY, COMMUNITY_KIND], size: 100) { buckets { label count } }
                }
                suggest(prefix: \"quokka\", filter: { kinds: [COMMUNITY] }, first: 100) { text }
                user(id: $author) { memberships { totalCount nodes { community { name } } } }
            }";
            let found = client.query(query, json!({ "ids": world.communities, "author": world.author })).await;
            assert_eq!(texts(&found["nodes"], "name"), expected, "{viewer:?} nodes");
            assert_eq!(texts(&found["communities"]["nodes"], "name"), expected, "{viewer:?} communities");
            assert_eq!(found["communities"]["totalCount"], expected.len(), "{viewer:?} communities");
            assert_eq!(texts(&found["search"]["nodes"], "name"), expected, "{viewer:?} search");
            assert_eq!(found["search"]["totalCount"], expected.len(), "{viewer:?} search");
            assert_eq!(texts(&found["suggest"], "text"), expected, "{viewer:?} suggest");
            let kinds = found["search"]["facets"][1]["buckets"].as_array().unwrap();
            assert_eq!(kinds.iter().map(|bucket| bucket["count"].as_u64().unwrap()).sum::<u64>(), expected.len() as u64);
            let memberships = found["user"]["memberships"]["nodes"].as_array().unwrap();
            assert_eq!(found["user"]["memberships"]["totalCount"], memberships.len(), "{viewer:?} memberships");
            let whole: BTreeSet<String> = COMMUNITIES.into_iter()
                .filter(|visibility| viewer.of_community(visibility) == "all").map(str::to_owned).collect();
            let named = memberships.iter().map(|membership| membership["community"].clone()).collect();
            assert_eq!(texts(&Value::Array(named), "name"), whole, "{viewer:?} memberships");

            for (place, visibility) in COMMUNITIES.into_iter().enumerate() {
                let query = "query($id: ID!, $slug: String!) {
                    community(id: $id) { ...Shown }
                    bySlug: community(slug: $slug) { name }
                    node(id: $id) { id }
                }
                fragment Shown on Community {
                    id slug name purpose kind stage status visibility joinPolicy revision createdAt updatedAt languages
                    domains { id } viewerMembership { state }
                    description descriptionHtml
                    members { totalCount nodes { id } }
                    resources { totalCount nodes { title } }
                    practices { totalCount } innovations { totalCount } sponsors { id } parent { id }
                }";
                let slug = format!("quokka-{}", visibility.to_lowercase());
                let found = client.query(query, json!({ "id": world.communities[place], "slug": slug })).await;
                let sees = viewer.of_community(visibility);
                let community = &found["community"];
                for way in ["community", "bySlug", "node"] {
                    assert_eq!(found[way].is_null(), sees == "nothing", "{viewer:?} {visibility} {way}");
                }
                if sees == "about" {
                    assert_eq!(community["purpose"], "To learn from each other.");
                    assert_eq!((&community["description"], &community["descriptionHtml"]), (&Value::Null, &Value::Null));
                    assert_eq!(community["members"], json!({ "totalCount": 0, "nodes": [] }), "{viewer:?} {visibility}");
                    assert_eq!(community["resources"], json!({ "totalCount": 0, "nodes": [] }), "{viewer:?} {visibility}");
                }
                if sees == "all" {
                    assert_eq!(community["description"], "Of quokkas.");
                    assert_eq!(community["members"]["totalCount"], 5, "{viewer:?} {visibility}");
                    let of_it = ITEMS.into_iter().filter(|item| viewer.sees_item(visibility, item)).count();
                    assert_eq!(community["resources"]["totalCount"], of_it, "{viewer:?} {visibility}");
                }
            }
        }
    }

    async fn a_membership_is_concealed_alike_on_every_way_to_it(app: App) {
        let world = World::new(&app).await;
        let facilitator = world.viewers().find(|(viewer, _)| *viewer == Facilitator).unwrap().1;
        let listed = "query($id: ID!, $state: MembershipState) { community(id: $id) {
            members(state: $state, first: 100) { totalCount nodes { id user { id } } } } }";
        let of_user = "query($id: ID!) { user(id: $id) { memberships(first: 100) { totalCount nodes { id } } } }";
        let node = "query($ids: [ID!]!) { nodes(ids: $ids) { id ... on Membership { state role user { id } community { id } } } }";
        let ids_of = |nodes: &Value| -> BTreeSet<String> {
            nodes.as_array().unwrap().iter().filter_map(|node| node["id"].as_str()).map(str::to_owned).collect()
        };
        for (place, visibility) in COMMUNITIES.into_iter().enumerate() {
            let community = &world.communities[place];
            for state in ["ACTIVE", "INVITED"] {
                let all = facilitator.query(listed, json!({ "id": community, "state": state })).await;
                let all = &all["community"]["members"]["nodes"];
                let (every, people) = (ids_of(all), all.as_array().unwrap().iter().map(|node| node["user"]["id"].clone()));
                let people: Vec<Value> = people.collect();
                assert_eq!(every.len(), if state == "ACTIVE" { 5 } else { 1 });
                for (viewer, client) in world.viewers() {
                    let whole = viewer.of_community(visibility) == "all";
                    let nodes = client.query(node, json!({ "ids": every })).await["nodes"].clone();
                    let mine = state == "INVITED" && viewer == Invited;
                    let sees = mine || (whole && (state == "ACTIVE" || viewer == Facilitator));
                    let expected = if sees { every.clone() } else { BTreeSet::new() };
                    assert_eq!(ids_of(&nodes), expected, "{viewer:?} {visibility} {state} node");
                    let members = client.query(listed, json!({ "id": community, "state": state })).await["community"].clone();
                    // What one may see by its id is listed where its community is seen whole.
                    let of_community = if whole && !mine { expected.clone() } else { BTreeSet::new() };
                    let found = if members.is_null() { BTreeSet::new() } else { ids_of(&members["members"]["nodes"]) };
                    assert_eq!(found, of_community, "{viewer:?} {visibility} {state} members");
                    let mut of_people = BTreeSet::new();
                    for person in &people {
                        let found = client.query(of_user, json!({ "id": person })).await["user"]["memberships"].clone();
                        assert_eq!(found["totalCount"], found["nodes"].as_array().unwrap().len());
                        of_people.extend(ids_of(&found["nodes"]).intersection(&every).cloned());
                    }
                    let of_them = if state == "ACTIVE" || mine { expected } else { BTreeSet::new() };
                    assert_eq!(of_people, of_them, "{viewer:?} {visibility} {state} memberships of users");
                }
            }
        }
    }

    async fn what_is_concealed_refuses_as_what_never_was(app: App) {
        let owner = app.person("Ada").await;
        let community = owner.create_community("Hidden", json!({ "visibility": "UNLISTED" })).await;
        let item = owner.create_resource(&community, "Hidden", json!({})).await;
        let membership = owner
            .query("query($id: ID!) { community(id: $id) { viewerMembership { id } } }", json!({ "id": community }))
            .await["community"]["viewerMembership"]["id"]
            .clone();
        let stranger = app.person("Ben").await;
        let me = stranger.my_id().await;
        let never = |prefix: &str| json!(format!("{prefix}_01h455vb4pex5vsknk084sn02q"));
        let errors = "userErrors { code field message currentRevision blockedBy { code } } position";
        for (id, absent, mutations) in [
            (&item, never("resource"), vec![
                format!("updateResource(id: $id, input: {{ title: \"Mine\" }}) {{ resource {{ id }} {errors} }}"),
                format!("updateResource(id: $id, input: {{ title: \"\" }}, expectedRevision: 7) {{ resource {{ id }} {errors} }}"),
                format!("publishResource(id: $id) {{ resource {{ id }} {errors} }}"),
                format!("archiveResource(id: $id) {{ resource {{ id }} {errors} }}"),
                format!("restoreItem(id: $id) {{ item {{ id }} {errors} }}"),
                format!("deleteResource(id: $id) {{ deletedId {errors} }}"),
            ]),
            (&community, never("community"), vec![
                format!("updateCommunity(id: $id, input: {{ name: \"Mine\" }}) {{ community {{ id }} {errors} }}"),
                format!("archiveCommunity(id: $id) {{ community {{ id }} {errors} }}"),
                format!("restoreCommunity(id: $id) {{ community {{ id }} {errors} }}"),
                format!("joinCommunity(communityId: $id) {{ membership {{ id }} {errors} }}"),
                format!("leaveCommunity(communityId: $id) {{ membership {{ id }} {errors} }}"),
                format!("inviteMember(communityId: $id, userId: {me}) {{ membership {{ id }} {errors} }}"),
                format!("createResource(input: {{ communityId: $id, title: \"Mine\", kind: ARTICLE }}) {{ resource {{ id }} {errors} }}"),
                format!("createPractice(input: {{ communityId: $id, title: \"Mine\", kind: METHOD }}) {{ practice {{ id }} {errors} }}"),
                format!("createInnovation(input: {{ communityId: $id, title: \"Mine\", idea: \"Mine\" }}) {{ innovation {{ id }} {errors} }}"),
                format!("createCommunity(input: {{ name: \"Part\", purpose: \"Mine\", kind: HELPING, parentId: $id }}) {{ community {{ id }} {errors} }}"),
            ]),
            (&membership, never("membership"), vec![
                format!("respondToMembership(id: $id, accept: true) {{ membership {{ id }} {errors} }}"),
                format!("setMemberRole(id: $id, role: MEMBER) {{ membership {{ id }} {errors} }}"),
                format!("removeMember(id: $id) {{ membership {{ id }} {errors} }}"),
                format!("banMember(id: $id) {{ membership {{ id }} {errors} }}"),
            ]),
        ] {
            for mutation in mutations {
                let mutation = format!("mutation($id: ID!) {{ {mutation} }}");
                let concealed = stranger.send(&mutation, json!({ "id": id })).await;
                let absent = stranger.send(&mutation, json!({ "id": absent })).await;
                assert_eq!(concealed.body.to_string(), absent.body.to_string(), "{mutation}");
                assert!(concealed.body["data"].to_string().contains("NOT_FOUND"), "{mutation}: {:#}", concealed.body);
            }
        }
        let shown = owner.query("query($id: ID!) { resource(id: $id) { title revision } }", json!({ "id": item })).await;
        assert_eq!(shown["resource"], json!({ "title": "Hidden", "revision": 1 }));
    }

    async fn a_private_word_leaks_by_no_spelling_and_no_completion(app: App) {
        let owner = app.person("Ada").await;
        let stranger = app.person("Ben").await;
        let community = owner.create_community("Quiet", json!({ "visibility": "PRIVATE" })).await;
        let made = owner.create_resource_payload(&community, "Zyzzyvology for beginners", json!({ "tags": ["zyzzyvology"] })).await;
        let query = "query($query: String!) {
            search(query: $query) { totalCount didYouMean correctedQuery facets(fields: [TAG, LANGUAGE]) { buckets { value } } edges { snippets { html } } }
            suggest(prefix: \"zyz\") { text }
        }";
        let (owner, stranger) = (owner.at(&made["position"]), stranger.at(&made["position"]));
        for typed in ["zyzzyvology", "zyzzyvolgy", "zyz*", "tag:zyzzyvology", "title:zyzzyvology"] {
            let hers = owner.query(query, json!({ "query": typed })).await;
            assert_eq!(hers["search"]["totalCount"], 1, "{typed}: {hers:#}");
            let his = stranger.query(query, json!({ "query": typed })).await;
            let nothing = json!({ "totalCount": 0, "didYouMean": null, "correctedQuery": null, "facets": [{ "buckets": [] }, { "buckets": [] }], "edges": [] });
            assert_eq!(his, json!({ "search": nothing, "suggest": [] }), "{typed}");
        }
    }

    async fn items_of_every_type_are_concealed(app: App) {
        let owner = app.person("Ada").await;
        let stranger = app.person("Ben").await;
        let admin = app.administrator().await;
        let community = owner.create_community("Quiet", json!({ "visibility": "PRIVATE", "kind": "INNOVATION" })).await;
        let reviewer = app.person("Cleo").await;
        owner.admit(&community, &reviewer, "REVIEWER").await;
        let practice = owner.mutate(
            "mutation($id: ID!) { createPractice(input: { communityId: $id, title: \"Quokka\", kind: METHOD }) {
                practice { id revisions { nodes { id } } } userErrors { code field message } } }",
            json!({ "id": community }),
        ).await["practice"].clone();
        owner.publish_through(&practice["id"], &[&reviewer]).await;
        let innovation = owner.mutate(
            "mutation($id: ID!) { createInnovation(input: { communityId: $id, title: \"Quokka\", idea: \"Quokka\" }) {
                innovation { id } position userErrors { code field message } } }",
            json!({ "id": community }),
        ).await;
        let revision = &practice["revisions"]["nodes"][0]["id"];
        let membership = owner
            .query("query($id: ID!) { community(id: $id) { viewerMembership { id } } }", json!({ "id": community }))
            .await["community"]["viewerMembership"]["id"]
            .clone();
        let query = "query($practice: ID!, $innovation: ID!, $ids: [ID!]!) {
            practice(id: $practice) { title }
            innovation(id: $innovation) { title }
            practices { totalCount }
            innovations { totalCount }
            search(query: \"quokka\") { totalCount }
            nodes(ids: $ids) { id }
        }";
        let variables = json!({
            "practice": practice["id"], "innovation": innovation["innovation"]["id"], "ids": [revision, membership],
        });
        let seen = owner.at(&innovation["position"]).query(query, variables.clone()).await;
        assert_eq!(seen["search"]["totalCount"], 2);
        assert_eq!(seen["nodes"][0]["id"], *revision);
        assert_eq!(seen["nodes"][1]["id"], membership);
        for client in [stranger, admin, app.anonymous()] {
            let seen = client.at(&innovation["position"]).query(query, variables.clone()).await;
            assert_eq!(seen, json!({
                "practice": null, "innovation": null, "practices": { "totalCount": 0 }, "innovations": { "totalCount": 0 },
                "search": { "totalCount": 0 }, "nodes": [null, null],
            }));
        }
    }
}
