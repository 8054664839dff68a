//! `repertoire serve`

use std::process::ExitCode;

use clap::Args;
use service::clock::Clock;
use service::demo;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::{Common, logging, output};
use crate::config::{Config, Flags, load};
use crate::http::Ended;
use crate::server::Server;

/// Run the server
#[derive(Debug, Args)]
pub(super) struct Serve {
    /// Address and port to listen on; port 0 takes any free one [env: REPERTOIRE_LISTEN] [default: 127.0.0.1:4000]
    #[arg(long, value_name = "ADDR:PORT")]
    listen: Option<String>,
    /// Fill an empty database with the demonstration's content and people [env: REPERTOIRE_DEMO]
    #[arg(long)]
    demo: bool,
    /// Refuse to start when migrations are pending, in place of running them
    #[arg(long)]
    no_migrate: bool,
}

impl Serve {
    pub(super) async fn run(self, common: &Common) -> anyhow::Result<ExitCode> {
        let config = load(Flags {
            listen: self.listen,
            demo: self.demo,
            no_migrate: self.no_migrate,
            ..common.flags()
        })?;
        logging::install(&config.log)?;
        let mut signals = Signals::new()?;
        let bar = output::progress_bar("Loading the demonstration");
        let progress = |progress: demo::Progress| {
            bar.set_length(progress.total);
            bar.set_position(progress.done);
        };
        let server = tokio::select! {
            server = Server::start_watched(config.clone(), Clock::default(), &progress) => server?,
            () = signals.next() => return Ok(ExitCode::SUCCESS),
        };
        bar.finish_and_clear();
        if config.demo {
            tell_of_demo(&config);
        }
        output::line(&format!("Repertoire is ready at {}", server.url()));
        signals.next().await;
        tokio::select! {
            ended = server.shut_down() => {
                if let Ended::Cut(connections) = ended? {
                    tracing::warn!(connections, "some requests took too long and were not answered");
                }
                Ok(ExitCode::SUCCESS)
            }
            () = signals.next() => {
                tracing::warn!("a second signal: ending at once");
                Ok(ExitCode::FAILURE)
            }
        }
    }
}

fn tell_of_demo(config: &Config) {
    if !config.demo_sign_in() {
        output::note(
            "The people of the demonstration cannot sign in, since others than this machine can reach the server.",
        );
        return;
    }
    output::note(&format!(
        "The people of the demonstration sign in with the password {}",
        demo::PASSWORD
    ));
    for person in demo::PEOPLE {
        output::note(&format!("  {:<38} {}", person.email(), person.display_name));
    }
}

/// SIGTERM and SIGINT.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
