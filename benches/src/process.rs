//! Other processes: started, asked how much they use, and ended.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use serde_json::json;

use crate::client::Client;
use crate::dump::Asker;
use crate::load::{Outcome, Plan};

/// Clock ticks of the kernel in a second: fixed at 100 for programs on Linux.
const TICKS: f64 = 100.0;

/// A server in a process of its own, ended when dropped.
pub(crate) struct Running {
    child: Child,
    /// Host and port.
    pub(crate) address: String,
    /// From its start to its word that it is ready.
    pub(crate) ready_after: Duration,
}

impl Running {
    /// The floor over a data directory.
    pub(crate) fn floor(directory: &Path, asker: Asker) -> anyhow::Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        let asker = match asker {
            Asker::Anonymous => "anonymous",
            Asker::SignedIn => "signed-in",
        };
        command.arg("floor").arg(directory).arg(asker);
        Self::start(command)
    }

    /// Repertoire over a data directory.
    pub(crate) fn repertoire(program: &Path, directory: &Path, demo: bool) -> anyhow::Result<Self> {
        let mut command = Command::new(program);
        command
            .args(["serve", "--listen", "127.0.0.1:0", "--data-dir"])
            .arg(directory);
        command.env("REPERTOIRE_LOG__FILTER", "warn");
        if demo {
            command.arg("--demo");
        }
        Self::start(command)
    }

    /// Repertoire over a data directory, and a database elsewhere if it is there.
    pub(crate) fn repertoire_on(
        program: &Path,
        directory: &Path,
        database_url: Option<&str>,
    ) -> anyhow::Result<Self> {
        let mut command = Command::new(program);
        command
            .args(["serve", "--listen", "127.0.0.1:0", "--data-dir"])
            .arg(directory)
            .env("REPERTOIRE_LOG__FILTER", "warn")
            .envs(database_url.map(|url| ("REPERTOIRE_DATABASE_URL", url)));
        Self::start(command)
    }

    fn start(mut command: Command) -> anyhow::Result<Self> {
        let started = Instant::now();
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .context("a server is started")?;
        let output = child.stdout.take().context("its output is read")?;
        let mut lines = BufReader::new(output).lines();
        loop {
            let Some(line) = lines.next().transpose()? else {
                bail!("the server ended before it was ready: {}", child.wait()?);
            };
            if let Some((_, address)) = line.split_once("ready at http://") {
                let address = address.trim().to_owned();
                let ready_after = started.elapsed();
                // What it says later must not fill the pipe.
                std::thread::spawn(move || lines.for_each(drop));
                return Ok(Self {
                    child,
                    address,
                    ready_after,
                });
            }
        }
    }

    /// Waits until the server has indexed all that is there, and `/readyz` says that it is ready.
    pub(crate) async fn wait_until_ready(&self) -> anyhow::Result<()> {
        const WAITS: usize = 60;
        const PAUSE: Duration = Duration::from_secs(1);
        for _ in 0..WAITS {
            let mut client = Client::connect(&self.address, None).await?;
            let server = client.ask("{ serverInfo { position } }", json!({})).await?;
            let position = server["serverInfo"]["position"]
                .as_str()
                .context("the server says no position")?;
            // This waits by itself; where it need not, what is not ready yet is given time.
            if client.has_reached(position).await? {
                if client.is_ready().await? {
                    return Ok(());
                }
                tokio::time::sleep(PAUSE).await;
            }
        }
        bail!("the server does not become ready; GET /readyz says why")
    }

    /// Waits until the server rests: what follows from the writes before it was started, and is done beside answering,
    /// would be measured too.
    pub(crate) async fn settle(&self) -> anyhow::Result<()> {
        const LOOK: Duration = Duration::from_secs(2);
        let mut quiet = 0;
        for _ in 0..600 {
            let before = self.time()?;
            tokio::time::sleep(LOOK).await;
            let busy = self.time()?.seconds() - before.seconds();
            let rests = busy < LOOK.as_secs_f64() / 40.0;
            quiet = if rests { quiet + 1 } else { 0 };
            if quiet == 3 {
                return Ok(());
            }
        }
        bail!("the server does not come to rest");
    }

    /// Processor time so far.
    pub(crate) fn time(&self) -> anyhow::Result<ProcessTime> {
        ProcessTime::of(self.child.id())
    }

    /// Begins anew to note the most memory that is resident.
    pub(crate) fn forget_peak(&self) -> anyhow::Result<()> {
        let file = format!("/proc/{}/clear_refs", self.child.id());
        std::fs::write(file, "5").context("the peak of a process is forgotten")
    }

    /// Resident memory now.
    pub(crate) fn memory(&self) -> anyhow::Result<Memory> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let field = |name: &str| -> f64 {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            line.and_then(|rest| rest.split_whitespace().next()?.parse::<f64>().ok())
                .unwrap_or_default()
                / 1024.0
        };
        Ok(Memory {
            resident: field("VmRSS:"),
            anonymous: field("RssAnon:"),
            peak: field("VmHWM:"),
        })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Memory of a process, in MiB.
