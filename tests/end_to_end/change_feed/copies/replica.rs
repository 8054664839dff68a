//! What a reader holds of what it sees, kept equal by the feed as an integration would keep it.

use std::collections::{BTreeMap, HashSet};
use std::iter::Cycle;
use std::vec::IntoIter;

use api::graphql::ids::{NodeType, decode, decode_any, encode};
use api::graphql::node::node_type;
use async_graphql::ID;
use sea_orm::sea_query::{Expr, Query};
use sea_orm::{ConnectionTrait, EntityTrait, QuerySelect};
use serde_json::{Value, json};
use service::entity::change;
use service::entity::change::EntityType;
use service::store::Store;
use support::{App, Client};
use tokio::sync::watch;
use uuid::Uuid;

use super::acts::Act;

/// What is compared of each type of object.
const DIGEST: &str = "fragment Digest on Node { __typename id
    ... on Resource { title itemVisibility: visibility status revision community { id } }
    ... on Discussion { title itemVisibility: visibility revision community { id } }
    ... on Community { name communityVisibility: visibility communityStatus: status }
    ... on Membership { role membershipState: state }
    ... on Post { postBody: body }
    ... on Review { verdict }
    ... on Adoption { adoptionState: state }
    ... on Pilot { pilotState: state }
    ... on ExperienceReport { text consent } }";

/// One request of a reader.
#[derive(Clone, Copy, Debug)]
pub struct Turn {
    /// The page that it asks for.
    pub first: usize,
    /// The reader is killed after it applied so many changes, before it could store the position.
    pub killed_after: Option<usize>,
}

/// The id of an object, and of its community.
type Named = (String, Value);
/// Objects as they were read, by their ids, each with the community that it was told to belong to.
type Held = BTreeMap<String, (Value, Value)>;

/// A copy of what a reader sees.
pub struct Replica {
    name: &'static str,
    client: Client,
    store: Store,
    turns: Cycle<IntoIter<Turn>>,
    /// Everything up to here is in the copy.
    position: Value,
    held: Held,
    /// Changes of whole communities that it was told of.
    of_communities: usize,
}

impl Replica {
    /// A snapshot with its position, which is asked for first.
    pub async fn take(app: &App, name: &'static str, client: &Client, turns: Vec<Turn>) -> Self {
        let position =
            client.query("{ serverInfo { position } }", json!({})).await["serverInfo"]["position"]
                .clone();
        let store = app.server().store().clone();
        let mut taken = Self {
            name,
            client: client.clone(),
            store,
            turns: turns.into_iter().cycle(),
            position,
            held: Held::new(),
            of_communities: 0,
        };
        let ids = taken.everything().await;
        taken.held = taken.read(&ids).await;
        taken
    }

    /// Tells when there is news.
    pub fn watch_position(&self) -> watch::Receiver<i64> {
        self.store.watch_position()
    }

    /// How many changes of whole communities it was told of.
    pub fn of_communities(&self) -> usize {
        self.of_communities
    }

    /// Asks for the next page, and applies as much of it as the reader lives to. Whether there is more.
    pub async fn advance(&mut self) -> bool {
        let turn = self.turns.next().unwrap();
        self.page(turn).await
    }

    /// Goes on to the end of the log.
    pub async fn catch_up(&mut self) {
        let undisturbed = Turn {
            first: 50,
            killed_after: None,
        };
        while self.page(undisturbed).await {}
    }

