//! An export of many resources by a running server: how fast it is written and fetched, and how much memory that takes above
//! an idle server. Written twice, of which the second counts: with the first, caches fill.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use serde::Serialize;
use serde_json::json;
use service::auth::{CreateApiToken, create_api_token_for};
use service::viewer::Scope;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::Common;
use crate::client::Client;
use crate::process::{self, Memory, Running};
use crate::report::{self, Table};
use crate::seed;

const BEGIN: &str = "mutation($format: ExportFormat!) { startExport(format: $format) {
    operation { id } userErrors { message } } }";
const LOOK: &str = "query($id: ID!) { operation(id: $id) { state done resultUrl finishedAt } }";
/// How often is asked how far it is.
const PAUSE: Duration = Duration::from_millis(50);

/// What is measured.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    #[command(flatten)]
    common: Common,
    /// The server's program; built when not given
    #[arg(long)]
    program: Option<PathBuf>,
}

#[derive(Debug, Serialize)]
struct Row {
    format: &'static str,
    /// Items and communities.
    things: u64,
    per_second: f64,
    bytes: u64,
    fetched_mib_per_second: f64,
    idle: Memory,
    peak: Memory,
    /// What the export took above the idle server at most, in MiB.
    above_idle: f64,
}

/// Measures, prints and writes.
pub(crate) async fn run(options: Options) -> anyhow::Result<()> {
    let program = process::program(options.program.clone())?;
    let (directory, _) = options.common.filled().await?;
    let store = seed::open_store(&directory).await?;
    let token = CreateApiToken {
        name: "Export".to_owned(),
        scopes: vec![Scope::Read, Scope::Write, Scope::Sync],
        community_id: None,
        expires_at: None,
    };
    let token = create_api_token_for(&store, seed::READER, token).await?;
    let token = token.value.secret.expose().to_owned();
    drop(store);
    let mut rows = Vec::new();
    for format in ["NDJSON", "CSV"] {
        let server = Running::repertoire(&program, &directory, false)?;
        tokio::time::sleep(Duration::from_secs(5)).await;
        let mut client = Client::connect(&server.address, Some(&token)).await?;
        write(&mut client, format).await?;
        server.forget_peak()?;
        let idle = server.memory()?;
        let (things, took, address) = write(&mut client, format).await?;
        let peak = server.memory()?;
        let (bytes, fetching) = fetch(&server.address, &address).await?;
        rows.push(row(format, things, took, (bytes, fetching), (idle, peak)));
    }
    print(&rows);
    report::write(
        &options.common.work,
        &format!("export-{}.json", options.common.label()),
        &rows,
    )
}

/// Has an export written; answers how many things it holds, how long it took and where it is.
async fn write(client: &mut Client, format: &str) -> anyhow::Result<(u64, Duration, String)> {
    let started = Instant::now();
    let begun = client.ask(BEGIN, json!({ "format": format })).await?;
    let id = begun["startExport"]["operation"]["id"].clone();
    if id.is_null() {
        bail!("no export was begun: {begun}");
    }
    loop {
        let found = client.ask(LOOK, json!({ "id": id })).await?;
        let operation = &found["operation"];
        if operation["state"] == "SUCCEEDED" {
            let took = started.elapsed();
            let things = operation["done"].as_u64().context("what was written")?;
            let address = operation["resultUrl"].as_str().context("an address")?;
            return Ok((things, took, address.to_owned()));
        }
        if !operation["finishedAt"].is_null() {
            bail!("the export ended: {operation}");
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Fetches a result and throws it away; answers its size and how long that took.
async fn fetch(host: &str, address: &str) -> anyhow::Result<(u64, Duration)> {
    let (_, target) = address.split_once(host).context("the server's address")?;
    let started = Instant::now();
    let mut stream = TcpStream::connect(host).await?;
    let request = format!("GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut block = vec![0; 256 * 1024];
    let mut bytes = 0_u64;
    loop {
        match stream.read(&mut block).await? {
            0 => return Ok((bytes, started.elapsed())),
            read => bytes += read as u64,
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "figures for people")]
fn row(
    format: &'static str,
    things: u64,
    took: Duration,
    (bytes, fetching): (u64, Duration),
    (idle, peak): (Memory, Memory),
) -> Row {
    Row {
        format,
        things,
        per_second: things as f64 / took.as_secs_f64(),
        bytes,
        fetched_mib_per_second: bytes as f64 / (1024.0 * 1024.0) / fetching.as_secs_f64(),
        idle,
        peak,
        above_idle: peak.peak - idle.resident,
    }
}

fn print(rows: &[Row]) {
    let mut table = Table::new(&[
        "export",
        "things",
        "things/s",
        "MiB",
        "fetched MiB/s",
        "idle MiB",
        "peak MiB",
        "above idle MiB",
    ]);
    for row in rows {
        #[expect(clippy::cast_precision_loss, reason = "figures for people")]
        let mebibytes = row.bytes as f64 / (1024.0 * 1024.0);
        table.row(vec![
            row.format.to_owned(),
            row.things.to_string(),
            format!("{:.0}", row.per_second),
            format!("{mebibytes:.0}"),
            format!("{:.0}", row.fetched_mib_per_second),
            format!("{:.0}", row.idle.resident),
            format!("{:.0}", row.peak.peak),
            format!("{:.0}", row.above_idle),
        ]);
    }
    table.print();
}