#[derive(Clone, Copy, Debug, serde::Serialize)]
pub(crate) struct Memory {
    pub(crate) resident: f64,
    /// The part that no file backs.
    pub(crate) anonymous: f64,
    /// The most that was ever resident.
    pub(crate) peak: f64,
}

/// Processor time of a process.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ProcessTime(f64);

impl ProcessTime {
    /// The time of a process so far.
    pub(crate) fn of(process: u32) -> anyhow::Result<Self> {
        let stat = std::fs::read_to_string(format!("/proc/{process}/stat"))?;
        // The name may hold spaces, and ends at the last bracket.
        let (_, fields) = stat.rsplit_once(')').context("the name of a process")?;
        let ticks: f64 = fields
            .split_whitespace()
            .skip(11)
            .take(2)
            .filter_map(|field| field.parse::<f64>().ok())
            .sum();
        Ok(Self(ticks / TICKS))
    }

    /// In seconds.
    pub(crate) fn seconds(self) -> f64 {
        self.0
    }
}

/// Seconds that all processors together were busy since the machine started.
pub(crate) fn machine_busy() -> anyhow::Result<f64> {
    let stat = std::fs::read_to_string("/proc/stat")?;
    let fields: Vec<f64> = stat
        .lines()
        .next()
        .unwrap_or_default()
        .split_whitespace()
        .skip(1)
        .filter_map(|field| field.parse().ok())
        .collect();
    // user, nice, system, idle, iowait, irq, softirq, steal
    let busy = [0, 1, 2, 5, 6, 7]
        .into_iter()
        .filter_map(|place| fields.get(place))
        .sum::<f64>();
    Ok(busy / TICKS)
}

/// Carries out a plan in a process of its own.
pub(crate) fn load(plan: &Plan) -> anyhow::Result<Outcome> {
    let mut child = Command::new(std::env::current_exe()?)
        .arg("load")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut input = child.stdin.take().context("the plan is sent")?;
    input.write_all(&serde_json::to_vec(plan)?)?;
    drop(input);
    let output = child.wait_with_output()?;
    if !output.status.success() {
        bail!("the load generator failed: {}", output.status);
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// The server's program: the given one, or the one that is built beside this one.
pub(crate) fn program(given: Option<PathBuf>) -> anyhow::Result<PathBuf> {
    if let Some(path) = given {
        return Ok(path);
    }
    let profile: &[&str] = if cfg!(debug_assertions) {
        &[]
    } else {
        &["--release"]
    };
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let built = Command::new(cargo)
        .args(["build", "--package", "api", "--bin", "repertoire"])
        .args(profile)
        .current_dir(root)
        .status()
        .context("cargo is run to build the server; name a built one by --program")?;
    if !built.success() {
        bail!("the server could not be built");
    }
    let own = std::env::current_exe()?;
    Ok(own.with_file_name("repertoire"))
}