    async fn page(&mut self, turn: Turn) -> bool {
        let query = format!(
            "query($after: Position, $first: Int) {{ changes(after: $after, first: $first) {{
                changes {{ scope position operation nodeId communityId node {{ ...Digest }} }}
                nextPosition hasMore }} }} {DIGEST}"
        );
        let variables = json!({ "after": self.position, "first": turn.first });
        let page = self.client.query(&query, variables).await["changes"].clone();
        let changes = page["changes"].as_array().unwrap();
        self.check_order(&page, changes);
        let applied = turn
            .killed_after
            .map_or(changes.len(), |most| most.min(changes.len()));
        for change in &changes[..applied] {
            self.apply(change).await;
        }
        if applied == changes.len() {
            self.position = page["nextPosition"].clone();
        }
        page["hasMore"] == true || applied < changes.len()
    }

    /// Positions rise from after the one that was given up to the next one.
    fn check_order(&self, page: &Value, changes: &[Value]) {
        let number = |position: &Value| position.as_str().unwrap().parse::<i64>().unwrap();
        let mut places = vec![number(&self.position)];
        places.extend(changes.iter().map(|change| number(&change["position"])));
        assert!(
            places.is_sorted_by(|one, next| one < next),
            "{}: {places:?}",
            self.name
        );
        let (last, next) = (places.last().unwrap(), number(&page["nextPosition"]));
        assert!(*last <= next, "{}: {last} {next}", self.name);
        assert!(
            page["hasMore"] == false || next > places[0],
            "{}: it goes on",
            self.name
        );
    }

    async fn apply(&mut self, change: &Value) {
        let (id, community) = (&change["nodeId"], change["communityId"].clone());
        if change["scope"] == "COMMUNITY" {
            self.of_communities += 1;
            self.held.retain(|_, (_, of)| *of != community);
            let ids = self.of_community(&community).await;
            self.held.extend(self.read(&ids).await);
            return;
        }
        assert!(change["operation"] != "DELETED" || change["node"].is_null());
        let id = id.as_str().unwrap().to_owned();
        if change["node"].is_null() {
            self.held.remove(&id);
        } else {
            self.held.insert(id, (change["node"].clone(), community));
        }
    }

    /// What the reader sees of these objects now, as the API answers it.
    async fn read(&self, ids: &[Named]) -> Held {
        let query = format!("query($ids: [ID!]!) {{ nodes(ids: $ids) {{ ...Digest }} }} {DIGEST}");
        let mut found = Held::new();
        for ids in ids.chunks(100) {
            let asked: Vec<&str> = ids.iter().map(|(id, _)| id.as_str()).collect();
            let nodes = self.client.query(&query, json!({ "ids": asked })).await["nodes"].clone();
            for ((id, community), node) in ids.iter().zip(nodes.as_array().unwrap()) {
                if !node.is_null() {
                    found.insert(id.clone(), (node.clone(), community.clone()));
                }
            }
        }
        found
    }

    /// Everything that there ever was, whoever sees it, with a community that it was in.
    async fn everything(&self) -> Vec<Named> {
        let rows: Vec<(EntityType, Uuid, Option<Uuid>)> = change::Entity::find()
            .select_only()
            .columns([
                change::Column::EntityType,
                change::Column::EntityId,
                change::Column::CommunityId,
            ])
            .distinct()
            .into_tuple()
            .all(self.store.reader())
            .await
            .unwrap();
        let named = rows.into_iter().map(|(of, id, community)| {
            let community = community.map(|id| encode(NodeType::Community, id).0);
            (encode(node_type(of), id).0, json!(community))
        });
        let named: BTreeMap<String, Value> = named.collect();
        named.into_iter().collect()
    }

    /// Everything that is in a community, whoever sees it: an integration goes through its lists.
    async fn of_community(&self, community: &Value) -> Vec<Named> {
        // Elsewhere its methods would stand in the way of those of `Value`.
        use sea_orm::sea_query::ExprTrait;
        let home = ID::from(community.as_str().unwrap());
        let home = decode("communityId", &home, NodeType::Community).unwrap();
        let mut there = vec![home];
        for (table, holder) in [
            ("item", "item"),
            ("post", "post"),
            ("pilot", "pilot"),
            ("adoption", "adoption"),
            ("experience_report", "experience_report"),
            ("membership", "membership"),
            ("review", "item"),
        ] {
            let mut select = Query::select();
            select
                .column((table, "id"))
                .from(table)
                .and_where(Expr::col((holder, "community_id")).eq(home));
            if table != holder {
                select.inner_join(holder, Expr::col((holder, "id")).equals((table, "item_id")));
            }
            for row in self.store.reader().query_all(&select).await.unwrap() {
                there.push(row.try_get("", "id").unwrap());
            }
        }
        let mut named = self.everything().await;
        let there: HashSet<Uuid> = there.into_iter().collect();
        named.retain(|(id, _)| there.contains(&decode_any("id", &ID::from(id)).unwrap().1));
        named
            .into_iter()
            .map(|(id, _)| (id, community.clone()))
            .collect()
    }

    /// The copy is what the API answers this reader now.
    pub async fn compare(&self, scripts: &[Vec<Act>]) {
        let there = self.read(&self.everything().await).await;
        let digests = |held: &Held| -> BTreeMap<String, Value> {
            held.iter()
                .map(|(id, (digest, _))| (id.clone(), digest.clone()))
                .collect()
        };
        let (copied, there) = (digests(&self.held), digests(&there));
        let differ: Vec<_> = copied
            .keys()
            .chain(there.keys())
            .filter(|id| copied.get(*id) != there.get(*id))
            .map(|id| {
                format!(
                    "{id}: copied {:?}, there {:?}",
                    copied.get(id),
                    there.get(id)
                )
            })
            .collect();
        assert!(
            differ.is_empty(),
            "{}: {differ:#?}\nafter {scripts:#?}",
            self.name
        );
    }
}
