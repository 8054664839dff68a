//! What happens while readers follow: people who make, show, hide and delete things, open and close communities, come, go
//! and are put elsewhere.

use std::sync::Mutex;

use api::graphql::ids::decode_any;
use async_graphql::ID;
use proptest::prelude::*;
use serde_json::{Value, json};
use support::{App, Client};
use uuid::Uuid;

/// What somebody does; things and people are named by their place among those there are.
#[derive(Clone, Debug)]
pub struct Act {
    kind: usize,
    thing: usize,
    other: usize,
    choice: usize,
}

/// Any act.
pub fn act() -> impl Strategy<Value = Act> {
    (0..KINDS.len(), 0..100_usize, 0..100_usize, 0..100_usize).prop_map(
        |(kind, thing, other, choice)| Act {
            kind,
            thing,
            other,
            choice,
        },
    )
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Make,
    Draft,
    Publish,
    Rename,
    Show,
    Archive,
    Restore,
    Delete,
    Discuss,
    Post,
    ShowDiscussion,
    DeleteDiscussion,
    Adopt,
    Pilot,
    Open,
    Join,
    Leave,
    Ban,
    Admit,
    Promote,
    Merge,
}

/// As often as they stand here.
const KINDS: &[Kind] = &[
    Kind::Make,
    Kind::Make,
    Kind::Make,
    Kind::Draft,
    Kind::Draft,
    Kind::Publish,
    Kind::Publish,
    Kind::Rename,
    Kind::Show,
    Kind::Show,
    Kind::Show,
    Kind::Archive,
    Kind::Restore,
    Kind::Delete,
    Kind::Discuss,
    Kind::Discuss,
    Kind::Post,
    Kind::Post,
    Kind::ShowDiscussion,
    Kind::ShowDiscussion,
    Kind::DeleteDiscussion,
    Kind::Adopt,
    Kind::Adopt,
    Kind::Pilot,
    Kind::Pilot,
    Kind::Open,
    Kind::Open,
    Kind::Join,
    Kind::Join,
    Kind::Leave,
    Kind::Ban,
    Kind::Admit,
    Kind::Admit,
    Kind::Promote,
    Kind::Promote,
    Kind::Merge,
];

const VISIBILITIES: [&str; 4] = ["PUBLIC", "INTERNAL", "PRIVATE", "UNLISTED"];
const SIGHTS: [&str; 5] = ["COMMUNITY", "COMMUNITY", "MEMBERS", "STEWARDS", "AUTHORS"];
const ROLES: [&str; 4] = ["MEMBER", "REVIEWER", "STEWARD", "FACILITATOR"];

/// Those who act and read, and what there is to act on.
pub struct World {
    /// Facilitates every community.
    ada: Client,
    /// Come and go.
    others: [Client; 2],
    stranger: Client,
    admin: Client,
    nobody: Client,
    /// One of the others, by a token for one community.
    token: Client,
    communities: Vec<Value>,
    resources: Mutex<Vec<Value>>,
    discussions: Mutex<Vec<Value>>,
    /// A community with two resources that nobody else touches.
    held: (Uuid, [Uuid; 2]),
}

impl World {
    pub async fn new(app: &App) -> Self {
        let ada = app.person("Ada").await;
        let others = [app.person("Ben").await, app.person("Cleo").await];
        let mut communities = Vec::new();
        for visibility in VISIBILITIES {
            let more = json!({ "visibility": visibility });
            communities.push(ada.create_community(visibility, more).await);
        }
        let aside = ada.create_community("Aside", json!({})).await;
        let held = [
            ada.create_resource(&aside, "Held", json!({})).await,
            ada.create_resource(&aside, "Held too", json!({})).await,
        ];
        ada.admit(&communities[2], &others[1], "REVIEWER").await;
        let create = "mutation($input: CreateApiTokenInput!) { createApiToken(input: $input) { secret userErrors { code field message } } }";
        let input = json!({ "name": "LMS", "scopes": ["READ"], "communityId": communities[2] });
        let made = others[1].mutate(create, json!({ "input": input })).await;
        Self {
            stranger: app.person("Eve").await,
            admin: app.administrator().await,
            nobody: app.anonymous(),
            token: app.anonymous().with_token(made["secret"].as_str().unwrap()),
            held: (row(&aside), held.map(|id| row(&id))),
            ada,
            others,
            communities,
            resources: Mutex::default(),
            discussions: Mutex::default(),
        }
    }

