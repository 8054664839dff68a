//! Reading the change feed over HTTP, beside the same rows read by bare SQL without asking who may see them. Both read the
//! whole log in pages, in turn.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, anyhow, ensure};
use futures_util::FutureExt;
use migration::MigratorTrait;
use sea_orm::{ConnectionTrait, Statement};
use serde::Serialize;
use serde_json::json;
use service::auth::{self, CreateApiToken, NewUser, PasswordCost, Passwords};
use service::clock::Clock;
use service::community::{self, CreateCommunity};
use service::entity::community::{CommunityKind, CommunityVisibility};
use service::entity::resource::ResourceKind;
use service::entity::user::PlatformRole;
use service::item::ItemContent;
use service::resource::{self, CreateResource, ResourceContent};
use service::store::{Store, StoreOptions};
use service::validation::Patch;
use service::viewer::{Scope, Viewer};
use uuid::Uuid;

use crate::client::Client;
use crate::process::{self, Running};
use crate::report::{self, Table};
use crate::seed::{UNIT, open_store, viewer_of};

/// Changes a second that are to be reached.
const GOAL: f64 = 20_000.0;
const EMAIL: &str = "reader@example.org";
/// What an integration asks of each change.
const CHANGE: &str = "scope position operation nodeId typeName fields communityId at";
/// The same with what was changed.
const WITH_NODE: &str = "scope position operation nodeId typeName fields communityId at
    node { id ... on Resource { title revision updatedAt } }";

/// What is measured.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// How many resources are made, each of which is a change
    #[arg(long, default_value_t = 100_000)]
    changes: usize,
    /// Changes of a page
    #[arg(long, default_value_t = 1_000)]
    page: usize,
    /// How often each reader reads the whole log
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Address of an empty PostgreSQL database; a new SQLite file if not given
    #[arg(long)]
    database_url: Option<String>,
    /// The server's program; built when not given
    #[arg(long)]
    program: Option<PathBuf>,
    /// Directory for databases and results
    #[arg(long, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/benches"))]
    work: PathBuf,
}

/// What one reader read of the whole log.
#[derive(Clone, Copy, Debug, Default)]
struct Read {
    changes: usize,
    pages: usize,
    time: Duration,
}

#[derive(Debug, Serialize)]
struct Row {
    reader: &'static str,
    asks: &'static str,
    changes: usize,
    pages: usize,
    /// Changes a second.
    rate: f64,
    /// Rows of the log that were looked at in a second.
    looked_at: f64,
    /// Rows a second by bare SQL.
    floor: f64,
    /// The rows that were looked at by those of bare SQL.
    ratio: f64,
    goal: f64,
}

/// Measures, prints and writes.
pub(crate) async fn run(options: Options) -> anyhow::Result<()> {
    let program = process::program(options.program.clone())?;
    std::fs::create_dir_all(&options.work)?;
    let directory = tempfile::tempdir_in(&options.work)?;
    let store = open(directory.path(), &options).await?;
    let token = seed(&store, directory.path(), options.changes).await?;
    let rows = store.position().await?;
    let server =
        Running::repertoire_on(&program, directory.path(), options.database_url.as_deref())?;
    let mut measured = Vec::new();
    for (reader, token) in [("sees all", Some(token.as_str())), ("sees a tenth", None)] {
        let mut client = Client::connect(&server.address, token).await?;
        for (asks, selection) in [("changes", CHANGE), ("changes with objects", WITH_NODE)] {
            let (mut ours, mut floors) = (Vec::new(), Vec::new());
            for _ in 0..options.rounds.max(1) {
                floors.push(floor(&store, options.page).await?);
                ours.push(feed(&mut client, selection, options.page, rows).await?);
            }
            measured.push(row(reader, asks, rows, ours, floors)?);
        }
    }
    let mut table = Table::new(&[
        "who",
        "asks for",
        "changes",
        "pages",
        "changes/s",
        "looked at/s",
        "bare SQL/s",
        "ratio",
        "goal",
    ]);
    for row in &measured {
        let mut cells = vec![row.reader.to_owned(), row.asks.to_owned()];
        cells.extend([row.changes, row.pages].map(|count| count.to_string()));
        cells.extend([row.rate, row.looked_at, row.floor].map(|rate| format!("{rate:.0}")));
        cells.extend([format!("{:.2}", row.ratio), format!("{:.0}", row.goal)]);
        table.row(cells);
    }
    table.print();
    report::write(
        &options.work,
        &format!("feed-{}.json", options.changes),
        &measured,
    )
}

/// The turn of the middle, so that one that was disturbed does not count.
fn middle(mut turns: Vec<Read>) -> anyhow::Result<Read> {
    turns.sort_unstable_by_key(|read| read.time);
    let middle = turns.get(turns.len() / 2).copied();
    middle.context("nothing was measured")
}

fn row(
    reader: &'static str,
    asks: &'static str,
    rows: i64,
    ours: Vec<Read>,
    floors: Vec<Read>,
) -> anyhow::Result<Row> {
    let (ours, floor) = (middle(ours)?, middle(floors)?);
    #[expect(clippy::cast_precision_loss, reason = "figures for people")]
    let per_second = |count: usize, read: Read| count as f64 / read.time.as_secs_f64();
    let all = usize::try_from(rows)?;
    let (looked_at, floor) = (per_second(all, ours), per_second(floor.changes, floor));
    Ok(Row {
        reader,
        asks,
        changes: ours.changes,
        pages: ours.pages,
        rate: per_second(ours.changes, ours),
        looked_at,
        floor,
        ratio: looked_at / floor,
        goal: GOAL,
    })
}

