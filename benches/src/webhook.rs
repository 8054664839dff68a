//! Deliveries of webhooks to a receiver that fails a fifth of the time, with the server killed once meanwhile: does each
//! arrive, how many twice, and how fast, beside bare requests to the same receiver?

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::anyhow;
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use futures_util::{FutureExt, StreamExt, stream};
use serde::Serialize;
use service::auth::{self, NewUser, PasswordCost, Passwords};
use service::community::{self, CreateCommunity};
use service::entity::community::CommunityKind;
use service::entity::resource::ResourceKind;
use service::entity::user::PlatformRole;
use service::entity::webhook::WebhookEvent;
use service::item::ItemContent;
use service::resource::{self, CreateResource, ResourceContent};
use service::store::Store;
use service::validation::Patch;
use service::viewer::Viewer;
use service::webhook::{self, CreateWebhook, WebhookOptions};
use uuid::Uuid;

use crate::process::{self, Running};
use crate::report::{self, Table};
use crate::seed::{UNIT, open_store, viewer_of};

/// What is measured.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Deliveries
    #[arg(long, default_value_t = 10_000)]
    deliveries: usize,
    /// The server's program; built when not given
    #[arg(long)]
    program: Option<PathBuf>,
    /// Directory for databases and results
    #[arg(long, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/benches"))]
    work: PathBuf,
}

/// One in so many of the first two requests for a delivery is refused. A third is not: the pauses after it are minutes.
const REFUSED: u64 = 5;
const LAST_REFUSED: u32 = 2;
/// The longest that all may take.
const PATIENCE: Duration = Duration::from_mins(10);

/// What came of one delivery at the receiver.
#[derive(Clone, Copy, Debug, Default)]
struct Came {
    requests: u32,
    taken: u32,
}

#[derive(Debug, Default)]
struct Seen {
    deliveries: HashMap<String, Came>,
    requests: usize,
    arrived: usize,
}

/// Counts what comes.
#[derive(Clone, Debug, Default)]
struct Receiver(Arc<Mutex<Seen>>);

impl Receiver {
    async fn start(&self) -> anyhow::Result<SocketAddr> {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let router = Router::new()
            .route("/", post(take))
            .with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(address)
    }

