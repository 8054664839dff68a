//! The audits of npm graphql-http against the toy schema.

use std::path::Path;

use tokio::net::TcpListener;

use super::support::Server;
use crate::graphql::limits::Limits;
use crate::http::{Settings, serve};

#[tokio::test]
#[ignore = "needs Node and `npm ci` in tests/conformance"]
async fn graphql_over_http_audits_pass() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = Server::new();
    let settings = Settings::from(&Limits::default());
    tokio::spawn(serve(
        listener,
        server.router,
        settings,
        std::future::pending(),
    ));
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/conformance");
    let run = move || {
        let mut command = std::process::Command::new("node");
        command
            .current_dir(directory)
            .args(["audits.mjs", &format!("http://{address}/graphql")])
            .output()
    };
    let output = tokio::task::spawn_blocking(run).await.unwrap().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    println!("{text}");
    assert!(
        output.status.success(),
        "{text}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(
        text.contains("MUST 13 of 13, SHOULD 23 of 23, MAY 25 of 25"),
        "{text}"
    );
}