    /// Those whose copies are compared.
    pub fn readers(&self) -> [(&'static str, &Client); 7] {
        let [ben, cleo] = &self.others;
        [
            ("nobody", &self.nobody),
            ("a stranger", &self.stranger),
            ("a facilitator", &self.ada),
            ("somebody who comes and goes", ben),
            ("another one", cleo),
            ("that one by a token", &self.token),
            ("an administrator", &self.admin),
        ]
    }

    /// What transactions are held open on.
    pub fn held(&self) -> &(Uuid, [Uuid; 2]) {
        &self.held
    }

    /// Does something, which may be refused: nothing has happened then.
    pub async fn perform(&self, act: &Act) {
        let kind = KINDS[act.kind];
        match kind {
            Kind::Make | Kind::Draft => self.make(act, matches!(kind, Kind::Make)).await,
            Kind::Publish => self.on_resource(act, "publishResource(id: $id)").await,
            Kind::Rename => {
                let title = format!(
                    "updateResource(id: $id, input: {{ title: \"Title {}\" }})",
                    act.choice
                );
                self.on_resource(act, &title).await;
            }
            Kind::Show => {
                let sight = SIGHTS[act.choice % SIGHTS.len()];
                let show = format!("updateResource(id: $id, input: {{ visibility: {sight} }})");
                self.on_resource(act, &show).await;
            }
            Kind::Archive => self.on_resource(act, "archiveResource(id: $id)").await,
            Kind::Restore => self.on_resource(act, "restoreItem(id: $id)").await,
            Kind::Delete => self.on_resource(act, "deleteResource(id: $id)").await,
            Kind::Adopt => {
                let adopt =
                    "reportAdoption(input: { subjectId: $id, setting: \"Here\", state: IN_USE })";
                self.on_resource(act, adopt).await;
            }
            Kind::Pilot => self.pilot(act).await,
            Kind::Discuss => self.discuss(act).await,
            Kind::Post => {
                let post = "addPost(input: { discussionId: $id, body: \"So.\" })";
                self.on_discussion(act, post).await;
            }
            Kind::ShowDiscussion => {
                let sight = SIGHTS[act.choice % SIGHTS.len()];
                let show = format!("updateDiscussion(id: $id, input: {{ visibility: {sight} }})");
                self.on_discussion(act, &show).await;
            }
            Kind::DeleteDiscussion => self.on_discussion(act, "deleteDiscussion(id: $id)").await,
            Kind::Open => {
                let visibility = VISIBILITIES[act.choice % VISIBILITIES.len()];
                let open =
                    format!("updateCommunity(id: $id, input: {{ visibility: {visibility} }})");
                self.act(&self.ada, &open, self.community(act.thing)).await;
            }
            Kind::Join => self.by_other(act, "joinCommunity(communityId: $id)").await,
            Kind::Leave => self.by_other(act, "leaveCommunity(communityId: $id)").await,
            Kind::Ban => self.on_member(act, "banMember(id: $id)").await,
            Kind::Admit => self.admit(act).await,
            Kind::Promote => {
                let role = ROLES[act.choice % ROLES.len()];
                self.on_member(act, &format!("setMemberRole(id: $id, role: {role})"))
                    .await;
            }
            Kind::Merge => self.merge(act).await,
        }
    }

    fn community(&self, place: usize) -> &Value {
        &self.communities[place % self.communities.len()]
    }

    /// Ada as often as the others.
    fn author(&self, act: &Act) -> &Client {
        if act.other.is_multiple_of(2) {
            &self.ada
        } else {
            self.other(act)
        }
    }

    fn other(&self, act: &Act) -> &Client {
        &self.others[act.other / 2 % self.others.len()]
    }

    async fn act(&self, client: &Client, mutation: &str, id: &Value) -> Value {
        let query = format!(
            "mutation($id: ID!) {{ done: {mutation} {{ userErrors {{ code field message }} }} }}"
        );
        send(client, &query, json!({ "id": id })).await
    }

    async fn make(&self, act: &Act, publish: bool) {
        let create = "mutation($input: CreateResourceInput!) {
            done: createResource(input: $input) { resource { id } userErrors { code field message } } }";
        let input = json!({
            "communityId": self.community(act.thing), "title": format!("Resource {}", act.choice), "kind": "ARTICLE",
            "visibility": SIGHTS[act.choice % SIGHTS.len()], "publish": publish,
        });
        let made = send(self.author(act), create, json!({ "input": input })).await;
        keep(&self.resources, &made["resource"]["id"]);
    }

