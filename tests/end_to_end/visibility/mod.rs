//! Who sees what: every kind of viewer against every visibility, on every way to an object.

mod communities;
mod items;
mod refusals;

use std::collections::BTreeSet;

use serde_json::{Value, json};
use support::{App, Client};

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
