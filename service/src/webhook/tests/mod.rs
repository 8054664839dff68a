mod sending;
mod telling;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use entity::change::EntityType;
use entity::community::{self, CommunityVisibility};
use entity::membership::{MembershipRole, MembershipState};
use entity::resource::ResourceKind;
use entity::user::PlatformRole;
use entity::webhook::WebhookEvent;
use entity::webhook_delivery;
use sea_orm::{EntityTrait, QueryOrder};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use uuid::Uuid;

use super::*;
use crate::item::ItemContent;
use crate::projection::catch_up;
use crate::resource::{self, CreateResource, ResourceContent};
use crate::store::Store;
use crate::testing;
use crate::validation::Patch;
use crate::viewer::Viewer;

/// Names things by their rows.
#[derive(Debug)]
struct RowNames;

impl Names for RowNames {
    fn node(&self, entity_type: EntityType, id: Uuid) -> String {
        format!("{}:{id}", entity_type.as_str())
    }

    fn type_name(&self, entity_type: EntityType) -> String {
        entity_type.as_str().to_owned()
    }

    fn saved_search(&self, id: Uuid) -> String {
        id.to_string()
    }

    fn delivery(&self, id: Uuid) -> String {
        id.to_string()
    }

    fn position(&self, position: i64) -> String {
        position.to_string()
    }
}

/// A receiver that takes everything, and counts.
#[derive(Debug)]
struct Counter {
    address: SocketAddr,
    connections: Arc<AtomicUsize>,
    requests: Arc<AtomicUsize>,
}

impl Counter {
    async fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let counter = Self {
            address: listener.local_addr().unwrap(),
            connections: Arc::default(),
            requests: Arc::default(),
        };
        let connections = Arc::clone(&counter.connections);
        let requests = Arc::clone(&counter.requests);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                connections.fetch_add(1, Ordering::SeqCst);
                let requests = Arc::clone(&requests);
                tokio::spawn(async move {
                    let mut stream = BufReader::new(stream);
                    while let Some(length) = head(&mut stream).await {
                        let mut body = vec![0; length];
                        stream.read_exact(&mut body).await.unwrap();
                        requests.fetch_add(1, Ordering::SeqCst);
                        let answer = b"HTTP/1.1 204 No Content\r\n\r\n";
                        stream.write_all(answer).await.unwrap();
                    }
                });
            }
        });
        counter
    }

    fn url(&self) -> String {
        format!("http://{}/hooks", self.address)
    }

    fn counted(&self) -> (usize, usize) {
        let count = |counter: &AtomicUsize| counter.load(Ordering::SeqCst);
        (count(&self.connections), count(&self.requests))
    }
}

/// Reads the head of a request; the length of its body.
async fn head(stream: &mut BufReader<tokio::net::TcpStream>) -> Option<usize> {
    let mut length = None;
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        if line == "\r\n" {
            return length;
        }
        let (name, value) = line.trim().split_once(": ").unwrap_or_default();
        if name.eq_ignore_ascii_case("content-length") {
            length = value.parse().ok();
        }
    }
}

/// A community with an author who has webhooks, and a receiver.
struct Scene {
    _directory: TempDir,
    store: Store,
    community: community::Model,
    author: Viewer,
    counter: Counter,
}

const OPEN: WebhookOptions = WebhookOptions {
    allow_private_addresses: true,
    request_time: Duration::from_secs(5),
    at_once: 8,
    at_once_each: 4,
};

impl Scene {
    async fn new(visibility: CommunityVisibility) -> Self {
        let (directory, store) = testing::store().await;
        let community = testing::community(&store, "readers", visibility).await;
        let author = testing::user(&store, "ada", PlatformRole::Member).await;
        let (role, state) = (MembershipRole::Facilitator, MembershipState::Active);
        testing::membership(&store, community.id, author.id, role, state).await;
        Self {
            author: testing::viewer(&store, author.id).await,
            _directory: directory,
            store,
            community,
            counter: Counter::start().await,
        }
    }

    async fn hook(
        &self,
        viewer: &Viewer,
        events: &[WebhookEvent],
        community: Option<Uuid>,
    ) -> Webhook {
        let input = CreateWebhook {
            url: self.counter.url(),
            events: events.to_vec(),
            community_id: community,
        };
        let made = create(&self.store, OPEN, viewer, input).await.unwrap();
        made.value.webhook
    }

    async fn share(&self, title: &str) -> Uuid {
        let input = CreateResource {
            community_id: self.community.id,
            content: ItemContent {
                title: Patch::Value(title.to_owned()),
                ..ItemContent::default()
            },
            resource: ResourceContent {
                kind: Patch::Value(ResourceKind::Guide),
                ..ResourceContent::default()
            },
            publish: true,
        };
        let made = resource::create(&self.store, &self.author, input).await;
        made.unwrap().value.item.id
    }

    /// What is to be told, oldest first, after the log was followed.
    async fn deliveries(&self) -> Vec<Delivery> {
        catch_up(&self.store).await.unwrap();
        webhook_delivery::Entity::find()
            .order_by_asc(webhook_delivery::Column::Position)
            .order_by_asc(webhook_delivery::Column::Id)
            .all(self.store.reader())
            .await
            .unwrap()
    }

    fn dispatcher(&self, options: WebhookOptions) -> Dispatcher {
        Dispatcher::new(self.store.clone(), options, RowNames).unwrap()
    }

    /// One that is told that every name has these addresses.
    fn misled(&self, addresses: &'static [&'static str]) -> Dispatcher {
        let lookup = Arc::new(move |_: &str| {
            let addresses = addresses.iter();
            Ok(addresses
                .map(|text| text.parse().unwrap())
                .collect::<Vec<IpAddr>>())
        });
        let options = WebhookOptions {
            allow_private_addresses: false,
            ..OPEN
        };
        Dispatcher::with_lookup(self.store.clone(), options, RowNames, lookup).unwrap()
    }
}
