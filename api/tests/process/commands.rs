//! The commands beside a running server.

use serde_json::json;

use super::support::{PASSWORD, Served, create_community, run, succeed, text};

#[tokio::test]
async fn the_commands_work_while_the_server_runs() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let server = Served::start(&data, &[]);
    succeed(&data, &["migrate"], "");
    let made = succeed(
        &data,
        &[
            "user",
            "create",
            "--email",
            "root@example.org",
            "--display-name",
            "Root",
            "--role",
            "ADMIN",
            "--password-stdin",
        ],
        &format!("{PASSWORD}\n"),
    );
    assert!(made.contains("root@example.org"), "{made}");
    let again = run(
        &data,
        &[
            "user",
            "create",
            "--email",
            "ROOT@example.org",
            "--display-name",
            "Root",
            "--password-stdin",
        ],
        PASSWORD,
    );
    assert!(!again.status.success());
    assert!(
        text(&again.stderr).contains("--email"),
        "{}",
        text(&again.stderr)
    );

    let query = "mutation($input: SignInInput!) { signIn(input: $input) { user { platformRole } userErrors { code } } }";
    let input = json!({ "email": "root@example.org", "password": PASSWORD });
    let signed_in = server
        .send(None, None, query, json!({ "input": input }))
        .await;
    assert_eq!(
        signed_in["data"]["signIn"]["user"]["platformRole"], "ADMIN",
        "{signed_in:#}"
    );

    let token = succeed(
        &data,
        &[
            "token",
            "create",
            "--email",
            "root@example.org",
            "--scope",
            "READ",
            "--scope",
            "WRITE",
        ],
        "",
    );
    assert_eq!(
        token.lines().count(),
        1,
        "the token is printed alone: {token:?}"
    );
    let community = create_community(&server, token.trim()).await;
    let create = "mutation($id: ID!) { createResource(input: { communityId: $id, title: \"Reindexed\", kind: ARTICLE, publish: true }) {
        position userErrors { code field } } }";
    let created = server
        .send(Some(token.trim()), None, create, json!({ "id": community }))
        .await;
    let position = created["data"]["createResource"]["position"]
        .as_str()
        .unwrap_or_else(|| panic!("{created:#}"))
        .to_owned();

    let rebuilt = run(&data, &["reindex"], "");
    assert!(rebuilt.status.success(), "{}", text(&rebuilt.stderr));
    let search = "{ search(query: \"reindexed\") { totalCount } }";
    let found = server.send(None, Some(&position), search, json!({})).await;
    assert_eq!(found["data"]["search"]["totalCount"], 1, "{found:#}");

    let healthy = run(&data, &["doctor", "--deep"], "");
    assert!(healthy.status.success(), "{}", text(&healthy.stdout));
    assert!(
        text(&healthy.stdout).contains("A server runs"),
        "{}",
        text(&healthy.stdout)
    );
    let schema = succeed(&data, &["schema"], "");
    assert!(
        schema.contains("type Query") && schema.contains("createCommunity"),
        "the schema is printed"
    );
    let missing = run(
        &data,
        &[
            "token",
            "create",
            "--email",
            "nobody@example.org",
            "--scope",
            "READ",
        ],
        "",
    );
    assert!(!missing.status.success() && missing.stdout.is_empty());
}

/// What a terminal shows; util-linux's `script` is one.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn reindexing_shows_how_far_it_is_to_who_watches() {
    use std::process::{Command, Stdio};

    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let server = Served::start(&data, &[]);
    let token = super::support::sign_up(&server).await;
    create_community(&server, &token).await;
    let command = format!(
        "{} --data-dir {} reindex",
        env!("CARGO_BIN_EXE_repertoire"),
        data.display()
    );
    let shown = Command::new("script")
        .args(["--quiet", "--return", "--command", &command, "/dev/null"])
        .env("TERM", "xterm")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = text(&shown.stdout);
    assert!(shown.status.success(), "{said}");
    assert!(
        said.contains("Indexing") && said.contains("rebuilt"),
        "{said}"
    );
    let elsewhere = run(&data, &["reindex"], "");
    assert!(elsewhere.stdout.is_empty() && !text(&elsewhere.stderr).contains("Indexing"));
}