    async fn discuss(&self, act: &Act) {
        let create = "mutation($input: CreateDiscussionInput!) {
            done: createDiscussion(input: $input) { discussion { id } userErrors { code field message } } }";
        let input = json!({
            "communityId": self.community(act.thing), "title": "How?", "body": "So?", "kind": "DISCUSSION",
            "visibility": SIGHTS[act.choice % SIGHTS.len()],
        });
        let made = send(self.author(act), create, json!({ "input": input })).await;
        keep(&self.discussions, &made["discussion"]["id"]);
    }

    async fn pilot(&self, act: &Act) {
        let Some(id) = pick(&self.resources, act.thing) else {
            return;
        };
        let plan = "mutation($id: ID!) {
            done: planPilot(input: { subjectId: $id, question: \"Does it help?\", setting: \"Here\" }) {
                pilot { id } userErrors { code field message } } }";
        let pilot = send(self.author(act), plan, json!({ "id": id })).await["pilot"]["id"].clone();
        if pilot.is_null() {
            return;
        }
        let run = "setPilotState(id: $id, state: RUNNING)";
        self.act(self.author(act), run, &pilot).await;
        let consent = ["PUBLIC", "MEMBERS", "AUTHORS"][act.choice % 3];
        let tell = format!(
            "addExperienceReport(input: {{ aboutId: $id, text: \"Well.\", consent: {consent} }})"
        );
        self.act(self.author(act), &tell, &pilot).await;
    }

    async fn admit(&self, act: &Act) {
        let role = ROLES[act.choice % ROLES.len()];
        let (user, community) = (self.other(act).my_id().await, self.community(act.thing));
        let invite = format!(
            "mutation($id: ID!, $user: ID!) {{ done: inviteMember(communityId: $id, userId: $user, role: {role}) {{
                userErrors {{ code field message }} }} }}"
        );
        send(&self.ada, &invite, json!({ "id": community, "user": user })).await;
        if act.choice.is_multiple_of(3) {
            return;
        }
        self.act(
            self.other(act),
            "joinCommunity(communityId: $id)",
            community,
        )
        .await;
    }

    async fn merge(&self, act: &Act) {
        let (from, into) = (self.community(act.thing), self.community(act.other));
        let merge = "mutation($id: ID!, $into: ID!) {
            done: mergeCommunities(id: $id, intoId: $into, reason: \"Alike.\") { userErrors { code field message } } }";
        // Most often the one is more open than the other, and nothing comes of it.
        send(&self.ada, merge, json!({ "id": from, "into": into })).await;
    }

    async fn on_resource(&self, act: &Act, mutation: &str) {
        if let Some(id) = pick(&self.resources, act.thing) {
            self.act(self.author(act), mutation, &id).await;
        }
    }

    async fn on_discussion(&self, act: &Act, mutation: &str) {
        if let Some(id) = pick(&self.discussions, act.thing) {
            self.act(self.author(act), mutation, &id).await;
        }
    }

    async fn by_other(&self, act: &Act, mutation: &str) {
        self.act(self.other(act), mutation, self.community(act.thing))
            .await;
    }

    /// Ada does something with the membership of somebody.
    async fn on_member(&self, act: &Act, mutation: &str) {
        let own = "query($id: ID!) { community(id: $id) { viewerMembership { id } } }";
        let community = json!({ "id": self.community(act.thing) });
        let found = self.other(act).query(own, community).await;
        let membership = &found["community"]["viewerMembership"]["id"];
        if !membership.is_null() {
            self.act(&self.ada, mutation, membership).await;
        }
    }
}

fn row(id: &Value) -> Uuid {
    decode_any("id", &ID::from(id.as_str().unwrap())).unwrap().1
}

fn keep(among: &Mutex<Vec<Value>>, id: &Value) {
    if !id.is_null() {
        among.lock().unwrap().push(id.clone());
    }
}

/// One of the things, most often one of the newest.
fn pick(among: &Mutex<Vec<Value>>, place: usize) -> Option<Value> {
    let among = among.lock().unwrap();
    let newest = among.len().min(8);
    (newest > 0).then(|| among[among.len() - 1 - place % newest].clone())
}

/// What a mutation answers, also where it is refused; it may collide with another one, but nothing worse.
async fn send(client: &Client, query: &str, variables: Value) -> Value {
    let answer = client.send(query, variables).await;
    let collides = answer
        .codes()
        .iter()
        .all(|code| *code == "SERVICE_UNAVAILABLE");
    assert!(collides, "{query}: {:#}", answer.body);
    answer.body["data"]["done"].clone()
}