/// Reads the whole feed as an integration does.
async fn feed(
    client: &mut Client,
    selection: &str,
    first: usize,
    end: i64,
) -> anyhow::Result<Read> {
    let query = format!(
        "query($after: Position, $first: Int) {{ changes(after: $after, first: $first) {{
            changes {{ {selection} }} nextPosition hasMore }} }}"
    );
    let (mut read, mut after) = (Read::default(), "0".to_owned());
    let begun = Instant::now();
    loop {
        let variables = json!({ "after": after, "first": first });
        let answer = client.ask(&query, variables).await?;
        let page = &answer["changes"];
        read.changes += page["changes"].as_array().map_or(0, Vec::len);
        read.pages += 1;
        let next = page["nextPosition"].as_str();
        next.context("a page says where to go on")?
            .clone_into(&mut after);
        if page["hasMore"] == false {
            break;
        }
    }
    read.time = begun.elapsed();
    ensure!(after.parse::<i64>()? >= end, "the feed ended at {after}");
    Ok(read)
}

/// Reads the whole log by bare SQL, whoever may see it.
async fn floor(store: &Store, first: usize) -> anyhow::Result<Read> {
    let place = if store.backend() == sea_orm::DatabaseBackend::Sqlite {
        "?"
    } else {
        "$1"
    };
    let sql = format!(
        "SELECT position, entity_type, entity_id, community_id, at, fields, audience_before, audience_after
         FROM change WHERE position > {place} ORDER BY position LIMIT {first}"
    );
    let (mut read, mut after) = (Read::default(), 0_i64);
    let begun = Instant::now();
    loop {
        let statement = Statement::from_sql_and_values(store.backend(), &sql, [after.into()]);
        let rows = store.reader().query_all_raw(statement).await?;
        let Some(last) = rows.last() else {
            break;
        };
        after = last.try_get("", "position")?;
        read.changes += rows.len();
        read.pages += 1;
    }
    read.time = begun.elapsed();
    Ok(read)
}

async fn open(directory: &Path, options: &Options) -> anyhow::Result<Store> {
    let Some(url) = &options.database_url else {
        return open_store(directory).await;
    };
    let at = StoreOptions {
        url: url.clone(),
        connections: 4,
    };
    let store = Store::open(&at, Clock::default()).await?;
    migration::Migrator::up(store.migration_connection(), None).await?;
    Ok(store)
}

/// A community that everybody sees, with a tenth of the resources, and one that its members see, with all others; answers
/// the token of a member.
async fn seed(store: &Store, directory: &Path, many: usize) -> anyhow::Result<String> {
    let passwords = Passwords::new(PasswordCost::default(), 1)?;
    let new = NewUser {
        email: EMAIL.to_owned(),
        display_name: "Reader".to_owned(),
        handle: None,
        role: PlatformRole::Member,
        password: None,
        is_demo: false,
    };
    let member = viewer_of(auth::create_user(store, &passwords, new).await?.value);
    let mut communities = Vec::new();
    for visibility in [CommunityVisibility::Public, CommunityVisibility::Private] {
        let input = CreateCommunity {
            visibility: Some(visibility),
            ..CreateCommunity::new(visibility.as_str(), "To be read.", CommunityKind::Helping)
        };
        communities.push(community::create(store, &member, input).await?.value.id);
    }
    let [open, closed] = communities[..] else {
        return Err(anyhow!("there are not two communities"));
    };
    for start in (0..many).step_by(UNIT) {
        let resources = (start..many.min(start + UNIT)).map(|number| {
            let home = if number.is_multiple_of(10) {
                open
            } else {
                closed
            };
            made(home, number)
        });
        write(store, &member, resources.collect()).await?;
    }
    let token = CreateApiToken {
        name: "Benchmark".to_owned(),
        scopes: vec![Scope::Read],
        community_id: None,
        expires_at: None,
    };
    let token = auth::create_api_token_for(store, EMAIL, token).await?;
    // What follows the log has caught up, so that the server has nothing else to do.
    service::projection::catch_up(store).await?;
    crate::follow::index(store, directory, token.position).await?;
    Ok(token.value.secret.expose().to_owned())
}

fn made(community_id: Uuid, number: usize) -> CreateResource {
    CreateResource {
        community_id,
        content: ItemContent {
            title: Patch::Value(format!("Resource {number}")),
            body: Patch::Value("How do you count steps with those who do not speak?".to_owned()),
            ..ItemContent::default()
        },
        resource: ResourceContent {
            kind: Patch::Value(ResourceKind::Guide),
            ..ResourceContent::default()
        },
        publish: true,
    }
}

async fn write(
    store: &Store,
    member: &Viewer,
    resources: Vec<CreateResource>,
) -> anyhow::Result<()> {
    let actor = member.clone();
    let written = store.write(member.user_id(), move |unit| {
        async move {
            let made = resource::create_many(unit, &actor, resources).await?;
            let made: Vec<_> = made.into_iter().collect::<service::error::Result<_>>()?;
            Ok(made.len())
        }
        .boxed()
    });
    written
        .await
        .map(|_| ())
        .map_err(|error| anyhow!("a resource was refused: {error:?}"))
}