    fn with<T>(&self, use_it: impl FnOnce(&mut Seen) -> T) -> T {
        use_it(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Waits until so many deliveries have arrived.
    async fn wait_for(&self, deliveries: usize, since: Instant) -> anyhow::Result<()> {
        while self.with(|seen| seen.arrived) < deliveries {
            anyhow::ensure!(
                since.elapsed() < PATIENCE,
                "only {} of {deliveries} deliveries arrived",
                self.with(|seen| seen.arrived)
            );
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        Ok(())
    }
}

async fn take(State(receiver): State<Receiver>, headers: HeaderMap, _: String) -> StatusCode {
    let id = headers.get("webhook-id").and_then(|id| id.to_str().ok());
    let Some(id) = id.map(str::to_owned) else {
        return StatusCode::BAD_REQUEST;
    };
    receiver.with(|seen| {
        seen.requests += 1;
        let came = seen.deliveries.entry(id.clone()).or_default();
        came.requests += 1;
        let mut hasher = DefaultHasher::new();
        (id, came.requests).hash(&mut hasher);
        if came.requests <= LAST_REFUSED && hasher.finish().is_multiple_of(REFUSED) {
            return StatusCode::INTERNAL_SERVER_ERROR;
        }
        came.taken += 1;
        seen.arrived += usize::from(came.taken == 1);
        StatusCode::NO_CONTENT
    })
}

#[derive(Debug, Serialize)]
struct Outcome {
    deliveries: usize,
    arrived: usize,
    /// Deliveries that the receiver took more than once.
    doubles: usize,
    requests: usize,
    /// Requests a second until the server was killed.
    rate: f64,
    /// Requests a second of bare ones, as many at a time.
    bare_rate: f64,
    ratio: f64,
    /// From the start of the server until the last delivery arrived, its death and the pauses of retries included.
    seconds: f64,
}

/// Measures, prints and writes.
pub(crate) async fn run(options: Options) -> anyhow::Result<()> {
    let program = process::program(options.program.clone())?;
    std::fs::create_dir_all(&options.work)?;
    let directory = tempfile::tempdir_in(&options.work)?;
    let receiver = Receiver::default();
    let address = receiver.start().await?;
    seed(directory.path(), address, options.deliveries).await?;

    let begun = Instant::now();
    let server = Running::repertoire(&program, directory.path(), false)?;
    receiver.wait_for(1, begun).await?;
    let first = (Instant::now(), receiver.with(|seen| seen.requests));
    receiver.wait_for(options.deliveries * 2 / 5, begun).await?;
    let last = receiver.with(|seen| seen.requests);
    let rate = per_second(last - first.1, first.0.elapsed());
    // As by kill -9.
    drop(server);
    let server = Running::repertoire(&program, directory.path(), false)?;
    receiver.wait_for(options.deliveries, begun).await?;
    let seconds = begun.elapsed().as_secs_f64();
    drop(server);

    let bare_rate = bare(options.deliveries).await?;
    let outcome = receiver.with(|seen| Outcome {
        deliveries: options.deliveries,
        arrived: seen.arrived,
        doubles: seen
            .deliveries
            .values()
            .filter(|came| came.taken > 1)
            .count(),
        requests: seen.requests,
        rate,
        bare_rate,
        ratio: rate / bare_rate,
        seconds,
    });
    print(&outcome);
    report::write(&options.work, "webhook.json", &outcome)
}

#[expect(clippy::cast_precision_loss, reason = "figures for people")]
fn per_second(requests: usize, time: Duration) -> f64 {
    requests as f64 / time.as_secs_f64()
}

/// The same number of requests to a receiver like it, as many at a time as the server sends to one webhook.
async fn bare(requests: usize) -> anyhow::Result<f64> {
    let address = Receiver::default().start().await?;
    let client = service::outgoing::client().no_proxy().build()?;
    let url = format!("http://{address}/");
    let body = vec![b'a'; 400];
    let begun = Instant::now();
    let answered = stream::iter(0..requests)
        .map(|number| {
            let request = client.post(&url).header("webhook-id", number.to_string());
            request.body(body.clone()).send()
        })
        .buffer_unordered(WebhookOptions::default().at_once_each)
        .filter(|answer| std::future::ready(answer.is_ok()))
        .count()
        .await;
    anyhow::ensure!(answered == requests, "bare requests failed");
    Ok(per_second(requests, begun.elapsed()))
}

fn print(outcome: &Outcome) {
    let mut table = Table::new(&[
        "deliveries",
        "arrived",
        "doubles",
        "requests",
        "requests/s",
        "bare/s",
        "ratio",
        "seconds in all",
    ]);
    table.row(vec![
        outcome.deliveries.to_string(),
        outcome.arrived.to_string(),
        outcome.doubles.to_string(),
        outcome.requests.to_string(),
        format!("{:.0}", outcome.rate),
        format!("{:.0}", outcome.bare_rate),
        format!("{:.2}", outcome.ratio),
        format!("{:.1}", outcome.seconds),
    ]);
    table.print();
}

/// A community whose facilitator has a webhook, and resources of which nobody was told yet.
async fn seed(directory: &Path, receiver: SocketAddr, resources: usize) -> anyhow::Result<()> {
    let store = open_store(directory).await?;
    std::fs::write(
        directory.join("repertoire.toml"),
        "[webhooks]\nallow_private_addresses = true\n",
    )?;
    let passwords = Passwords::new(PasswordCost::default(), 1)?;
    let new = NewUser {
        email: "integrator@example.org".to_owned(),
        display_name: "Integrator".to_owned(),
        handle: None,
        role: PlatformRole::Member,
        password: None,
        is_demo: false,
    };
    let viewer = viewer_of(auth::create_user(&store, &passwords, new).await?.value);
    let place = CreateCommunity::new("Shelf", "To be measured.", CommunityKind::Helping);
    let community = community::create(&store, &viewer, place).await?.value.id;
    let options = WebhookOptions {
        allow_private_addresses: true,
        ..WebhookOptions::default()
    };
    let hook = CreateWebhook {
        url: format!("http://{receiver}/"),
        events: vec![WebhookEvent::ResourcePublished],
        community_id: None,
    };
    webhook::create(&store, options, &viewer, hook).await?;
    for start in (0..resources).step_by(UNIT) {
        publish(
            &store,
            &viewer,
            community,
            start..resources.min(start + UNIT),
        )
        .await?;
    }
    Ok(())
}

async fn publish(
    store: &Store,
    viewer: &Viewer,
    community: Uuid,
    numbers: std::ops::Range<usize>,
) -> anyhow::Result<()> {
    let actor = viewer.clone();
    store
        .write(viewer.user_id(), move |unit| {
            async move {
                let inputs = numbers.map(|number| CreateResource {
                    community_id: community,
                    content: ItemContent {
                        title: Patch::Value(format!("Resource {number}")),
                        ..ItemContent::default()
                    },
                    resource: ResourceContent {
                        kind: Patch::Value(ResourceKind::Guide),
                        ..ResourceContent::default()
                    },
                    publish: true,
                });
                resource::create_many(unit, &actor, inputs.collect())
                    .await?
                    .into_iter()
                    .collect::<service::error::Result<Vec<_>>>()
            }
            .boxed()
        })
        .await
        .map_err(|error| anyhow!("a resource was refused: {error:?}"))?;
    Ok(())
}
