//! Exports and imports by the command line, beside a running server and without one.

use serde_json::json;

use super::support::{PASSWORD, Served, create_community, run, succeed, text};

const RESOURCE: &str = "mutation($id: ID!, $title: String!) { createResource(input: {
    communityId: $id, title: $title, kind: ARTICLE, publish: true }) { position userErrors { code } } }";

fn make_user(data: &std::path::Path, name: &str, role: &str) {
    let email = format!("{}@example.org", name.to_lowercase());
    let arguments = [
        "user",
        "create",
        "--email",
        &email,
        "--display-name",
        name,
        "--role",
        role,
        "--password-stdin",
    ];
    succeed(data, &arguments, &format!("{PASSWORD}\n"));
}

#[tokio::test]
async fn what_one_server_exports_another_imports() {
    let directory = tempfile::tempdir().unwrap();
    let (first, second) = (
        directory.path().join("first"),
        directory.path().join("second"),
    );
    let server = Served::start(&first, &[]);
    let token = super::support::sign_up(&server).await;
    let community = create_community(&server, &token).await;
    for title in ["One", "=Two"] {
        let made = server
            .send(
                Some(&token),
                None,
                RESOURCE,
                json!({ "id": community, "title": title }),
            )
            .await;
        assert_eq!(
            made["data"]["createResource"]["userErrors"],
            json!([]),
            "{made:#}"
        );
    }
    // Beside the running server, to a file and to standard output.
    let file = directory.path().join("all.ndjson");
    let path = file.to_str().unwrap();
    let exported = run(&first, &["export", "--all", "--output", path], "");
    assert!(exported.status.success(), "{}", text(&exported.stderr));
    assert!(exported.stdout.is_empty() && text(&exported.stderr).contains("3 items"));
    let table = succeed(
        &first,
        &["export", "--community", "writers", "--format", "csv"],
        "",
    );
    assert!(
        table.starts_with("id,title,") && table.contains(",'=Two,"),
        "{table}"
    );
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let nothing = run(&first, &["export", "--community", "nowhere"], "");
    assert!(!nothing.status.success() && nothing.stdout.is_empty());
    assert!(
        !run(&first, &["export"], "").status.success(),
        "it asks what"
    );

    // Without a server: everything comes back, once.
    make_user(&second, "Root", "ADMIN");
    let restored = succeed(&second, &["import", path, "--restore", "--as", "root"], "");
    assert!(restored.contains(" 0 not imported"), "{restored}");
    let again = succeed(&second, &["import", path, "--restore", "--as", "root"], "");
    assert!(again.contains(": 0 made"), "{again}");
    let back = directory.path().join("back.ndjson");
    succeed(
        &second,
        &["export", "--all", "--output", back.to_str().unwrap()],
        "",
    );
    let content = |path: &std::path::Path| {
        let text = std::fs::read_to_string(path).unwrap();
        let lines = text
            .lines()
            .filter(|line| !line.contains("\"type\":\"header\""));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(content(&back), content(&file));
    let healthy = run(&second, &["doctor", "--deep"], "");
    assert!(
        !text(&healthy.stdout).contains("This is a defect"),
        "{}",
        text(&healthy.stdout)
    );

    // As somebody, from standard input, with errors by the line.
    let lines = "{\"type\":\"resource\",\"title\":\"Three\"}\nno json\n";
    let partly = run(
        &first,
        &["import", "-", "--community", "writers", "--as", "ada"],
        lines,
    );
    assert_eq!(partly.status.code(), Some(3), "{}", text(&partly.stderr));
    assert!(
        text(&partly.stderr).contains("line 2:"),
        "{}",
        text(&partly.stderr)
    );
    assert!(
        text(&partly.stdout).contains("1 made"),
        "{}",
        text(&partly.stdout)
    );
    let left = std::fs::read_dir(&first).unwrap();
    let left = left.filter(|entry| {
        entry
            .as_ref()
            .unwrap()
            .file_name()
            .to_string_lossy()
            .starts_with("import-")
    });
    assert_eq!(left.count(), 0, "what came on standard input is not kept");
    let refused = run(&first, &["import", path, "--restore", "--as", "ada"], "");
    assert_eq!(refused.status.code(), Some(1));
    assert!(
        text(&refused.stderr).contains("administrators"),
        "{}",
        text(&refused.stderr)
    );
    let unknown = run(
        &first,
        &["import", path, "--community", "writers", "--as", "nobody"],
        "",
    );
    assert!(
        text(&unknown.stderr).contains("--as"),
        "{}",
        text(&unknown.stderr)
    );
    let found = server
        .send(
            None,
            None,
            "{ resources { nodes { title } totalCount } }",
            json!({}),
        )
        .await;
    assert_eq!(
        found["data"]["resources"]["totalCount"], 3,
        "the server shows it: {found:#}"
    );
}
